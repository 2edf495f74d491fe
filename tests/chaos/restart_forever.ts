/**
 * Restarts a real program as often as its arguments say, and prints after each of these counts what the process has
 * come to, as a line of JSON. Run with `--allow-all` (for /proc) and `--v8-flags=--expose-gc`.
 */
import type { Clock } from "@outrider/outrider/actor";
import { NO_BACKOFF, sidecar, supervisor, System } from "@outrider/outrider";
import { systemClock } from "../../src/time/clock.ts";

/** What is printed. */
export interface Sample {
  /** Restarts so far. */
  readonly restarts: number;
  /** Open file descriptors; only where there is /proc. */
  readonly descriptors: number | undefined;
  /** Timers of the tree that have neither fired nor been taken back. */
  readonly timers: number;
  /** Bytes of the JavaScript heap in use after a collection. */
  readonly heap: number;
}

if (import.meta.main) await main(Deno.args.map(Number));

async function main(counts: readonly number[]): Promise<void> {
  const timers = new Set<unknown>();
  const clock: Clock = {
    ...systemClock,
    setTimeout(fn, ms) {
      const timer = systemClock.setTimeout(() => {
        timers.delete(timer);
        fn();
      }, ms);
      timers.add(timer);
      return timer;
    },
    clearTimeout(timer) {
      timers.delete(timer);
      systemClock.clearTimeout(timer);
    },
  };
  const program = sidecar("program", { command: "true", backoff: NO_BACKOFF });
  const intensity = { restarts: 1_000_000, within: 1_000 };
  const system = new System(supervisor("root", [program], { intensity }), { clock });
  const events = system.events();
  await system.start();
  let restarts = 0;
  for (const count of counts) {
    while (restarts < count) {
      const { value } = await events.next();
      if (value.type === "restarting") restarts++;
    }
    await system.terminateChild("program");
    await drain();
    console.log(JSON.stringify(await sample()));
    await system.restartChild("program");
  }
  await system.stop();

  /** Reads what was told up to the stop, which may be a few restarts more. */
  async function drain(): Promise<void> {
    for (;;) {
      const { value } = await events.next();
      if (value.type === "restarting") restarts++;
      if (value.type === "stopped" || (value.type === "exited" && !system.active)) return;
    }
  }

  async function sample(): Promise<Sample> {
    const gc = (globalThis as { gc?: () => void }).gc!;
    for (let turn = 0; turn < 5; turn++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const descriptors = Deno.build.os === "linux" ? [...Deno.readDirSync("/proc/self/fd")].length : undefined;
    return { restarts, descriptors, timers: timers.size, heap: Deno.memoryUsage().heapUsed };
  }
}
