/**
 * An actor that sends a message again and again, by the tree's clock.
 *
 * Ticks have fixed times, counted from its start, so they do not drift. They do not pile up either: while the last one
 * still waits to be taken (or answered, with `ask`), ticks are skipped; and of those that the clock is late for, such
 * as behind a machine's sleep, one is sent.
 *
 * @module
 */

import {
  actor,
  type ActorOptions,
  type Behavior,
  type ChildSpec,
  type Context,
  MessageRefusedError,
} from "@outrider/outrider";
import { type AnyRef, asError, type Clock } from "@outrider/outrider/actor";
import { actorOptions, checkOptions, pickOptions, without } from "@outrider/outrider/options";
import type { CheckedTickerOptions, TickerOptions } from "./ticker/option_types.ts";
import { type Tick, tickerOptions } from "./ticker/options.ts";

export type { TickerOptions } from "./ticker/option_types.ts";
export type { Tick } from "./ticker/options.ts";

/**
 * A ticker as a child of a supervisor.
 *
 * A refused tick, or a failed ask, is reported where it happened (a dead letter, the end of the actor); the ticker
 * goes on. An error thrown while a message is made ends it. It fails to start if there is no place `to` in the tree.
 * Messages to it are refused.
 *
 * @throws {OptionError} times that make no sense
 *
 * @example
 * ```ts
 * import { actor, start, supervisor } from "@outrider/outrider";
 * import { ticker } from "@outrider/outrider/actors/ticker";
 *
 * const { promise: third, resolve } = Promise.withResolvers<void>();
 * const clock = actor("clock", () => ({
 *   receive: ({ number }: { number: number }) => number >= 3 ? resolve() : undefined,
 * }));
 * await using system = await start(supervisor("root", [clock, ticker("tick", { to: "clock", every: 10 })]));
 * await third;
 * ```
 */
export function ticker(id: string, options: TickerOptions): ChildSpec {
  const checked = checkOptions<CheckedTickerOptions>(
    `Cannot make the ticker '${id}'`,
    tickerOptions,
    options,
  );
  return actor(
    id,
    () => new Ticker(checked),
    pickOptions<ActorOptions>(checked, without(actorOptions.fields, "mailbox")),
  );
}

class Ticker implements Behavior<unknown> {
  readonly #options: CheckedTickerOptions;
  #context!: Context<unknown>;
  #to!: AnyRef;
  #clock!: Clock;
  #timer: unknown;
  #startedAt = 0;
  /** The last tick whose time has come. */
  #number = 0;
  #skipped = 0;
  #isWaiting = false;

  constructor(options: CheckedTickerOptions) {
    this.#options = options;
  }

  started(context: Context<unknown>): void {
    this.#context = context;
    this.#to = context.ref(this.#options.to);
    this.#clock = context.clock;
    this.#startedAt = this.#clock.now();
    this.#arm();
  }

  receive(message: unknown, context: Context<unknown>): void {
    const reply = context.deferReply();
    if (reply === undefined) context.deadLetter("refused", message);
    else reply.reject(new MessageRefusedError(context.path, "a ticker takes no messages"));
  }

  stopped(): void {
    this.#clock?.clearTimeout(this.#timer);
  }

  #arm(): void {
    const { every, jitter, random = Math.random } = this.#options;
    const at = this.#startedAt + (this.#number + 1) * every + jitter * random();
    this.#timer = this.#clock.setTimeout(() => this.#tick(), Math.max(0, at - this.#clock.now()));
  }

  #tick(): void {
    // A timer may be a little early; then its tick counts all the same.
    const due = Math.max(
      this.#number + 1,
      Math.floor((this.#clock.now() - this.#startedAt) / this.#options.every),
    );
    this.#skipped += due - this.#number - 1;
    this.#number = due;
    try {
      if (this.#isWaiting) this.#skipped++;
      else this.#send();
      this.#arm();
    } catch (thrown) {
      this.#context.exit({ reason: "crash", cause: asError(thrown) });
    }
  }

  #send(): void {
    const { message, ask, timeout = Infinity } = this.#options;
    const tick: Tick = { number: this.#number, skipped: this.#skipped };
    this.#skipped = 0;
    const made = message === undefined ? tick : typeof message === "function" ? message(tick) : message;
    const wait = ask ? this.#to.ask(made, { timeout }) : this.#to.tell(made);
    if (wait === undefined) return;
    this.#isWaiting = true;
    const over = () => void (this.#isWaiting = false);
    wait.then(over, over);
  }
}
