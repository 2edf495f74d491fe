import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ChildProcess, ClosedProcess, ExitStatus } from "../../src/process/child.ts";
import { spawn } from "../../src/process/command.ts";
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

Deno.test("the stop sequence is data", () => {
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
  Deno.test(`a child that ends on ${diesOn} was stopped by ${by}`, async () => {
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

Deno.test("a child that had ended is left alone", async () => {
  const fake = new Fake("");
  fake.die();
  assertEquals([await fake.stop(PLAN), fake.events], ["exited", []]);
});

Deno.test("draining ends when nothing is in flight, and is left out without it", async () => {
  for (const options of [{}, { drained: Promise.resolve() }]) {
    const fake = new Fake("close_stdin");
    assertEquals([await fake.stop(PLAN, options), fake.events], ["close_stdin", ["close_stdin"]]);
    assertEquals(fake.timers.size, 0);
  }
});

Deno.test("no time for stdin: it is closed and SIGTERM follows at once", async () => {
  const fake = new Fake("SIGTERM");
  assertEquals(await fake.stop({ drain: 0, stdin: 0, term: 300 }, { drained: never }), "SIGTERM");
  assertEquals(fake.events, ["close_stdin", "SIGTERM"]);
});

Deno.test("an abort goes straight to SIGKILL, from the start and from within a wait", async () => {
  const early = new Fake("SIGKILL");
  assertEquals(await early.stop(PLAN, { signal: AbortSignal.abort() }), "SIGKILL");
  assertEquals(early.events, ["SIGKILL"]);

  const late = new Fake("SIGKILL");
  const abort = new AbortController();
  const onStep = () => queueMicrotask(() => abort.abort());
  assertEquals(await late.stop(PLAN, { drained: never, signal: abort.signal, onStep }), "SIGKILL");
  assertEquals([late.events, late.timers.size], [["SIGKILL"], 0]);
});

Deno.test("what goes wrong on the way is passed on, but only after the stop sequence is done", async () => {
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

Deno.test("a step that can't be taken is passed on when the stop sequence is done, and keeps none from being taken", async () => {
  const fake = new Refusing("SIGKILL");
  const onStep = () => {
    throw new RangeError("step");
  };
  await assertRejects(() => fake.stop(PLAN, { onStep }), RangeError, "step");
  assertEquals(fake.events, ["close_stdin", "200 ms", "SIGTERM", "300 ms", "SIGKILL"]);
});

Deno.test("a stop of a process that SIGKILL may not reach comes to an end without it", async () => {
  const fake = new Fake("never");
  fake.signal = (name) => {
    fake.events.push(name);
    throw new Deno.errors.PermissionDenied(`not ${name}`);
  };
  await assertRejects(() => fake.stop(PLAN), Deno.errors.PermissionDenied, "not SIGTERM");
  assertEquals(fake.events, ["close_stdin", "200 ms", "SIGTERM", "300 ms", "SIGKILL", "300 ms"]);
  assertEquals(fake.timers.size, 0);
});

Deno.test("real programs: each ends on its step", async () => {
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
