/**
 * The loop of a probe: one check at a time, each within its timeout, until it is ended.
 */

import { type Clock, sleep } from "../../time/clock.ts";

/** Why a check failed. */
export interface ProbeFailure {
  /** A clause for people, such as `"migrated?" exited with code 1`. */
  readonly why: string;
  /** The thrown value, if any. */
  readonly cause?: unknown;
}

/** One kind of check, for one incarnation. */
export interface ProbeCheck {
  /** Checks once: `undefined` is success. A result after it was cut is ignored. */
  run(cut: AbortSignal): Promise<ProbeFailure | undefined>;
  /** The failure of a check that takes too long; ` within 1000 ms` follows. */
  readonly missed: string;
  /** Whether the failure of the last run counts for nothing. */
  isExcused?(): boolean;
  /** `polled`: it is run once a period. `waiting`: it waits for a whole period itself. */
  readonly pace: "polled" | "waiting";
}

/** A probe's numbers; milliseconds. */
export interface ProbeTiming extends Thresholds {
  /** From the start of the process to the first check. */
  readonly initialDelay: number;
  /** From the start of one check to the start of the next. */
  readonly period: number;
  /** For one check. */
  readonly timeout: number;
}

/** The context of {@linkcode runProbe}. */
export interface ProbeRun {
  /** All times are its own. */
  readonly clock: Clock;
  /** Ends the loop, and cuts the check in flight. */
  readonly signal: AbortSignal;
  /** When the process started, by the clock. */
  readonly since: number;
  /**
   * Of a probe that a start waits for, and of no other: called at each failure before the first success. Until then no
   * number of failures is a verdict, as `startWithin` bounds the start, and checks are {@linkcode startPause} apart.
   */
  readonly onNotYet?: ((failure: ProbeFailure) => void) | undefined;
  /** Called at each change of the outcome; `false` ends the loop. */
  readonly onOutcome: (state: ProbeState, failure: ProbeFailure | undefined) => boolean;
}

/** Settles when the loop has ended and no check is in flight. */
export async function runProbe(check: ProbeCheck, timing: ProbeTiming, run: ProbeRun): Promise<void> {
  const { clock, signal } = run;
  const { period, successThreshold, failureThreshold } = timing;
  await pause(run.since + timing.initialDelay, run);
  const first = clock.now();
  for (let state = UNPROBED; !signal.aborted;) {
    const began = clock.now();
    const onNotYet = state.outcome === "unknown" ? run.onNotYet : undefined;
    const failure = await once(check, check.pace === "polled" ? timing.timeout : period, run);
    if (signal.aborted) return;
    if (failure === undefined || !check.isExcused?.()) {
      const { outcome } = state;
      state = countProbeResult(state, failure === undefined ? "success" : "failure", {
        successThreshold,
        failureThreshold: onNotYet === undefined ? failureThreshold : Infinity,
      });
      if (state.outcome !== outcome && !run.onOutcome(state, failure)) return;
      if (failure !== undefined) onNotYet?.(failure);
    }
    const isStarting = onNotYet !== undefined && state.outcome === "unknown";
    const apart = isStarting ? startPause(began - first, period) : period;
    if (check.pace === "polled") await pause(began + apart, run);
  }
}

/**
 * Milliseconds from one check to the next in a start that has been checked for `elapsed` ms: a quarter of that, from
 * 100 ms to 1 s, and never more than `period`. So a program of 2 s is found ready half a second later at most, one of
 * a minute a second later, and neither is asked a hundred times.
 */
export function startPause(elapsed: number, period: number): number {
  return Math.min(period, Math.max(100, elapsed / 4), 1_000);
}

/** Waits for `until`, or the end of the loop. */
async function pause(until: number, { clock, signal }: ProbeRun): Promise<void> {
  const ms = until - clock.now();
  if (ms > 0) await sleep(clock, ms, signal);
}

/** One check, cut when its time is over; settles when nothing of it is left. */
async function once(
  check: ProbeCheck,
  ms: number,
  { clock, signal }: ProbeRun,
): Promise<ProbeFailure | undefined> {
  const cut = new AbortController();
  const end = () => cut.abort();
  signal.addEventListener("abort", end, { once: true });
  let late = false;
  const timer = clock.setTimeout(() => {
    late = true;
    cut.abort();
  }, ms);
  try {
    const failure = await check.run(cut.signal);
    return late ? { why: `${check.missed} within ${ms} ms` } : failure;
  } finally {
    clock.clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}

/** How many equal results in a row make a verdict. */
export interface Thresholds {
  /** Successes in a row that make it `success`. */
  readonly successThreshold: number;
  /** Failures in a row that make it `failure`. */
  readonly failureThreshold: number;
}

/** The result of a probe; `unknown` until a threshold is reached for the first time. */
export type ProbeOutcome = "unknown" | "success" | "failure";

/** A probe between two checks. */
export interface ProbeState {
  /** As the thresholds have it. */
  readonly outcome: ProbeOutcome;
  /** The last result, if there was one. */
  readonly last: "success" | "failure" | undefined;
  /** How many of its kind came in a row. */
  readonly run: number;
}

/** Before the first check. */
export const UNPROBED: ProbeState = { outcome: "unknown", last: undefined, run: 0 };

/** The state after one result more. */
export function countProbeResult(
  state: ProbeState,
  result: "success" | "failure",
  { successThreshold, failureThreshold }: Thresholds,
): ProbeState {
  const run = state.last === result ? state.run + 1 : 1;
  const enough = run >= (result === "success" ? successThreshold : failureThreshold);
  return { outcome: enough ? result : state.outcome, last: result, run };
}
