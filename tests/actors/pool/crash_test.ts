import { assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import {
  actor,
  ActorStoppedError,
  AskTimeoutError,
  IncarnationEndedError,
  NO_BACKOFF,
  supervisor,
} from "@outrider/outrider";
import { sleep } from "@outrider/outrider/actor";
import { pool, type PoolOptions } from "@outrider/outrider/actors/pool";
import { type ProcessScripts, simulate, type Simulation } from "@outrider/outrider/testing";
import { failureOf } from "../../support/probes.ts";

/** Answers with its own name behind what it was asked, after `takes` ms. */
function names(ids: readonly string[], takes = 100): Record<string, ProcessScripts> {
  return Object.fromEntries(
    ids.map((id) => [`w/${id}`, { protocol: "lines", takes, reply: (line: string) => `${line}@${id}` }]),
  );
}

const LINES = { command: "w", protocol: "lines" } as const;

async function poolOf(options: PoolOptions, processes: Record<string, ProcessScripts>): Promise<Simulation> {
  const root = supervisor("root", [pool("w", LINES, options)]);
  return await simulate(root, { processes });
}

Deno.test("a crash costs the messages that the copy had, and no others", async () => {
  await using tree = await poolOf({ size: 2, perCopy: 2 }, {
    ...names(["2"]),
    "w/1": [{ protocol: "lines", takes: 100, dies: { onMessage: 2, with: 7 } }, {
      protocol: "lines",
      takes: 100,
      reply: (line) => `${line}@1`,
    }],
  });
  const asks = [..."abcdefgh"].map((line) => tree.ref("w").ask(line));
  const results = await tree.settled(Promise.allSettled(asks));
  const failed = results.filter((result) => result.status === "rejected");
  assertEquals(failed.length, 2);
  for (const { reason } of failed) {
    assertInstanceOf(reason, IncarnationEndedError);
    assertEquals([reason.path, reason.generation], ["w/1", 1]);
    assertMatch(
      reason.message,
      /^Cannot answer: 'w\/1' \(generation 1\) ended before it replied: .* exited with code 7/,
    );
  }
  assertEquals(tree.process("w/1").starts, 2);
  assertEquals(tree.process("w/2").starts, 1);
});

Deno.test("while no copy is there, messages wait up to their deadline", async () => {
  const up = { protocol: "lines", reply: (line: string) => `${line}@1` } as const;
  const root = supervisor("root", [
    pool("w", { ...LINES, ready: { stderr: "up" }, backoff: NO_BACKOFF }, { size: 1 }),
  ]);
  await using tree = await simulate(root, {
    processes: {
      "w/1": [
        { ...up, says: [{ after: 0, stderr: "up" }], dies: { after: 1_000, with: 1 } },
        { ...up, says: [{ after: 3_000, stderr: "up" }] },
      ],
    },
  });
  await tree.advance(1_500);
  const ref = tree.ref("w");
  const [short, long] = [failureOf(ref.ask("a", { timeout: 1_000 })), ref.ask("b")];
  assertInstanceOf(await tree.settled(short), AskTimeoutError);
  assertEquals(await tree.settled(long), "b@1");
  assertEquals(tree.process("w/1").life.received, ["b"]);
});

Deno.test("untaken messages of an ended copy go to another at once", async () => {
  const copies = (id: string) => {
    const handled: string[] = [];
    return actor<string, string>(id, () => ({
      async receive(message, context) {
        handled.push(message);
        if (id === "1") await sleep(context.clock, 1_000);
        if (id === "1") throw new Error(`boom ${handled}`);
        return `${message}@${id}`;
      },
    }), { backoff: { initial: 60_000, max: 60_000, factor: 1, jitter: 0, resetAfter: 0 } });
  };
  await using tree = await simulate(supervisor("root", [pool("w", copies, { size: 2, perCopy: 2 })]));
  const asks = [..."abcd"].map((line) => tree.ref("w").ask(line));
  assertMatch((await tree.settled(failureOf(asks[0]))).message, /boom a$/);
  assertEquals(await tree.settled(Promise.all(asks.slice(1))), ["b@2", "c@2", "d@2"]);
  assertEquals(tree.clock.now(), 1_000);
});

Deno.test("when no copy will ever come back, messages are refused at once with the reason", async () => {
  await using tree = await simulate(
    supervisor("root", [pool("w", { ...LINES, restart: "temporary" }, { size: 2 })]),
    {
      processes: {
        "w/1": { protocol: "lines", dies: { onMessage: 1, with: 3 } },
        "w/2": { protocol: "lines", takes: 5, dies: { onMessage: 1, with: 4 } },
      },
    },
  );
  const ref = tree.ref("w");
  const errors = await tree.settled(Promise.all(["a", "b", "c"].map((line) => failureOf(ref.ask(line)))));
  assertEquals(errors.map(({ name }) => name), [
    "IncarnationEndedError",
    "IncarnationEndedError",
    "ActorStoppedError",
  ]);
  const before = tree.clock.now();
  const error = await tree.settled(failureOf(ref.ask("d", { timeout: Infinity })));
  assertInstanceOf(error, ActorStoppedError);
  assertMatch(
    error.message,
    /^Cannot reach 'w': none of its copies will be started again: .* exited with code 4/,
  );
  assertEquals(tree.clock.now(), before);
  void ref.tell("e");
  await tree.until((event) => event.type === "dead_letter" && event.path === "w" && event.message === "e");
});

Deno.test("a copy that fails too often is held back for a while, and the pool goes on without it", async () => {
  await using tree = await simulate(
    supervisor("root", [pool("w", LINES, { size: 2, intensity: { restarts: 2, within: 60_000 } })]),
    {
      processes: {
        "w/1": (life) =>
          life < 4
            ? { protocol: "lines", dies: { after: 10, with: 1 } }
            : { protocol: "lines", reply: (line: string) => `${line}@1` },
        ...names(["2"], 0),
      },
    },
  );
  await tree.until((event) => event.type === "quarantined");
  const answers = await tree.settled(Promise.all(["a", "b", "c"].map((line) => tree.ref("w").ask(line))));
  assertEquals(answers, ["a@2", "b@2", "c@2"]);
  await tree.until((event) => event.type === "ready" && event.generation === 4);
  const later = await tree.settled(Promise.all(["d", "e"].map((line) => tree.ref("w").ask(line))));
  assertEquals(new Set(later.map((line) => line.split("@")[1])), new Set(["1", "2"]));
});

Deno.test("hash: an ask abandoned during its copy's restart is not handled", async () => {
  const handled: string[] = [];
  const copies = (id: string) =>
    actor<string, string>(id, () => ({
      async receive(message, context) {
        await sleep(context.clock, 100);
        handled.push(message);
        if (message === "a") throw new Error("boom");
        return message;
      },
    }), { backoff: { ...NO_BACKOFF, initial: 1_000, max: 1_000 } });
  const root = supervisor("root", [
    pool("w", copies, { size: 1, perCopy: 3, routing: { by: "hash", key: () => "k" } }),
  ]);
  await using tree = await simulate(root);
  const ref = tree.ref("w");
  const given = ["a", "b"].map((line) => failureOf(ref.ask(line, { timeout: 500 })));
  const kept = ref.ask("c");
  assertEquals((await tree.settled(Promise.all(given))).map(({ name }) => name), [
    "IncarnationEndedError",
    "TimeoutError",
  ]);
  assertEquals(await tree.settled(kept), "c");
  assertEquals(handled, ["a", "c"]);
});

Deno.test("a message that may be replayed goes to another copy at once, and to so many in all", async () => {
  const dies = { protocol: "lines", takes: 10, dies: { onMessage: 1, with: 1 } } as const;
  const copy = { ...LINES, backoff: { ...NO_BACKOFF, initial: 60_000, max: 60_000 } };
  const root = supervisor("root", [pool("w", copy, { size: 3 })]);
  await using tree = await simulate(root, { processes: { "w/1": dies, "w/2": dies, ...names(["3"], 10) } });
  const ref = tree.ref("w");
  assertEquals(await tree.settled(ref.ask("a", { onDeath: "replay" })), "a@3");
  assertEquals(tree.clock.now(), 10);
  await tree.advance(60_000);
  const error = await tree.settled(failureOf(ref.ask("b", { onDeath: "replay", attempts: 2 })));
  assertInstanceOf(error, IncarnationEndedError);
  assertEquals([error.path, error.attempts], ["w/2", 2]);
  assertEquals(await tree.settled(ref.ask("c")), "c@3");
});

Deno.test("a message is replayed up to its own limit, also with a single copy", async () => {
  const copy = { ...LINES, backoff: NO_BACKOFF };
  const root = supervisor("root", [pool("w", copy, { size: 1, intensity: { restarts: 10, within: 1_000 } })]);
  const processes: Record<string, ProcessScripts> = {
    "w/1": (life) =>
      life < 8
        ? { protocol: "lines", dies: { onMessage: 1, with: 1 } }
        : { protocol: "lines", reply: (line) => `${line} ${life}` },
  };
  await using tree = await simulate(root, { processes });
  assertEquals(await tree.settled(tree.ref("w").ask("a", { onDeath: "replay", attempts: 9 })), "a 8");
});

Deno.test("the pool's delivery options count where the sender has none, and become its copies'", async () => {
  const processes = {
    "w/1": [{ protocol: "lines", dies: { onMessage: 1, with: 1 } }, {
      protocol: "lines",
      reply: (line: string) => line,
    }],
  } as const;
  const copy = { ...LINES, backoff: NO_BACKOFF };
  for (
    const spec of [
      pool("w", copy, { size: 1, onDeath: "replay" }),
      pool("w", { ...copy, onDeath: "replay" }, { size: 1 }),
    ]
  ) {
    await using tree = await simulate(supervisor("root", [spec]), { processes });
    assertEquals(await tree.settled(tree.ref("w").ask("a")), "a");
    assertEquals(tree.ref("w/1").generation, 2);
  }
  const fails = await simulate(supervisor("root", [pool("w", copy, { size: 1, onDeath: "replay" })]), {
    processes,
  });
  const error = await fails.settled(failureOf(fails.ref("w").ask("a", { onDeath: "fail" })));
  assertInstanceOf(error, IncarnationEndedError);
  await fails.stop();
});

Deno.test("a copy that was stopped by hand gets nothing until it is started by hand", async () => {
  await using tree = await poolOf({ size: 2 }, names(["1", "2"], 0));
  await tree.settled(tree.system.terminateChild("w/1"));
  await tree.clock.settle();
  const ask = (lines: string) => tree.settled(Promise.all([...lines].map((line) => tree.ref("w").ask(line))));
  assertEquals(await ask("abc"), ["a@2", "b@2", "c@2"]);
  await tree.settled(tree.system.restartChild("w/1"));
  assertEquals((await ask("de")).map((line) => line.split("@")[1]).sort(), ["1", "2"]);
});
