import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ChildProcess, ClosedProcess, ExitStatus } from "../../src/process/child_process.ts";
import { spawn } from "../../src/process/spawn.ts";
import { DEFAULT_STOP, stop, type StopOptions, type StopPlan, stopSteps } from "../../src/process/stop.ts";
import { alive, fixture, output, ready } from "./fixture.ts";

const PLAN: StopPlan = { drain: 100, stdin: 200, term: 300 };

/** A child and its clock in one: each step and each wait is an event; it ends on the step named. */
class Fake implements ChildProcess {
  readonly events: string[] = [];
  readonly pid = 7;
  readonly stderrTail = [];
  readonly #exit = Promise.withResolvers<ExitStatus>();
  readonly #diesOn: string;
  readonly exited: Promise<ExitStatus> = this.#exit.promise;
  readonly closed: Promise<ClosedProcess> = new Promise(() => {});
  readonly timers = new Set<unknown>();
  closing: Promise<void> = Promise.resolve();

  constructor(diesOn: string) {
    this.#diesOn = diesOn;
  }

  write(): void {}
  failed(): unknown[] {
    return [];
  }
  unsent(): unknown[] {
    return [];
  }
  readStdout(): Promise<void> {
    return Promise.resolve();
  }

  #did(event: string): void {
    this.events.push(event);
    if (event === this.#diesOn) this.die();
  }

  die(): void {
    this.#exit.resolve({ code: 0, signal: undefined });
  }

  closeStdin(): Promise<void> {
    this.#did("close_stdin");
    return this.closing;
  }

  signal(name: Deno.Signal): boolean {
    this.#did(name);
    return true;
  }

  /** A clock on which each wait is over as soon as everything else has come to rest. */
  setTimeout(fn: () => void, ms: number): unknown {
    const handle = setTimeout(() => {
      this.timers.delete(handle);
      this.#did(`${ms} ms`);
      fn();
    });
    this.timers.add(handle);
    return handle;
  }

  clearTimeout(handle: unknown): void {
    this.timers.delete(handle);
    clearTimeout(handle as number);
  }

  stop(plan: StopPlan, options: Omit<StopOptions, "timers"> = {}): Promise<string> {
    return stop(this, plan, { ...options, timers: this });
  }
}

const never = new Promise<void>(() => {});

Deno.test("stopSteps returns the steps of a plan as data", () => {
  assertEquals(stopSteps(DEFAULT_STOP), [
    { do: "drain", ms: 1_000 },
    { do: "goodbye", ms: 2_000 },
    { do: "close_stdin", ms: 2_000 },
    { do: "SIGTERM", ms: 5_000 },
    { do: "SIGKILL" },
  ]);
});

const rungs = ["drain", "100 ms", "close_stdin", "200 ms", "SIGTERM", "300 ms", "SIGKILL"];

for (
  const [diesOn, by, events] of [
    ["100 ms", "drain", rungs.slice(0, 2)],
    ["close_stdin", "close_stdin", rungs.slice(0, 3)],
    ["200 ms", "close_stdin", rungs.slice(0, 4)],
    ["SIGTERM", "SIGTERM", rungs.slice(0, 5)],
    ["300 ms", "SIGTERM", rungs.slice(0, 6)],
    ["SIGKILL", "SIGKILL", rungs],
  ] as const
) {
  Deno.test(`stop reports ${by} when a child ends on ${diesOn}`, async () => {
    const fake = new Fake(diesOn);
    const steps: string[] = [];
    const drained = () => {
      fake.events.push("drain");
      return never;
    };
    assertEquals(await fake.stop(PLAN, { drained, onStep: (step) => steps.push(step.do) }), by);
    assertEquals(fake.events, [...events]);
    assertEquals(steps, events.filter((event) => !event.endsWith("ms")));
  });
}

Deno.test("stop takes no step when the child has ended", async () => {
  const fake = new Fake("");
  fake.die();
  assertEquals([await fake.stop(PLAN), fake.events], ["exited", []]);
});

Deno.test("stop ends draining when no request is pending, and skips it without a drain", async () => {
  for (const options of [{}, { drained: Promise.resolve() }]) {
    const fake = new Fake("close_stdin");
    assertEquals([await fake.stop(PLAN, options), fake.events], ["close_stdin", ["close_stdin"]]);
    assertEquals(fake.timers.size, 0);
  }
});

Deno.test("stop sends SIGTERM at once when there is no time for stdin", async () => {
  const fake = new Fake("SIGTERM");
  assertEquals(await fake.stop({ drain: 0, stdin: 0, term: 300 }, { drained: never }), "SIGTERM");
  assertEquals(fake.events, ["close_stdin", "SIGTERM"]);
});

Deno.test("stop goes straight to SIGKILL when it is aborted, before it or while it waits", async () => {
  const early = new Fake("SIGKILL");
  assertEquals(await early.stop(PLAN, { signal: AbortSignal.abort() }), "SIGKILL");
  assertEquals(early.events, ["SIGKILL"]);

  const late = new Fake("SIGKILL");
  const abort = new AbortController();
  const onStep = () => queueMicrotask(() => abort.abort());
  assertEquals(await late.stop(PLAN, { drained: never, signal: abort.signal, onStep }), "SIGKILL");
  assertEquals([late.events, late.timers.size], [["SIGKILL"], 0]);
});

Deno.test("stop rejects with the error of a step only after the last one when a step fails", async () => {
  const fake = new Fake("SIGKILL");
  fake.closing = Promise.reject(new RangeError("second"));
  const drained = () => Promise.reject(new RangeError("first"));
  await assertRejects(() => fake.stop(PLAN, { drained }), RangeError, "first");
  assertEquals(fake.events.at(-1), "SIGKILL");
});

/** Whose signals are refused, from the one named on. */
class Refusing extends Fake {
  override signal(name: Deno.Signal): boolean {
    super.signal(name);
    if (name === "SIGTERM") throw new Deno.errors.PermissionDenied("not SIGTERM");
    return true;
  }
}

Deno.test("stop takes the other steps when one cannot be taken, and then rejects with its error", async () => {
  const fake = new Refusing("SIGKILL");
  const onStep = () => {
    throw new RangeError("step");
  };
  await assertRejects(() => fake.stop(PLAN, { onStep }), RangeError, "step");
  assertEquals(fake.events, ["close_stdin", "200 ms", "SIGTERM", "300 ms", "SIGKILL"]);
});

Deno.test("stop gives each step its own time, and then rejects, when the time of a step can't be told", async () => {
  const fake = new Fake("SIGKILL");
  const stepTime = () => {
    throw new RangeError("time");
  };
  await assertRejects(() => fake.stop(PLAN, { stepTime }), RangeError, "time");
  assertEquals(fake.events, ["close_stdin", "200 ms", "SIGTERM", "300 ms", "SIGKILL"]);
});

Deno.test("stop ends when SIGKILL may not reach the process", async () => {
  const fake = new Fake("never");
  fake.signal = (name) => {
    fake.events.push(name);
    throw new Deno.errors.PermissionDenied(`not ${name}`);
  };
  await assertRejects(() => fake.stop(PLAN), Deno.errors.PermissionDenied, "not SIGTERM");
  assertEquals(fake.events, ["close_stdin", "200 ms", "SIGTERM", "300 ms", "SIGKILL", "300 ms"]);
  assertEquals(fake.timers.size, 0);
});

Deno.test("stop ends real programs in the step that they obey", async () => {
  const echo = spawn(fixture("echo_ndjson"));
  const reading = output(echo);
  echo.write("x".repeat(500_000));
  assertEquals(await stop(echo, DEFAULT_STOP), "close_stdin");
  assertEquals((await reading).length, 500_000); // what was queued still arrived

  const deaf = await ready("never_reads");
  assertEquals(await stop(deaf, { drain: 0, stdin: 0, term: 10_000 }), "SIGTERM");

  const stubborn = await ready("ignores_term");
  stubborn.write("x".repeat(500_000))?.catch(() => {}); // it never reads either
  assertEquals(await stop(stubborn, { drain: 20, stdin: 20, term: 20 }, { drained: never }), "SIGKILL");
  assertEquals(await stop(stubborn, DEFAULT_STOP), "exited");

  for (const child of [echo, deaf, stubborn]) {
    assertEquals((await child.closed).pipesHeld, false);
    assert(!alive(child.pid));
  }
});
