/**
 * Which rule decided whether a child is started again, in the words of the terminal: for `explain`, `why` and the timeline.
 */

import type { DeathCause } from "../actor/exit.ts";
import type { SystemEvent } from "../events.ts";
import type { ExitStatusMatch, RestartDecision, RestartType } from "../supervision/restart/restart_rules.ts";
import { GaveUpError } from "../supervision/supervision_errors.ts";
import { formatCount, formatDuration } from "../text/words.ts";

/** A decision, as far as it is known: an event does not have the tally that was full. */
export interface RuledRestart extends RestartDecision {
  /** Of the child. */
  readonly restart: RestartType;
  readonly death: DeathCause;
}

const NOUNS: Readonly<Record<DeathCause["kind"], string>> = {
  completed: "an end in order",
  exit_code: "a failure by exit code",
  signal: "a signal",
  exception: "an exception",
  killed: "an end by force",
  not_ready: "a start that takes too long",
  unhealthy: "a failed liveness probe",
  over_limit: "more use than its limits allow",
  protocol: "a broken protocol",
  unstartable: "what can't be started",
};

/** What a manifest may say for the same. */
const ALIASES: Partial<Record<RestartType, string>> = { transient: "on-failure", temporary: "no" };

/** As one who wrote either word finds it. */
function quoted(restart: RestartType): string {
  const alias = ALIASES[restart];
  return alias === undefined ? `"${restart}"` : `"${alias}" ("${restart}")`;
}

/** The rule, as a clause: `"on-failure" ("transient") does not restart after an end in order`. */
export function ruleText({ by, verdict, restart, death, tally }: RuledRestart): string {
  switch (by) {
    case "unstartable":
      return verdict === "restart"
        ? "a program may be back after a deploy, but not soon"
        : "what can't be started at all is never tried again";
    case "prevent":
      return `"prevent" names ${statusOf(death)}`;
    case "tally":
      return tally === undefined ? "a tally is full" : `a tally is full, ${tallyText(tally)}`;
    case "force":
      return `"force" names ${statusOf(death)}, after which ${quoted(restart)} would not`;
    case "restart":
      return `${quoted(restart)} ${verdict === "restart" ? "restarts" : "does not restart"} after ${
        NOUNS[death.kind]
      }`;
  }
}

/** That a child is not started again, and why. */
export function finalText(
  { verdict, by, restartType: restart, death }: SystemEvent & { readonly type: "finished" },
): string {
  const isRuled = by !== undefined && restart !== undefined && death !== undefined;
  return `not started again${isRuled ? `: ${ruleText({ verdict, by, restart, death })}` : ""}`;
}

function tallyText({ of, deaths, within }: NonNullable<RestartDecision["tally"]>): string {
  return `${formatCount(deaths, "death")} by ${of.map(matchText).join(" or ")} within ${
    formatDuration(within)
  }`;
}

function statusOf({ code, signal }: DeathCause): string {
  return signal ?? (code === undefined ? "it" : matchText(code));
}

function matchText(match: ExitStatusMatch): string {
  return typeof match === "number" ? `exit code ${match}` : match;
}

/** Why a child is held back, and for how long, as a clause. */
export function heldBackText({ coolDown, nth, cause }: SystemEvent & { type: "quarantined" }): string {
  const why = cause !== undefined && !(cause instanceof GaveUpError)
    ? `held back, as it can't be started`
    : nth === 1
    ? "held back after too many restarts"
    : `held back ${nth} times in a row by now`;
  return `${why}, ${
    coolDown === undefined ? "until it is started by hand" : `for ${formatDuration(coolDown)}`
  }`;
}
