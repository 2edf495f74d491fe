/**
 * An immutable map with structural sharing: the newest version answers like a `Map`, whatever its size, and an older one
 * still says what it said. A supervisor's state keeps its children in one, as 10,000 of them can't be copied for each event.
 *
 * @module
 */

type Node<Value> =
  | { readonly is: "newest"; readonly map: Map<string, Value> }
  /** Like `newer`, but for one key. */
  | {
    readonly is: "older";
    readonly key: string;
    readonly value: Value | undefined;
    readonly newer: Versions<Value>;
  };

/** One version of the map. Unreferenced ones cost nothing. */
export class Versions<Value> {
  #node: Node<Value>;

  /** With these entries. */
  constructor(entries: Iterable<readonly [string, Value]> = []) {
    this.#node = { is: "newest", map: new Map(entries) };
  }

  /** The value of `key` in this version. */
  get(key: string): Value | undefined {
    return this.#newest().get(key);
  }

  /** The next version, in which `key` has `value`, or is missing. */
  with(key: string, value: Value | undefined): Versions<Value> {
    const map = this.#newest();
    const next = new Versions<Value>();
    this.#node = { is: "older", key, value: map.get(key), newer: next };
    put(map, key, value);
    next.#node = { is: "newest", map };
    return next;
  }

  /** Makes this version the one that has the map. */
  #newest(): Map<string, Value> {
    if (this.#node.is === "newest") return this.#node.map;
    const { key, value, newer } = this.#node;
    const map = newer.#newest();
    newer.#node = { is: "older", key, value: map.get(key), newer: this };
    put(map, key, value);
    this.#node = { is: "newest", map };
    return map;
  }
}

function put<Value>(map: Map<string, Value>, key: string, value: Value | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}
