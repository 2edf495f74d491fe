/**
 * Which copy of a pool gets a message. Pure.
 */

/**
 * How messages are spread over the copies.
 *
 * | routing       | the next message goes to                                                              |
 * | ------------- | ------------------------------------------------------------------------------------- |
 * | `round-robin` | the next one, in turn, that has room                                                  |
 * | `least-busy`  | the one with the fewest unanswered messages; among equals, the next in turn           |
 * | `hash`        | the one that its key belongs to, whether that has room or not; order per key is kept   |
 *
 * The key of `"hash"` is the whole message: a string as it is, anything else as JSON. With `field` it is that field
 * of a message that is an object; messages without it have one key, `undefined`, in common. `key` computes it; what
 * it throws refuses the message.
 */
export type Routing =
  | "round-robin"
  | "least-busy"
  | "hash"
  | { readonly by: "round-robin" | "least-busy" }
  | { readonly by: "hash"; readonly field?: string | undefined }
  // deno-lint-ignore no-explicit-any -- the pool's messages are whatever its copies take
  | { readonly by: "hash"; readonly key: (message: any) => string };

/** A {@linkcode Routing}, resolved. */
export type Route =
  | { readonly by: "round-robin" | "least-busy" }
  | { readonly by: "hash"; readonly key: (message: unknown) => string };

/** The route of a routing that was checked. */
export function routeOf(routing: Routing): Route {
  const { by, ...rest } = typeof routing === "string" ? { by: routing } : routing;
  if (by === "round-robin" || by === "least-busy") return { by };
  if ("key" in rest) return { by, key: rest.key };
  const { field } = rest as { field?: string };
  return { by, key: field === undefined ? keyOf : (message) => keyOf(fieldOf(message, field)) };
}

function fieldOf(message: unknown, field: string): unknown {
  const has = typeof message === "object" && message !== null && Object.hasOwn(message, field);
  return has ? (message as Record<string, unknown>)[field] : undefined;
}

function keyOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "undefined";
}

/** The facts about a copy that a choice needs. */
export interface Candidate {
  /** Whether it may have another message now. */
  readonly hasRoom: boolean;
  /** Its unanswered messages. */
  readonly load: number;
}

/** The index of the next that has room, behind the one that was chosen last; -1 if there is none. */
export function nextInTurn(candidates: readonly Candidate[], last: number): number {
  return best(candidates, last, () => 0);
}

/** The index of the one with the least load of those that have room, in turn among equals; -1 if there is none. */
export function leastBusy(candidates: readonly Candidate[], last: number): number {
  return best(candidates, last, ({ load }) => load);
}

function best(candidates: readonly Candidate[], last: number, cost: (of: Candidate) => number): number {
  let found = -1;
  let least = Infinity;
  for (let step = 1; step <= candidates.length; step++) {
    const index = (last + step) % candidates.length;
    const candidate = candidates[index]!;
    if (!candidate.hasRoom || cost(candidate) >= least) continue;
    found = index;
    least = cost(candidate);
    if (least === 0) break;
  }
  return found;
}

/**
 * The index of the one that `key` belongs to, by its id: rendezvous hashing, so that a copy that comes or goes moves
 * only the keys that are its own; -1 where there is none. It is the same in every run.
 */
export function rendezvous(ids: readonly string[], key: string): number {
  let found = -1;
  let most = -1;
  for (const [index, id] of ids.entries()) {
    const weight = hash(`${id}\0${key}`);
    if (weight <= most) continue;
    found = index;
    most = weight;
  }
  return found;
}

/**
 * 32-bit FNV-1a over UTF-16 code units, its bits mixed by the last steps of MurmurHash3, which FNV alone does not do
 * well.
 */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
