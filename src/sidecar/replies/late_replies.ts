/**
 * Ends a process that has not answered a request in time since its caller gave it up: `whenGivenUp: { restart }`.
 *
 * Used by the writer. A request that waits behind one which is still wanted, or behind one that was just answered, gets
 * its time anew, so that an impatient caller costs no other caller an answer. Where replies have no ids, no further request
 * is sent meanwhile: its reply would be taken for the late one.
 */

import type { ActorEvent } from "../../actor/events/event.ts";
import type { Context } from "../../actor/behavior.ts";
import type { Reply } from "../../actor/asks/options.ts";
import { setPatientTimeout } from "../../time/after_news.ts";
import type { ReplyCorrelation } from "../protocol.ts";

/** Milliseconds at least until a request that others are before is looked at again. */
const NEXT_LOOK_MS = 1_000;

export interface LateRepliesOptions {
  readonly context: Pick<Context, "clock" | "signal" | "emit">;
  readonly correlation: ReplyCorrelation;
  /** Milliseconds for the late reply. */
  readonly after: number;
  /** Whether replies are found by their order. */
  readonly inOrder: boolean;
  /** The late reply has not come. */
  readonly onHung: () => void;
}

export class LateReplies {
  readonly #options: LateRepliesOptions;
  #isHolding = false;

  constructor(options: LateRepliesOptions) {
    this.#options = options;
  }

  /** Whether no further request is to be sent: not before {@linkcode LateReplies.over}. */
  get isHolding(): boolean {
    return this.#isHolding;
  }

  /** Watches a request from when its caller gives it up. */
  watch(reply: Reply<unknown>): void {
    const giveUp = reply.onGivenUp;
    reply.onGivenUp = () => {
      giveUp?.();
      const { inOrder, after } = this.#options;
      if (inOrder) this.#isHolding = true;
      this.#wait(reply, after);
    };
  }

  /** Fulfilled when all that was sent is answered. */
  async over(): Promise<void> {
    await this.#options.correlation.below(1);
    this.#isHolding = false;
  }

  #end(): void {
    const { context, after, onHung } = this.#options;
    // The end may take a whole stop sequence. A pool, which has waited itself, gives no time.
    const message = `it hangs: it owes a reply, ${after} ms after its caller gave up, and is ended`;
    if (after > 0) context.emit<ActorEvent>({ type: "warning", message });
    onHung();
  }

  #wait(reply: Reply<unknown>, ms: number): void {
    const { context: { clock, signal }, correlation, after } = this.#options;
    if (signal.aborted) return;
    const before = correlation.progress;
    const look = () => {
      const place = correlation.placeOf?.(reply);
      if (place === undefined) return;
      if (place === "first" && correlation.progress === before) return this.#end();
      this.#wait(reply, Math.max(after, NEXT_LOOK_MS));
    };
    if (ms === 0) return look();
    const cancel = setPatientTimeout(
      () => {
        signal.removeEventListener("abort", cancel);
        look();
      },
      ms,
      clock,
    );
    signal.addEventListener("abort", cancel, { once: true });
  }
}
