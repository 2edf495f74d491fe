/**
 * The ids of requests that a process may still answer, though their client has taken them back, or gone. Another request of
 * the same id, as each client counts from 0, has another on the wire, so that no late answer is taken for its own.
 */

import type { JsonRpcId } from "@outrider/outrider/protocol";

/** Ids that are remembered; a server that has not answered so many will not answer the oldest. */
const MAX_LATE = 1_024;

export class LateIds {
  readonly #late = new Set<JsonRpcId>();
  /** The ids of the client, by those on the wire. */
  readonly #others = new Map<JsonRpcId, JsonRpcId>();
  readonly #prefix: string;
  #count = 0;

  /** `prefix`: of ids that no client has. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** That request was taken back. */
  add(id: JsonRpcId): void {
    for (const [other, own] of this.#others) if (own === id) this.#others.delete(other);
    this.#late.add(id);
    if (this.#late.size > MAX_LATE) this.#late.delete(this.#late.keys().next().value!);
  }

  /** The id on the wire of a request that the client calls `id`. */
  forWire(id: JsonRpcId): JsonRpcId {
    if (!this.#late.has(id)) return id;
    const other = this.#prefix + ++this.#count;
    this.#others.set(other, id);
    return other;
  }

  /** What the client calls the request that the server answers; `undefined`: it waits for that no more. */
  ofAnswer(id: JsonRpcId): JsonRpcId | undefined {
    if (this.#late.size === 0 && this.#others.size === 0) return id;
    const own = this.#others.get(id);
    if (own !== undefined) {
      this.#others.delete(id);
      return own;
    }
    const number = typeof id === "string" && String(Number(id)) === id ? Number(id) : id;
    return this.#late.delete(id) || this.#late.delete(number) ? undefined : id;
  }
}
