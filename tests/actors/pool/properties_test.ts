/**
 * Random pools, messages, crashes, requests: whatever happens, each message is answered or fails, no process reads it
 * more often than it may, and with `hash` those of one key are read in order.
 *
 * `OUTRIDER_RUNS` and `OUTRIDER_SEED` as in tests/supervision/properties; a failure prints the smallest scenario.
 */
import { assertEquals } from "@std/assert";
import { NO_BACKOFF, supervisor } from "@outrider/outrider";
import { pool, type PoolOptions, poolStatus, replaceAll } from "@outrider/outrider/actors/pool";
import { type ProcessScript, simulate, type Simulation } from "@outrider/outrider/testing";
import fc from "npm:fast-check@^4";

const seed = Number(Deno.env.get("OUTRIDER_SEED") || 20_300_101);
const numRuns = Number(Deno.env.get("OUTRIDER_RUNS") || 300);

const KEYS = ["ann", "bob", "cyd", "dan", "eve"];

const act = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant("ask" as const),
      key: fc.constantFrom(...KEYS),
      timeout: fc.constantFrom(80, 400, Infinity, Infinity),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("tell" as const), key: fc.constantFrom(...KEYS) }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 20, 70, 300) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("replace" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("terminate" as const, "restart" as const),
      copy: fc.integer({ min: 1, max: 3 }),
    }),
  },
);

const scenario = fc.record({
  routing: fc.constantFrom("hash" as const, "hash" as const, "round-robin" as const, "least-busy" as const),
  min: fc.integer({ min: 1, max: 3 }),
  more: fc.integer({ min: 0, max: 2 }),
  perCopy: fc.integer({ min: 1, max: 3 }),
  takes: fc.constantFrom(0, 10, 50),
  backoff: fc.constantFrom(0, 150),
  cancel: fc.boolean(),
  replay: fc.boolean(),
  /** Of each life in turn, whichever copy's it is: at which message it dies; 0: never. */
  deaths: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 12, size: "max" }),
  acts: fc.array(act, { minLength: 1, maxLength: 60, size: "max" }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

interface Sent {
  readonly line: string;
  settled: number;
}

/** What went wrong. */
async function faultsOf(plan: Scenario): Promise<string[]> {
  const faults: string[] = [];
  const handled: string[] = [];
  const deaths = [...plan.deaths];
  const script = (): ProcessScript => {
    const at = deaths.shift() ?? 0;
    return {
      protocol: "lines",
      takes: plan.takes,
      reply: (line) => {
        handled.push(line);
        return line.endsWith("?") ? line : undefined;
      },
      says: [{ after: 5, stderr: "up" }],
      ...at > 0 ? { dies: { onMessage: at, with: 1 } } : {},
    };
  };
  const processes = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`w/${n + 1}`, script]));
  const options: PoolOptions = {
    min: plan.min,
    max: plan.min + plan.more,
    perCopy: plan.perCopy,
    routing: plan.routing === "hash"
      ? { by: "hash", key: (line: string) => line.split(" ")[0]! }
      : plan.routing,
    grow: { queued: 3, waited: 100 },
    shrinkAfter: 200,
    ...plan.replay ? { onDeath: "replay", attempts: 2 } : {},
    whenGivenUp: plan.cancel ? "cancel" : "finish",
    intensity: { restarts: 1_000, within: 1_000 },
  };
  const backoff = plan.backoff === 0
    ? NO_BACKOFF
    : { ...NO_BACKOFF, initial: plan.backoff, max: plan.backoff };
  const copy = { command: "w", protocol: "lines", ready: { stderr: "up" }, backoff } as const;
  const tree = await simulate(supervisor("root", [pool("w", copy, options)]), { processes });
  const { sent, requests } = await perform(tree, plan);
  await tree.settled(Promise.allSettled(requests));
  for (let id = 1; id <= 3; id++) {
    await tree.settled(Promise.allSettled([tree.system.restartChild(`w/${id}`)]));
  }
  await tree.advance(60_000);
  for (const { line, settled } of sent) {
    if (settled !== 1) faults.push(`${line} was settled ${settled} times`);
  }
  const status = poolStatus(tree.ref("w"));
  if (status.waiting > 0) faults.push(`${status.waiting} wait for ever`);
  for (const { path, unanswered, waiting } of status.copies) {
    if (unanswered + waiting > 0) faults.push(`${path} keeps ${unanswered} and ${waiting}`);
  }
  const lives = Object.keys(processes).flatMap((path) => tree.process(path).lives);
  const read = lives.flatMap(({ received }) => received as string[]);
  const allowed = plan.replay ? 2 : 1;
  for (const line of new Set(read)) {
    const times = read.filter((other) => other === line).length;
    if (times > allowed) faults.push(`${line} was read ${times} times`);
  }
  // What was given up may still be at work while the next of its key is, where the pool was told not to wait for that.
  if (plan.routing === "hash" && !plan.cancel) {
    const asked = handled.filter((line) => sent.some((message) => message.line === line));
    for (const key of KEYS) {
      const numbers = asked.filter((line) => line.startsWith(key)).map((line) => Number(line.split(" ")[1]));
      if (numbers.some((number, at) => number < (numbers[at - 1] ?? 0))) faults.push(`${key}: ${numbers}`);
    }
  }
  await tree.stop();
  return faults;
}

async function perform(
  tree: Simulation,
  plan: Scenario,
): Promise<{ sent: Sent[]; requests: Promise<unknown>[] }> {
  const sent: Sent[] = [];
  const requests: Promise<unknown>[] = [];
  const ref = tree.ref("w");
  for (const [number, step] of plan.acts.entries()) {
    if (step.do === "wait") await tree.advance(step.ms);
    if (step.do === "replace") requests.push(replaceAll(ref).catch(() => {}));
    if (step.do === "terminate") requests.push(tree.system.terminateChild(`w/${step.copy}`).catch(() => {}));
    if (step.do === "restart") requests.push(tree.system.restartChild(`w/${step.copy}`).catch(() => {}));
    if (step.do === "tell") void ref.tell(`${step.key} ${number}`);
    if (step.do !== "ask") continue;
    const message: Sent = { line: `${step.key} ${number} ?`, settled: 0 };
    sent.push(message);
    ref.ask(message.line, { timeout: step.timeout }).then((answer) => {
      message.settled += answer === message.line ? 1 : 100;
    }, () => message.settled++);
  }
  return { sent, requests };
}

Deno.test("properties: whatever happens to a pool, its messages are answered or fail, none too often, in order", async () => {
  const property = fc.asyncProperty(scenario, async (plan) => assertEquals(await faultsOf(plan), []));
  await fc.assert(property, { seed, numRuns });
});
