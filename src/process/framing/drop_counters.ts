/**
 * Counts the frames of one stream that were dropped.
 *
 * Only faults are counted, so a stream without any pays nothing.
 *
 * @module
 */
import type { Malformed, MalformedKind } from "./framing.ts";

export interface DropCount {
  readonly count: number;
  /** Their bytes; see {@linkcode Malformed.bytes} for which these are. */
  readonly bytes: number;
}

/**
 * Counts the faults that a decoder reports; a sink keeps one, and passes them on to it.
 *
 * @example
 * ```ts
 * import { codecs } from "@outrider/outrider/protocol";
 * import { DropCounters } from "./drop_counters.ts";
 *
 * const discarded = new DropCounters();
 * const decoder = codecs.ndjson.decoder({
 *   message: (value) => console.log(value),
 *   malformed: (fault) => discarded.add(fault),
 *   skipped: (bytes) => discarded.skipped(bytes),
 * }, { maxFrame: 1_000 });
 * decoder.push(new TextEncoder().encode('{"a":1}\nwarning: low disk\n')); // { a: 1 }
 * console.log(discarded.total, discarded.of("not_json")); // { count: 1, bytes: 17 } { count: 1, bytes: 17 }
 * ```
 */
export class DropCounters {
  readonly #kinds = new Map<MalformedKind, { count: number; bytes: number }>();
  readonly #total = { count: 0, bytes: 0 };

  get total(): DropCount {
    return { ...this.#total };
  }

  /** Those that broke this rule. */
  of(kind: MalformedKind): DropCount {
    return { count: 0, bytes: 0, ...this.#kinds.get(kind) };
  }

  /** The rules that were broken, each with its count, in the order of their first fault. */
  kinds(): [MalformedKind, DropCount][] {
    return [...this.#kinds].map(([kind, amount]) => [kind, { ...amount }]);
  }

  /** Counts a fault, unless its frame was delivered all the same. */
  add(fault: Malformed): void {
    if (fault.dropped) this.#add(fault.kind, 1, fault.bytes);
  }

  /** Counts more bytes of a line over the cap. */
  skipped(bytes: number): void {
    this.#add("over_cap", 0, bytes);
  }

  #add(kind: MalformedKind, count: number, bytes: number): void {
    let amount = this.#kinds.get(kind);
    if (amount === undefined) this.#kinds.set(kind, amount = { count: 0, bytes: 0 });
    for (const sum of [amount, this.#total]) {
      sum.count += count;
      sum.bytes += bytes;
    }
  }
}
