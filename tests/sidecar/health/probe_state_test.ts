/** What results in a row come to, row by row. */
import { assertEquals } from "@std/assert";
import { countProbeResult, type ProbeOutcome, UNPROBED } from "../../../src/sidecar/health/probe_loop.ts";

/** Thresholds for success and failure; results, `+` and `-`; the verdict after each, `?`, `+` or `-`. */
const TABLE: readonly (readonly [success: number, failure: number, results: string, verdicts: string])[] = [
  [1, 3, "+", "+"],
  [1, 3, "---", "??-"],
  [1, 3, "--+", "??+"],
  [1, 3, "--+--", "??+++"],
  [1, 3, "+--+---", "++++++-"],
  [1, 3, "---+", "??-+"],
  [1, 3, "----", "??--"],
  [1, 1, "-+-+", "-+-+"],
  [2, 3, "+-++", "???+"],
  [2, 3, "---+-++", "??----+"],
  [3, 2, "+++--++-+++", "??++------+"],
  [5, 1, "++++-+++++", "????-----+"],
];

const SIGN: Readonly<Record<ProbeOutcome, string>> = { unknown: "?", success: "+", failure: "-" };

for (const [successThreshold, failureThreshold, results, verdicts] of TABLE) {
  Deno.test(`thresholds ${successThreshold} and ${failureThreshold}: ${results} is ${verdicts}`, () => {
    let state = UNPROBED;
    let seen = "";
    for (const result of results) {
      state = countProbeResult(state, result === "+" ? "success" : "failure", {
        successThreshold,
        failureThreshold,
      });
      seen += SIGN[state.outcome];
    }
    assertEquals(seen, verdicts);
  });
}

Deno.test("a state counts how many of a kind came in a row", () => {
  const one = { successThreshold: 9, failureThreshold: 9 };
  const states = ["success", "success", "failure"] as const;
  let state = UNPROBED;
  const runs = states.map((result) => (state = countProbeResult(state, result, one)).run);
  assertEquals(runs, [1, 2, 1]);
  assertEquals(state, { outcome: "unknown", last: "failure", run: 1 });
});
