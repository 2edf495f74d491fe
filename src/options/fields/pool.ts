/**
 * The options of a pool.
 */

import {
  duration,
  filled,
  idField,
  key,
  needed,
  optionTypes,
  shape,
  typed,
  types,
  union,
  whole,
  word,
} from "../build.ts";
import type { Field, Property, Refuse, ShapeField, UnionField } from "../field.ts";
import { aFunction, codeChildFields, mailboxProperty, misplaced } from "./children.ts";
import { deliveryFields, mailboxField, whenGivenUp } from "./messages.ts";
import { restartType } from "./restart.ts";
import { entryChildFields, intensity, intensityText, onLimit, onStartFailure } from "./supervision.ts";
import type { RoutingEntry, RoutingInput } from "../types.ts";
import { quote, quoteChoices } from "../../text/words.ts";

const copies = whole(1, 1_000);

const ROUTINGS = ["round-robin", "least-busy", "hash"] as const;

/** Which copy gets a message. */
export const routing: UnionField = union(`${quoteChoices(ROUTINGS)}, or an object with "by"`, [
  word(ROUTINGS),
  shape({
    by: needed(word(ROUTINGS), "Which copy gets a message"),
    field: key(filled, "For hash: the field of a message that it goes by", {
      otherwise: "the whole message",
    }),
  }, {
    rule({ by, field }, refuse) {
      if (typeof by !== "string") return; // a fault of its own
      if (field !== undefined && by !== "hash") refuse(`is for "hash", not for ${quote(by)}`, "field");
    },
  }),
], {
  types: types("RoutingInput", "RoutingEntry", "Which copy of a pool gets a message."),
  output: `"round-robin" | "least-busy" | "hash" | { readonly by: "hash"; readonly field: string }`,
  to(written: RoutingInput): RoutingEntry {
    if (typeof written === "string") return written;
    const { by, field } = written;
    return by === "hash" && field !== undefined ? { by, field } : by;
  },
});

/** When a pool grows. */
export const grow: ShapeField = shape({
  queued: key(whole(1, 1_000_000), "Messages that wait", { otherwise: "as many as there are copies" }),
  waited: key(duration(0), "For how long messages have been waiting without a break"),
}, {
  defaults: "grow",
  types: types("GrowInput", "GrowEntry", "When a copy is added; either is enough."),
});

/** The numbers of copies. */
export const copyCountFields: Record<string, Property> = {
  size: key(copies, "How many copies; needed where min and max do not both say it", { otherwise: "" }),
  min: key(copies, "Copies at least", { otherwise: "size" }),
  max: key(copies, "Copies at most", { otherwise: "size" }),
};

/** How messages are spread over the copies, and when there are more of these. */
export const spreadFields: Record<string, Property> = {
  routing: key(routing, "Which copy gets a message: each in turn, the one with the least to do, or by a key"),
  perCopy: key(whole(1, 65_536), "Unanswered messages that a copy has at most"),
  grow: key(grow, "When a copy is added: so many messages wait, or any for so long"),
  shrinkAfter: key(duration(0), "After so long without need for all copies one is taken away"),
  whenGivenUp: key(
    whenGivenUp,
    "What becomes of a message that a copy has when its caller gives up",
    { otherwise: "that of its sidecar, else cancel for jsonrpc, else finish", see: "pools.md#deadlines" },
  ),
};

/** Checks the numbers of copies; what is not a number is a fault of its own. */
export function sizeFaults(
  { size, min = size, max = size }: { size?: unknown; min?: unknown; max?: unknown },
  refuse: Refuse,
): void {
  if (min === undefined || max === undefined) refuse(`needs "size", or "min" and "max"`);
  else if (typeof min === "number" && typeof max === "number" && min > max) {
    refuse(`"min" (${min}) must not be above "max" (${max})`);
  }
}

/** How many copies, once both are known. */
export function sized<Fields extends { size?: number; min?: number; max?: number }>(
  { size, min, max, ...fields }: Fields,
): Omit<Fields, "size" | "min" | "max"> & { readonly min: number; readonly max: number } {
  return { ...fields, min: min ?? size!, max: max ?? size! };
}

const RESTARTS = "How many restarts are allowed: of all copies together, or of each copy";

const FIRST_STARTS =
  "When a copy's first start fails: `rollback`, so has that of the pool; `retry`, the others serve";

/** Options of `pool`. */
export const poolOptions: ShapeField = shape({
  ...codeChildFields,
  ...deliveryFields,
  onDeath: { ...deliveryFields.onDeath!, otherwise: "what the options of a copy say" },
  attempts: { ...deliveryFields.attempts!, otherwise: "what the options of a copy say" },
  ...copyCountFields,
  ...spreadFields,
  perCopy: { ...spreadFields.perCopy!, more: "A crash costs so many." },
  routing: {
    ...spreadFields.routing!,
    field: typed(
      union(
        routing.expected,
        routing.of.map((branch) =>
          branch.kind === "shape"
            ? {
              ...branch,
              fields: { ...branch.fields, key: key(aFunction("(message: unknown) => string"), "Its key") },
            }
            : branch
        ),
      ),
      "Routing",
      "Routing",
    ),
  },
  mailbox: { ...mailboxProperty, says: "The queue that all copies share" },
  intensity: key(intensity, RESTARTS, { otherwise: intensityText }),
  onLimit: key(onLimit, "When there would be more: `escalate`, it gives up; or the copy is held back"),
  onStartFailure: key(onStartFailure, FIRST_STARTS),
}, {
  defaults: "pool",
  rule: sizeFaults,
  misplaced,
  types: optionTypes("PoolOptions", "Options of {@linkcode pool}; those of a child are the pool's own."),
});

/** A pool of a manifest; each copy runs `sidecar`. */
export function poolShape(sidecar: Field): ShapeField {
  return shape({
    id: needed(idField, "Unique among its siblings; becomes part of its copies' paths"),
    ...copyCountFields,
    ...spreadFields,
    mailbox: key(mailboxField, "The bounded mailbox that all copies share", { see: "#mailbox" }),
    intensity: key(intensity, RESTARTS, { otherwise: intensityText }),
    onLimit: key(onLimit, "When there would be more: `escalate`, it gives up; or the copy is held back"),
    onStartFailure: key(onStartFailure, FIRST_STARTS),
    ...entryChildFields,
    restart: key(restartType, "What its own supervisor does when it gave up"),
    startWithin: {
      ...entryChildFields.startWithin!,
      says: "How long its start, with that of its copies, may take",
      isUnshown: true,
    },
    sidecar: needed(sidecar, "What each copy runs: a sidecar without id, after, significant and mailbox"),
  }, {
    defaults: "pool",
    types: types("PoolInput", "PoolEntry", "Copies of a sidecar behind one address."),
    schema: { id: "Pool", description: "Copies of a sidecar behind one address." },
    conditions: { anyOf: [{ required: ["size"] }, { required: ["min", "max"] }] },
    rule: sizeFaults,
    to: sized,
    outputs: {
      size: undefined,
      min: { type: "number", says: "Copies at least" },
      max: { type: "number", says: "Copies at most" },
    },
  });
}
