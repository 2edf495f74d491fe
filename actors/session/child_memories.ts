/**
 * What is kept for a child from one incarnation to the next, where one spec may be that of many children.
 */

import type { JsonRpcPeer } from "@outrider/outrider/protocol";

export class ChildMemories<Memory> {
  readonly #make: () => Memory;
  readonly #byPath = new Map<string, Memory>();

  constructor(make: () => Memory) {
    this.#make = make;
  }

  /** That of the child whose incarnation begins; the first one of a child finds it empty. */
  begin({ path, generation }: JsonRpcPeer): Memory {
    if (generation === 1) this.#byPath.delete(path);
    return this.#of(path);
  }

  /** That of the child whose incarnation runs. */
  of({ path }: JsonRpcPeer): Memory {
    return this.#of(path);
  }

  #of(path: string): Memory {
    const known = this.#byPath.get(path);
    if (known !== undefined) return known;
    const memory = this.#make();
    this.#byPath.set(path, memory);
    return memory;
  }
}
