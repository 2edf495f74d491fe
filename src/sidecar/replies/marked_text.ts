/**
 * Replies that end at a mark, each handed on as one text: `pairing: { mark }`.
 *
 * So an ask has one answer, and its deadline is that of the whole reply.
 */

import { sampleOf } from "../../process/framing/framing.ts";
import type { SidecarConnection } from "../protocol.ts";
import { MarkedCorrelation, type MarkedCorrelationOptions } from "./marked.ts";

export interface MarkedTextCorrelationOptions extends MarkedCorrelationOptions {
  /** The bytes that a reply may have. */
  readonly maxFrame: number;
}

/** Gathers the lines of the oldest request: no other is being answered. */
export class MarkedTextCorrelation extends MarkedCorrelation {
  readonly #maxFrame: number;
  #lines: string[] = [];
  #size = 0;

  constructor(connection: SidecarConnection, options: MarkedTextCorrelationOptions) {
    super(connection, options);
    this.#maxFrame = options.maxFrame;
  }

  protected override answer(number: number, message: unknown): boolean {
    if (this.get(number) === undefined) return false;
    const line = message as string;
    this.#size += Math.max(line.length, this.bytes) + 1;
    if (this.#size <= this.#maxFrame) this.#lines.push(line);
    return true;
  }

  protected override settle(number: number, rest: string): void {
    if (rest !== "") this.answer(number, rest);
    const [text, bytes] = [this.#lines.join("\n"), this.#size];
    this.discard();
    if (bytes <= this.#maxFrame) super.answer(number, text);
    else {
      // That fails the oldest request, which is this one.
      this.connection.malformed({ kind: "over_cap", bytes, sample: sampleOf(text), dropped: true });
    }
    this.take(number); // one that was refused is on the account until now
  }

  protected override discard(): void {
    this.#lines = [];
    this.#size = 0;
  }
}
