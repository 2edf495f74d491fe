import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { actor, NO_BACKOFF, sidecar, StartError, supervisor, System } from "@outrider/outrider";
import { EventLog, failureOf, Tree } from "../support/probes.ts";

Deno.test("a system starts once when start is called while it starts, and while it runs", async () => {
  const cat = sidecar("cat", { command: "cat", protocol: "lines", backoff: NO_BACKOFF });
  const system = new System(supervisor("root", [cat]));
  const log = new EventLog({ events: (filter) => system.events(filter) });
  const first = system.start();
  assertStrictEquals(system.start(), first);
  await first;
  await system.start();
  assertEquals(await system.ref("cat").ask("hello"), "hello");
  await system.stop();
  assertEquals(await system.ended, { reason: "shutdown" });
  await log.ended;
  assertEquals(log.events.filter(({ type }) => type === "spawned").length, 1);
  assertEquals(log.lines().filter((line) => line === "/#1 ready"), ["/#1 ready"]);
});

Deno.test("a system refuses to start when it was stopped, or has ended by itself", async () => {
  const ends = actor("ends", () => ({ receive: (_, context) => context.exit({ reason: "normal" }) }), {
    restart: "transient",
    significant: true,
  });
  for (const how of ["stopped", "ended"] as const) {
    const tree = await Tree.start(supervisor("root", [ends], { autoShutdown: "any_significant" }));
    if (how === "stopped") await tree.stop();
    else {
      void tree.system.ref("ends").tell("go");
      await tree.clock.until(tree.system.ended);
    }
    const error = await failureOf(tree.system.start());
    assertInstanceOf(error, StartError);
    assertEquals(
      error.message,
      "Cannot start '/': a tree that has ended, or is to, does not start again; make a new System",
    );
    await tree.stop();
  }
});

Deno.test("a system refuses to start again when its start failed, with what it failed of at first", async () => {
  const fails = actor("fails", () => ({
    started() {
      throw new Error("boom");
    },
    receive() {},
  }));
  const tree = new Tree(supervisor("root", [fails]));
  const errors = [tree.system.start(), tree.system.start()].map(failureOf);
  for (const error of await Promise.all(errors)) assertEquals(error.message, "Cannot start 'fails': boom");
  assertEquals((await failureOf(tree.system.start())).message.includes("make a new System"), true);
  await tree.stop();
});
