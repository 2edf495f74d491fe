import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertMatch,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { actor, ActorStoppedError, AskTimeoutError, OptionError, supervisor } from "@outrider/outrider";
import { SUBSCRIPTION_BYTES } from "../../../src/actor/events/subscription.ts";
import { MAX_KEYED_WAITING, pool, type PoolOptions, poolStatus } from "@outrider/outrider/actors/pool";
import { tap } from "@outrider/outrider/actors/tap";
import { type ProcessScripts, simulate, type Simulation } from "@outrider/outrider/testing";
import { rendezvous } from "../../../actors/pool/routing.ts";
import { failureOf, stateOf } from "../../support/probes.ts";

/** Answers with its own name behind what it was asked, after `takes` ms. */
function names(ids: readonly string[], takes = 100): Record<string, ProcessScripts> {
  return Object.fromEntries(
    ids.map((id) => [`w/${id}`, { protocol: "lines", takes, reply: (line: string) => `${line}@${id}` }]),
  );
}

/** Lines that belong to the first and the second of two copies. */
const [KEY_OF_1, KEY_OF_2] = ["1", "2"].map((id) =>
  [..."abcdefgh"].find((key) => ["1", "2"][rendezvous(["1", "2"], key)] === id)!
) as [string, string];

const LINES = { command: "w", protocol: "lines" } as const;

async function poolOf(options: PoolOptions, processes: Record<string, ProcessScripts>): Promise<Simulation> {
  const root = supervisor("root", [pool("w", LINES, options)]);
  return await simulate(root, { processes });
}

const unanswered = ({ system }: Simulation) =>
  poolStatus(system.ref("w")).copies.map(({ unanswered }) => unanswered);

Deno.test("copies are children of the pool, started together, visible by their paths", async () => {
  const slow = (id: string): ProcessScripts => ({
    protocol: "lines",
    reply: (line) => `${line}@${id}`,
    says: [{ after: 1_000, stderr: "up" }],
  });
  const root = supervisor("root", [pool("w", { ...LINES, ready: { stderr: "up" } }, { size: 3 })]);
  await using tree = await simulate(root, {
    processes: { "w/1": slow("1"), "w/2": slow("2"), "w/3": slow("3") },
  });
  assertEquals(tree.clock.now(), 1_000); // and not three
  const { children, ...status } = tree.status()[0]!;
  assertEquals(status, {
    ...{ id: "w", path: "w", type: "supervisor", state: "running", generation: 1, restarts: 0 },
    since: status.since,
  });
  assertEquals(children!.length, 3);
  assertEquals(tree.system.whichChildren("w").map(({ path, state }) => `${path} ${state}`), [
    "w/1 running",
    "w/2 running",
    "w/3 running",
  ]);
  assertEquals(tree.system.countChildren(), { specs: 1, active: 1, supervisors: 1, workers: 0 });
});

Deno.test("round-robin: one after the other; a waiting message goes to the first copy with room", async () => {
  await using tree = await poolOf({ size: 2 }, {
    ...names(["1"], 300),
    ...names(["2"], 100),
  });
  const asks = [..."abcdef"].map((line) => tree.ref("w").ask(line));
  await tree.clock.settle();
  assertEquals(unanswered(tree), [1, 1]);
  assertEquals(poolStatus(tree.ref("w")).waiting, 4);
  assertEquals(await tree.settled(Promise.all(asks)), ["a@1", "b@2", "c@2", "d@2", "e@1", "f@2"]);
});

Deno.test("least-busy: the one with the fewest unanswered messages", async () => {
  await using tree = await poolOf({ size: 2, routing: "least-busy", perCopy: 10 }, {
    ...names(["1"], 1_000),
    ...names(["2"], 10),
  });
  const order: string[] = [];
  for (const line of "abcdef") {
    void tree.ref("w").ask(line).then((answer) => order.push(answer));
    await tree.advance(15);
  }
  await tree.advance(2_000);
  assertEquals(order, ["b@2", "c@2", "d@2", "e@2", "f@2", "a@1"]);
});

Deno.test("hash: a key has one copy, and one that is busy holds up no other key", async () => {
  await using tree = await poolOf({ size: 3, routing: { by: "hash", key: (line: string) => line[0]! } }, {
    ...names(["1", "2", "3"]),
  });
  const answers = await tree.settled(
    Promise.all(["a1", "b1", "a2", "c1", "d1", "a3", "b2"].map((line) => tree.ref("w").ask(line))),
  );
  const home = (key: string) =>
    new Set(answers.filter((line) => line[0] === key).map((line) => line.split("@")[1]));
  for (const key of "abcd") assertEquals(home(key).size, 1, key);
  assert(new Set(answers.map((line) => line.split("@")[1])).size > 1);
});

Deno.test("hash: one key after another can wait for its copy, but not without end", async () => {
  await using tree = await poolOf({ size: 2, routing: "hash" }, {
    ...names(["2"], 0),
    "w/1": { protocol: "lines", hangs: { onMessage: 1 } },
  });
  const ref = tree.ref("w");
  const asks = Array.from({ length: 200 }, () => failureOf(ref.ask(KEY_OF_1)));
  await tree.clock.settle();
  const { waiting, copies } = poolStatus(ref);
  assertEquals(copies.map(({ unanswered, waiting }) => [unanswered, waiting]), [[1, MAX_KEYED_WAITING], [
    0,
    0,
  ]]);
  assertEquals(waiting, 199);
  await tree.settled(Promise.all(asks));
  assertEquals(await tree.settled(ref.ask(KEY_OF_2)), `${KEY_OF_2}@2`);
});

Deno.test("hash: a key that waits for a copy stays with it when another is added", async () => {
  const workers = pool("w", LINES, { min: 1, max: 2, routing: "hash", grow: { queued: 2 } });
  await using tree = await simulate(supervisor("root", [workers]), { processes: names(["1", "2"], 1_000) });
  const ref = tree.ref("w");
  const first = Array.from({ length: 3 }, () => ref.ask(KEY_OF_2));
  await tree.clock.settle();
  assertEquals(tree.system.countChildren("w").active, 2);
  const more = [ref.ask(KEY_OF_2), ref.ask("other")];
  assertEquals(await tree.settled(Promise.all([...first, more[0]!])), Array(4).fill(`${KEY_OF_2}@1`));
  await tree.settled(more[1]!);
  assertEquals(await tree.settled(ref.ask(KEY_OF_2)), `${KEY_OF_2}@2`);
});

Deno.test("tells are spread by the same rule, with backpressure", async () => {
  const scripts = { protocol: "lines", takes: 100 } as const;
  await using tree = await poolOf({ size: 2, mailbox: { capacity: 4 } }, { "w/1": scripts, "w/2": scripts });
  const ref = tree.ref("w");
  for (let n = 0; n < 100; n++) await tree.settled(Promise.resolve(ref.tell(`${n} ${"x".repeat(20_000)}`)));
  await tree.advance(100_000);
  const got = ["w/1", "w/2"].map((path) =>
    tree.process(path).life.received.map((line) => Number((line as string).split(" ")[0]))
  );
  assertEquals(got.flat().sort((a, b) => a - b), Array.from({ length: 100 }, (_, n) => n));
  for (const numbers of got) assertEquals(numbers, [...numbers].sort((a, b) => a - b));
  assert(Math.abs(got[0]!.length - got[1]!.length) < 20);
});

Deno.test("an abandoned waiting message is dropped; an abandoned one in a copy keeps it busy until its answer", async () => {
  await using tree = await poolOf({ size: 1 }, names(["1"], 1_000));
  const ref = tree.ref("w");
  const first = failureOf(ref.ask("a", { timeout: 320 }));
  const second = failureOf(ref.ask("b", { timeout: 320 }));
  const third = ref.ask("c");
  assertInstanceOf(await tree.settled(first), AskTimeoutError);
  assertInstanceOf(await tree.settled(second), AskTimeoutError);
  assertEquals(unanswered(tree), [1]);
  assertEquals(await tree.settled(third), "c@1");
  assertEquals(tree.process("w/1").life.received, ["a", "c"]);
  assertEquals(tree.ref("w").deadLetters, 1); // the late answer to 'a'
});

Deno.test("with cancel, the copy learns that the caller gave up, and gets the next message", async () => {
  const seen: string[] = [];
  const copies = (id: string) =>
    actor<string, string>(id, () => ({
      receive(message, context) {
        const reply = context.deferReply()!;
        seen.push(message);
        reply.onGivenUp = () => seen.push(`no ${message}`);
        if (message !== "a") reply.resolve(message);
      },
    }));
  await using tree = await simulate(
    supervisor("root", [pool("w", copies, { size: 1, whenGivenUp: "cancel" })]),
  );
  const controller = new AbortController();
  const first = failureOf(tree.ref("w").ask("a", { signal: controller.signal }));
  const second = tree.ref("w").ask("b");
  await tree.clock.settle();
  assertEquals(seen, ["a"]);
  controller.abort();
  assertStrictEquals(await tree.settled(first), controller.signal.reason);
  assertEquals(await tree.settled(second), "b");
  assertEquals(seen, ["a", "no a", "b"]);
});

Deno.test("a pool publishes the values of its copies", async () => {
  await using tree = await simulate(supervisor("root", [pool("w", LINES, { size: 2 })]), {
    processes: {
      "w/1": { protocol: "lines", says: [{ after: 100, stdout: "one" }] },
      "w/2": { protocol: "lines", says: [{ after: 200, stdout: "two" }, { after: 300, stdout: "three" }] },
    },
  });
  const output = tree.ref("w").subscribe();
  assertEquals((await tree.settled(output.next())).value, "one");
  assertEquals((await tree.settled(output.next())).value, "two");
  await output.return();
  await tree.until((event) =>
    event.type === "dead_letter" && event.message === "three" && event.path === "w"
  );
});

Deno.test("a subscriber of a pool has credit in bytes", async () => {
  let read = 0;
  const protocol = tap("ndjson", ({ direction }) => void (direction === "received" && read++));
  const large = JSON.stringify({ filler: "x".repeat(100_000) });
  const says = Array.from({ length: 200 }, (_, at) => ({ after: 10 * (at + 1), stdout: large }));
  await using tree = await simulate(
    supervisor("root", [pool("w", { command: "w", protocol }, { size: 1 })]),
    {
      processes: { "w/1": { protocol: "ndjson", says } },
    },
  );
  const output = tree.ref("w").subscribe();
  await tree.advance(5_000);
  // A subscription to the pool and one of its own to the copy, of 1 MiB each, and what is on the way between them.
  assertLess(read * large.length, 2 * SUBSCRIPTION_BYTES + 3 * large.length);
  for (let left = says.length; left > 0; left--) await tree.settled(output.next());
  assertEquals(read, says.length);
});

Deno.test("a key function that throws refuses only its message", async () => {
  const key = (line: string) => {
    if (line === "bad") throw new TypeError("no key");
    return line;
  };
  await using tree = await poolOf({ size: 2, routing: { by: "hash", key } }, names(["1", "2"], 0));
  const ref = tree.ref("w");
  const [bad, good] = [failureOf(ref.ask("bad")), ref.ask("good")];
  assertEquals((await tree.settled(bad)).message, "no key");
  assertMatch(await tree.settled(good), /^good@/);
  void ref.tell("bad");
  await tree.until((event) =>
    event.type === "dead_letter" && event.reason === "refused" && event.message === "bad"
  );
});

Deno.test("options that make no sense are refused when the pool is made", () => {
  const bad = (options: PoolOptions) => () => pool("w", LINES, options);
  assertThrows(bad({}), OptionError, `needs "size", or "min" and "max"`);
  assertThrows(bad({ size: 0 }), OptionError, "size: must be 1 or more, got 0");
  assertThrows(bad({ min: 3, max: 2 }), OptionError, `"min" (3) must not be above "max" (2)`);
  assertThrows(bad({ size: 1, perCopy: 1.5 }), OptionError, "perCopy: expected a whole number, got 1.5");
  assertThrows(
    bad({ size: 1, shrinkAfter: -1 }),
    OptionError,
    "shrinkAfter: must be 0 milliseconds or more, got -1",
  );
  assertThrows(bad({ size: 1, routing: "random" as never }), OptionError, "routing: expected");
  assertThrows(() => pool("w", () => actor("x", () => ({ receive() {} })), { size: 1 }), OptionError, "'x'");
});

Deno.test("messages wait in the pool until its copies are ready", async () => {
  const root = supervisor("root", [pool("w", { ...LINES, ready: { stderr: "up" } }, { size: 1 })]);
  const script: ProcessScripts = {
    protocol: "lines",
    says: [{ after: 50, stderr: "up" }],
    reply: (line) => line,
  };
  const tree = await simulate(root, { processes: { "w/1": script } });
  assertEquals(await stateOf(tree.system.ended), "pending");
  assertEquals(await tree.settled(tree.ref("w").ask("x")), "x");
  await tree.stop();
  assertInstanceOf(await failureOf(tree.ref("w").ask("y")), ActorStoppedError);
});
