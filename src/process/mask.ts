/**
 * Takes secrets out of what is told about a process: its last words, its output as events, samples of it in errors.
 *
 * Hold in mind: a secret is known by its characters, so one that is written otherwise (in base64, say, or a part of it
 * alone) is not seen. What a program exchanges with its callers, messages and replies, is theirs and left as it is.
 *
 * @module
 */

/** What stands for a secret. */
export const MASK = "***";

/** Characters from which on a secret is looked for: a shorter one would blot out everything, and so tell itself. */
export const SHORTEST_MASKED = 4;

/** The longest nesting that is looked through. */
const MAX_DEPTH = 64;

/** A text without the secrets. */
export type Mask = (text: string) => string;

/**
 * What takes `secrets` out of a text, or `undefined` where there is none that is long enough. Each is looked for as it
 * is, as JSON writes it, and line by line; the beginning of one at the very end of a text, which may have been cut
 * there, counts as well.
 */
export function maskOf(secrets: readonly string[]): Mask | undefined {
  const written = secrets.flatMap((secret) => [secret, ...secret.split(/\r?\n/)])
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  const wanted = [...new Set(written)].filter((form) => form.length >= SHORTEST_MASKED)
    .sort((a, b) => b.length - a.length);
  if (wanted.length === 0) return undefined;
  const anywhere = new RegExp(wanted.map((form) => RegExp.escape(form)).join("|"), "g");
  return (text) => {
    const masked = text.replace(anywhere, MASK);
    const cut = Math.max(...wanted.map((form) => overlap(masked, form)));
    return cut === 0 ? masked : masked.slice(0, -cut) + MASK;
  };
}

/** How many characters at the end of `text` are the beginning of `form`, if they are enough. */
function overlap(text: string, form: string): number {
  for (let size = Math.min(text.length, form.length - 1); size >= SHORTEST_MASKED; size--) {
    if (text.endsWith(form.slice(0, size))) return size;
  }
  return 0;
}

/**
 * `value` with every text in it masked, in fields of plain objects, arrays and errors; itself where there is nothing to
 * mask. An error keeps its class and its stack.
 */
export function withoutSecrets<Value>(value: Value, mask: Mask): Value {
  return censored(value, mask, { depth: 0, seen: new Set() }) as Value;
}

/** What can't be looked at, such as a revoked proxy, is not shown. */
function censored(value: unknown, mask: Mask, at: { depth: number; seen: ReadonlySet<unknown> }): unknown {
  try {
    return looked(value, mask, at);
  } catch {
    return MASK;
  }
}

function looked(value: unknown, mask: Mask, at: { depth: number; seen: ReadonlySet<unknown> }): unknown {
  if (typeof value === "string") return mask(value);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (at.depth >= MAX_DEPTH || at.seen.has(value)) return value;
  const deeper = { depth: at.depth + 1, seen: new Set([...at.seen, value]) };
  let copy: object | undefined;
  for (const key of Object.getOwnPropertyNames(value)) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key)!;
    if (!("value" in descriptor)) continue;
    const clean = censored(descriptor.value, mask, deeper);
    if (clean === descriptor.value) continue;
    copy ??= copyOf(value);
    if (copy === undefined) return value;
    Object.defineProperty(copy, key, { ...descriptor, value: clean });
  }
  if (copy instanceof Error && value instanceof Error) return withStack(copy, value, mask);
  return copy ?? value;
}

/** In a copy of an error the engine's own `stack` is empty. One that is not copied has no more in it than its message. */
function withStack(copy: Error, error: Error, mask: Mask): Error {
  const stack = stackOf(error);
  if (stack === undefined) return copy;
  return Object.defineProperty(copy, "stack", {
    value: mask(stack),
    configurable: true,
    enumerable: false,
    writable: true,
  });
}

/** None where reading it throws. */
function stackOf(error: Error): string | undefined {
  try {
    return typeof error.stack === "string" ? error.stack : undefined;
  } catch {
    return undefined;
  }
}

/** A copy of what is no more than its fields: an array, an object without a class, an error. */
function copyOf(value: object): object | undefined {
  if (Array.isArray(value)) return [...value];
  const prototype = Object.getPrototypeOf(value);
  const plain = prototype === Object.prototype || prototype === null || value instanceof Error;
  return plain ? Object.create(prototype, Object.getOwnPropertyDescriptors(value)) : undefined;
}
