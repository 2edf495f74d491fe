/**
 * What is kept for a child from one incarnation to the next, where one spec may be that of many children: of a pool's, or
 * of one in each of two trees, at the same path.
 */

import type { JsonRpcPeer } from "@outrider/outrider/protocol";

/** Children at one path that are remembered; of more, the first that has ended is forgotten. */
const MAX_AT_A_PATH = 16;

interface Entry<Memory> {
  readonly memory: Memory;
  /** Of the incarnation that began last. */
  readonly peer: JsonRpcPeer;
}

export class ChildMemories<Memory extends object> {
  readonly #make: () => Memory;
  readonly #byPeer = new WeakMap<JsonRpcPeer, Memory>();
  readonly #byPath = new Map<string, Entry<Memory>[]>();

  constructor(make: () => Memory) {
    this.#make = make;
  }

  /** That of the child whose incarnation begins; the first one of a child finds it empty. */
  begin(peer: JsonRpcPeer): Memory {
    const entries = this.#byPath.get(peer.path) ?? [];
    this.#byPath.set(peer.path, entries);
    // The latest of those before it: that of another tree has another number, or runs.
    const [before] = entries
      .filter((one) => one.peer.signal.aborted && one.peer.generation < peer.generation)
      .sort((a, b) => b.peer.generation - a.peer.generation);
    const memory = before?.memory ?? this.#make();
    if (before !== undefined) entries.splice(entries.indexOf(before), 1);
    entries.push({ memory, peer });
    if (entries.length > MAX_AT_A_PATH) {
      const at = entries.findIndex((one) => one.peer.signal.aborted);
      if (at >= 0) entries.splice(at, 1);
    }
    this.#byPeer.set(peer, memory);
    return memory;
  }

  /** That of the child whose incarnation runs. */
  of(peer: JsonRpcPeer): Memory {
    return this.#byPeer.get(peer) ?? this.#make(); // it has ended before it began
  }
}
