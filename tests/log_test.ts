/** Events as log records. */
import { assertEquals } from "@std/assert";
import type { LogLevel, SystemEvent, SystemEventPayload } from "../src/events.ts";
import { errorLine, jsonLine, levelOf, LOG_LEVELS, openLog } from "../src/log.ts";
import { asError } from "../src/actor/exit.ts";
import { BITING } from "./actor/biting.ts";

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

function event(happening: SystemEventPayload, path = "db"): SystemEvent {
  return { at: AT, path, generation: 2, ...happening };
}

const crash: SystemEventPayload = {
  type: "exited",
  exit: { reason: "crash", cause: new Error("boom") },
  uptime: 1.23456,
};

Deno.test("an event's level follows from its type", () => {
  const cases: [LogLevel, SystemEventPayload, string?][] = [
    ["error", { type: "gave_up", limit: 1, within: 1, cause: undefined }],
    ["warn", crash],
    ["warn", { type: "start_failed", cause: new Error("no") }],
    ["warn", { type: "restarting", delay: 0, restart: 1, limit: 5 }],
    ["warn", { type: "malformed", kind: "not_json", bytes: 1, sample: "x", total: 1, discarded: 1 }],
    ["warn", { type: "dead_letter", reason: "refused", message: 1 }],
    ["warn", { type: "pipes_held", waited: 1 }],
    ["warn", { type: "leftovers_killed" }],
    ["warn", { type: "swept", pid: 7, ended: true }],
    ["info", { type: "contained", stop: "tree", hostDeath: "eof" }],
    ["warn", { type: "warning", message: "x" }],
    ["warn", { type: "events_lost", count: 1 }],
    ["info", { type: "exited", exit: { reason: "normal" }, uptime: 1 }],
    ["info", { type: "ready", took: 1 }],
    ["info", { type: "readiness", ready: true, cause: undefined }],
    ["warn", { type: "readiness", ready: false, cause: undefined }],
    ["info", { type: "output", stream: "stdout", line: "x" }],
    ["info", { type: "starting" }, "/"],
    ["info", { type: "stopping" }, "/"],
    ["debug", { type: "starting" }],
    ["debug", { type: "stopping" }],
    ["debug", { type: "stop_step", step: "SIGTERM" }],
  ];
  for (const [level, happening, path] of cases) {
    assertEquals(levelOf(event(happening, path)), level, happening.type);
  }
});

Deno.test("a log writes and formats events of its level only", () => {
  const happenings: SystemEventPayload[] = [
    { type: "gave_up", limit: 1, within: 1, cause: undefined },
    { type: "restarting", delay: 0, restart: 1, limit: 5 },
    { type: "ready", took: 1 },
    { type: "stop_step", step: "SIGTERM" },
  ];
  for (const [i, level] of LOG_LEVELS.entries()) {
    const lines: string[] = [];
    let formatted = 0;
    const format = (event: SystemEvent) => (formatted++, event.type);
    const log = openLog({ level, format, write: (line) => lines.push(line) });
    for (const happening of happenings) log(event(happening));
    assertEquals(lines, happenings.slice(0, i + 1).map(({ type }) => type));
    assertEquals(formatted, i + 1);
  }
});

Deno.test("an event that has no line is not written", () => {
  const lines: string[] = [];
  const log = openLog({ level: "debug", format: () => undefined, write: (line) => lines.push(line) });
  log(event({ type: "ready", took: 1 }));
  assertEquals(lines, []);
});

Deno.test("as JSON an event has its time, level, path, generation and type first, and one line", () => {
  assertEquals(
    jsonLine(event({ type: "output", stream: "stdout", line: "two\nlines\x1b" })),
    `{"time":"2026-01-02T03:04:05.006Z","level":"info","path":"db","generation":2,"type":"output",` +
      `"stream":"stdout","line":"two\\nlines\\u001b"}`,
  );
});

Deno.test("as JSON an error is data: its name, message, own fields and causes; times end at microseconds", () => {
  class Exited extends Error {
    override readonly name = "Exited";
    readonly code = "sidecar_exited";
    readonly stderrTail = ["bye"];
  }
  const cause = new Exited("it ended", { cause: new TypeError("deeper") });
  const { exit, uptime } = JSON.parse(jsonLine(event({ ...crash, exit: { reason: "crash", cause } })));
  assertEquals(uptime, 1.235);
  assertEquals(exit, {
    reason: "crash",
    cause: {
      name: "Exited",
      message: "it ended",
      code: "sidecar_exited",
      stderrTail: ["bye"],
      cause: { name: "TypeError", message: "deeper" },
    },
  });
});

Deno.test("as JSON a message is shown as well as it can be, and never stops the log", () => {
  const shown = (message: unknown) =>
    JSON.parse(jsonLine(event({ type: "dead_letter", reason: "refused", message })));
  assertEquals(shown({ took: 1.23456 }).message, { took: 1.23456 });
  assertEquals(shown(new Uint8Array(3)).message, "3 bytes");
  assertEquals(shown(12n).message, "12");
  const round: { self?: unknown } = {};
  round.self = round;
  const { type, unwritable } = shown(round);
  assertEquals([type, typeof unwritable], ["dead_letter", "string"]);
  assertEquals(shown({ toJSON: () => fail("no JSON") }).unwritable, "no JSON");
});

function fail(message: string): never {
  throw new Error(message);
}

Deno.test("an event is one line of JSON when its cause or its message bites", () => {
  for (const [name, make] of Object.entries(BITING)) {
    const value = make();
    const happenings: SystemEventPayload[] = [
      { type: "dead_letter", reason: "refused", message: value },
      { type: "start_failed", cause: value as Error },
      { type: "exited", exit: { reason: "crash", cause: new Error("outer", { cause: value }) }, uptime: 1 },
    ];
    for (const happening of happenings) {
      const line = JSON.parse(jsonLine(event(happening)));
      assertEquals([line.type, line.path], [happening.type, "db"], name);
    }
    const line = JSON.parse(errorLine(new Error("outer", { cause: value }), AT));
    assertEquals([line.type, line.error.message], ["failed", "outer"], name);
    assertEquals(typeof JSON.parse(errorLine(asError(value), AT)).error.message, "string", name);
  }
});

Deno.test("a ring of causes is data as far as it is followed, and fields that can't be read are left out", () => {
  const ring = Object.defineProperty(new Error("ring"), "bad", {
    enumerable: true,
    get() {
      throw new Error("it bites");
    },
  });
  ring.cause = ring;
  const { cause } = JSON.parse(jsonLine(event({ type: "start_failed", cause: ring })));
  assertEquals([cause.name, cause.message, cause.cause.message, "bad" in cause], [
    "Error",
    "ring",
    "ring",
    false,
  ]);
});
