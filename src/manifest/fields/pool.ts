/**
 * The part of the manifest's schema that describes a pool.
 *
 * @module
 */

import { z } from "zod";
import type { RoutingEntry, RoutingInput } from "./pool_entries.ts";
import { copySchema, mailboxSchema } from "./sidecar.ts";
import { after, intensity, limitSchema, restartType, significant, startWithin } from "./supervision.ts";
import { filledTextSchema, idSchema } from "./text.ts";
import { durationSchema } from "./units.ts";
import { describeValue, nearestKey, quote, quoteChoices } from "../../text/words.ts";

/** How many copies a pool may have. */
const copies = z.int().min(1).max(1_000);

const ROUTINGS = ["round-robin", "least-busy", "hash"] as const;

/** The object form of `routing`. */
export const routingObject = z.strictObject({
  by: z.enum(ROUTINGS).describe("Which copy gets a message."),
  field: filledTextSchema.optional().describe(
    "For hash: the field of a message that it goes by. Default the whole message.",
  ),
}).superRefine(({ by, field }, context) => {
  if (field === undefined || by === "hash") return;
  context.addIssue({ code: "custom", path: ["field"], message: `is for "hash", not for ${quote(by)}` });
});

const routing = z.union([z.enum(ROUTINGS), routingObject], {
  error: ({ input }) => {
    const near = typeof input === "string" ? nearestKey(input, ROUTINGS) : undefined;
    const meant = near === undefined ? "" : `; did you mean ${quote(near)}?`;
    return `expected ${quoteChoices(ROUTINGS)}, or an object with "by", got ${describeValue(input)}${meant}`;
  },
}).prefault("round-robin").transform(routed).describe(
  "Which copy gets a message: each in turn, the one with the least to do, or the one that a key belongs to. Default round-robin.",
);

function routed(written: RoutingInput): RoutingEntry {
  if (typeof written === "string") return written;
  const { by, field } = written;
  return by === "hash" && field !== undefined ? { by, field } : by;
}

const grow = z.strictObject({
  queued: z.int().min(1).max(1_000_000).optional().describe(
    "Messages that wait. Default as many as there are copies.",
  ),
  waited: durationSchema(0).prefault("1s").describe(
    "For how long messages have been waiting without a break: a duration, or ms. Default 1s.",
  ),
}).prefault({}).describe("When a copy is added; either is enough.");

/** The keys of `grow`. */
export const GROW_KEYS: readonly string[] = Object.keys(grow.unwrap().shape);

/** The keys of a pool. */
export const poolFields = z.strictObject({
  id: idSchema.describe("Unique among its siblings; becomes part of its copies' paths."),
  size: copies.optional().describe("How many copies. Needed where min and max do not both say it."),
  min: copies.optional().describe("Copies at least. Default size."),
  max: copies.optional().describe("Copies at most. Default size."),
  routing,
  perCopy: z.int().min(1).max(65_536).prefault(1).describe(
    "Unanswered messages that a copy has at most. Default 1.",
  ),
  grow,
  shrinkAfter: durationSchema(0).prefault("30s").describe(
    "After so long without need for all copies one is taken away: a duration, or ms. Default 30s.",
  ),
  whenGivenUp: z.enum(["finish", "cancel"]).optional().describe(
    "What becomes of a message that a copy has when its caller gives up. Default cancel for jsonrpc, else finish.",
  ),
  mailbox: mailboxSchema,
  intensity,
  onLimit: limitSchema.prefault({ quarantine: { coolDown: "60s" } }).describe(
    "When the intensity is used up: escalate, the pool gives up; or quarantine, the copy is held back. Default quarantine for 60s.",
  ),
  restart: restartType.describe("What its own supervisor does when it gave up. Default permanent."),
  significant,
  after,
  startWithin: startWithin.transform((within) => within ?? "infinity" as const).describe(
    "How long its start, with that of its copies, may take: a duration, ms, or infinity. Default infinity.",
  ),
  sidecar: copySchema.describe("What each copy runs."),
}).superRefine(({ size, min = size, max = size }, context) => {
  if (min === undefined || max === undefined) {
    context.addIssue({ code: "custom", message: `needs "size", or "min" and "max"` });
  } else if (min > max) {
    const of = (key: string, value: number) => `${quote(key)} (${value})`;
    context.addIssue({ code: "custom", message: `${of("min", min)} must not be above ${of("max", max)}` });
  }
}).meta({
  id: "Pool",
  description: "Copies of a sidecar behind one address.",
  anyOf: [{ required: ["size"] }, { required: ["min", "max"] }],
});

/** A pool. */
export const poolSchema = poolFields.transform(({ size, min, max, ...fields }) => ({
  ...fields,
  min: min ?? size!,
  max: max ?? size!,
}));
