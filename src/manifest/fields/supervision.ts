/**
 * The part of the manifest's schema that only supervisors go by: when a child is started again, after whom, and what
 * happens at the limit.
 *
 * @module
 */

import { z } from "zod";
import { MAX_TALLY, type RestartRules, type RestartType } from "../../supervision/verdict.ts";
import { SIGNALS } from "./signals.ts";
import type { ExitStatusInput, RestartRulesInput, RestartTypeInput } from "./supervision_entries.ts";
import { durationOrInfinitySchema, durationSchema } from "./units.ts";
import { describeValue, nearestKey, quote, quoteChoices } from "../../text/words.ts";

const TYPES = [
  "permanent",
  "transient",
  "temporary",
  "on-success",
  "on-abnormal",
  "on-abort",
  "on-watchdog",
  "always",
  "on-failure",
  "no",
] as const satisfies readonly RestartTypeInput[];

/** What systemd calls differently. */
const ALIASES = {
  "always": "permanent",
  "on-failure": "transient",
  "no": "temporary",
} as const satisfies Partial<Record<RestartTypeInput, RestartType>>;

/** The restart type that a word of the manifest stands for. */
export function restartTypeOf(name: RestartTypeInput): RestartType {
  return name === "always" || name === "on-failure" || name === "no" ? ALIASES[name] : name;
}

/** The same for whatever was written there; `undefined` where that is no restart type. */
export function restartTypeIn(written: unknown): RestartType | undefined {
  const on = typeof written === "object" && written !== null ? Reflect.get(written, "on") : written;
  const known = TYPES.find((type) => type === (on ?? "permanent"));
  return known && restartTypeOf(known);
}

const typeName = z.enum(TYPES);

/** When a supervisor inside the tree is started again. */
export const restartType = typeName.prefault("permanent").transform(restartTypeOf);

const status = z.union([z.int().min(0).max(255), z.enum(SIGNALS)], {
  error: ({ input }) => {
    const near = typeof input === "string" ? nearestKey(input, SIGNALS) : undefined;
    const meant = near === undefined ? "" : `; did you mean ${quote(near)}?`;
    return `expected an exit code, 0 to 255, or a signal such as "SIGABRT", got ${
      describeValue(input)
    }${meant}`;
  },
}).transform(statusOf);

/** What a process that died of it is said to have died of: two signals have two names. */
function statusOf(written: ExitStatusInput): ExitStatusInput {
  return written === "SIGPOLL" ? "SIGIO" : written === "SIGUNUSED" ? "SIGSYS" : written;
}

/** The keys of one tally. */
export const tallySchema = z.strictObject({
  of: z.array(status).min(1, "needs at least one exit code or signal").describe(
    "The exit codes and signals that count.",
  ),
  deaths: z.int().min(1).max(MAX_TALLY).describe("How many of them are final."),
  within: durationSchema(1).describe("Within which time: a duration, or ms."),
});

/** The object form of `restart`. */
export const restartRules = z.strictObject({
  on: typeName.prefault("permanent").describe("When it is started again. Default permanent."),
  prevent: z.array(status).optional().describe("Never started again after these exit codes and signals."),
  force: z.array(status).optional().describe("Always started again after these exit codes and signals."),
  tallies: z.array(tallySchema).optional().describe("Not started again once one of these is full."),
});

/** When a sidecar is started again. */
export const restartSchema = z.union([typeName, restartRules], {
  error: ({ input }) => {
    const near = typeof input === "string" ? nearestKey(input, TYPES) : undefined;
    const meant = near === undefined ? "" : `; did you mean ${quote(near)}?`;
    return `expected ${quoteChoices(TYPES.filter((type) => !(type in ALIASES)))}, or an object, got ${
      describeValue(input)
    }${meant}`;
  },
}).prefault("permanent").describe(
  "When it is started again: one word, or an object with exceptions by exit code and signal. Default permanent.",
);

/** What {@linkcode restart} comes to. */
export function splitRestart(
  written: RestartTypeInput | (RestartRules & Pick<Required<RestartRulesInput>, "on">),
): { restart: RestartType; rules?: RestartRules | undefined } {
  if (typeof written === "string") return { restart: restartTypeOf(written) };
  const { on, ...rules } = written;
  const restart = restartTypeOf(on);
  return Object.keys(rules).length === 0 ? { restart } : { restart, rules };
}

/** Which children restart when one fails. */
export const strategy = z.enum(["one_for_one", "one_for_all", "rest_for_one"]).prefault("one_for_one")
  .describe(
    "Which children restart when one fails: that one, all of them, or that one and those started after it. Default one_for_one.",
  );

/** How many restarts are allowed. */
export const intensity = z.strictObject({
  restarts: z.int().min(0).max(1_000_000).prefault(5).describe(
    "Restarts allowed within the window. Default 5.",
  ),
  within: durationSchema(1).prefault("3m").describe(
    "The sliding window: a duration, or a number of ms. Default 3m.",
  ),
}).prefault({}).describe(
  "How many restarts are allowed before the supervisor gives up. Default 5 within 3m.",
);

/** The pause before each restart. */
export const backoff = z.strictObject({
  initial: durationSchema(0).prefault("200ms").describe(
    "Pause before the first restart: a duration, or ms. Default 200ms.",
  ),
  factor: z.number().min(1).max(1000).prefault(2).describe(
    "What each further pause is multiplied by. Default 2.",
  ),
  max: durationSchema(0).prefault("30s").describe("The longest pause: a duration, or ms. Default 30s."),
  jitter: z.number().min(0).max(1).prefault(0.25).describe(
    "Share of the pause that is random, 0 to 1. Default 0.25.",
  ),
  resetAfter: durationSchema(0).prefault("60s").describe(
    "Uptime after which the next pause is the initial one again: a duration, or ms. Default 60s.",
  ),
}).superRefine(({ initial, max }, context) => {
  if (initial <= max) return;
  context.addIssue({
    code: "custom",
    message: `"initial" (${initial} ms) must not be above "max" (${max} ms)`,
  });
}).prefault({}).describe("The pause before each restart, growing exponentially.");

/** How long a start may take. */
export const startWithin = durationOrInfinitySchema(1).optional();

/** Whether a child counts for its supervisor's automatic shutdown. */
export const significant = z.boolean().prefault(false).describe(
  "Whether its end by itself counts for its supervisor's autoShutdown. Default false.",
);

/** The object form of one dependency. */
export const dependency = z.strictObject({
  id: z.string().describe("The sibling."),
  condition: z.enum(["started", "ready", "completed", "completed_successfully"]).prefault("ready").describe(
    "What must be true of it. Default ready.",
  ),
});

/** The siblings that a child starts after. */
export const after = z.array(
  z.union([z.string(), dependency], {
    error: ({ input }) => `expected the id of a sibling, or an object with "id", got ${describeValue(input)}`,
  }).transform((one) => typeof one === "string" ? { id: one, condition: "ready" as const } : one),
).optional().describe(
  "The siblings that it starts after. Without any in the whole list, children start one after the other.",
);

/** Whether a supervisor ends when significant children have. */
export const autoShutdown = z.enum(["never", "any_significant", "all_significant"]).prefault("never")
  .describe(
    "Whether it ends when significant children have ended by themselves: one of them, or the last. Default never.",
  );

/** What holding a child back can be told. */
export const quarantine = z.strictObject({
  coolDown: durationSchema(1).optional().describe(
    "After which time it is started again: a duration, or ms. Default never.",
  ),
});

/** The object form of `onLimit`. */
export const quarantined = z.strictObject({
  quarantine: quarantine.describe("The child that failed is held back, and its siblings live on."),
});

/** What happens when there would be more restarts than the intensity allows; without a default. */
export const limitSchema = z.union([z.literal("escalate"), quarantined], {
  error: ({ input }) => `expected "escalate", or an object with "quarantine", got ${describeValue(input)}`,
});

/** The same for a supervisor. */
export const onLimit = limitSchema.prefault("escalate").describe(
  "When the intensity is used up: escalate, it gives up; or quarantine, the child is held back. Default escalate.",
);
