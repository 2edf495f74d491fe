/** Once a supervisor is to stop, nothing below it is started any more, though those below stop in their turn. */

import { assertEquals, assertInstanceOf } from "@std/assert";
import { StartError, SupervisionError } from "../../src/supervision/supervision_errors.ts";
import { supervisor } from "../../src/supervision/supervisor_spec.ts";
import { failureOf, fake, type FakeOptions, Tree } from "../support/probes.ts";

/** `outer` has `inner`, which has `x` and `y`; behind it comes `last`, which takes its time to stop. */
async function planted(x: FakeOptions = {}, rules: Parameters<typeof supervisor>[2] = {}) {
  const journal: string[] = [];
  const fakes = {
    x: fake("x", journal, x),
    y: fake("y", journal),
    last: fake("last", journal, { hangs: true, shutdown: 1_000 }),
  };
  const inner = supervisor("inner", [fakes.x.spec, fakes.y.spec], rules);
  const outer = supervisor("outer", [inner, fakes.last.spec]);
  const tree = await Tree.start(supervisor("root", [outer], { strategy: "one_for_all" }));
  journal.length = 0;
  return { tree, journal, ...fakes };
}

Deno.test("a death below, after the whole tree was told to stop, is left alone", async () => {
  const { tree, journal, x } = await planted();
  const stopped = tree.system.stop();
  x.life.crash();
  await tree.clock.advance(500);
  assertEquals(journal, ["stop last"]);
  assertEquals(tree.system.whichChildren("outer/inner").map(({ state }) => state), ["ended", "running"]);
  await tree.clock.until(stopped);
  assertEquals(journal, ["stop last", "kill last", "stop y"]);
  await tree.stop();
});

Deno.test("a restart that waits is not made any more, and one under way is cut short, though it fails", async () => {
  const backoff = { initial: 100, factor: 1, max: 100, jitter: 0, resetAfter: 0 };
  const { tree, journal, x, y } = await planted({ outcomes: ["ok", "never"] });
  x.life.crash();
  await tree.clock.advance(0);
  const stopped = tree.system.stop();
  y.life.crash();
  await tree.clock.until(stopped);
  assertEquals(journal, ["start x", "stop x", "stop last", "kill last"]);
  const waiting = await planted({ backoff });
  waiting.x.life.crash();
  await waiting.tree.settle();
  const over = waiting.tree.system.stop();
  await waiting.tree.clock.until(over);
  assertEquals(waiting.journal, ["stop last", "kill last", "stop y"]);
  await tree.stop();
  await waiting.tree.stop();
});

Deno.test("a group restart that is under way below starts nobody else", async () => {
  const { tree, journal, x } = await planted({ outcomes: ["ok", "never"] }, { strategy: "one_for_all" });
  x.life.crash();
  await tree.clock.advance(0);
  assertEquals(journal, ["stop y", "start x"]);
  await tree.clock.until(tree.system.stop());
  assertEquals(journal.filter((line) => line.startsWith("start")), ["start x"]);
  await tree.stop();
});

Deno.test("a supervisor in the middle that gives up or is stopped keeps those below it from restarts, too", async () => {
  const journal: string[] = [];
  const x = fake("x", journal);
  const last = fake("last", journal, { hangs: true, shutdown: 1_000 });
  const a = fake("a", journal);
  const outer = supervisor("outer", [supervisor("inner", [x.spec]), last.spec, a.spec], {
    intensity: { restarts: 0, within: 1_000 },
    restart: "transient",
  });
  const tree = await Tree.start(supervisor("root", [outer]));
  journal.length = 0;
  a.life.crash();
  await tree.settle();
  x.life.crash();
  await tree.clock.advance(2_000);
  assertEquals([journal, tree.states()], [["stop last", "kill last"], ["outer stopped#1"]]);
  await tree.stop();
});

Deno.test("requests to start are refused below a tree that stops; those to terminate are taken", async () => {
  const { tree, journal } = await planted();
  const stopped = tree.system.stop();
  for (
    const request of [
      tree.system.startChild("outer/inner", fake("z", journal).spec),
      tree.system.restartChild("outer/inner/x"),
    ]
  ) {
    const error = await failureOf(request);
    assertInstanceOf(error, SupervisionError);
    assertEquals(error.code, "no_supervisor");
  }
  await tree.system.terminateChild("outer/inner/y");
  await tree.clock.until(stopped);
  assertEquals(journal, ["stop last", "stop y", "kill last", "stop x"]);
  await tree.stop();
});

Deno.test("a nested supervisor that is just starting again is told at once", async () => {
  const journal: string[] = [];
  const x = fake("x", journal, { outcomes: ["ok", "never"] });
  const last = fake("last", journal, { hangs: true, shutdown: 1_000 });
  const inner = supervisor("inner", [x.spec, fake("y", journal).spec], {
    intensity: { restarts: 0, within: 1_000 },
  });
  const tree = await Tree.start(supervisor("root", [inner, last.spec]));
  x.life.crash();
  await tree.clock.advance(0);
  const added = failureOf(tree.system.startChild("/", fake("z", journal, { outcomes: ["never"] }).spec));
  await tree.clock.advance(0);
  journal.length = 0;
  await tree.clock.until(tree.system.stop());
  assertInstanceOf(await added, StartError);
  assertEquals(journal.filter((line) => line.startsWith("start")), []);
  await tree.stop();
});
