/**
 * A process that starts 500 programs, is idle for a while and ends them, and says on stdout what that took:
 * `fleet_process.ts ours|raw|unread`. See `fleet.ts`.
 */
import process from "node:process";

/** Programs. */
export const FLEET = 500;
/** Milliseconds of idling of ours that are looked at. */
const IDLE_MS = 5_000;

/** What one fleet took; milliseconds and bytes, and the share of one processor. */
export interface Took {
  readonly start: number;
  readonly memory: number;
  readonly idle: number;
  readonly stop: number;
}

/** Starts all; what it gives stops them all. */
type Start = () => Promise<() => Promise<unknown>>;

async function ours(): ReturnType<Start> {
  // The loop's memory is to be without the package.
  const { start, supervisor } = await import("@outrider/outrider");
  const { sidecar } = await import("@outrider/outrider/actors/sidecar");
  const children = Array.from(
    { length: FLEET },
    (_, i) => sidecar(`cat-${i}`, { command: "cat", protocol: "ndjson" }),
  );
  const system = await start(supervisor("root", children));
  return () => system.stop();
}

/** The least: three pipes each, and at the end a signal each, the last one first. `reads`: what they say is read. */
function raw(reads: boolean): ReturnType<Start> {
  const children = Array.from({ length: FLEET }, () => {
    const child = new Deno.Command("cat", { stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
    if (reads) { for (const pipe of [child.stdout, child.stderr]) void drain(pipe); }
    return child;
  });
  return Promise.resolve(async () => {
    for (const child of children.toReversed()) {
      child.kill("SIGTERM");
      await child.status;
    }
  });
}

async function drain(pipe: ReadableStream<Uint8Array>): Promise<void> {
  const reader = pipe.getReader();
  while (!(await reader.read()).done);
}

/** `idleMs`: for how long it is idle. */
async function fleet(begin: Start, idleMs: number): Promise<Took> {
  const [end, start] = await timed(begin);
  const memory = Deno.memoryUsage().rss;
  await new Promise((resolve) => setTimeout(resolve, 500)); // for what the start has left to do
  const used = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, idleMs));
  const { user, system } = process.cpuUsage(used);
  const [, stop] = await timed(end);
  return { start, memory, idle: (user + system) / 1_000 / idleMs, stop };
}

async function timed<Result>(work: () => Promise<Result>): Promise<[Result, number]> {
  const start = performance.now();
  const result = await work();
  return [result, performance.now() - start];
}

if (import.meta.main) {
  const [who] = Deno.args;
  const took = who === "ours" ? await fleet(ours, IDLE_MS) : await fleet(() => raw(who === "raw"), 100);
  console.log(JSON.stringify(took));
}
