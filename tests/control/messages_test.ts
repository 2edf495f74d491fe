import { assertEquals } from "@std/assert";
import { asChildReport, asReply, asTreeReport } from "../../src/control/messages.ts";

const lastExit = {
  generation: 1,
  at: 1_000,
  how: "exited",
  death: { kind: "exit_code", code: 1 },
  message: "it exited with code 1",
};
const child = {
  path: "workers/w1",
  type: "worker",
  state: "restarting",
  generation: 2,
  since: 1_000,
  until: 2_000,
  ready: false,
  notReady: { since: 1_000, why: "no answer" },
  waitsFor: ["db"],
  step: "SIGTERM",
  pid: 7,
  lastExit,
};
const WRONG = [null, {}, [], "x", 1.5, true, undefined] as const;

Deno.test("asChildReport takes a report with and without its optional fields, and drops those of a newer runtime", () => {
  assertEquals<unknown>(asChildReport({ ...child, novel: 1 }), child);
  const least = { path: "a", type: "supervisor", state: "running", generation: 1 };
  assertEquals<unknown>(asChildReport({ ...least, lastExit: undefined }), least);
});

Deno.test("asChildReport refuses a report when a field has another type", () => {
  const holds: Record<string, readonly unknown[]> = {
    path: ["x"],
    since: [1.5, undefined],
    until: [1.5, undefined],
    ready: [true, undefined],
    notReady: [undefined],
    waitsFor: [WRONG[2], undefined],
    step: ["x", undefined],
    pid: [undefined],
    lastExit: [undefined],
  };
  for (const name of Object.keys(child)) {
    for (const wrong of WRONG.filter((value) => !holds[name]?.includes(value))) {
      assertEquals([name, wrong, asChildReport({ ...child, [name]: wrong })], [name, wrong, undefined]);
    }
  }
  for (const name of Object.keys(lastExit)) {
    const report = { ...child, lastExit: { ...lastExit, [name]: {} } };
    assertEquals([name, asChildReport(report)], [name, undefined]);
  }
  for (const notReady of [{ since: "x", why: "x" }, { since: 1 }]) {
    assertEquals(asChildReport({ ...child, notReady }), undefined);
  }
  assertEquals(asChildReport({ ...child, waitsFor: ["db", 1] }), undefined);
});

Deno.test("asTreeReport and asChildReport refuse a report when a number in it is no time or no count", () => {
  const tree = { name: "t", now: 1, startedAt: 1, active: true };
  for (const wrong of JSON.parse("[1e999, -1e999, 1e300]")) {
    for (const name of ["now", "startedAt"]) {
      assertEquals(asTreeReport({ ...tree, [name]: wrong }), undefined);
    }
    for (const name of ["generation", "restarts", "since", "until", "pid"]) {
      assertEquals([name, asChildReport({ ...child, [name]: wrong })], [name, undefined]);
    }
    for (const name of ["generation", "at"]) {
      const report = { ...child, lastExit: { ...lastExit, [name]: wrong } };
      assertEquals([name, asChildReport(report)], [name, undefined]);
    }
  }
});

Deno.test("asTreeReport and asReply refuse other values", () => {
  const tree = { name: "t", now: 1, startedAt: 1, active: true };
  assertEquals<unknown>(asTreeReport({ ...tree, children: [] }), tree);
  for (const name of Object.keys(tree)) assertEquals(asTreeReport({ ...tree, [name]: {} }), undefined);
  assertEquals<unknown>(asReply({ id: 1, result: null, novel: 1 }), { id: 1, result: null });
  const error = { code: "busy", message: "Cannot" };
  assertEquals<unknown>(asReply({ id: null, error }), { id: null, error });
  for (const value of WRONG) assertEquals(asReply(value), undefined);
  assertEquals(asReply({ id: "x".repeat(65), result: 1 }), undefined);
  assertEquals(asReply({ id: JSON.parse("1e999"), result: 1 }), undefined);
});
