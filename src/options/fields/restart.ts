/**
 * The option `restart` of a child: after which ends it is started again, by restart type, exit code, signal and tally.
 * Used by the options of supervision, and where a restart type is resolved.
 */

import { duration, key, list, needed, shape, types, union, whole, word } from "../build.ts";
import type { Property, ShapeField, UnionField, WordField } from "../field.ts";
import { quoteChoices } from "../../text/words.ts";
import { SIGNALS } from "./signals.ts";
import type { ExitStatusInput, RestartRules, RestartType, RestartTypeInput } from "../types.ts";

/** The longest memory that a tally needs: deaths kept for each child. */
export const MAX_TALLY_DEATHS = 64;

/** When a child is started again. */
export const restartType: WordField = word([
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
], {
  aliases: { "always": "permanent", "on-failure": "transient", "no": "temporary" },
  to: restartTypeOf,
  elsewhere: { "never": "temporary", "unless-stopped": "permanent" },
  types: types(
    "RestartTypeInput",
    "RestartType",
    "When a child is started again. The first three are Erlang/OTP's, the others systemd's; `always` is `permanent`, `on-failure` `transient`, `no` `temporary`.",
  ),
});

/** The restart type that a word stands for. */
export function restartTypeOf(name: RestartTypeInput): RestartType {
  return (restartType.aliases![name] ?? name) as RestartType;
}

/** The same for whatever was written there; `undefined` where that is not a restart type. */
export function restartTypeIn(written: unknown): RestartType | undefined {
  const on = typeof written === "object" && written !== null ? Reflect.get(written, "on") : written;
  const known = restartType.words.find((type) => type === (on ?? "permanent"));
  return known === undefined ? undefined : restartTypeOf(known as RestartTypeInput);
}

/** How a process ended: a code, or a signal. */
export const exitStatus: UnionField = union(`an exit code, 0 to 255, or a signal such as "SIGABRT"`, [
  whole(0, 255),
  word(SIGNALS),
], {
  to: statusOf,
  types: types(
    "ExitStatusInput",
    "ExitStatusMatch",
    "An exit code, 0 to 255, or the name of a signal, such as `SIGABRT`.",
  ),
  input: "number | Deno.Signal",
  output: "number | Deno.Signal",
});

/** The name of a signal in the cause of a death: two signals have two names. */
function statusOf(written: ExitStatusInput): ExitStatusInput {
  return written === "SIGPOLL" ? "SIGIO" : written === "SIGUNUSED" ? "SIGSYS" : written;
}

const tally: ShapeField = shape({
  of: needed(
    list(exitStatus, { min: 1, tooFew: "needs at least one exit code or signal" }),
    "The exit codes and signals that count",
  ),
  deaths: needed(whole(1, MAX_TALLY_DEATHS), "How many of them are final"),
  within: needed(duration(1), "Within which time"),
}, {
  types: types("TallyInput", "DeathTally", "So many deaths of that kind within that time are final."),
});

const exceptions: Record<string, Property> = {
  prevent: key(list(exitStatus), "Never started again after these exit codes and signals", {
    otherwise: "none",
  }),
  force: key(list(exitStatus), "Always started again after these exit codes and signals", {
    otherwise: "none",
  }),
  tallies: key(list(tally), "Not started again once one of these is full", { otherwise: "none" }),
};

/** The object form of `restart`. */
export const restartRules: ShapeField = shape({
  on: key(restartType, "When it is started again"),
  ...exceptions,
}, {
  defaults: "restartRules",
  types: types(
    "RestartRulesInput",
    "RestartRules",
    "When a child is started again, with exceptions by exit code and signal.",
  ),
  outputs: { on: undefined },
});

/** The exceptions alone, as code has them beside the restart type. */
export const restartExceptions: ShapeField = shape(exceptions);

/** When a child is started again. */
export const restartField: UnionField = union(
  `${quoteChoices(restartType.words)}, or an object`,
  [restartType, restartRules],
);

/** The resolved form of {@linkcode restart}. */
export function splitRestart(
  written: RestartTypeInput | (RestartRules & { readonly on: RestartTypeInput }),
): { restart: RestartType; rules?: RestartRules | undefined } {
  if (typeof written === "string") return { restart: restartTypeOf(written) };
  const { on, ...rules } = written;
  const restart = restartTypeOf(on);
  return Object.keys(rules).length === 0 ? { restart } : { restart, rules };
}
