/**
 * What single results of a probe's checks come to: Kubernetes' rule, as a pure function.
 *
 * A verdict changes only after so many equal results in a row; a result of the
 * other kind starts the count again.
 *
 * @module
 */

/** How many equal results in a row make a verdict. */
export interface Thresholds {
  /** Successes in a row that make it `success`. */
  readonly successThreshold: number;
  /** Failures in a row that make it `failure`. */
  readonly failureThreshold: number;
}

/** What a probe says of its sidecar; `unknown` until a threshold was reached for the first time. */
export type Verdict = "unknown" | "success" | "failure";

/** A probe between two checks. */
export interface ProbeState {
  /** As the thresholds have it. */
  readonly verdict: Verdict;
  /** The last result, if there was one. */
  readonly last: "success" | "failure" | undefined;
  /** How many of its kind came in a row. */
  readonly run: number;
}

/** Before the first check. */
export const UNPROBED: ProbeState = { verdict: "unknown", last: undefined, run: 0 };

/** The state after one result more. */
export function judge(
  state: ProbeState,
  result: "success" | "failure",
  { successThreshold, failureThreshold }: Thresholds,
): ProbeState {
  const run = state.last === result ? state.run + 1 : 1;
  const enough = run >= (result === "success" ? successThreshold : failureThreshold);
  return { verdict: enough ? result : state.verdict, last: result, run };
}
