/**
 * How much memory an event holds, for readers of events who are behind.
 *
 * An event may have anything in it: what a sidecar wrote, what an actor was sent, an error with all its causes.
 */

/** Values that are looked at in one event. */
const MAX_LOOKS = 10_000;

/** Bytes that an event counts as, at least, if it has more values than those, or can't be read. */
const UNKNOWN_BYTES = 1_048_576;

/** Of an object, a field, an error's stack: about what they take beside what is in them. */
const OBJECT_BYTES = 32;
const FIELD_BYTES = 16;
const STACK_BYTES = 1_000;

/**
 * About how many bytes `value` holds: of a string its length, of a view its whole buffer. Nothing of it is called, and
 * nothing is thrown, whatever it is.
 */
export function estimateBytes(value: unknown): number {
  let bytes = 0;
  const seen = new Set<unknown>();
  const todo: unknown[] = [value];
  try {
    for (let looks = 0; todo.length > 0; looks++) {
      if (looks + todo.length > MAX_LOOKS) return Math.max(bytes, UNKNOWN_BYTES);
      const at = todo.pop();
      if (typeof at === "string") bytes += at.length;
      if (typeof at !== "object" || at === null || seen.has(at)) continue;
      seen.add(at);
      bytes += OBJECT_BYTES + ownBytes(at, todo);
    }
  } catch {
    // A proxy, perhaps a revoked one.
    return Math.max(bytes, UNKNOWN_BYTES);
  }
  return bytes;
}

/** Of one object, without what is in it, which goes to `todo`. */
function ownBytes(object: object, todo: unknown[]): number {
  if (ArrayBuffer.isView(object)) {
    todo.push(object.buffer);
    return 0;
  }
  if (object instanceof ArrayBuffer || object instanceof SharedArrayBuffer) return object.byteLength;
  if (object instanceof Blob) return object.size;
  if (object instanceof Map) { for (const entry of object) todo.push(...entry); }
  if (object instanceof Set) todo.push(...object);
  if (Array.isArray(object) && object.length > MAX_LOOKS) {
    todo.length = MAX_LOOKS + 1; // too many to look at
    return object.length * FIELD_BYTES;
  }
  let bytes = 0;
  for (const key of Reflect.ownKeys(object)) {
    bytes += FIELD_BYTES;
    if (key === "stack") bytes += STACK_BYTES; // which is made when it is read
    else todo.push(Object.getOwnPropertyDescriptor(object, key)?.value);
    if (todo.length > MAX_LOOKS) break;
  }
  return bytes;
}
