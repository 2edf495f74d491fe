/**
 * Finds out whether a server hangs that has left a request without an answer: one that lives answers a `ping`, whatever
 * it works on, and be it with an error.
 *
 * Used by the connection to a server. The invariant: a process is given up only for a `ping` that it had itself.
 */

import { CODES, type MessageParams, RequestFailure } from "./messages.ts";

/** What becomes of a server that hangs. */
export interface HangOptions {
  /** Milliseconds for the answer to a `ping`. */
  readonly after: number;
  /** The number of the process that runs; `undefined`: none does. */
  readonly generation: () => number | undefined;
  /** It hangs. */
  readonly onHung: () => void;
}

/** Asks at most once at a time. */
export class HangProbe {
  readonly #options: HangOptions;
  /** @throws {RequestFailure} */
  readonly #ask: (method: string, timeout: number) => Promise<MessageParams>;
  #isAsking = false;

  constructor(options: HangOptions, ask: (method: string, timeout: number) => Promise<MessageParams>) {
    this.#options = options;
    this.#ask = ask;
  }

  /** A request was given up without an answer. Never rejects. */
  async look(): Promise<void> {
    const { after, generation, onHung } = this.#options;
    const asked = generation();
    if (this.#isAsking || asked === undefined) return;
    this.#isAsking = true;
    try {
      await this.#ask("ping", after);
    } catch (error) {
      const isSilent = error instanceof RequestFailure && error.body.code === CODES.TIMEOUT;
      if (isSilent && generation() === asked) onHung();
    } finally {
      this.#isAsking = false;
    }
  }
}
