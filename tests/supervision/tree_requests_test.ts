import { OptionError } from "../../src/actor/actor_errors.ts";
import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { actor, type ChildSpec } from "../../src/supervision/child_spec.ts";
import { StartError, SupervisionError } from "../../src/supervision/supervision_errors.ts";
import type { ChildStatus } from "../../src/supervision/status.ts";
import { dynamicSupervisor, supervisor } from "../../src/supervision/supervisor_spec.ts";
import { failureOf, fake, Tree } from "../support/probes.ts";

const echo = (id: string): ChildSpec =>
  actor(id, () => ({ receive: (message: string) => `${id}: ${message}` }));

/** All children, as `path state#generation`. */
function states(tree: Tree): string[] {
  const below = (children: readonly ChildStatus[]): string[] =>
    children.flatMap((child) => [
      `${child.path} ${child.state}#${child.generation}`,
      ...below(child.children ?? []),
    ]);
  return below(tree.system.whichChildren());
}

/** The code of the refusal that `request` ends in. */
async function refusal(request: Promise<unknown>): Promise<string> {
  const error = await failureOf(request);
  assertInstanceOf(error, SupervisionError);
  return error.code;
}

Deno.test("a child is added behind the others, at the root or below, and is reached by its path", async () => {
  const tree = await Tree.start(supervisor("root", [supervisor("inner", [echo("a")])]));
  const { system } = tree;
  assertEquals((await system.startChild("/", echo("b"))).started, "ok");
  assertEquals((await system.startChild("inner", echo("c"))).started, "ok");
  assertEquals(states(tree), ["inner running#1", "inner/a running#1", "inner/c running#1", "b running#1"]);
  assertEquals(await system.ref("inner/c").ask("hello"), "c: hello");
  await tree.stop();
});

Deno.test("a child that can't be started is not kept, and one that has nothing to run is", async () => {
  const tree = await Tree.start(supervisor("root", []));
  const { system } = tree;
  const broken = fake("broken", [], { outcomes: [new Error("boom")] });
  assertInstanceOf(await failureOf(system.startChild("/", broken.spec)), StartError);
  assertEquals(states(tree), []);
  assertEquals(
    (await system.startChild("/", fake("idle", [], { outcomes: ["ignore"] }).spec)).started,
    "ignore",
  );
  assertEquals(states(tree), ["idle stopped#1"]);
  await tree.stop();
});

Deno.test("a child is stopped, started again, stopped and deleted", async () => {
  const journal: string[] = [];
  const tree = await Tree.start(supervisor("root", [supervisor("inner", [fake("a", journal).spec])]));
  const { system } = tree;
  assertEquals(await refusal(system.restartChild("inner/a")), "running");
  assertEquals(await refusal(system.deleteChild("inner/a")), "running");
  await system.terminateChild("inner/a");
  await system.terminateChild("inner/a");
  assertEquals(states(tree), ["inner running#1", "inner/a stopped#1"]);
  assertEquals(await system.restartChild("inner/a"), "ok");
  await system.terminateChild("inner/a");
  await system.deleteChild("inner/a");
  assertEquals(states(tree), ["inner running#1"]);
  assertEquals(await refusal(system.terminateChild("inner/a")), "not_found");
  assertEquals(journal, ["start a", "stop a", "start a", "stop a"]);
  await tree.stop();
});

Deno.test("an id is taken once", async () => {
  const tree = await Tree.start(supervisor("root", [echo("a")]));
  assertEquals(await refusal(tree.system.startChild("/", echo("a"))), "already_started");
  await tree.system.terminateChild("a");
  assertEquals(await refusal(tree.system.startChild("/", echo("a"))), "already_present");
  assertInstanceOf(await failureOf(tree.system.startChild("/", { ...echo("x"), id: "x/y" })), OptionError);
  await tree.stop();
});

Deno.test("a child that waits for its restart is neither started nor deleted by hand, but can be stopped", async () => {
  const backoff = { initial: 100, factor: 1, max: 100, jitter: 0, resetAfter: 1 };
  const a = fake("a", [], { backoff });
  const tree = await Tree.start(supervisor("root", [a.spec]));
  a.life.crash();
  await tree.settle();
  assertEquals(await refusal(tree.system.restartChild("a")), "restarting");
  assertEquals(await refusal(tree.system.deleteChild("a")), "restarting");
  await tree.system.terminateChild("a");
  await tree.clock.advance(1_000);
  assertEquals([states(tree), a.lives.length], [["a stopped#1"], 1]);
  await tree.stop();
});

Deno.test("a dynamic supervisor has its own rules", async () => {
  const tree = await Tree.start(supervisor("root", [dynamicSupervisor("pool", { maxChildren: 1 })]));
  const { system } = tree;
  await system.startChild("pool", echo("a"));
  assertEquals(await refusal(system.startChild("pool", echo("b"))), "max_children");
  assertEquals(await refusal(system.restartChild("pool/a")), "dynamic");
  assertEquals(await refusal(system.deleteChild("pool/a")), "dynamic");
  await system.terminateChild("pool/a");
  await system.terminateChild("pool/a");
  assertEquals((await system.startChild("pool", echo("b"))).started, "ok");
  assertEquals(states(tree), ["pool running#1", "pool/b running#1"]);
  await tree.stop();
});

Deno.test("children are listed and counted as Erlang/OTP counts them", async () => {
  const done = fake("done", [], { restart: "transient" });
  const tree = await Tree.start(supervisor("root", [
    echo("a"),
    done.spec,
    supervisor("inner", [echo("b")]),
    dynamicSupervisor("pool"),
  ]));
  const { system } = tree;
  done.life.end({ reason: "normal" });
  await tree.settle();
  await system.terminateChild("pool");
  assertEquals(system.countChildren(), { specs: 4, active: 2, supervisors: 2, workers: 2 });
  assertEquals(system.countChildren("inner"), { specs: 1, active: 1, supervisors: 0, workers: 1 });
  assertEquals(system.whichChildren("inner").map(({ path, state }) => [path, state]), [[
    "inner/b",
    "running",
  ]]);
  assertEquals(system.whichChildren().map(({ id }) => id), ["a", "done", "inner", "pool"]);
  await tree.stop();
});

Deno.test("where no supervisor runs there is nobody to ask", async () => {
  const tree = new Tree(supervisor("root", [echo("a"), supervisor("inner", [])]));
  const { system } = tree;
  assertEquals(await refusal(system.startChild("/", echo("b"))), "no_supervisor");
  await system.start();
  for (const path of ["a", "x", "inner/x", ""]) {
    assertEquals(await refusal(system.startChild(path, echo("b"))), "no_supervisor");
    assertThrows(() => system.countChildren(path), SupervisionError, `Cannot reach '${path}'`);
  }
  const root = `Cannot reach 'root': it is the root, whose path is "/"`;
  assertThrows(() => system.countChildren("root"), SupervisionError, root);
  assertEquals((await failureOf(system.terminateChild("root/a"))).message, root);
  assertEquals(await refusal(system.terminateChild("a/b")), "no_supervisor");
  await system.terminateChild("inner");
  assertEquals(await refusal(system.startChild("inner", echo("b"))), "no_supervisor");
  await tree.stop();
  assertEquals(await refusal(system.terminateChild("a")), "no_supervisor");
});
