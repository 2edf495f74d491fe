/**
 * The runtime under test, for `main.ts`: `subject.ts SEED MS RUN` plants the tree, harms it for so many milliseconds,
 * stops it, and says what happened in lines of JSON (`figures.ts`). What it does is decided by the seed; how it comes
 * out in time is the machine's.
 */
import { System } from "@outrider/outrider";
import type { SystemEvent } from "@outrider/outrider";
import { seeded } from "../chaos/garden.ts";
import { count, noFigures } from "./figures.ts";
import type { Said } from "./figures.ts";
import { plague } from "./harm.ts";
import { Lives } from "./lives.ts";
import type { Life } from "./lives.ts";
import { Load } from "./load.ts";
import { plot } from "./plot.ts";

/** Milliseconds between two looks at the clock by which the hold of the event loop is measured. */
const LOOK_MS = 10;

const [seed, ms, run] = Deno.args;
if (seed === undefined || ms === undefined || run === undefined) throw new Error("Cannot run: SEED MS RUN");

const figures = noFigures();
const say = (said: Said) => console.log(JSON.stringify(said));
const onBroken = (broke: string) => say({ broke });

for (const type of ["unhandledrejection", "error"] as const) {
  globalThis.addEventListener(type, (event) => {
    event.preventDefault();
    const { reason, error = reason } = event as PromiseRejectionEvent & ErrorEvent;
    onBroken(`${type}: ${error?.stack ?? error}`);
  });
}

const { rows, pools, root } = plot(run);
const system = new System(root);
const previous = new Map<string, Life>();
const lives = new Lives(system.events(), look);
await system.start();

let last = performance.now();
const looking = setInterval(() => {
  const now = performance.now();
  figures.lag = Math.max(figures.lag, now - last - LOOK_MS);
  last = now;
}, LOOK_MS);
const telling = setInterval(() => say({ figures }), 1_000);

const over = new AbortController();
setTimeout(() => over.abort(), Number(ms));
const load = new Load({ system, figures, onBroken });
await Promise.all([...rows, ...pools].map((row, index) =>
  plague(row, {
    system,
    lives,
    load,
    figures,
    onBroken,
    signal: over.signal,
    random: seeded(Number(seed) + index),
  })
));
await system.stop();
await lives.ended;
await load.settled();
clearInterval(looking);
clearInterval(telling);
say({ over: figures });

/** Holds each event against what may be. */
function look(event: SystemEvent): void {
  const { type, path, generation } = event;
  if (type === "ready" && generation > 1) figures.restarts++;
  if (type === "spawned") {
    const before = previous.get(path);
    if (before !== undefined && isThere(before.pid)) {
      onBroken(`${path}#${generation} is there beside process ${before.pid}`);
    }
    previous.set(path, lives.at(path)!);
  }
  if (type === "events_lost") onBroken(`${event.count} events are lost`);
  if (type === "start_failed" && !over.signal.aborted) onBroken(`${path}#${generation}: ${event.cause}`);
  if (type === "gave_up" || type === "quarantined") onBroken(`${path}: ${type}`);
  if (type === "exited" && event.exit.reason === "crash") {
    const { signal } = event.exit.cause as { signal?: string };
    count(figures.harms, `died of ${signal}`);
    if (signal !== "SIGKILL" && signal !== "SIGTERM") onBroken(`${path}#${generation}: ${event.exit.cause}`);
  }
}

function isThere(pid: number): boolean {
  try {
    Deno.kill(pid, 0 as unknown as Deno.Signal);
    return true;
  } catch {
    return false;
  }
}
