/**
 * What may happen to messages on their way to a program: random conversations, and random ends of the program.
 *
 * @module
 */
import type { DeliveryOptions, Overflow } from "@outrider/outrider";
import type { ProcessEnding } from "@outrider/outrider/testing";
import fc from "npm:fast-check@^4";

/** `stream` is ndjson with replies of many frames. */
export type Talk = "lines" | "ndjson" | "jsonrpc" | "stream";

/** What one life of the program comes to, at its `at`-th message unless it says otherwise. */
export interface Fate {
  readonly kind:
    | "lives"
    | "dies unread"
    | "dies answered"
    | "dies in mid-frame"
    | "dies in time"
    | "hangs"
    | "closes stdin"
    | "closes stdout"
    | "forgets";
  readonly at: number;
  readonly with: ProcessEnding;
}

/** One life of the program. */
export interface Life {
  readonly fate: Fate;
  /** Milliseconds for a message. */
  readonly takes: number;
  /** Milliseconds to get ready. */
  readonly readyAfter: number;
  /** It answers everything twice, where a reply says what it answers. */
  readonly twice: boolean;
  /** It says something that nobody asked for with every message, where that can be told from a reply. */
  readonly chatty: boolean;
  /** What it does when its stdin ends. */
  readonly onEof: ProcessEnding | "ignore";
  readonly ignoresTerm: boolean;
}

/** What is done, one after the other. */
export type Step =
  | {
    readonly do: "ask";
    readonly timeout: number;
    readonly abortable: boolean;
    readonly filler: number;
    readonly options: DeliveryOptions;
  }
  | { readonly do: "tell"; readonly filler: number; readonly options: DeliveryOptions | undefined }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "end"; readonly with: ProcessEnding }
  | { readonly do: "abort" | "terminate" | "restart" };

/** A whole conversation. */
export interface Scenario {
  readonly talk: Talk;
  readonly own: DeliveryOptions;
  readonly maxInFlight: number | undefined;
  readonly capacity: number;
  readonly bytes: number | undefined;
  readonly overflow: Overflow;
  readonly restart: "permanent" | "transient";
  readonly subscriber: "none" | "reads" | "never reads";
  readonly lives: readonly Life[];
  readonly steps: readonly Step[];
  /** Whether what is queued in the end goes to a program that works, before all is stopped. */
  readonly drained: boolean;
}

const delivery: fc.Arbitrary<DeliveryOptions> = fc.record({
  onDeath: fc.constantFrom("fail", "replay", "dead-letter"),
  attempts: fc.integer({ min: 1, max: 4 }),
}, { requiredKeys: [] });

const ending = fc.constantFrom<ProcessEnding>(0, 3, "SIGKILL");

const fate: fc.Arbitrary<Fate> = fc.record({
  kind: fc.constantFrom<Fate["kind"]>(
    "lives",
    "dies unread",
    "dies answered",
    "dies in mid-frame",
    "dies in time",
    "hangs",
    "closes stdin",
    "closes stdout",
    "forgets",
  ),
  at: fc.integer({ min: 1, max: 5 }),
  with: ending,
});

const life: fc.Arbitrary<Life> = fc.record({
  fate,
  takes: fc.constantFrom(0, 0, 7, 40),
  readyAfter: fc.constantFrom(0, 0, 5),
  twice: fc.boolean(),
  chatty: fc.boolean(),
  onEof: fc.constantFrom<ProcessEnding | "ignore">(0, 0, 3, "ignore"),
  ignoresTerm: fc.boolean(),
});

/** Lives of all kinds, or the same again and again: what is replayed meets its end as often as it may. */
const lives: fc.Arbitrary<Life[]> = fc.oneof(
  fc.array(life, { maxLength: 6, size: "max" }),
  fc.tuple(life, fc.integer({ min: 2, max: 6 })).map(([life, times]) => Array<Life>(times).fill(life)),
);

/** Three of the large ones are more than a pipe holds. */
const filler = fc.constantFrom(0, 0, 0, 0, 30_000);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant("ask" as const),
      timeout: fc.constantFrom(64, 640, Infinity, Infinity),
      abortable: fc.boolean(),
      filler,
      options: delivery,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("tell" as const),
      filler,
      options: fc.option(delivery, { nil: undefined }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(0, 1, 6, 50, 300, 1_100) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("end" as const), with: ending }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("abort" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("terminate" as const, "restart" as const) }) },
);

export const scenario: fc.Arbitrary<Scenario> = fc.record({
  talk: fc.constantFrom<Talk>("lines", "ndjson", "jsonrpc", "stream"),
  own: delivery,
  maxInFlight: fc.constantFrom(undefined, undefined, 1, 2, 3),
  capacity: fc.integer({ min: 1, max: 6 }),
  bytes: fc.constantFrom(undefined, undefined, 35_000),
  overflow: fc.constantFrom<Overflow>("wait", "wait", "drop-oldest", "drop-newest", "fail"),
  restart: fc.constantFrom("permanent" as const, "permanent" as const, "transient" as const),
  subscriber: fc.constantFrom("none" as const, "reads" as const, "never reads" as const),
  lives,
  steps: fc.array(step, { minLength: 1, maxLength: 40, size: "max" }),
  drained: fc.boolean(),
});
