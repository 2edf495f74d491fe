/**
 * Whether a child that ended is started again: by its restart type and by what it
 * died of. One table decides.
 *
 * @module
 */

import type { DeathCause, DeathKind } from "../actor/exit.ts";

/**
 * When a child is started again. The first three are Erlang/OTP's, the others
 * systemd's; `permanent` is systemd's `always`, `transient` its `on-failure`.
 */
export type RestartType =
  | "permanent"
  | "transient"
  | "temporary"
  | "on-success"
  | "on-abnormal"
  | "on-abort"
  | "on-watchdog";

/** An exit code, or the name of a signal, such as `SIGSEGV`. */
export type ExitStatusMatch = number | string;

/** So many deaths of that kind within that time are final; s6 calls it a permanent failure. */
export interface DeathTally {
  /** The exit codes and signals that count. */
  readonly of: readonly ExitStatusMatch[];
  /** How many of them are final. */
  readonly deaths: number;
  /** Within how many milliseconds. */
  readonly within: number;
}

/** Exceptions from the restart type, by exit code and signal. */
export interface RestartRules {
  /** Never started again after these: systemd's `RestartPreventExitStatus`. */
  readonly prevent?: readonly ExitStatusMatch[];
  /** Always started again after these: systemd's `RestartForceExitStatus`. */
  readonly force?: readonly ExitStatusMatch[];
  /** Not started again once one of these is full. */
  readonly tallies?: readonly DeathTally[];
}

/** What a supervisor does about a child that ended by itself. */
export type Verdict =
  /** Starts it again. */
  | "restart"
  /** Leaves it stopped, and remembers it. */
  | "keep"
  /** Forgets it. */
  | "forget";

/** For each restart type, what is restarted after. A program that can't be started at all is never tried again. */
export const RESTARTS: Readonly<Record<RestartType, readonly DeathKind[]>> = {
  "permanent": [
    "completed",
    "exit_code",
    "signal",
    "exception",
    "killed",
    "not_ready",
    "unhealthy",
    "protocol",
  ],
  "transient": ["exit_code", "signal", "exception", "killed", "not_ready", "unhealthy", "protocol"],
  "temporary": [],
  "on-success": ["completed"],
  "on-abnormal": ["signal", "exception", "killed", "not_ready", "unhealthy", "protocol"],
  "on-abort": ["signal", "exception", "killed"],
  "on-watchdog": ["unhealthy"],
};

/** The longest memory that a tally needs: deaths kept for each child. */
export const MAX_TALLY = 64;

/** A death and when it was, in ms. */
export interface TalliedDeath {
  readonly at: number;
  readonly death: DeathCause;
}

/** `tallied` are the child's deaths so far, this one last. First `prevent` counts, then a full tally, then `force`. */
export function verdictOn(
  { restart, rules = {} }: { readonly restart: RestartType; readonly rules?: RestartRules | undefined },
  death: DeathCause,
  tallied: readonly TalliedDeath[] = [],
): Verdict {
  const { prevent = [], force = [], tallies = [] } = rules;
  const over = restart === "temporary" ? "forget" : "keep";
  if (death.kind === "unstartable" || matches(prevent, death)) return over;
  if (tallies.some((tally) => isFull(tally, tallied))) return over;
  return RESTARTS[restart].includes(death.kind) || matches(force, death) ? "restart" : over;
}

function isFull({ of, deaths, within }: DeathTally, tallied: readonly TalliedDeath[]): boolean {
  const now = tallied.at(-1)?.at ?? 0;
  return tallied.filter(({ at, death }) => now - at <= within && matches(of, death)).length >= deaths;
}

function matches(list: readonly ExitStatusMatch[], { code, signal }: DeathCause): boolean {
  return list.some((match) => match === signal || (signal === undefined && match === code));
}
