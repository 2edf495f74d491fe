import { assertEquals, assertInstanceOf } from "@std/assert";
import { Child, type Death, whyEnded } from "../../src/supervision/child.ts";
import { StartError } from "../../src/supervision/errors.ts";
import { failureOf, fake, type FakeOptions, Stage } from "../support/probes.ts";

function childOf(options: FakeOptions = {}) {
  const stage = new Stage();
  const journal: string[] = [];
  const deaths: Death[] = [];
  const probe = fake("a", journal, options);
  const child = new Child(probe.spec, "a", {
    system: stage.system,
    onDeath: (death) => void deaths.push(death),
  });
  return { stage, journal, deaths, probe, child };
}

Deno.test("a child goes from stopped over starting to running, and back over stopping", async () => {
  const { stage, child, probe } = childOf({ outcomes: ["never"], hangs: true, shutdown: "infinity" });
  assertEquals([child.state, child.active, child.generation], ["stopped", false, 0]);
  const started = child.start();
  assertEquals([child.state, child.active, child.generation], ["starting", true, 1]);
  await stage.clock.advance(5);
  probe.life.ready();
  assertEquals([await started, child.state], ["ok", "running"]);
  const stopped = child.stop();
  assertEquals(child.state, "stopping");
  probe.life.end({ reason: "shutdown" });
  await stopped;
  assertEquals([child.state, child.incarnation], ["stopped", undefined]);
  await stage.close();
  assertEquals(stage.log.lines(), ["a#1 starting", "a#1 ready", "a#1 stopping", "a#1 stopped"]);
  assertEquals((stage.log.events[1] as { took?: number }).took, 5);
});

Deno.test("an end by itself is a death; being stopped is none", async () => {
  const { stage, child, probe, deaths } = childOf();
  await child.start();
  await child.stop();
  assertEquals(deaths, []);
  await child.start();
  probe.life.crash();
  await stage.settle();
  assertEquals([deaths.length, deaths[0]!.child, child.death, child.state], [1, child, deaths[0], "ended"]);
  await stage.close();
});

Deno.test("a start or a stop takes back a death that nobody has looked at, and a retry", async () => {
  for (const act of ["start", "stop"] as const) {
    const { stage, child, probe } = childOf();
    await child.start();
    probe.life.crash();
    await stage.settle();
    let retried = false;
    child.retryAfter(100, () => retried = true);
    await child[act]();
    assertEquals([child.death, stage.clock.pending], [undefined, 0]);
    await stage.clock.advance(200);
    assertEquals(retried, false);
    await stage.close();
  }
});

Deno.test("a failed start leaves the child stopped and watchers told", async () => {
  const cause = new Error("boom");
  const { stage, child } = childOf({ outcomes: [cause] });
  assertInstanceOf(await failureOf(child.start()), StartError);
  assertEquals([child.state, stage.system.address("a").lastExit], ["stopped", { reason: "crash", cause }]);
  await stage.close();
});

Deno.test("stopping a child that does not run does nothing", async () => {
  const { stage, child, journal } = childOf();
  await child.stop();
  assertEquals([child.state, journal], ["stopped", []]);
  await stage.close();
  assertEquals(stage.log.lines(), []);
});

Deno.test("who sends to a child that has ended is told how", () => {
  assertEquals(whyEnded({ reason: "normal" }), "it has ended (normal) and will not be started again");
  assertEquals(
    whyEnded({ reason: "crash", cause: new Error("boom") }),
    "it has ended (crash: boom) and will not be started again",
  );
});
