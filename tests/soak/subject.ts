/**
 * The runtime under test, for `main.ts`: `subject.ts SEED MS RUN` plants the tree, harms it for so many milliseconds,
 * stops it, and says what happened in lines of JSON (`figures.ts`). What it does is decided by the seed; how it comes
 * out in time is the machine's.
 */
import { System, type SystemEvent } from "@outrider/outrider";
import { seeded } from "../chaos/garden.ts";
import { count, noFigures, type Said } from "./figures.ts";
import { harm } from "./harm.ts";
import { type Life, Lives } from "./lives.ts";
import { Load } from "./load.ts";
import { plot } from "./plot.ts";

/**
 * Rows that are harmed at the same time. Were it all of them, the event loop would never be without work, and Deno, which
 * asks the system for news only every 61st turn then, would see an end or an answer many seconds late.
 */
const AT_ONCE = 6;

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
/** The latest events of each place. */
const recent = new Map<string, string[]>();
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
const waiting = [...rows, ...pools].map((row, index) => ({ row, random: seeded(Number(seed) + index) }));
await Promise.all(Array.from({ length: AT_ONCE }, async () => {
  while (!over.signal.aborted) {
    const next = waiting.shift()!;
    await harm(next.row, {
      system,
      lives,
      load,
      figures,
      onBroken,
      signal: over.signal,
      random: next.random,
    });
    waiting.push(next);
  }
}));
await system.stop();
await lives.ended;
await load.settled();
clearInterval(looking);
clearInterval(telling);
say({ over: figures });

/** Holds each event against what may be. */
function look(event: SystemEvent): void {
  const { type, path, generation } = event;
  remember(event);
  const breaks = (what: string) =>
    onBroken(`${path}#${generation}: ${what}; before: ${recent.get(path)?.join(", ")}`);
  if (type === "ready" && generation > 1) figures.restarts++;
  if (type === "spawned") {
    const before = previous.get(path);
    const state = before === undefined ? undefined : stateOf(before.pid);
    // One that has ended and that Deno has not asked for yet runs nowhere.
    if (state?.startsWith("Z")) count(figures.harms, "not yet reaped at its successor's start");
    else if (state !== undefined) {
      breaks(`it is there beside process ${before!.pid}, whose state is ${state}`);
    }
    previous.set(path, lives.at(path)!);
  }
  if (type === "events_lost") breaks(`${event.count} events are lost`);
  if (type === "start_failed" && !over.signal.aborted) breaks(`it can't be started: ${event.cause}`);
  if (type === "gave_up" || type === "quarantined") breaks(type);
  if (type !== "exited" && type !== "stopped") return;
  const { exit } = event;
  if (exit.reason === "killed") count(figures.harms, exit.abandoned ? "abandoned" : "ended by force");
  if (exit.reason !== "crash") return;
  const { signal } = exit.cause as { signal?: string };
  count(figures.harms, `died of ${signal}`);
  if (signal !== "SIGKILL" && signal !== "SIGTERM") breaks(`it died of ${exit.cause}`);
}

function remember({ type, path, generation, at }: SystemEvent): void {
  if (type === "dead_letter" || type === "output") return;
  const events = recent.get(path) ?? [];
  recent.set(path, [...events.slice(-11), `${generation} ${type} at ${at % 1_000_000}`]);
}

/** How the process table has process `pid`, such as `S` or `Z`; `undefined` where it is not there. */
function stateOf(pid: number): string | undefined {
  try {
    Deno.kill(pid, 0 as unknown as Deno.Signal);
  } catch {
    return undefined;
  }
  const { stdout } = new Deno.Command("ps", { args: ["-o", "stat=", "-p", String(pid)] }).outputSync();
  return new TextDecoder().decode(stdout).trim() || undefined;
}
