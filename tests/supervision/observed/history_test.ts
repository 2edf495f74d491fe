/** What events tell of children. */
import { assertEquals } from "@std/assert";
import type { SystemEvent, SystemEventPayload } from "../../../src/events.ts";
import { ChildHistory } from "../../../src/supervision/observed/history.ts";
import type { ChildState } from "../../../src/supervision/child_state.ts";
import { type BareChildStatus, MAX_EXIT_MESSAGE } from "../../../src/supervision/status.ts";

const event = (at: number, generation: number, happening: SystemEventPayload, path = "a"): SystemEvent => ({
  at,
  path,
  generation,
  ...happening,
});
const worker = (state: ChildState, generation: number, path = "a"): BareChildStatus => ({
  id: path.split("/").at(-1)!,
  path,
  type: "worker",
  state,
  generation,
});
const crash = (message: string) => ({ reason: "crash", cause: new Error(message) }) as const;

/** What is told of one child after these events, without what is not known. */
function told(status: BareChildStatus, ...events: SystemEvent[]): Record<string, unknown> {
  const chronicle = new ChildHistory();
  for (const one of events) chronicle.see(one);
  const [completed] = chronicle.complete([status]);
  const { id: _id, path: _path, type: _type, restarts: _restarts, ...rest } = completed!;
  return rest;
}

Deno.test("a history keeps what a readiness probe got, and since when, until it succeeds", () => {
  const failure = Object.assign(new Error("Cannot pass it: no answer"), { why: "no answer" });
  const unready = event(9, 1, { type: "readiness", ready: false, cause: failure });
  const begun = [event(1, 1, { type: "starting" }), event(3, 1, { type: "ready", took: 2 }), unready];
  const running = { state: "running", generation: 1, since: 3 };
  const notReady = { since: 9, why: "no answer" };
  assertEquals(told(worker("running", 1), ...begun), { ...running, ready: false, notReady });
  const ready = event(12, 1, { type: "readiness", ready: true, cause: undefined });
  assertEquals(told(worker("running", 1), ...begun, ready), { ...running, ready: true });
  const stopping = event(12, 1, { type: "stopping" });
  assertEquals(told(worker("stopping", 1), ...begun, stopping).notReady, undefined);
  const plain = event(9, 1, { type: "readiness", ready: false, cause: new Error("x".repeat(600)) });
  assertEquals(
    (told(worker("running", 1), plain).notReady as { why: string }).why.length,
    MAX_EXIT_MESSAGE,
  );
});

Deno.test("a life: since when it runs, its pid, how it ended, and when it will run again", () => {
  const life = [
    event(1, 1, { type: "starting" }),
    event(2, 1, { type: "spawned", pid: 7, program: "cat" }),
    event(3, 1, { type: "ready", took: 2 }),
    event(8, 1, { type: "exited", exit: crash("boom"), uptime: 5 }),
    event(9, 1, { type: "restarting", delay: 100, restart: 1, limit: 5 }),
    event(109, 2, { type: "starting" }),
    event(110, 2, { type: "spawned", pid: 8, program: "cat" }),
    event(111, 2, { type: "ready", took: 2 }),
  ];
  const lastExit = { generation: 1, at: 8, how: "exited", death: { kind: "exception" }, message: "boom" };
  assertEquals(told(worker("running", 1), ...life.slice(0, 3)), {
    state: "running",
    generation: 1,
    since: 3,
    pid: 7,
  });
  assertEquals(told(worker("restarting", 1), ...life.slice(0, 5)), {
    state: "restarting",
    generation: 1,
    since: 9,
    until: 109,
    lastExit,
  });
  assertEquals(told(worker("running", 2), ...life), {
    state: "running",
    generation: 2,
    since: 111,
    pid: 8,
    lastExit,
  });
});

Deno.test("history records a quarantine until its cool-down is over, or a request ends it", () => {
  for (const [coolDown, until] of [[50, { until: 60 }], [undefined, {}]] as const) {
    assertEquals(
      told(
        worker("quarantined", 1),
        event(10, 1, { type: "quarantined", coolDown, cause: undefined, nth: 1 }),
      ),
      { state: "quarantined", generation: 1, since: 10, ...until },
    );
  }
});

Deno.test("history has readiness while the child runs only", () => {
  const [ready, not] = [true, false].map((ready) =>
    event(2, 1, { type: "readiness", ready, cause: undefined })
  ) as [SystemEvent, SystemEvent];
  const started = event(1, 1, { type: "ready", took: 1 });
  assertEquals(told(worker("running", 1), started, not).ready, false);
  assertEquals(told(worker("running", 1), not, started).ready, false);
  assertEquals(told(worker("running", 1), started, not, ready).ready, true);
  assertEquals(told(worker("stopping", 1), started, not, event(3, 1, { type: "stopping" })).ready, undefined);
});

Deno.test("a start that failed and a stop that was asked for are ends as well", () => {
  const failed = told(
    worker("stopped", 1),
    event(1, 1, { type: "start_failed", cause: new Error("x".repeat(1_000)) }),
  );
  const { how, message } = failed.lastExit as { how: string; message: string };
  assertEquals([how, message.length], ["start_failed", MAX_EXIT_MESSAGE]);
  const stopped = told(
    worker("stopped", 1),
    event(1, 1, { type: "stopped", exit: { reason: "shutdown" }, took: 1 }),
  );
  assertEquals(stopped.lastExit, {
    generation: 1,
    at: 1,
    how: "stopped",
    death: { kind: "completed", code: 0 },
    message: undefined,
  });
});

Deno.test("history does not carry records over to another generation", () => {
  // As after events were lost.
  const events = [
    event(1, 1, { type: "spawned", pid: 7, program: "cat" }),
    event(2, 1, { type: "exited", exit: { reason: "normal" }, uptime: 1 }),
  ];
  const { since, pid, lastExit } = told(worker("running", 3), ...events);
  assertEquals([since, pid, (lastExit as { generation: number }).generation], [undefined, undefined, 1]);
});

Deno.test("history drops a removed child with all below it, and no other", () => {
  const ready = (path: string) => event(1, 1, { type: "ready", took: 1 }, path);
  const known = (after: SystemEvent) => {
    const chronicle = new ChildHistory();
    for (const path of ["a", "a/x", "a/y", "a/y/z", "ab"]) chronicle.see(ready(path));
    chronicle.see(after);
    const paths = ["a", "a/x", "a/y", "a/y/z", "ab"];
    return chronicle.complete(paths.map((path) => worker("running", 1, path)))
      .filter(({ since }) => since !== undefined).map(({ path }) => path);
  };
  assertEquals(known(event(2, 1, { type: "forgotten" })), ["ab"]);
  assertEquals(known(event(2, 1, { type: "forgotten" }, "a/x")), ["a", "a/y", "a/y/z", "ab"]);
  const children = [{ id: "y", kind: "worker", generation: 1 }] as const;
  assertEquals(known(event(2, 1, { type: "supervising", children })), ["a", "a/y", "a/y/z", "ab"]);
  assertEquals(known(event(2, 1, { type: "supervising", children }, "/")), []);
});
