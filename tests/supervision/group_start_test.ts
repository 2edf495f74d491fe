/** Starts in a group are waited for, unless the child is to be terminated. A turn of the clock is `advance(0)`. */

import { assertEquals, assertInstanceOf } from "@std/assert";
import { StartError } from "../../src/supervision/supervision_errors.ts";
import { supervisor } from "../../src/supervision/supervisor_spec.ts";
import { failureOf, fake, type FakeOptions, Tree } from "../support/probes.ts";

/** A group `a`, `b`, `c`; `a` has crashed, and `b` takes long to start again. */
async function group(b: FakeOptions = {}) {
  const journal: string[] = [];
  const [first, second, third] = [
    fake("a", journal),
    fake("b", journal, { outcomes: ["ok", "never"], ...b }),
    fake("c", journal),
  ];
  const tree = await Tree.start(
    supervisor("root", [first.spec, second.spec, third.spec], {
      strategy: "one_for_all",
      intensity: { restarts: 1, within: 1_000 },
    }),
  );
  first.life.crash();
  await tree.clock.advance(0);
  journal.length = 0;
  assertEquals(tree.states(), ["a running#2", "b starting#2", "c stopped#1"]);
  return { tree, journal, b: second };
}

Deno.test("to terminate the child that a group restart waits for cuts its start short, and the group goes on", async () => {
  const { tree, journal } = await group();
  await tree.clock.until(tree.system.terminateChild("b"));
  assertEquals([journal, tree.states()], [
    ["stop b", "start c"],
    ["a running#2", "b stopped#2", "c running#2"],
  ]);
  await tree.stop();
});

Deno.test("a start that comes out within a turn is not cut short: the request waits for the group", async () => {
  const { tree, journal, b } = await group();
  const terminated = tree.system.terminateChild("b");
  b.life.ready();
  await terminated;
  assertEquals(journal, ["start c", "stop b"]);
  await tree.stop();
});

Deno.test("a child that is to be terminated already when its turn comes is cut short, too", async () => {
  const { tree, journal, b } = await group({ outcomes: ["ok", "never", "never"] });
  const [started, terminated] = [
    failureOf(tree.system.startChild("/", fake("d", journal, { outcomes: ["never"] }).spec)),
    tree.system.terminateChild("d"),
  ];
  await tree.clock.advance(10);
  b.life.ready();
  await tree.clock.until(terminated);
  assertInstanceOf(await started, StartError);
  assertEquals([journal, tree.states()], [
    ["start c", "start d", "stop d"],
    ["a running#2", "b running#2", "c running#2"],
  ]);
  await tree.stop();
});

Deno.test("a request to terminate does not cut the first start of a supervisor short", async () => {
  const journal: string[] = [];
  const a = fake("a", journal, { outcomes: ["never"] });
  const tree = new Tree(supervisor("root", [a.spec, fake("b", journal).spec]));
  const started = tree.system.start();
  await tree.clock.advance(0);
  const terminated = tree.system.terminateChild("a");
  await tree.clock.advance(10);
  assertEquals(journal, ["start a"]);
  a.life.ready();
  await started;
  await terminated;
  assertEquals(journal, ["start a", "start b", "stop a"]);
  await tree.stop();
});
