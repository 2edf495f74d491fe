/** What the copies of a pool publish: while a subscriber is there, nothing of it is lost. */
import { assert, assertEquals } from "@std/assert";
import { pool, type PoolOptions, replaceAll } from "../../../actors/pool/pool.ts";
import {
  actor,
  type ActorOptions,
  type Context,
  NO_BACKOFF,
  start,
  supervisor,
  type System,
  type SystemEvent,
} from "@outrider/outrider";
import { SUBSCRIPTION_CAPACITY, SUBSCRIPTION_OVERSHOOT } from "../../../src/actor/events/subscription.ts";

/** More than one subscription holds before it asks its publisher to wait. */
const MANY = 3_000;

/** A pool of copies each of which publishes `MANY` numbers when it is asked, and what all of them have published. */
function loud(options: PoolOptions = { size: 1 }, copies: ActorOptions = {}) {
  const published: string[] = [];
  let lives = 0;
  const spec = pool("w", (id) =>
    actor(id, () => {
      const life = ++lives;
      return {
        receive(message: string, context: Context<string, void, string>) {
          if (message === "die") throw new Error("die");
          if (message === "leave") return context.exit({ reason: "normal" });
          for (let n = 0; n < MANY; n++) {
            const item = `${life}:${n}`;
            published.push(item);
            void context.publish(item, message === "large" ? 1_000 : 0);
          }
        },
      };
    }, { backoff: NO_BACKOFF, ...copies }), options);
  return { spec, published };
}

/** What happens to the copies while their reader reads nothing; each ask publishes. */
const CHANGES: Readonly<
  Record<
    string,
    { options?: PoolOptions; copies?: ActorOptions; change: (system: System) => Promise<unknown> }
  >
> = {
  "a copy crashes and is restarted": { change: (system) => system.ref("w").ask("die").catch(() => {}) },
  "a copy crashes and is held back for a while": {
    options: { size: 1, intensity: { restarts: 0, within: 1_000 }, onLimit: { quarantine: { coolDown: 1 } } },
    change: (system) => system.ref("w").ask("die").catch(() => {}),
  },
  "all copies are replaced under their names": { change: (system) => replaceAll(system.ref("w")) },
  "all copies are replaced by others": {
    options: { min: 1, max: 2, shrinkAfter: Infinity, grow: { waited: Infinity, queued: 1_000 } },
    change: (system) => replaceAll(system.ref("w")),
  },
  "temporary copies are replaced": {
    copies: { restart: "temporary" },
    change: (system) => replaceAll(system.ref("w")),
  },
  "a copy is stopped and started by hand": {
    async change(system) {
      await system.terminateChild("w/1");
      await system.restartChild("w/1");
    },
  },
  "a copy ends and is started by hand": {
    copies: { restart: "transient" },
    async change(system) {
      const over = finished(system);
      await system.ref("w").tell("leave");
      await over;
      await system.restartChild("w/1");
    },
  },
  "the pool is stopped and started by hand": {
    async change(system) {
      await system.terminateChild("w");
      await system.restartChild("w");
    },
  },
};

function byLife(items: readonly string[]): string {
  return JSON.stringify(Object.groupBy(items, (item) => item.split(":")[0]!));
}

async function finished(system: System): Promise<void> {
  for await (const { type } of system.events()) if (type === "finished") return;
}

for (const message of ["small", "large"]) {
  for (const [what, { options, copies, change }] of Object.entries(CHANGES)) {
    Deno.test(`a pool loses no ${message} publication when ${what} and its reader is behind`, async () => {
      const { spec, published } = loud(options, copies);
      const system = await start(supervisor("root", [spec]));
      const dead: SystemEvent[] = [];
      const watching = (async () => {
        for await (const event of system.events()) if (event.type === "dead_letter") dead.push(event);
      })();
      const subscription = system.ref("w").subscribe({ capacity: 8 });
      for (let round = 0; round < 3; round++) {
        await system.ref("w").ask(message);
        await change(system);
      }
      await system.ref("w").ask(message);
      // The reader comes late, and the tree ends before it is through.
      const first = await subscription.next();
      await system.stop();
      const read = [first.value, ...await Array.fromAsync(subscription)];
      await watching;
      assertEquals([read.length, dead.length], [published.length, 0]);
      // Each copy's in the order in which it published them.
      assert(byLife(read) === byLife(published), "not all came, or not in order");
    });
  }
}

Deno.test("a pool forwards the values of a removed copy", async () => {
  const { spec, published } = loud({ min: 1, max: 2, grow: { queued: 1 }, shrinkAfter: 50 });
  const system = await start(supervisor("root", [spec]));
  const shrunk = (async () => {
    for await (const event of system.events()) if (event.type === "forgotten") return;
  })();
  const subscription = system.ref("w").subscribe({ capacity: 8 });
  await Promise.all(Array.from({ length: 6 }, () => system.ref("w").ask("small")));
  await shrunk;
  const reading = Array.fromAsync(subscription);
  await system.stop();
  assert(byLife(await reading) === byLife(published), "not all came, or not in order");
});

Deno.test("a pool warns and goes on when a copy has published more than its limit without waiting", async () => {
  const spec = pool("w", (id) =>
    actor(id, () => ({
      receive(count: number, context: Context<number, void, number>) {
        for (let n = 1; n <= count; n++) void context.publish(n);
        void context.publish(-1);
      },
    })), { size: 1 });
  await using system = await start(supervisor("root", [spec]));
  const warned = (async () => {
    for await (const event of system.events()) if (event.type === "warning") return event.message;
  })();
  const more = warned.then(() => system.ref("w").ask(0));
  const subscription = system.ref<number, void, number>("w").subscribe({ capacity: 8 });
  const published = 2 * (SUBSCRIPTION_CAPACITY + SUBSCRIPTION_OVERSHOOT);
  await system.ref("w").ask(published);
  const read: number[] = [];
  for await (const n of subscription) {
    if (n < 0) break;
    read.push(n);
  }
  await more;
  assertEquals(
    await warned,
    "publications of 'w/1' were lost, as it made more than was read and did not wait",
  );
  assertEquals(read.length, SUBSCRIPTION_CAPACITY + SUBSCRIPTION_OVERSHOOT + 1);
  assert(read.every((n, at) => n === at + 1), "what came before the cut is missing, or not in order");
});

Deno.test("values of a pool's copies are dead letters when there is no subscriber", async () => {
  const { spec, published } = loud();
  const system = await start(supervisor("root", [spec]));
  await system.ref("w").ask("small");
  await system.stop();
  assertEquals(system.ref("w").deadLetters, published.length);
});

Deno.test("a pool of programs loses no line around two replacements when its reader is slow", async () => {
  const counts =
    'n=0; while read -r line; do i=0; while [ $i -lt 300 ]; do echo "$$ $n"; n=$((n+1)); i=$((i+1)); done; done';
  const copies = { command: "sh", args: ["-c", counts], protocol: "lines", pairing: "none" } as const;
  const system = await start(supervisor("root", [pool("w", copies, { size: 1 })]));
  const subscription = system.ref<string, void, string>("w").subscribe({ capacity: 4 });
  const lines: string[] = [];
  const goOn = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const line of subscription) {
      lines.push(line);
      await goOn.promise;
    }
  })();
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 4; n++) await system.ref("w").tell("go");
    if (round < 2) await replaceAll(system.ref("w"));
  }
  goOn.resolve();
  while (lines.length < 3_600) await new Promise((resolve) => setTimeout(resolve, 5));
  await system.stop();
  await reading;
  assertEquals([system.ref("w").deadLetters, system.ref("w/1").deadLetters], [0, 0]);
  const copiesSeen = Map.groupBy(lines, (line) => line.split(" ")[0]!);
  assertEquals(copiesSeen.size, 3);
  for (const [pid, said] of copiesSeen) {
    assert(said.every((line, n) => line === `${pid} ${n}`), `lines of ${pid} are missing`);
  }
});
