/**
 * The end of an incarnation, from its reason to the moment when it counts as ended.
 *
 * The first reason counts, but force overrides a request, and a failure on the way is reported.
 * `stopped` is called once. An end without a request has a limited time; a requested one is bounded by the
 * supervisor, which ends it by force.
 */

import type { Behavior, Context } from "./behavior.ts";
import { sleep } from "../time/clock.ts";
import { asError, type Exit, isStoppedByForce } from "./exit.ts";
import { KILL_GRACE_MS } from "./incarnation.ts";
import { nextTurn } from "./scheduler.ts";
import { onRejection, readField } from "./user_value.ts";

/** Options of {@linkcode Closing}. */
export interface ClosingOptions<Message, Value, Published> {
  readonly behavior: Behavior<Message, Value, Published>;
  readonly context: Context<Message, Value, Published>;
  /** How many ms `stopped` may take after an end without a request. */
  readonly cleanUp: number;
  readonly onOver: (exit: Exit) => void;
}

/** Ends one incarnation, gracefully or by force. */
export class Closing<Message, Value, Published> {
  #exit: Exit;
  readonly #options: ClosingOptions<Message, Value, Published>;
  readonly #isKilled: PromiseWithResolvers<void> = Promise.withResolvers();
  #isOver = false;

  /** `exit` is the first reason. Nothing happens before {@linkcode Closing.run}. */
  constructor(exit: Exit, options: ClosingOptions<Message, Value, Published>) {
    this.#exit = exit;
    this.#options = options;
  }

  /** Takes a later reason, which counts only if it overrides the first: force a request. */
  overrule(exit: Exit): void {
    if (isStoppedByForce(exit) && this.#exit.reason === "shutdown") this.#exit = exit;
  }

  /** Records a failure on the way; if a failure was the reason, that one counts. */
  failed(thrown: unknown): void {
    if (this.#exit.reason !== "crash") this.#exit = { reason: "crash", cause: asError(thrown) };
  }

  force(): void {
    const failed = (thrown: unknown) => this.#exit = { reason: "crash", cause: asError(thrown) };
    try {
      onRejection(this.#options.behavior.kill?.(), failed);
    } catch (thrown) {
      failed(thrown);
    }
    this.#isKilled.resolve();
  }

  /** `atRest`: when the call in progress has returned, if that is to be waited for. */
  async run(atRest: Promise<void> | undefined): Promise<void> {
    const { behavior, context: { clock }, cleanUp, onOver } = this.#options;
    const closed = this.#callStopped(atRest).then(() => true);
    const { reason } = this.#exit;
    const unasked = reason === "normal" || reason === "crash";
    const timer = unasked ? clock.setTimeout(() => this.force(), cleanUp) : undefined;
    let complete = await Promise.race([closed, this.#isKilled.promise]);
    if (!complete) {
      // A behaviour with `kill` gets time for it; any other has one turn of the event loop.
      const fence = new AbortController();
      const hasWay = readField(behavior, "kill") !== undefined;
      const patience = !hasWay ? nextTurn() : sleep(clock, KILL_GRACE_MS, fence.signal);
      complete = await Promise.race([closed, patience]);
      fence.abort("over");
    }
    if (!complete && this.#exit.reason === "killed") this.#exit = { reason: "killed", abandoned: true };
    if (timer !== undefined) clock.clearTimeout(timer);
    this.#isOver = true;
    onOver(this.#exit);
  }

  async #callStopped(atRest: Promise<void> | undefined): Promise<void> {
    // Even with nothing to wait for: a handler may have ended its own incarnation, and still be on the stack.
    await atRest;
    // Declared over meanwhile, by force: the next incarnation may be alive already.
    if (this.#isOver) return;
    try {
      await this.#options.behavior.stopped?.(this.#exit, this.#options.context);
    } catch (thrown) {
      this.failed(thrown);
    }
  }
}
