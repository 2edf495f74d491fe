/** `after` of a child that is added while its supervisor runs. */

import { assertEquals, assertInstanceOf } from "@std/assert";
import { StartError, SupervisionError } from "../../src/supervision/supervision_errors.ts";
import type { DependencyCondition } from "../../src/supervision/dependencies.ts";
import { supervisor } from "../../src/supervision/supervisor_spec.ts";
import { failureOf, fake, Tree } from "../support/probes.ts";

async function planted() {
  const journal: string[] = [];
  const restart = "temporary";
  const transient = "transient";
  const fakes = {
    running: fake("running", journal),
    starting: fake("starting", journal, { outcomes: ["ok", "never"] }),
    done: fake("done", journal, { restart: transient }),
    failed: fake("failed", journal, { restart: "on-success" }),
    stopped: fake("stopped", journal),
    idle: fake("idle", journal, { outcomes: ["ignore"] }),
    gone: fake("gone", journal, { restart }),
  };
  const tree = await Tree.start(supervisor("root", Object.values(fakes).map(({ spec }) => spec)));
  fakes.starting.life.crash();
  fakes.done.life.end({ reason: "normal" });
  fakes.failed.life.crash();
  fakes.gone.life.end({ reason: "normal" });
  await tree.clock.advance(0);
  await tree.system.terminateChild("stopped");
  return { tree, fakes, journal };
}

const holds: Readonly<Record<DependencyCondition, readonly string[]>> = {
  started: ["running", "starting"],
  ready: ["running"],
  completed: ["done", "failed", "idle"],
  completed_successfully: ["done", "idle"],
};

for (const [condition, ids] of Object.entries(holds) as [DependencyCondition, readonly string[]][]) {
  Deno.test(`after a sibling that is ${condition}: it starts if that is so now, and fails if not`, async () => {
    const { tree, journal } = await planted();
    const states = tree.states();
    for (const id of ["running", "starting", "done", "failed", "stopped", "idle"]) {
      const { spec } = fake("x", journal);
      const started = tree.system.startChild("/", { ...spec, after: [{ id, condition }] });
      if (ids.includes(id)) {
        assertEquals((await started).started, "ok", id);
        await tree.system.terminateChild("x");
        await tree.system.deleteChild("x");
        continue;
      }
      const error = await failureOf(started);
      assertInstanceOf(error, StartError, id);
      assertEquals(
        error.message,
        `Cannot start 'x': it starts after '${id}', which ${
          id === "failed" ? "failed: boom" : `is not ${condition}`
        }`,
      );
      assertEquals(tree.states(), states);
    }
    await tree.stop();
  });
}

Deno.test("after a sibling that is not there, or after itself, is refused, and nothing has changed", async () => {
  const { tree, journal } = await planted();
  const [events, states] = [tree.log.events.length, tree.states()];
  for (const id of ["gone", "x"]) {
    const { spec } = fake("x", journal);
    const error = await failureOf(
      tree.system.startChild("/", { ...spec, after: [{ id, condition: "started" }] }),
    );
    assertInstanceOf(error, SupervisionError);
    assertEquals(error.code, "unknown_dependency");
  }
  assertEquals([tree.log.events.length, tree.states()], [events, states]);
  await tree.stop();
});
