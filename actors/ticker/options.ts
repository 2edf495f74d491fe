/**
 * The options of a ticker, as data.
 */

import {
  actorOptions,
  aFunction,
  any,
  duration,
  filled,
  flag,
  key,
  needed,
  optionTypes,
  shape,
  type ShapeField,
  without,
} from "@outrider/outrider/options";

/** A tick, for a message that is made from it. */
export interface Tick {
  /** Which one, counted from 1 at the start of the ticker; skipped ones count. */
  readonly number: number;
  /** Ticks that were skipped since the last that was sent. */
  readonly skipped: number;
}

/** Options of `ticker`. */
export const tickerOptions: ShapeField = shape({
  ...without(actorOptions.fields, "mailbox"),
  to: needed(filled, "The path of the actor that gets the message, such as `workers/w1`"),
  message: key(
    { ...any, input: "unknown | ((tick: Tick) => unknown)" },
    "The message, or a function that makes it",
    { otherwise: "the tick" },
  ),
  every: needed(duration(0), "From one tick to the next", {
    more: "The first comes after as long, with `Infinity` never.",
  }),
  jitter: key(duration(0), "Up to so much later than its time, a tick is sent, by chance", {
    usual: 0,
    more: "Less than `every`.",
  }),
  ask: key(flag, "Whether a tick is an ask, not a tell", {
    usual: false,
    more:
      "Then the next ones are skipped until it is answered. For an actor whose work takes longer than it takes the\n" +
      "message, such as a sidecar.",
  }),
  timeout: key(duration(0), "How long to wait for an answer", {
    otherwise: "no limit, while the actor lives",
  }),
  random: key(aFunction("() => number"), "The source of randomness: 0 to below 1", {
    otherwise: "Math.random",
  }),
}, {
  defaults: "actor",
  rule({ every, jitter }, refuse) {
    if (every === 0) refuse("must be more than 0", "every");
    if (jitter >= every) refuse(`must be less than every, which is ${every} ms; got ${jitter}`, "jitter");
  },
  types: optionTypes(
    "TickerOptions",
    'Options of a ticker. Times are milliseconds, or texts such as `"10s"`.',
  ),
});
