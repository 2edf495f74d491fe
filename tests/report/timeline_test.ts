/** Events as lines to read. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { SystemEvent, SystemEventPayload } from "../../src/events.ts";
import { Timeline } from "../../src/report/timeline.ts";
import { GaveUpError, StartError } from "../../src/supervision/supervision_errors.ts";

const START = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

function event(happening: SystemEventPayload, { path = "db", at = 0, generation = 1 } = {}): SystemEvent {
  return { at: START + at, path, generation, ...happening };
}

/** The lines of `events`, the first of which counts as moment 0. */
function lines(events: readonly SystemEvent[], { color = false, width = 6 } = {}): string[] {
  const timeline = new Timeline({ name: "tree", width, color, time: "elapsed" });
  return events.flatMap((event) => {
    timeline.see(event);
    return timeline.line(event) ?? [];
  });
}

/** What one event comes to, without time and path. */
function said(
  happening: SystemEventPayload,
  options?: { path?: string; generation?: number },
): string | undefined {
  return lines([event(happening, options)])[0]?.slice("   0.000  db#1      ".length);
}

class Exited extends Error {
  readonly code = "sidecar_exited";
  constructor(
    readonly path: string,
    readonly exitCode: number,
    readonly signal?: string,
    readonly lastWords?: string,
  ) {
    super(`Cannot go on: the process of '${path}' ended`);
  }
}

Deno.test("the first line says when it was, and all times are seconds from there", () => {
  assertEquals(
    lines([
      event({ type: "starting" }, { path: "/" }),
      event({ type: "ready", took: 12.3 }, { at: 1_234 }),
      event({ type: "ready", took: 3_600_000 }, { path: "a/long", at: 12_345_678 }),
    ]),
    [
      "   0.000  tree      starting    at 2026-01-02T03:04:05.006Z; times are in seconds from here",
      "   1.234  db#1      ready       took 12 ms",
      "12345.678  a/long#1  ready       took 60 min",
    ],
  );
});

Deno.test("a child is asked whether it is in the background when its own end leaves a process, not when a stop does", () => {
  const ended = event({ type: "exited", exit: { reason: "normal" }, uptime: 1 });
  const held = event({ type: "pipes_held", waited: 2_000 });
  const swept = event({ type: "swept", pid: 7, leftBy: "child", ended: true });
  const stopped = event({ type: "stopped", exit: { reason: "shutdown" }, took: 1 });
  const asked = (...events: readonly SystemEvent[]) =>
    lines(events).map((line) => line.includes("background"));
  assertEquals(asked(held, ended, swept), [false, true, true]);
  assertEquals(asked(ended, held, stopped, swept), [false, false, false, false]);
  assertEquals(asked(held, stopped, event({ type: "starting" }), ended), [false, false, false, false]);
});

Deno.test("columns line up whatever the event, up to paths that are too long", () => {
  const events = [
    event({ type: "spawned", pid: 7, program: "cat" }, { path: "a" }),
    event({ type: "restarting", delay: 5, restart: 1, limit: 5 }, { path: "b/c/d" }),
    event({ type: "pipes_held", waited: 2_000 }),
    event({ type: "gave_up", limit: 1, within: 5, cause: undefined }, { path: "/" }),
    event({ type: "output", stream: "stderr", line: "x" }),
  ];
  for (const line of lines(events)) assertEquals(line.slice(18, 20) + line.slice(30, 32), "    ", line);
  assertMatch(lines([events[1]!], { width: 100 })[0]!, /^ {3}0\.000 {2}b\/c\/d#1 {27} {2}restarting/);
});

Deno.test("every line about a child says which generation it is about, whatever the event", () => {
  const exit = { reason: "crash", cause: new Error("no") } as const;
  const happenings: SystemEventPayload[] = [
    { type: "starting" },
    { type: "spawned", pid: 7, program: "cat" },
    { type: "ready", took: 1 },
    { type: "ignored" },
    { type: "start_failed", cause: new Error("no") },
    { type: "stopping" },
    { type: "stop_step", step: "SIGTERM" },
    { type: "exited", exit, uptime: 1 },
    { type: "stopped", exit, took: 1 },
    { type: "finished", verdict: "keep" },
    { type: "restarting", delay: 0, restart: 1, limit: 5 },
    { type: "gave_up", limit: 1, within: 5, cause: undefined },
    { type: "quarantined", coolDown: undefined, cause: undefined, nth: 1 },
    { type: "readiness", ready: false, cause: undefined },
    { type: "pipes_held", waited: 1 },
    { type: "leftovers_killed" },
    { type: "contained", stop: "tree", hostDeath: "eof" },
    { type: "swept", pid: 7, ended: true },
    { type: "output", stream: "stderr", line: "x" },
    { type: "malformed", kind: "not_json", bytes: 1, sample: "x", total: 1, discarded: 1 },
    { type: "dead_letter", reason: "mailbox_full", message: "m" },
  ];
  const options = { path: "w/1", generation: 12 };
  const told = lines(happenings.map((happening) => event(happening, options)));
  assertEquals(told.length, happenings.length);
  for (const line of told) assertEquals(line.slice(10, 18), "w/1#12  ", line);
  const ofTree = lines([event({ type: "ready", took: 1 }, { path: "/" })])[0]!;
  assertMatch(ofTree, /^ {3}0\.000 {2}tree {6}ready/);
});

Deno.test("a generation of more digits widens the column from then on, and a path that is too long does not", () => {
  const long = "x".repeat(40);
  const told = lines(
    [
      event({ type: "ready", took: 1 }),
      event({ type: "ready", took: 1 }, { generation: 100 }),
      event({ type: "ready", took: 1 }, { path: long }),
      event({ type: "ready", took: 1 }, { path: "a" }),
    ],
    { width: 2 },
  );
  assertEquals(told.map((line) => line.slice(10)), [
    "db#1  ready       took 1 ms",
    "db#100  ready       took 1 ms",
    `${long}#1  ready       took 1 ms`,
    "a#1     ready       took 1 ms",
  ]);
});

Deno.test("each event in words", () => {
  const cause = new Exited("db", 3, undefined, "bye");
  assertEquals(said({ type: "spawned", pid: 7, program: "cat" }), "started     cat, pid 7");
  assertEquals(said({ type: "ignored" }), "ignored     there was nothing to start");
  assertEquals(said({ type: "start_failed", cause: new Error("no") }), "failed      no");
  assertEquals(
    said({ type: "start_failed", cause: new StartError("db/a", new Error("no")) }),
    "failed      because of db/a; what had started is stopped again",
  );
  assertEquals(
    said({ type: "exited", exit: { reason: "normal" }, uptime: 5 }),
    "ended       by itself, after 5 ms",
  );
  assertEquals(
    said({ type: "exited", exit: { reason: "crash", cause }, uptime: 1_500 }),
    "crashed     after 1.5 s: exit code 3, last words: bye",
  );
  assertEquals(
    said({ type: "exited", exit: { reason: "crash", cause: new Exited("db", 137, "SIGKILL") }, uptime: 0.4 }),
    "crashed     after <1 ms: SIGKILL",
  );
  assertEquals(
    said({ type: "exited", exit: { reason: "killed", abandoned: false }, uptime: 5 }),
    "killed      by force, after 5 ms",
  );
  assertEquals(
    said({
      type: "exited",
      exit: { reason: "shutdown", cause: new GaveUpError("db", { restarts: 1, within: 5 }, cause) },
      uptime: 5,
    }),
    "ended       after 5 ms",
  );
  assertEquals(said({ type: "finished", verdict: "keep" }), "finished    not started again");
  assertEquals(
    said({
      type: "finished",
      verdict: "keep",
      by: "restart",
      restartType: "transient",
      death: { kind: "completed" },
    }),
    'finished    not started again: "on-failure" ("transient") does not restart after an end in order',
  );
  assertEquals(
    said({
      type: "finished",
      verdict: "keep",
      by: "prevent",
      restartType: "permanent",
      death: { kind: "exit_code", code: 3 },
    }),
    'finished    not started again: "prevent" names exit code 3',
  );
  assertEquals(said({ type: "waiting", for: ["db", "mq"] }), undefined);
  assertEquals(said({ type: "waiting", for: ["db", "mq"], late: true }), "waiting     for db, mq");
  assertEquals(
    said({ type: "restarting", delay: 232, restart: 1, limit: 5 }),
    "restarting  in 232 ms (restart 1 of 5)",
  );
  assertEquals(
    said({ type: "restarting", delay: 0, restart: 1, limit: 5 }),
    "restarting  at once (restart 1 of 5)",
  );
  assertEquals(
    said({ type: "gave_up", limit: 1, within: 180_000, cause }),
    "gave up     more than 1 restart within 3 min",
  );
  assertEquals(
    said({ type: "pipes_held", waited: 2_000 }),
    "pipes held  by a process it left behind; closed after 2 s",
  );
  assertEquals(
    said({ type: "leftovers_killed" }),
    "left over   processes that it had started; ended by SIGKILL",
  );
  assertEquals(
    said({ type: "contained", stop: "tree", hostDeath: "guard" }),
    "contained   a stop ends each sidecar and all that it has started; " +
      "if Outrider is killed, a guardian ends all within a second",
  );
  assertEquals(
    said({ type: "contained", stop: "process", hostDeath: "eof" }),
    "contained   a stop ends the sidecars, but not what they have started; " +
      "if Outrider is killed, their stdin ends where it is a pipe, and nothing more",
  );
  assertEquals(
    said({ type: "swept", pid: 7, ended: true }),
    "swept       process 7, which the run before had left behind, was ended",
  );
  assertEquals(said({ type: "warning", message: "it \x1b" }), "warning     it \\x1b");
  assertEquals(said({ type: "output", stream: "stdout", line: "hello" }), "stdout      hello");
  assertEquals(
    said({ type: "malformed", kind: "not_json", bytes: 1, sample: "{\x1b", total: 4, discarded: 1 }),
    "malformed   not json, 1 byte, 4 so far: {\\x1b",
  );
  assertEquals(said({ type: "starting" }), "starting");
  assertEquals(said({ type: "stopping" }), "stopping");
  assertEquals(said({ type: "stop_step", step: "drain" }), "stopping    waiting for what is under way");
  assertEquals(said({ type: "stop_step", step: "goodbye" }), "stopping    goodbye");
});

Deno.test("a stop says which step of the stop sequence ended it, each time anew", () => {
  const stopped: SystemEventPayload = { type: "stopped", exit: { reason: "shutdown" }, took: 31 };
  const events = [
    event({ type: "stop_step", step: "close_stdin" }),
    event(stopped),
    event({ type: "stop_step", step: "SIGTERM" }),
    event(stopped),
    event({ type: "stop_step", step: "SIGKILL" }),
    event({ type: "stopped", exit: { reason: "shutdown", signal: "SIGKILL" }, took: 31 }),
    event(stopped),
    event({ type: "stopped", exit: { reason: "killed", abandoned: false }, took: 31 }),
  ];
  assertEquals(lines(events).filter((line) => line.includes("took")).map((line) => line.slice(20)), [
    "stopped     when stdin closed, took 31 ms",
    "stopped     by SIGTERM, took 31 ms",
    "killed      by SIGKILL, took 31 ms",
    "stopped     took 31 ms",
    "killed      took 31 ms",
  ]);
});

Deno.test("a crash says so when its process ended by SIGKILL alone, and once", () => {
  const exited: SystemEventPayload = {
    type: "exited",
    exit: { reason: "crash", cause: new Error("b") },
    uptime: 31,
  };
  const told = lines([event({ type: "stop_step", step: "SIGKILL" }), event(exited), event(exited)]);
  assertEquals(told.filter((line) => line.includes("crashed")).map((line) => line.slice(20)), [
    "crashed     after 31 ms: b; ended by SIGKILL",
    "crashed     after 31 ms: b",
  ]);
});

Deno.test("the timeline reports losses when their number has doubled, per actor", () => {
  const lost: SystemEventPayload = { type: "dead_letter", reason: "actor_stopped", message: "m" };
  const told = lines([...Array(9)].map(() => event(lost)).concat(event(lost, { path: "b" })));
  assertEquals(told.map((line) => line.slice(10)), [
    "db#1      lost        1 message so far: actor stopped",
    "db#1      lost        2 messages so far: actor stopped",
    "db#1      lost        4 messages so far: actor stopped",
    "db#1      lost        8 messages so far: actor stopped",
    "b#1       lost        1 message so far: actor stopped",
  ]);
});

Deno.test("the timeline reports lost events when their number has doubled", () => {
  const told = lines([3, 2, 1, 5].map((count) => event({ type: "events_lost", count }, { path: "/" })));
  assertEquals(told.map((line) => line.slice(10)), [
    "tree      lost        3 events so far: they came faster than this output is read",
    "tree      lost        6 events so far: they came faster than this output is read",
  ]);
});

Deno.test("the timeline prints a sidecar's output as text only", () => {
  const wild = "\x1b[2J\x1b]0;title\x07red\x1b[31m\r\x08\x00\x9b5m\u202egnp";
  const happenings: SystemEventPayload[] = [
    { type: "output", stream: "stderr", line: wild },
    { type: "spawned", pid: 1, program: wild },
    { type: "malformed", kind: "not_json", bytes: 1, sample: wild, total: 1, discarded: 1 },
    { type: "start_failed", cause: new Error(wild) },
    { type: "exited", exit: { reason: "crash", cause: new Exited("db", 1, undefined, wild) }, uptime: 1 },
  ];
  for (const happening of happenings) {
    const line = lines([event(happening)])[0]!;
    // deno-lint-ignore no-control-regex -- that is what is looked for
    assert(!/[\x00-\x1f\x7f-\x9f\u202e]/.test(line), JSON.stringify(line));
    assertMatch(line, /red/);
  }
});

Deno.test("the timeline has colours only on request, and never within a sidecar's output", () => {
  const events = [
    event({ type: "ready", took: 1 }),
    event({ type: "output", stream: "stdout", line: "\x1b[31mred\x1b[0m" }),
    event({ type: "exited", exit: { reason: "crash", cause: new Error("no") }, uptime: 1 }),
  ];
  // deno-lint-ignore no-control-regex -- that is what a colour is
  const strip = (line: string) => line.replaceAll(/\x1b\[\d+m/g, "");
  const [plain, tinted] = [lines(events), lines(events, { color: true })];
  assert(plain.every((line) => !line.includes("\x1b")));
  assertEquals(tinted.map(strip), plain);
  assertEquals(
    tinted[0],
    "\x1b[2m   0.000\x1b[0m  \x1b[36mdb\x1b[0m\x1b[2m#1\x1b[0m      \x1b[32mready     \x1b[0m  took 1 ms",
  );
  assertMatch(tinted[1]!, /red$/);
  assert(tinted[2]!.includes("\x1b[31mcrashed"));
});

Deno.test("the timeline reports changes of readiness with the cause", () => {
  const cause = new Error("Cannot pass the readiness probe of 'db': no connection to 127.0.0.1:80");
  assertEquals(
    said({ type: "readiness", ready: false, cause }),
    "not ready   Cannot pass the readiness probe of 'db': no connection to 127.0.0.1:80",
  );
  assertEquals(
    said({ type: "readiness", ready: true, cause: undefined }),
    "ready       its readiness probe succeeds",
  );
});

Deno.test("held pipes name the flags that end more when a stop reaches the program alone", () => {
  const of = (stop: "tree" | "process") =>
    lines([
      event({ type: "contained", stop, hostDeath: "eof" }, { path: "/" }),
      event({ type: "pipes_held", waited: 2_000 }),
    ]).at(-1)!;
  assert(of("tree").endsWith("closed after 2 s"));
  assert(
    of("process").endsWith(
      "; the flags that 'outrider permissions FILE --contain' prints let a stop end that, too",
    ),
  );
});
