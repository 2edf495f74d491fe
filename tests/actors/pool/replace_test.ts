import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { actor, IncarnationEndedError, NO_BACKOFF, start, supervisor } from "@outrider/outrider";
import { sleep } from "@outrider/outrider/actor";
import { pool, PoolError, type PoolOptions, poolStatus, replaceAll } from "@outrider/outrider/actors/pool";
import { type ProcessScripts, simulate, type Simulation } from "@outrider/outrider/testing";
import { failureOf, stateOf } from "../../support/probes.ts";
import { AT_ONCE, fixture, sh } from "../../sidecar/health/probe.ts";

const IDS = ["1", "2", "3", "4"];
const LINES = { command: "w", protocol: "lines", ready: { stderr: "up" }, backoff: NO_BACKOFF } as const;

/** Ready 200 ms after its start, 50 ms for each message; answers with its name and how often it was started. */
const worker = (id: string) => (life: number): ProcessScripts & object => ({
  protocol: "lines",
  takes: 50,
  reply: (line: string) => `${line}@${id}.${life}`,
  says: [{ after: 200, stderr: "up" }],
});

async function poolOf(
  options: PoolOptions,
  script: (id: string) => ProcessScripts = worker as (id: string) => ProcessScripts,
): Promise<Simulation> {
  const processes = Object.fromEntries(IDS.map((id) => [`w/${id}`, script(id)]));
  return await simulate(supervisor("root", [pool("w", LINES, options)]), { processes });
}

/** Asks all the time while `work` is under way, from three sides; what all came to. */
async function underLoad(tree: Simulation, work: Promise<unknown>): Promise<string[]> {
  let over = false;
  const results: string[] = [];
  const load = async (side: string) => {
    for (let n = 0; !over; n++) results.push(await tree.ref("w").ask(`${side}${n}`, { timeout: Infinity }));
  };
  const sides = ["a", "b", "c"].map(load);
  try {
    await tree.settled(work);
  } finally {
    over = true;
    await tree.settled(Promise.all(sides));
  }
  return results;
}

const events = (tree: Simulation, types: readonly string[]) =>
  tree.events.filter(({ type, path }) => types.includes(type) && path.startsWith("w/"))
    .map(({ type, path, generation }) => `${type} ${path}#${generation}`);

Deno.test("replacing all copies under load: one at a time, the next when the new one is ready, nothing lost", async () => {
  for (const routing of ["round-robin", "least-busy", "hash"] as const) {
    await using tree = await poolOf({ size: 3, routing });
    const before = tree.events.length;
    const replaced = replaceAll(tree.ref("w"));
    const results = await underLoad(tree, replaced);
    assertEquals(await replaced, ["w/1", "w/2", "w/3"]);
    assert(results.length > 20, `${results.length}`);
    assertEquals(
      events(tree, ["stopped", "ready"]).slice(3),
      ["1", "2", "3"].flatMap((id) => [`stopped w/${id}#1`, `ready w/${id}#2`]),
      `${before}`,
    );
    assertEquals(tree.events.filter(({ type }) => type === "dead_letter"), []);
    assertEquals(tree.system.whichChildren("w").map(({ generation }) => generation), [2, 2, 2]);
  }
});

Deno.test("where there may be one more, the new one is ready before the old one ends", async () => {
  await using tree = await poolOf({ min: 2, max: 3, shrinkAfter: 1_000_000 });
  const replaced = replaceAll(tree.ref("w"));
  const results = await underLoad(tree, replaced);
  assertEquals(await replaced, ["w/3", "w/1"]);
  assert(results.length > 10);
  assertEquals(events(tree, ["stopped", "ready"]).slice(2, 6), [
    "ready w/3#1",
    "stopped w/1#1",
    "ready w/1#1", // another place of the same name: its count begins anew
    "stopped w/2#1",
  ]);
  assertEquals(tree.events.filter(({ type }) => type === "dead_letter"), []);
});

Deno.test("a copy has the drain time for its messages, and no longer", async () => {
  const slow = (id: string): ProcessScripts =>
    ({ ...worker(id)(1) as object, takes: 5_000 }) as ProcessScripts;
  await using tree = await poolOf({ size: 1 }, slow);
  const ref = tree.ref("w");
  const first = ref.ask("a", { timeout: Infinity });
  const second = ref.ask("b", { timeout: Infinity });
  await tree.settled(replaceAll(ref));
  assertMatch(await tree.settled(first), /^a@/);
  const late = failureOf(second);
  await tree.settled(replaceAll(ref, { drain: 0 }));
  assertInstanceOf(await tree.settled(late), IncarnationEndedError);
});

Deno.test("with surge, the old copy has the drain time, too", async () => {
  const slow = (id: string): ProcessScripts =>
    ({ ...worker(id)(1) as object, takes: 20_000 }) as ProcessScripts;
  await using tree = await poolOf({ min: 1, max: 2, grow: { queued: 100 } }, slow);
  const first = tree.ref("w").ask("a", { timeout: Infinity });
  await tree.settled(replaceAll(tree.ref("w")));
  assertEquals(await tree.settled(first), "a@1.1");
});

Deno.test("unread tells are handled before a copy ends", async () => {
  const deaf = (id: string): ProcessScripts => ({ ...worker(id)(1) as object, takes: 500 }) as ProcessScripts;
  await using tree = await poolOf({ size: 1, perCopy: 3 }, deaf);
  const ref = tree.ref("w");
  // More than a pipe holds: the last ones are in the mailbox of the copy.
  for (let n = 0; n < 6; n++) void ref.tell(`${n} ${"x".repeat(40_000)}`);
  await tree.settled(replaceAll(ref));
  await tree.advance(60_000);
  const read = tree.process("w/1").lives.flatMap(({ received }) =>
    received.map((line) => Number((line as string)[0]))
  );
  assertEquals(read, [0, 1, 2, 3, 4, 5]);
  const lost = tree.events.filter((event) => event.type === "dead_letter" && event.reason !== "unclaimed");
  assertEquals(lost, []);
});

Deno.test("a copy that hangs does not hold up its replacement for longer than its callers wait", async () => {
  const hangs = (id: string) => (life: number) =>
    ({ ...worker(id)(life), ...life === 1 ? { hangs: { onMessage: 1 } } : {} }) as never;
  await using tree = await poolOf({ size: 1 }, hangs);
  const [stuck, waits] = [failureOf(tree.ref("w").ask("a")), tree.ref("w").ask("b", { timeout: Infinity })];
  const began = tree.clock.now();
  await tree.settled(replaceAll(tree.ref("w"), { drain: Infinity }));
  assertEquals((await stuck).name, "TimeoutError");
  assertEquals(await tree.settled(waits), "b@1.2");
  assert(tree.clock.now() - began < 15_000);
});

Deno.test("a new one that does not get ready: it stops there, and says so", async () => {
  const bad = (id: string) => (life: number) =>
    (id === "2" && life === 2 ? { dies: { after: 10, with: 9 } } : worker(id)(life)) as never;
  await using tree = await poolOf({ size: 3 }, bad);
  const failed = failureOf(replaceAll(tree.ref("w")));
  const results = await underLoad(tree, failed);
  const error = await failed;
  assertInstanceOf(error, PoolError);
  assertEquals([error.code, error.path, error.replaced], ["not_replaced", "w/2", ["w/1"]]);
  assertMatch(error.message, /^Cannot replace 'w\/2': .* exited with code 9/);
  assert(results.length > 10);
  const states = () =>
    tree.system.whichChildren("w").map(({ id, state, generation }) => `${id} ${state}#${generation}`);
  assertEquals(states(), ["1 running#2", "2 stopped#2", "3 running#1"]);
  assertEquals(await tree.settled(replaceAll(tree.ref("w"))), ["w/2", "w/1", "w/3"]);
  assertEquals(states(), ["1 running#3", "2 running#3", "3 running#2"]);
  assertEquals(poolStatus(tree.ref("w")).copies.map(({ state }) => state), ["up", "up", "up"]);
});

Deno.test("with surge, a new one that does not get ready leaves all old ones as they are", async () => {
  const bad = (id: string) => id === "3" ? { dies: { after: 10 } } as const : worker(id) as never;
  await using tree = await poolOf({ min: 2, max: 3 }, bad);
  const error = await tree.settled(failureOf(replaceAll(tree.ref("w"))));
  assertEquals((error as PoolError).replaced, []);
  assertEquals(tree.system.whichChildren("w").map(({ id, state }) => `${id} ${state}`), [
    "1 running",
    "2 running",
  ]);
  assertEquals(await tree.settled(Promise.all(["a", "b"].map((line) => tree.ref("w").ask(line)))), [
    "a@1.1",
    "b@2.1",
  ]);
});

Deno.test("a stopped pool does not go on replacing", async () => {
  const tree = await poolOf(
    { size: 2 },
    (id) => ({ ...worker(id)(1) as object, takes: 5_000 }) as ProcessScripts,
  );
  const asked = Promise.allSettled([tree.ref("w").ask("a")]);
  const failed = failureOf(replaceAll(tree.ref("w")));
  await tree.clock.settle();
  await tree.stop();
  assertEquals((await failed as PoolError).code, "not_replaced");
  await asked;
});

Deno.test("there is nothing to replace where no pool runs", async () => {
  const system = await start(supervisor("root", [actor("a", () => ({ receive() {} }))]));
  const error = await failureOf(replaceAll(system.ref("a"))) as PoolError;
  assertEquals([error.code, error.message], ["no_pool", "Cannot reach the pool 'a': none runs there"]);
  await system.stop();
});

Deno.test("real processes: each copy is another one after that, and all messages are answered", async () => {
  const script = sh('while read -r line; do echo "$line $$"; done');
  const workers = pool("w", { ...script, protocol: "lines", backoff: NO_BACKOFF }, { size: 2 });
  await using system = await start(supervisor("root", [workers]));
  const pids = async () =>
    new Set(
      (await Promise.all([..."abcdefgh"].map((line) => system.ref("w").ask(line)))).map((reply) =>
        (reply as string).slice(2)
      ),
    );
  const before = await pids();
  let over = false;
  let answered = 0;
  const load = (async () => {
    for (; !over; answered++) await system.ref("w").ask("x");
  })();
  assertEquals(await replaceAll(system.ref("w")), ["w/1", "w/2"]);
  over = true;
  await load;
  const after = await pids();
  assertEquals([before.size, after.size, before.intersection(after).size], [2, 2, 0]);
  assert(answered > 2);
});

Deno.test("real processes: one that is killed costs its own message only", async () => {
  const slow = {
    ...sh('while read -r line; do echo "$$" >&2; sleep 0.2; echo "$line"; done'),
    protocol: "lines",
  } as const;
  const workers = pool("w", { ...slow, backoff: NO_BACKOFF, stop: AT_ONCE }, { size: 3 });
  await using system = await start(supervisor("root", [workers]));
  const killed = (async () => {
    for await (const event of system.events({ types: ["output"] })) {
      if (event.type !== "output") continue;
      Deno.kill(Number(event.line), "SIGKILL");
      return event.path;
    }
  })();
  await Promise.resolve();
  const results = await Promise.allSettled([..."abcdefghi"].map((line) => system.ref("w").ask(line)));
  const failed = results.filter((result) => result.status === "rejected");
  assertEquals(failed.map(({ reason }) => reason.path), [await killed]);
});

Deno.test("real processes: a stop while copies work answers their messages and leaves no process", async () => {
  const slow = sh('while read -r line; do sleep 0.1; echo "$line"; done');
  const workers = pool("w", { ...slow, protocol: "lines" }, { size: 2 });
  const system = await start(supervisor("root", [workers]));
  const asks = [..."abcde"].map((line) => system.ref("w").ask(line));
  const results = Promise.allSettled(asks);
  assertEquals(await stateOf(asks[0]), "pending");
  await system.stop();
  assertEquals((await results).map(({ status }) => status), [
    "fulfilled",
    "fulfilled",
    "rejected",
    "rejected",
    "rejected",
  ]);
  assertEquals((await failureOf(asks[4])).name, "ActorStoppedError");
});

Deno.test("a pool in a restart set is stopped and started with it, and answers waiting messages then", async () => {
  const mortal = actor<string, void>("a", () => ({
    receive() {
      throw new Error("boom");
    },
  }));
  const processes = Object.fromEntries(
    IDS.map((
      id,
    ) => [`w/${id}`, ((life: number) => ({ ...worker(id)(life) as object, takes: 500 })) as never]),
  );
  const root = supervisor("root", [mortal, pool("w", LINES, { size: 2 })], { strategy: "one_for_all" });
  await using tree = await simulate(root, { processes });
  const asks = [..."abcdef"].map((line) => tree.ref("w").ask(line, { timeout: Infinity }));
  await tree.clock.settle();
  void tree.ref("a").tell("die");
  assertEquals((await tree.settled(Promise.all(asks))).sort(), [
    "a@1.1",
    "b@2.1",
    "c@1.2",
    "d@2.2",
    "e@1.2",
    "f@2.2",
  ]);
  assertEquals(tree.ref("w").generation, 2);
});

Deno.test("untaken messages of a stopped pool go to the next incarnation, in order", async () => {
  const mortal = actor<string, void>("a", () => ({
    receive() {
      throw new Error("boom");
    },
  }));
  const copies = (id: string) =>
    actor<string, string>(id, () => ({
      async receive(message, context) {
        if (context.generation === 1) await sleep(context.clock, 1_000);
        handled.push(message);
        return `${message}.${context.generation}`;
      },
    }));
  const handled: string[] = [];
  const root = supervisor("root", [mortal, pool("w", copies, { size: 1, perCopy: 3 })], {
    strategy: "one_for_all",
  });
  await using tree = await simulate(root);
  const asks = [..."abcde"].map((line) => tree.ref("w").ask(line));
  await tree.clock.settle();
  assertEquals(poolStatus(tree.ref("w")).copies[0]!.unanswered, 3);
  void tree.ref("a").tell("die");
  assertEquals(await tree.settled(Promise.all(asks)), ["a.1", "b.2", "c.2", "d.2", "e.2"]);
  assertEquals(handled, [..."abcde"]);
});

Deno.test("a pool can be started alone, and is asked through its spec", async () => {
  const workers = pool("pool", { ...fixture("echo_ndjson"), protocol: "ndjson" }, { size: 2 });
  await using system = await start(workers);
  assertEquals(system.whichChildren("pool").map(({ path }) => path), ["pool/1", "pool/2"]);
  assertInstanceOf(await system.ref(workers).ask({ n: 1 }), Object);
});

Deno.test("an answer of many frames keeps its copy at work until it was read, and is not cut short by a replacement", async () => {
  const counts = sh('while read -r line; do for n in 1 2 3; do echo "$line$n"; done; echo "$line."; done');
  const until = (frame: unknown) => (frame as string).endsWith(".") ? "end" as const : "more" as const;
  const workers = pool("w", { ...counts, protocol: "lines", until }, { size: 1 });
  await using system = await start(supervisor("root", [workers]));
  const ref = system.ref(workers);
  const first = await ref.ask("a");
  const second = ref.ask("b");
  const replaced = replaceAll(ref);
  assertEquals(await stateOf(second), "pending");
  assertEquals([poolStatus(ref).copies[0]!.unanswered, await stateOf(replaced)], [1, "pending"]);
  assertEquals(await Array.fromAsync(first as AsyncIterable<string>), ["a1", "a2", "a3"]);
  await replaced;
  for await (const frame of await second as AsyncIterable<string>) {
    assertEquals(frame, "b1");
    break;
  }
  assertEquals(await Array.fromAsync(await ref.ask("c") as AsyncIterable<string>), ["c1", "c2", "c3"]);
  assertEquals(system.ref("w/1").generation, 2);
});

Deno.test("a stream that breaks off frees its copy, also without a reader", async () => {
  const script = sh('read -r line; echo "$line"; read -r more; kill -9 $$');
  const until = () => "more" as const;
  const workers = pool("w", { ...script, protocol: "lines", until, backoff: NO_BACKOFF }, {
    size: 1,
    perCopy: 2,
  });
  await using system = await start(supervisor("root", [workers]));
  const ref = system.ref("w");
  await ref.ask("a");
  assertEquals(poolStatus(ref).copies[0]!.unanswered, 1);
  assertInstanceOf(await failureOf(ref.ask("b")), IncarnationEndedError);
  assertEquals(poolStatus(ref).copies[0]!.unanswered, 0);
});
