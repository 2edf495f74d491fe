/** How long a subscription lives: through whatever happens to its actor, until no incarnation can follow. */
import { assertEquals } from "@std/assert";
import {
  actor,
  type ActorOptions,
  type Context,
  dynamicSupervisor,
  NO_BACKOFF,
  start,
  supervisor,
  type SupervisorOptions,
  type System,
} from "@outrider/outrider";

/** Publishes what it is sent; `die` and `leave` end it. */
function crier(options: ActorOptions = {}) {
  return actor("a", () => ({
    receive(message: string, context: Context<string, void, string>) {
      if (message === "die") throw new Error("die");
      if (message === "leave") return context.exit({ reason: "normal" });
      void context.publish(`${message} of ${context.generation}`);
    },
  }), { backoff: NO_BACKOFF, ...options });
}

const quarantined = (coolDown?: number): SupervisorOptions => ({
  intensity: { restarts: 0, within: 1_000 },
  onLimit: { quarantine: { coolDown } },
});

/** Between two messages, something that ends the incarnation and brings the next one. */
const CHANGES: Readonly<
  Record<string, { options?: SupervisorOptions; change: (system: System) => Promise<unknown> }>
> = {
  "a crash and a restart": { change: (system) => system.ref("a").ask("die").catch(() => {}) },
  "a stop and a start by hand": {
    async change(system) {
      await system.terminateChild("a");
      await system.restartChild("a");
    },
  },
  "ten stops and starts by hand": {
    async change(system) {
      for (let n = 0; n < 10; n++) {
        await system.terminateChild("a");
        await system.restartChild("a");
      }
    },
  },
  "a quarantine that ends by itself": {
    options: quarantined(1),
    async change(system) {
      const back = whenReady(system, 2);
      await system.ref("a").ask("die").catch(() => {});
      await back;
    },
  },
  "a quarantine that is ended by hand": {
    options: quarantined(),
    async change(system) {
      const held = when(system, "quarantined");
      await system.ref("a").ask("die").catch(() => {});
      await held;
      await system.restartChild("a");
    },
  },
  "a quarantine, a stop and a start by hand": {
    options: quarantined(),
    async change(system) {
      const held = when(system, "quarantined");
      await system.ref("a").ask("die").catch(() => {});
      await held;
      await system.terminateChild("a");
      await system.restartChild("a");
    },
  },
};

async function when(system: System, type: string, generation?: number): Promise<void> {
  for await (const event of system.events()) {
    if (event.path === "a" && event.type === type && (generation ?? event.generation) === event.generation) {
      return;
    }
  }
}

function whenReady(system: System, generation: number): Promise<void> {
  return when(system, "ready", generation);
}

for (const [what, { options = {}, change }] of Object.entries(CHANGES)) {
  for (const how of ["items", "batches", "items by a reader who is behind"] as const) {
    Deno.test(`a subscription read in ${how} goes on across ${what}`, async () => {
      const system = await start(supervisor("root", [crier()], options));
      const subscription = system.ref("a").subscribe({ capacity: 1 });
      let read: Promise<string[]> | undefined;
      if (how === "items") read = Array.fromAsync(subscription);
      if (how === "batches") read = Array.fromAsync(subscription.batches()).then((batches) => batches.flat());
      await system.ref("a").ask("one");
      await change(system);
      await system.ref("a").ask("two");
      read ??= Array.fromAsync(subscription);
      const { generation } = system.ref("a");
      await system.stop();
      assertEquals(await read, ["one of 1", `two of ${generation}`]);
    });
  }
}

Deno.test("a subscription goes on when the supervisor above its actor is stopped and started by hand", async () => {
  const system = await start(supervisor("root", [supervisor("s", [crier()])]));
  const read = Array.fromAsync(system.ref("s/a").subscribe());
  await system.ref("s/a").ask("one");
  await system.terminateChild("s");
  await system.restartChild("s");
  await system.ref("s/a").ask("two");
  await system.stop();
  assertEquals(await read, ["one of 1", "two of 2"]);
});

Deno.test("a subscription made while its actor is stopped by hand gets what the next incarnation publishes", async () => {
  const system = await start(supervisor("root", [crier()]));
  await system.terminateChild("a");
  const read = Array.fromAsync(system.ref("a").subscribe());
  await system.restartChild("a");
  await system.ref("a").ask("two");
  await system.stop();
  assertEquals(await read, ["two of 2"]);
});

/** What leaves no incarnation to come. */
const ENDS: Readonly<
  Record<string, { restart?: ActorOptions["restart"]; end: (system: System) => Promise<unknown> }>
> = {
  "it is deleted": {
    async end(system) {
      await system.terminateChild("a");
      await system.deleteChild("a");
    },
  },
  "it is temporary and was stopped": { restart: "temporary", end: (system) => system.terminateChild("a") },
  "it is temporary and has crashed": {
    restart: "temporary",
    end: (system) => system.ref("a").ask("die").catch(() => {}),
  },
  "it has ended and is not started again": {
    restart: "transient",
    end: (system) => Promise.resolve(system.ref("a").tell("leave")),
  },
};

for (const [when, { restart, end }] of Object.entries(ENDS)) {
  Deno.test(`a subscription ends, behind what is unread, when ${when}`, async () => {
    await using system = await start(supervisor("root", [crier({ restart })]));
    const subscription = system.ref("a").subscribe();
    await system.ref("a").ask("one");
    await end(system);
    assertEquals(await Array.fromAsync(subscription), ["one of 1"]);
  });
}

Deno.test("a subscription to a dynamic child ends when it is terminated, and not with its namesake", async () => {
  await using system = await start(supervisor("root", [dynamicSupervisor("d")]));
  await system.startChild("d", crier());
  const first = Array.fromAsync(system.ref("d/a").subscribe());
  await system.ref("d/a").ask("one");
  await system.terminateChild("d/a");
  assertEquals(await first, ["one of 1"]);
  await system.startChild("d", crier());
  const second = system.ref("d/a").subscribe();
  await system.ref("d/a").ask("two");
  assertEquals((await second.next()).value, "two of 1");
  await second.return();
});

Deno.test("a subscription to a child that had ended by itself can be had again once it was started by hand", async () => {
  const system = await start(supervisor("root", [crier({ restart: "transient" })]));
  const over = Array.fromAsync(system.ref("a").subscribe());
  await system.ref("a").tell("leave");
  assertEquals(await over, []);
  await system.restartChild("a");
  const read = Array.fromAsync(system.ref("a").subscribe());
  await system.ref("a").ask("two");
  await system.stop();
  assertEquals(await read, ["two of 2"]);
});
