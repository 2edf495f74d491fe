/**
 * The end of an incarnation, from what ended it to where nothing of it is waited for any more.
 *
 * The first end counts, but force overrides a request, and a failure on the way is not kept quiet.
 * `stopped` is called once. An end that nobody asked for has a limited time; one that was asked for is bounded by
 * whoever asked, who ends it by force.
 *
 * @module
 */

import type { Behavior, Context } from "./behavior.ts";
import { sleep } from "../time/clock.ts";
import { asError, type Exit } from "./exit.ts";
import { KILL_GRACE_MS } from "./incarnation.ts";
import { nextTurn } from "./scheduler.ts";
import { onRejection, readField } from "./user_value.ts";

/** What ends. */
export interface ClosingOptions<Message, Value, Published> {
  readonly behavior: Behavior<Message, Value, Published>;
  readonly context: Context<Message, Value, Published>;
  /** How many ms `stopped` may take after an end that nobody asked for. */
  readonly cleanUp: number;
  /** Called once, when it is over: how it ended counts from then on. */
  readonly onOver: (exit: Exit) => void;
}

/** Ends one incarnation, gracefully or by force. */
export class Closing<Message, Value, Published> {
  #exit: Exit;
  readonly #options: ClosingOptions<Message, Value, Published>;
  readonly #isKilled: PromiseWithResolvers<void> = Promise.withResolvers();
  #isOver = false;

  /** `exit` is what ends it. Nothing happens before {@linkcode Closing.run}. */
  constructor(exit: Exit, options: ClosingOptions<Message, Value, Published>) {
    this.#exit = exit;
    this.#options = options;
  }

  /** It was to end once more. */
  overrule(exit: Exit): void {
    if (exit.reason === "killed" && this.#exit.reason === "shutdown") this.#exit = exit;
  }

  /** A failure on the way; where a failure was what ended it, that one counts. */
  failed(thrown: unknown): void {
    if (this.#exit.reason !== "crash") this.#exit = { reason: "crash", cause: asError(thrown) };
  }

  /** No more patience. */
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
      // What has a way to be ended by force is given time for it; of anything else, what is at rest is enough.
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
    // Also where nothing is waited for: a handler may have ended its own incarnation, and still be on the stack.
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
