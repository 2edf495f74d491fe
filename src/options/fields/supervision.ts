/**
 * The options that only supervisors go by: after whom a child is started, after what pause, how often, and
 * what happens at the limit.
 */

import { duration, flag, key, list, needed, number, shape, types, union, whole, word } from "../build.ts";
import type { Preset } from "../presets.ts";
import type { Field, Property, QuantityField, ShapeField, UnionField, WordField } from "../field.ts";
import { restartField } from "./restart.ts";
import type { Dependency, DependencyInput, Quarantine } from "../types.ts";

/** Which children restart when one fails. */
export const strategy: WordField = word(["one_for_one", "one_for_all", "rest_for_one"], {
  types: types(
    "Strategy",
    "Strategy",
    "Which children restart when one fails: that one, all of them, or that one and those started after it.",
  ),
});

/** Whether a supervisor ends when significant children have. */
export const autoShutdown: WordField = word(["never", "any_significant", "all_significant"], {
  types: types(
    "AutoShutdown",
    "AutoShutdown",
    "Whether a supervisor ends when significant children have ended by themselves.",
  ),
});

/** How many restarts are allowed. */
export const intensity: ShapeField = shape({
  restarts: key(whole(0, 1_000_000, { isOpen: true }), "Restarts allowed within the window"),
  within: key(duration(1), "The sliding window"),
  per: key(
    word(["supervisor", "child"], {
      types: types(
        "IntensityPer",
        "IntensityPer",
        "Whose restarts are counted together: those of all children of a `supervisor`, which is Erlang/OTP's way, or those of each `child`.",
      ),
    }),
    "Whether all children of the supervisor share the budget, or each child has its own",
  ),
}, {
  elsewhere: { max: "restarts", intensity: "restarts", maxRestarts: "restarts", period: "within" },
  defaults: "intensity",
  types: types("IntensityInput", "Intensity", "At most `restarts` within any `within`."),
});

/** What a start that fails does to the other children. */
export const onStartFailure: WordField = word(["rollback", "retry"], {
  types: types(
    "OnStartFailure",
    "OnStartFailure",
    "What the start of a child that fails does. `rollback`: the first start of all has failed, and what runs is stopped again, which is Erlang/OTP's way. `retry`: it is a death like any other, and the others start.",
  ),
});

/** The pause before each restart. */
export const backoff: ShapeField = shape({
  initial: key(duration(0), "The pause before the first restart; 0 means no pause, later either"),
  factor: key(number(1, 1000), "Each further pause is so many times longer"),
  max: key(duration(0), "The longest pause"),
  jitter: key(number(0, 1), "The share of the pause that is random: 0.25 is ± 25 %"),
  resetAfter: key(duration(0), "When it was ready for so long, the next pause is the initial one again"),
}, {
  defaults: "backoff",
  types: types("BackoffInput", "Backoff", "The pause before each restart, growing exponentially."),
  rule({ initial, max }, refuse) {
    if (typeof initial !== "number" || typeof max !== "number") return; // a fault of its own
    if (initial > max) refuse(`"initial" (${initial} ms) must not be above "max" (${max} ms)`);
  },
});

/** How long a start may take. */
export const startWithin: QuantityField = {
  ...duration(1),
  words: ["infinity"],
  types: types("StartWithinInput", "StartWithin", "How long a start may take; `infinity`: for ever."),
};

/** How long a child may take to stop; code alone has it, as a sidecar has its steps. */
export const shutdown: QuantityField = {
  ...duration(0),
  words: ["brutal_kill", "infinity"],
  types: types(
    "ShutdownInput",
    "Shutdown",
    "How long a child may take to stop before it is ended by force; `brutal_kill` does that at once, `infinity` never.",
  ),
};

/** What compose files and process-compose call the conditions. */
export const FAMILIAR_CONDITIONS: Readonly<Record<string, Dependency["condition"]>> = {
  service_started: "started",
  process_started: "started",
  service_healthy: "ready",
  process_healthy: "ready",
  process_log_ready: "ready",
  process_completed: "completed",
  service_completed_successfully: "completed_successfully",
  process_completed_successfully: "completed_successfully",
};

const dependency: ShapeField = shape({
  id: needed({ kind: "text" }, "The sibling, or the path of a child of another group, such as `../db`"),
  condition: key(
    word(["started", "ready", "completed", "completed_successfully"], {
      elsewhere: FAMILIAR_CONDITIONS,
      types: types(
        "DependencyCondition",
        "DependencyCondition",
        "What must be true of a child before one that depends on it is started.",
      ),
    }),
    "What must be true of it",
  ),
  restart: key(flag, "Whether it is restarted whenever that one is; with `onStartFailure` `retry`", {
    otherwise: "false",
  }),
}, {
  defaults: "dependency",
  types: types(
    "DependencyOptions",
    "Dependency",
    "A child that another starts after, and what must be true of it.",
  ),
});

/** The siblings, and children of other groups, that a child starts after. */
export const after: Field = list(
  union(`the id of a sibling, a path such as "../db", or an object with "id"`, [
    { kind: "text" },
    dependency,
  ], {
    to: (one: Exclude<DependencyInput, string> | string, preset): Dependency =>
      typeof one === "string"
        ? { id: one, ...preset.dependency } as unknown as Dependency
        : one as Dependency,
    types: types(
      "DependencyInput",
      "Dependency",
      "A child that another starts after; its id or path alone means that it is ready.",
    ),
    output: "Dependency",
  }),
);

/** How long a child is held back. */
export const quarantine: ShapeField = shape({
  coolDown: key(duration(1), "After which time it is started again", { otherwise: "never" }),
  factor: key(number(1, 1000), "Each further quarantine in a row is so many times longer"),
  max: key(duration(1), "The longest quarantine, unless `coolDown` is longer"),
}, {
  defaults: "quarantine",
  types: types("QuarantineInput", "Quarantine", "How long a child that failed too often is held back."),
  // In code `Infinity` is a time, which never comes.
  to: ({ coolDown, ...growth }: Quarantine): Quarantine =>
    coolDown === undefined || coolDown === Infinity ? growth : { coolDown, ...growth },
});

/** Decides what happens at more restarts than the intensity allows. */
export const onLimit: UnionField = union(`"escalate", or an object with "quarantine"`, [
  { kind: "literal", value: "escalate" },
  shape({ quarantine: needed(quarantine, "The child that failed is held back, and its siblings live on") }),
], {
  types: types(
    "OnLimitInput",
    "OnLimit",
    "What happens when one restart more would be too many. `escalate`: the supervisor gives up, which is Erlang/OTP's way. `quarantine`: the child that failed is held back.",
  ),
});

/** The fields that join a child to its siblings. */
export const childFields: Record<string, Property> = {
  restart: key(restartField, "When it is started again: a word, or an object with exceptions", {
    see: "#restart",
  }),
  significant: key(flag, "Whether its end by itself counts for the `autoShutdown` of its supervisor"),
  after: key(after, "The siblings, or children of other groups, that it starts after", {
    otherwise: "list order",
    see: "#after",
  }),
  startWithin: key(startWithin, "How long a start may take before it counts as failed"),
};

/** What a child of a manifest, or the tree, is for. */
export const description: Property = key(
  { kind: "text", max: 500, patterns: [[/^[ -~\u00a0-\uffff]*$/, "must be one line"]] },
  "What it is for, in a line that `explain`, `unit` and `status --json` show",
  { otherwise: "none" },
);

/** The same, and what only the child of a manifest has. */
export const entryChildFields: Record<string, Property> = {
  ...childFields,
  description,
  start: key(flag, "Whether it starts by itself; if not, once it is started by hand", {
    otherwise: "`true`",
    see: "#start",
  }),
};

/** The usual intensity in words. */
export function intensityText({ intensity }: Preset): string {
  return `${intensity.restarts} within ${intensity.within}, per ${intensity.per}`;
}

/** The rules of every supervisor. */
export const supervisorFields: Record<string, Property> = {
  strategy: key(
    strategy,
    "Which children restart when one fails: that one, all, or that one and those started after it",
  ),
  intensity: key(intensity, "How many restarts are allowed before `onLimit` says what happens", {
    otherwise: intensityText,
  }),
  onLimit: key(onLimit, "At the limit: `escalate`, it gives up; or quarantine, the child is held back"),
  onStartFailure: key(
    onStartFailure,
    "When a first start fails: `rollback`, all are stopped again; `retry`, a death like any other",
  ),
  autoShutdown: key(autoShutdown, "Whether it ends when significant children have: any of them, or the last"),
};
