import { IncarnationEndedError, OptionError } from "../../src/actor/actor_errors.ts";
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { NO_BACKOFF } from "../../src/supervision/restart/restart_limits.ts";
import { StartError, SupervisionError } from "../../src/supervision/supervision_errors.ts";
import { pathOf } from "../../src/supervision/child_path.ts";
import { actor } from "../../src/supervision/child_spec.ts";
import { supervisor } from "../../src/supervision/supervisor_spec.ts";
import { Tree } from "../support/probes.ts";

const quiet = () => ({ receive: () => {} });

Deno.test("an actor is permanent, has 5 s to stop, and restarts at once, unless told otherwise", () => {
  const { restart, shutdown, backoff, type, children } = actor("a", quiet);
  assertEquals({ restart, shutdown, backoff, type, children }, {
    restart: "permanent",
    shutdown: 5_000,
    backoff: NO_BACKOFF,
    type: "worker",
    children: [],
  });
  const told = actor("a", quiet, { restart: "temporary", shutdown: "brutal_kill" });
  assertEquals([told.restart, told.shutdown], ["temporary", "brutal_kill"]);
});

Deno.test("a supervisor is permanent and has all the time it needs to stop, unless told otherwise", () => {
  const { restart, shutdown, type } = supervisor("s", []);
  assertEquals([restart, shutdown, type], ["permanent", "infinity", "supervisor"]);
  assertEquals(supervisor("s", [], { shutdown: 10 }).shutdown, 10);
});

Deno.test("an id that can't be part of a path is refused", () => {
  for (const id of ["", "/", "a/b"]) {
    assertThrows(() => actor(id, quiet), OptionError, "Cannot name a child");
    assertThrows(() => supervisor(id, []), OptionError, "Cannot name a child");
  }
});

Deno.test("an actor is refused when what makes its behavior is no function", () => {
  // deno-lint-ignore no-explicit-any -- what no type has checked
  const loose = actor as any;
  for (const make of [quiet(), undefined, "quiet"]) {
    assertThrows(() => loose("a", make), OptionError, "Cannot make the actor 'a': expected a function");
  }
});

Deno.test("an actor fails to start when its function gives no behavior", async () => {
  for (const [made, got] of [[undefined, "nothing"], [3, "a number"], [Promise.resolve(), "a promise"]]) {
    // deno-lint-ignore no-explicit-any -- what no type has checked
    const spec = actor("a", () => made as any, { restart: "temporary" });
    const error = await assertRejects(() => Tree.start(supervisor("root", [spec])), StartError);
    assertEquals(
      error.message,
      `Cannot start 'a': expected a behavior, an object with 'receive', got ${got}`,
    );
  }
});

Deno.test("an actor says what is missing when it gets a message and its behavior has no receive", async () => {
  // deno-lint-ignore no-explicit-any -- what no type has checked
  const mute = actor("a", () => ({ started() {} }) as any, { restart: "temporary" });
  const tree = await Tree.start(supervisor("root", [mute]));
  const error = await assertRejects(() => tree.system.ref("a").ask("hello"), IncarnationEndedError);
  assertStringIncludes(error.message, "Cannot ask 'a': its behavior has no 'receive'");
  await tree.stop();
});

Deno.test("two children of the same id are refused, by name", () => {
  assertThrows(() => supervisor("s", [actor("a", quiet), actor("a", quiet)]), SupervisionError, "'a' in 's'");
});

Deno.test("paths have no slash at the root", () => {
  assertEquals([pathOf("/", "a"), pathOf("a", "b"), pathOf("a/b", "c")], ["a", "a/b", "a/b/c"]);
});

Deno.test("each incarnation gets a behaviour of its own, in the mailbox that the options say", async () => {
  let made = 0;
  const spec = actor("a", () => {
    const me = ++made;
    return {
      receive(message: string) {
        if (message === "crash") throw new Error("boom");
        return me;
      },
    };
  }, { mailbox: { capacity: 2, overflow: "fail" } });
  const tree = await Tree.start(supervisor("root", [spec]));
  const ref = tree.system.ref("a");
  assertEquals(await ref.ask("who"), 1);
  void ref.tell("crash");
  await tree.settle();
  assertEquals(await ref.ask("who"), 2);
  assertEquals([ref.tryTell(""), ref.tryTell(""), ref.tryTell("")], [true, true, false]);
  await tree.stop();
});
