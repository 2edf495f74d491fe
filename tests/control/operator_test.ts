/** Requests, carried out on a tree. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CommandHandler, Refusal } from "../../src/control/commands.ts";
import {
  dynamicSupervisor,
  supervisor,
  type SupervisorOptions,
} from "../../src/supervision/supervisor_spec.ts";
import type { ChildSpec } from "../../src/supervision/child_spec.ts";
import { System } from "../../src/supervision/tree.ts";
import { failureOf, fake } from "../support/probes.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

async function operated(children: readonly ChildSpec[], options: SupervisorOptions = {}) {
  const clock = new VirtualClock();
  const root = supervisor("tree", children, options);
  const system = new System(root, { clock });
  const operator = new CommandHandler({ system, root, stop: () => void system.stop() });
  await system.start();
  return {
    clock,
    system,
    operator,
    restart: (child: string) => operator.act("restart", child),
    terminate: (child: string) => operator.act("stop", child),
    state: (path: string) => operator.status().children.find((child) => child.path === path)?.state,
    async [Symbol.asyncDispose]() {
      await clock.until(system.kill());
    },
  };
}

async function code(request: Promise<unknown>): Promise<string> {
  const error = await failureOf(request);
  return error instanceof Refusal ? error.code : String(error);
}

Deno.test("restart takes a child out of quarantine, and says how it is then", async () => {
  const bad = fake("bad", []);
  await using tree = await operated([bad.spec, fake("good", []).spec], {
    intensity: { restarts: 0, within: 1_000 },
    onLimit: { quarantine: {} },
  });
  bad.life.crash("once too often");
  await tree.clock.settle();
  const [held] = tree.operator.status().children;
  assertEquals([held?.state, held?.until, held?.lastExit?.message], [
    "quarantined",
    undefined,
    "once too often",
  ]);
  const restarted = await tree.restart("bad");
  assertEquals([restarted?.state, restarted?.generation], ["running", 2]);
  assertEquals(restarted?.lastExit?.generation, 1);
});

Deno.test("restart stops a running child first, and starts a stopped one", async () => {
  const journal: string[] = [];
  await using tree = await operated([supervisor("team", [fake("a", journal).spec])]);
  await tree.restart("team/a");
  assertEquals(journal, ["start a", "stop a", "start a"]);
  assertEquals((await tree.terminate("team/a"))?.state, "stopped");
  await tree.terminate("team/a");
  assertEquals((await tree.restart("team/a"))?.generation, 3);
  assertEquals((await tree.restart("team"))?.type, "supervisor");
  assertEquals(journal.slice(3), ["stop a", "start a", "stop a", "start a"]);
});

Deno.test("restart does not wait for a backoff; terminate takes the restart back", async () => {
  const backoff = { initial: 60_000, max: 60_000, factor: 1, jitter: 0, resetAfter: 0 };
  const [a, b] = [fake("a", [], { backoff }), fake("b", [], { backoff })];
  await using tree = await operated([a.spec, b.spec]);
  a.life.crash();
  b.life.crash();
  await tree.clock.settle();
  const [first] = tree.operator.status().children;
  assertEquals([first?.state, first!.until! - first!.since!], ["restarting", 60_000]);
  assertEquals((await tree.restart("a"))?.state, "running");
  assertEquals((await tree.terminate("b"))?.state, "stopped");
  await tree.clock.advance(120_000);
  assertEquals([a.lives.length, b.lives.length], [2, 1]);
});

Deno.test("an impossible request is refused without an effect", async () => {
  const journal: string[] = [];
  const fails = fake("fails", journal, { outcomes: ["ok", new Error("no luck")] });
  await using tree = await operated([
    fake("once", journal, { restart: "temporary" }).spec,
    dynamicSupervisor("guests"),
    fails.spec,
  ]);
  await tree.system.startChild("guests", fake("ann", journal).spec);
  journal.length = 0;
  assertEquals(await code(tree.restart("nobody")), "not_found");
  assertEquals(await code(tree.terminate("nobody")), "not_found");
  assertEquals(await code(tree.terminate("guests/nobody")), "not_found");
  assertEquals(await code(tree.restart("once/more")), "no_supervisor");
  assertEquals(await code(tree.restart("once")), "temporary");
  assertEquals(await code(tree.restart("guests/ann")), "dynamic");
  assertEquals(journal, []);
  const error = await assertRejects(() => tree.restart("fails"), Refusal);
  assertEquals(error.code, "start_failed");
  assertStringIncludes(error.message, "no luck");
  assertEquals(tree.state("fails"), "stopped");
  assertEquals((await tree.restart("fails"))?.state, "running");
  assertEquals(await tree.terminate("once"), null);
  assertEquals(tree.state("once"), undefined);
});

Deno.test("a second restart of a child is refused while the first is under way, and not after it", async () => {
  const slow = fake("slow", [], { outcomes: ["ok", "never"] });
  await using tree = await operated([slow.spec]);
  const first = tree.restart("slow");
  assertEquals(await code(tree.restart("slow")), "busy");
  await tree.clock.settle();
  slow.life.ready();
  assertEquals((await first)?.generation, 2);
  assertEquals((await tree.restart("slow"))?.generation, 3);
});

Deno.test("a request that waits when the tree ends is refused", async () => {
  const slow = fake("slow", [], { outcomes: ["ok", "never"] });
  await using tree = await operated([slow.spec, fake("b", []).spec]);
  const first = code(tree.restart("slow"));
  await tree.clock.settle();
  const second = code(tree.terminate("b"));
  assertEquals(await tree.operator.stop(), null);
  assertEquals([await first, await second], ["start_failed", "no_supervisor"]);
  assertEquals(await code(tree.restart("b")), "no_supervisor");
});
