import { assertEquals, assertInstanceOf } from "@std/assert";
import { Child, type ChildNotice } from "../../src/supervision/child.ts";
import { StartError } from "../../src/supervision/supervision_errors.ts";
import { fake, type FakeOptions, Stage } from "../support/probes.ts";

function childOf(options: FakeOptions = {}) {
  const stage = new Stage();
  const journal: string[] = [];
  const reports: ChildNotice[] = [];
  const probe = fake("a", journal, options);
  const child = new Child(probe.spec, "a", {
    system: stage.system,
    onReport: (report) => void reports.push(report),
  });
  return { stage, journal, reports, probe, child };
}

Deno.test("a child goes from idle over starting to running, and back over stopping", async () => {
  const { stage, child, probe, reports } = childOf({
    outcomes: ["never"],
    hangs: true,
    shutdown: "infinity",
  });
  assertEquals([child.state, child.generation], ["idle", 0]);
  child.start();
  assertEquals([child.state, child.generation], ["starting", 1]);
  await stage.clock.advance(5);
  probe.life.ready();
  await stage.settle();
  assertEquals([reports, child.state], [[{ of: "start", outcome: "ok" }], "running"]);
  child.stop();
  assertEquals(child.state, "stopping");
  probe.life.end({ reason: "shutdown" });
  await stage.settle();
  assertEquals([child.state, child.incarnation, reports.length], ["idle", undefined, 2]);
  assertEquals(reports[1], { of: "stop", exit: { reason: "shutdown" } });
  await stage.close();
  assertEquals(stage.log.lines(), ["a#1 starting", "a#1 ready", "a#1 stopping", "a#1 stopped"]);
  assertEquals((stage.log.events[1] as { took?: number }).took, 5);
});

Deno.test("a child reports the end of a life, and how long it was, when it ends by itself", async () => {
  const { stage, child, probe, reports } = childOf();
  child.start();
  await stage.clock.advance(7);
  probe.life.end({ reason: "normal" });
  await stage.settle();
  assertEquals(reports[1], { of: "life", exit: { reason: "normal" }, uptime: 7 });
  await stage.close();
});

Deno.test("a child reports a failed start once, and watchers are told, when its start fails", async () => {
  const cause = new Error("boom");
  const { stage, child, reports } = childOf({ outcomes: [cause] });
  child.start();
  await stage.settle();
  const [report, ...others] = reports;
  assertInstanceOf(report?.of === "start" && report.outcome === "failed" && report.cause, StartError);
  assertEquals([others, child.state], [[], "idle"]);
  assertEquals(stage.system.address("a").lastExit, { reason: "crash", cause });
  await stage.close();
});

Deno.test("a child's wait fires once, and not when it is cancelled", async () => {
  const { stage, child } = childOf();
  let fired = 0;
  child.wait(100, () => fired++);
  await stage.clock.advance(100);
  child.wait(100, () => fired++);
  child.cancelWait();
  await stage.clock.advance(200);
  assertEquals([fired, stage.clock.pending], [1, 0]);
  await stage.close();
});
