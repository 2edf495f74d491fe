/**
 * Whether a child that ended is started again: by its restart type and by what it
 * died of. One table decides.
 */

import { DEATH_KINDS, type DeathCause, type DeathKind } from "../../actor/exit.ts";
import type { DeathTally, ExitStatusMatch, RestartRules, RestartType } from "../../options/types.ts";

export type { DeathTally, ExitStatusMatch, RestartRules, RestartType } from "../../options/types.ts";

/** The decision about a child that ended by itself. */
export type RestartVerdict =
  /** Starts it again. */
  | "restart"
  /** Leaves it stopped, and remembers it. */
  | "keep"
  /** Forgets it. */
  | "forget";

/** A program that can't be started at all is never tried again. */
const RESTARTABLE = DEATH_KINDS.filter((kind) => kind !== "unstartable");
const FAILURES = RESTARTABLE.filter((kind) => kind !== "completed");

/** For each restart type, what is restarted after. */
export const RESTARTS: Readonly<Record<RestartType, readonly DeathKind[]>> = {
  "permanent": RESTARTABLE,
  "transient": FAILURES,
  "temporary": [],
  "on-success": ["completed"],
  "on-abnormal": FAILURES.filter((kind) => kind !== "exit_code"),
  "on-abort": ["signal", "exception", "killed"],
  "on-watchdog": ["unhealthy"],
};

/** The longest memory that a tally needs: deaths kept for each child. */
export const MAX_TALLY = 64;

/** A death and when it was, in ms. */
export interface DatedDeath {
  readonly at: number;
  readonly death: DeathCause;
}

/** `deaths` and one more, as long as the memory goes. */
export function rememberDeath(deaths: readonly DatedDeath[], latest: DatedDeath): readonly DatedDeath[] {
  return [...deaths, latest].slice(-MAX_TALLY);
}

export interface RestartPolicy {
  readonly restart: RestartType;
  readonly rules?: RestartRules | undefined;
  /** Whether a program that can't be started is tried again, where one that is not ready in time would be. */
  readonly triesMissing?: boolean;
}

/** Which rule decided: the program can't be started at all, one of the lists, a full tally, the restart type. */
export type DecidingRule = "unstartable" | "prevent" | "tally" | "force" | "restart";

/** Whether a child is started again, and which rule says so. */
export interface RestartDecision {
  readonly verdict: RestartVerdict;
  readonly by: DecidingRule;
  /** By `tally`: the one that is full. */
  readonly tally?: DeathTally | undefined;
}

/** `deaths` are the child's so far, this one last. First `prevent` counts, then a full tally, then `force`. */
export function decideRestart(
  { restart, rules = {}, triesMissing = false }: RestartPolicy,
  death: DeathCause,
  deaths: readonly DatedDeath[] = [],
): RestartDecision {
  const { prevent = [], force = [], tallies = [] } = rules;
  const over = restart === "temporary" ? "forget" : "keep";
  if (death.kind === "unstartable") {
    const isRestarted = triesMissing && RESTARTS[restart].includes("not_ready");
    return { verdict: isRestarted ? "restart" : over, by: "unstartable" };
  }
  if (matches(prevent, death)) return { verdict: over, by: "prevent" };
  const full = tallies.find((tally) => countDeaths(tally, deaths) >= tally.deaths);
  if (full !== undefined) return { verdict: over, by: "tally", tally: full };
  if (RESTARTS[restart].includes(death.kind)) return { verdict: "restart", by: "restart" };
  if (matches(force, death)) return { verdict: "restart", by: "force" };
  return { verdict: over, by: "restart" };
}

/** How many of `deaths`, the last of which is now, count for a tally. */
export function countDeaths({ of, within }: DeathTally, deaths: readonly DatedDeath[]): number {
  const now = deaths.at(-1)?.at ?? 0;
  return deaths.filter(({ at, death }) => now - at <= within && matches(of, death)).length;
}

/** Whether the end of a process is one of these. */
export function matches(
  list: readonly ExitStatusMatch[],
  { code, signal }: Pick<DeathCause, "code" | "signal">,
): boolean {
  return list.some((match) => match === signal || (signal === undefined && match === code));
}
