/** When a process counts as over its limits. */
import { OptionError } from "@outrider/outrider";
import type { ProcessUsage } from "@outrider/outrider/process";
import { assertEquals, assertThrows } from "@std/assert";
import { CPU_HISTORY_MS, LimitWatch } from "../../../src/sidecar/health/limit_watch.ts";
import type { Limits, ResolvedLimits } from "../../../src/sidecar/health/limits.ts";
import { checkOptions } from "../../../src/options/check.ts";
import { limitsField } from "../../../src/options/fields/program.ts";

const resolveLimits = (limits: Limits) =>
  checkOptions<ResolvedLimits>("Cannot limit it", limitsField, limits);

const process = (memory: number, cpu = 0, pid = 7): ProcessUsage => ({ pid, parent: 1, memory, cpu });

/** When, in s, a process is over `limits`, that is read every second; `used` tells what was read at a second. */
function foundAt(limits: Limits, used: (second: number) => readonly ProcessUsage[], resolution = 0) {
  const watch = new LimitWatch(resolveLimits(limits), { resolution });
  for (let second = 0; second <= 600; second++) {
    const excess = watch.take(used(second), second * 1_000);
    if (excess !== undefined) return { second, ...excess };
  }
}

Deno.test("memory: over at each reading for as long as it may be", () => {
  const limits = { memory: 100, for: 3_000 };
  assertEquals(foundAt(limits, (s) => [process(s < 10 ? 100 : 101)]), {
    ...{ second: 13, limit: "memory", allowed: 100, used: 101, lasted: 3_000 },
  });
  assertEquals(foundAt(limits, (s) => [process(s % 3 === 0 ? 100 : 500)]), undefined);
});

Deno.test("memory: children of the process count as well", () => {
  const two = () => [process(60), process(60, 0, 8)];
  assertEquals(foundAt({ memory: 100 }, two)?.used, 120);
});

Deno.test("cpu: the mean over as long as it may be, or longer", () => {
  const limits = { cpu: 1.5, for: 5_000 };
  assertEquals(foundAt(limits, (s) => [process(0, 2_000 * Math.max(0, s - 20))]), {
    ...{ second: 24, limit: "cpu", allowed: 1.5, used: 1.6, lasted: 5_000 },
  });
  assertEquals(foundAt(limits, (s) => [process(0, 1_500 * s)]), undefined);
});

Deno.test("cpu: usage before the first reading does not count", () => {
  assertEquals(foundAt({ cpu: 0.5, for: 1_000 }, () => [process(0, 86_400_000)]), undefined);
});

Deno.test("cpu: the usage of short-lived children counts", () => {
  const limits = { cpu: 0.5, for: 2_000 };
  assertEquals(foundAt(limits, (s) => [process(0), process(0, 900, 1_000 + s)])?.used, 0.9);
  assertEquals(
    foundAt(limits, (s) => [process(0), ...(s % 4 === 0 ? [process(0, 900, 1_000 + s)] : [])]),
    undefined,
  );
});

Deno.test("cpu: readings in whole seconds find only a process that is over for long enough", () => {
  const whole = (cpu: number) => [process(0, Math.floor(cpu / 1_000) * 1_000)];
  for (let phase = 0; phase < 1_000; phase += 100) {
    const steady = (processors: number) => (s: number) => whole(phase + processors * 1_000 * s);
    assertEquals(foundAt({ cpu: 1.5 }, steady(1.5), 1_000), undefined);
    assertEquals(foundAt({ cpu: 0.5 }, steady(0.5), 1_000), undefined);
    const second = foundAt({ cpu: 0.5 }, steady(1), 1_000)?.second ?? Infinity;
    assertEquals(second >= 5 && second <= 6, true, `${second}`);
    assertEquals(foundAt({ cpu: 0.5 }, steady(0.52), 1_000)!.second * 1_000 < CPU_HISTORY_MS, true);
  }
});

Deno.test("limits that make no sense are refused", () => {
  for (const limits of [{}, { for: 1_000 }, { memory: 0 }, { cpu: -1 }, { cpu: NaN }]) {
    assertThrows(() => resolveLimits(limits), Error, "Cannot");
  }
  for (const lasting of [0, 999, 600_001, NaN]) {
    assertThrows(
      () => resolveLimits({ cpu: 1, for: lasting }),
      OptionError,
      lasting === lasting ? "between 1,000 and 600,000 milliseconds" : "got NaN",
    );
  }
});
