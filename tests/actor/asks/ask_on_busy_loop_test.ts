/** Timeouts of asks where an actor beside them holds the event loop up. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { actor, AskTimeoutError, start, supervisor } from "@outrider/outrider";

/** Milliseconds that the busy actor takes for a message, in which nothing else can run. */
const HOLD_MS = 20;

/** Messages of no more than a millisecond, by which the scheduler learns that they take their time. */
const WARM_UP = 200;

function hold(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until;);
}

for (const timeout of [20, 100, 250]) {
  Deno.test(`an ask of ${timeout} ms is given up in time when an actor holds the event loop`, async () => {
    let held = 0;
    let busy = true;
    const holder = actor("busy", () => ({
      receive(_: "go", { self }) {
        hold(held++ < WARM_UP ? 1 : HOLD_MS);
        // Without an end the loop would be held for good where timeouts never come.
        if (busy && held < WARM_UP + 300) void self.tell("go");
      },
    }));
    const silent = actor("silent", () => ({ receive: () => new Promise<void>(() => {}) }), { shutdown: 0 });
    await using system = await start(supervisor("root", [holder, silent]));
    void system.ref("busy").tell("go");
    while (held < WARM_UP) await new Promise((resolve) => setTimeout(resolve));
    for (let round = 0; round < 3; round++) {
      const before = held;
      const began = performance.now();
      // The second is added within the same tick as the first.
      const asks = [1, 2].map((n) =>
        assertRejects(() => system.ref("silent").ask(n, { timeout }), AskTimeoutError)
      );
      await Promise.all(asks);
      const took = performance.now() - began;
      assert(took >= timeout, `it was ${timeout - took} ms early`);
      // In messages of the busy actor, not in time: on a loaded machine each takes longer.
      const allowed = Math.ceil(timeout / HOLD_MS) + 10;
      assert(
        held - before <= allowed,
        `the busy actor had ${held - before} messages, where ${allowed} are allowed`,
      );
    }
    busy = false;
    assertEquals(system.ref("busy").isAlive, true);
  });
}
