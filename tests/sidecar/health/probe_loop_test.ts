/** When a probe checks, and what it does about checks that take too long, on the virtual clock. */
import { assert, assertEquals } from "@std/assert";
import {
  type ProbeCheck,
  type ProbeFailure,
  type ProbeTiming,
  runProbe,
  startPause,
} from "../../../src/sidecar/health/probe_loop.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const KUBERNETES: ProbeTiming = {
  initialDelay: 0,
  period: 10_000,
  timeout: 1_000,
  successThreshold: 1,
  failureThreshold: 3,
};
const FAILURE: ProbeFailure = { why: "no" };

/** One probe on a clock of its own. `script`: `+` success, `-` failure, `…` stuck; the last one goes on for ever. */
class Bench {
  readonly clock: VirtualClock = new VirtualClock();
  readonly end: AbortController = new AbortController();
  /** When checks began, were cut, and verdicts were told, as `10000 -`. */
  readonly log: string[] = [];
  /** Checks in flight now, and at most. */
  inFlight = 0;
  most = 0;
  over = false;

  constructor(
    script: string,
    timing: Partial<ProbeTiming> = {},
    { starts = false, stopAfter = 99, pace = "polled" as ProbeCheck["pace"] } = {},
  ) {
    let made = 0;
    const check: ProbeCheck = {
      pace,
      missed: "no answer",
      run: async (cut) => {
        const step = script[Math.min(made++, script.length - 1)];
        this.log.push(`${this.clock.now()} ${step}`);
        this.most = Math.max(this.most, ++this.inFlight);
        if (step === "…") {
          await new Promise((resolve) => cut.addEventListener("abort", resolve, { once: true }));
          this.log.push(`${this.clock.now()} cut`);
        }
        this.inFlight--;
        return step === "-" ? FAILURE : undefined;
      },
    };
    void runProbe(check, { ...KUBERNETES, ...timing }, {
      clock: this.clock,
      signal: this.end.signal,
      since: 0,
      onNotYet: starts ? ({ why }) => void this.log.push(`${this.clock.now()} not yet: ${why}`) : undefined,
      onOutcome: ({ outcome, run }, failure) => {
        this.log.push(`${this.clock.now()} ${outcome} ${run}${failure ? ` ${failure.why}` : ""}`);
        return --stopAfter > 0;
      },
    }).then(() => this.over = true);
  }
}

Deno.test("with Kubernetes' numbers: at once, then every 10 s; the third failure in a row counts", async () => {
  const bench = new Bench("+--+-");
  await bench.clock.advance(60_000);
  assertEquals(bench.log, [
    "0 +",
    "0 success 1",
    "10000 -",
    "20000 -",
    "30000 +",
    "40000 -",
    "50000 -",
    "60000 -",
    "60000 failure 3 no",
  ]);
  bench.end.abort();
  await bench.clock.settle();
  assertEquals([bench.over, bench.clock.pending], [true, 0]);
});

Deno.test("initialDelay counts from the start of the process", async () => {
  const bench = new Bench("+", { initialDelay: 5_000 }, { stopAfter: 1 });
  await bench.clock.advance(4_999);
  assertEquals(bench.log, []);
  await bench.clock.advance(1);
  assertEquals(bench.log, ["5000 +", "5000 success 1"]);
  assertEquals([bench.over, bench.clock.pending], [true, 0]);
});

Deno.test("a probe checks often and counts no failure when a start waits for its first success", async () => {
  const bench = new Bench("----+-", {}, { starts: true, stopAfter: 2 });
  await bench.clock.advance(60_000);
  assertEquals(bench.log, [
    ...[0, 100, 200, 300].flatMap((at) => [`${at} -`, `${at} not yet: no`]),
    ...["400 +", "400 success 1"],
    ...["10400 -", "20400 -", "30400 -", "30400 failure 3 no"],
  ]);
  assertEquals([bench.over, bench.clock.pending], [true, 0]);
});

Deno.test("a probe checks often until all its successes have come when a start needs several", async () => {
  const bench = new Bench("-+-++", { successThreshold: 2 }, { starts: true, stopAfter: 1 });
  await bench.clock.advance(60_000);
  assertEquals(bench.log.at(-1), "400 success 2");
});

Deno.test("checks of a start are a quarter of its time apart, at most a second, and no more than the period", () => {
  assertEquals([0, 400, 1_000, 4_000, 60_000].map((at) => startPause(at, 10_000)), [
    ...[100, 100, 250, 1_000, 1_000],
  ]);
  assertEquals([startPause(0, 5), startPause(60_000, 300)], [5, 300]);
});

Deno.test("a check that waits itself has the whole period, and the next follows at once, however long a start takes", async () => {
  const bench = new Bench("…", {}, { starts: true, pace: "waiting" });
  await bench.clock.advance(40_000);
  assertEquals(
    bench.log.filter((line) => line.endsWith("…")),
    [0, 10, 20, 30, 40].map((s) => `${s * 1_000} …`),
  );
  assertEquals(bench.log.some((line) => line.includes("failure")), false);
  bench.end.abort();
  await bench.clock.settle();
  assertEquals([bench.over, bench.clock.pending], [true, 0]);
});

Deno.test("a stuck check is cut at its timeout, and is a failure", async () => {
  const bench = new Bench("…", { failureThreshold: 2 }, { stopAfter: 1 });
  await bench.clock.advance(11_000);
  assertEquals(bench.log, [
    ...["0 …", "1000 cut", "10000 …", "11000 cut"],
    "11000 failure 2 no answer within 1000 ms",
  ]);
  assertEquals(bench.clock.pending, 0);
});

Deno.test("checks never overlap: one that takes longer than the period makes the next one late", async () => {
  const bench = new Bench("…", { period: 300, timeout: 1_000 });
  await bench.clock.advance(3_500);
  assertEquals(bench.log.filter((line) => line.endsWith("…")), ["0 …", "1000 …", "2000 …", "3000 …"]);
  assertEquals(bench.most, 1);
  bench.end.abort();
  await bench.clock.settle();
});

Deno.test("the end cuts the check in flight, drops its result, and leaves no timer", async () => {
  const bench = new Bench("…", { failureThreshold: 1 });
  await bench.clock.advance(500);
  assertEquals([bench.inFlight, bench.clock.pending], [1, 1]);
  bench.end.abort();
  await bench.clock.settle();
  assertEquals(bench.log, ["0 …", "500 cut"]);
  assertEquals([bench.inFlight, bench.clock.pending, bench.over], [0, 0, true]);
});

Deno.test("ended before it began, it checks nothing", async () => {
  const bench = new Bench("+", { initialDelay: 1_000 });
  bench.end.abort();
  await bench.clock.advance(5_000);
  assertEquals([bench.log, bench.over], [[], true]);
  assert(bench.clock.pending === 0);
});
