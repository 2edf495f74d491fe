import { assertEquals } from "@std/assert";
import { actor, supervisor } from "@outrider/outrider";
import { pool, type PoolOptions, replaceAll } from "@outrider/outrider/actors/pool";
import { type ProcessScripts, simulate, type Simulation } from "@outrider/outrider/testing";
import { decideSize } from "../../../actors/pool/sizing.ts";

const RULES = { min: 1, max: 3, grow: { queued: undefined, waited: 1_000 }, shrinkAfter: 30_000 };
const CALM = { copies: 2, waiting: 0, waitingFor: 0, spareFor: -1 };

Deno.test("the decision: to grow, to shrink, or when to look again", () => {
  const grow = { change: 1, lookAfter: Infinity };
  assertEquals(decideSize(CALM, RULES), { change: 0, lookAfter: Infinity });
  assertEquals(decideSize({ ...CALM, waiting: 2 }, RULES), grow);
  assertEquals(decideSize({ ...CALM, waiting: 1 }, RULES), { change: 0, lookAfter: 1_000 });
  assertEquals(decideSize({ ...CALM, waiting: 1, waitingFor: 400 }, RULES), { change: 0, lookAfter: 600 });
  assertEquals(decideSize({ ...CALM, waiting: 1, waitingFor: 1_000 }, RULES), grow);
  assertEquals(decideSize({ ...CALM, waiting: 4 }, { ...RULES, grow: { queued: 5, waited: 50 } }).change, 0);
  assertEquals(decideSize({ ...CALM, waiting: 5 }, { ...RULES, grow: { queued: 5, waited: 50 } }), grow);
  assertEquals(decideSize({ ...CALM, copies: 3, waiting: 99, waitingFor: 9_999 }, RULES).change, 0);
  assertEquals(decideSize({ ...CALM, spareFor: 0 }, RULES), { change: 0, lookAfter: 30_000 });
  assertEquals(decideSize({ ...CALM, spareFor: 30_000 }, RULES), { change: -1, lookAfter: Infinity });
  assertEquals(decideSize({ ...CALM, copies: 1, spareFor: 99_999 }, RULES), {
    change: 0,
    lookAfter: Infinity,
  });
});

const IDS = ["1", "2", "3", "4"];

function scripts(script: (id: string) => ProcessScripts): Record<string, ProcessScripts> {
  return Object.fromEntries(IDS.map((id) => [`w/${id}`, script(id)]));
}

async function poolOf(options: PoolOptions, script: (id: string) => ProcessScripts): Promise<Simulation> {
  const workers = pool("w", { command: "w", protocol: "lines", ready: { stderr: "up" } }, options);
  return await simulate(supervisor("root", [workers]), { processes: scripts(script) });
}

/** Ready 500 ms after its start, a second for each message. */
const worker = (id: string): ProcessScripts => ({
  protocol: "lines",
  takes: 1_000,
  reply: (line) => `${line}@${id}`,
  says: [{ after: 500, stderr: "up" }],
});

const copies = ({ system }: Simulation) => system.whichChildren("w").map(({ id, state }) => `${id} ${state}`);

Deno.test("a pool grows by one copy at a time, each ready before the next, while messages wait; then it shrinks", async () => {
  await using tree = await poolOf({ min: 1, max: 3, grow: { queued: 2 }, shrinkAfter: 10_000 }, worker);
  const began = tree.clock.now();
  const asks = [..."abcdefgh"].map((line) => tree.ref("w").ask(line, { timeout: 60_000 }));
  await tree.clock.settle();
  assertEquals(copies(tree), ["1 running", "2 starting"]);
  await tree.advance(500);
  assertEquals(copies(tree), ["1 running", "2 running", "3 starting"]);
  await tree.advance(500);
  assertEquals(copies(tree), ["1 running", "2 running", "3 running"]);
  await tree.settled(Promise.all(asks));
  const idle = tree.clock.now();
  assertEquals(idle - began, 3_500);
  await tree.advance(9_000);
  assertEquals(copies(tree).length, 3);
  await tree.advance(1_000);
  assertEquals(copies(tree), ["1 running", "2 running"]);
  await tree.advance(30_000);
  assertEquals(copies(tree), ["1 running"]);
  assertEquals(await tree.settled(tree.ref("w").ask("i")), "i@1");
});

Deno.test("a short queue makes a pool grow, too, when it lasts", async () => {
  await using tree = await poolOf({ min: 1, max: 2, grow: { queued: 100, waited: 1_500 } }, worker);
  const asks = ["a", "b"].map((line) => tree.ref("w").ask(line, { timeout: 60_000 }));
  await tree.settled(Promise.all(asks));
  assertEquals(copies(tree), ["1 running"]); // 'b' waited for a second only
  const more = ["c", "d", "e"].map((line) => tree.ref("w").ask(line, { timeout: 60_000 }));
  await tree.advance(1_499);
  assertEquals(copies(tree), ["1 running"]);
  await tree.advance(1);
  assertEquals(copies(tree), ["1 running", "2 starting"]);
  await tree.settled(Promise.all(more));
});

Deno.test("growth that fails is tried again after a pause, and costs no message", async () => {
  await using tree = await poolOf(
    { min: 1, max: 2, grow: { queued: 1 } },
    (id) => id === "1" ? worker(id) : (life) => life === 1 ? { dies: { after: 10 } } : worker("2") as never,
  );
  const asks = Array.from({ length: 30 }, (_, n) => tree.ref("w").ask(`${n}`, { timeout: Infinity }));
  await tree.until(({ type, path }) => type === "start_failed" && path === "w/2");
  const failed = tree.clock.now();
  assertEquals(copies(tree), ["1 running"]);
  await tree.until(({ type, path }) => type === "ready" && path === "w/2");
  assertEquals(tree.clock.now() - failed, 10_500);
  assertEquals(new Set(await tree.settled(Promise.all(asks))).size, 30);
});

Deno.test("a pool of which all copies are needed now and then does not shrink", async () => {
  await using tree = await poolOf({ min: 1, max: 2, grow: { queued: 1 }, shrinkAfter: 5_000 }, worker);
  await tree.settled(Promise.all(["a", "b", "c"].map((line) => tree.ref("w").ask(line))));
  for (let n = 0; n < 5; n++) {
    await tree.settled(Promise.all(["x", "y"].map((line) => tree.ref("w").ask(line))));
    await tree.advance(4_000);
    assertEquals(copies(tree), ["1 running", "2 running"]);
  }
  for (let n = 0; n < 4; n++) {
    await tree.settled(tree.ref("w").ask("z"));
    await tree.advance(1_000);
  }
  assertEquals(copies(tree).length, 1);
});

Deno.test("a pool that starts anew has as few copies as there may be", async () => {
  const options: PoolOptions = {
    min: 1,
    max: 3,
    grow: { queued: 1 },
    intensity: { restarts: 0, within: 1_000 },
    onLimit: "escalate",
  };
  await using tree = await poolOf(
    options,
    (id) =>
      id === "2"
        ? { ...worker(id) as object, dies: { onMessage: 2, with: 1 } } as ProcessScripts
        : worker(id),
  );
  const asks = Promise.allSettled(
    Array.from({ length: 8 }, (_, n) => tree.ref("w").ask(`${n}`, { timeout: Infinity })),
  );
  await tree.until(({ type, path, generation }) => type === "ready" && path === "w" && generation === 2);
  assertEquals(tree.system.whichChildren("w")[0]!.generation, 2);
  const results = await tree.settled(asks);
  const failed = results.filter(({ status }) => status === "rejected").length;
  assertEquals(failed > 0 && failed < 4, true, `${failed} failed`);
});

Deno.test("a name that is taken is not given to a new copy, and those that ended do not come back beyond the maximum", async () => {
  await using tree = await poolOf({ min: 1, max: 2, grow: { queued: 1 }, shrinkAfter: 1_000_000 }, worker);
  await tree.settled(tree.system.startChild("w", actor("2", () => ({ receive() {} }))));
  const ask = (lines: string) => tree.settled(Promise.all([...lines].map((line) => tree.ref("w").ask(line))));
  assertEquals(new Set((await ask("abcd")).map((answer) => answer.slice(1))), new Set(["@1", "@3"]));
  await tree.settled(tree.system.terminateChild("w/3"));
  assertEquals(new Set((await ask("abcd")).map((answer) => answer.slice(1))), new Set(["@1", "@4"]));
  assertEquals(await tree.settled(replaceAll(tree.ref("w"))), ["w/1", "w/4"]);
  assertEquals(copies(tree), ["1 running", "2 running", "3 stopped", "4 running"]);
});
