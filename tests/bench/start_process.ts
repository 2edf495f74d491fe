/**
 * A process that holds a gigabyte, starts programs by three ways in turns, and says on stdout for how long a start held
 * the event loop up, the longest of each. See `start.ts`.
 */
import { spawn } from "@outrider/outrider/process";

/** Bytes that are resident before the first start. */
export const HELD = 1_000_000_000;
const STARTS = 30;
/** Starts before those that count: Deno loads its own code for them at the first. */
const WARM_UP = 3;
const CHUNK = 8_000_000;
const PAGE = 4_096;

/** Milliseconds, the longest and the middle one. */
export interface Held {
  readonly longest: number;
  readonly median: number;
}

/** By each way. */
export interface Holds {
  readonly ours: Held;
  readonly raw: Held;
  readonly detached: Held;
}

/** What keeps the memory. */
const held: Uint8Array[] = [];

function fill(): void {
  while (Deno.memoryUsage().rss < HELD) {
    const bytes = new Uint8Array(CHUNK);
    for (let at = 0; at < bytes.length; at += PAGE) bytes[at] = 1;
    held.push(bytes);
  }
}

async function raw(detached: boolean): Promise<number> {
  const pipes = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  const command = new Deno.Command("cat", { ...pipes, detached });
  const began = performance.now();
  const child = command.spawn();
  const took = performance.now() - began;
  child.kill("SIGKILL");
  await Promise.all([child.stdout.cancel(), child.stderr.cancel(), child.status]);
  await child.stdin.abort().catch(() => {}); // It may have noticed the end by itself.
  return took;
}

async function ours(): Promise<number> {
  const command = { program: "cat", args: [], cwd: undefined, env: {}, inheritEnv: ["PATH"] };
  const began = performance.now();
  const child = spawn(command);
  const took = performance.now() - began;
  child.signal("SIGKILL");
  await child.closed;
  return took;
}

function summary(took: number[]): Held {
  took.sort((a, b) => a - b);
  return { longest: took.at(-1)!, median: took[took.length >> 1]! };
}

if (import.meta.main) {
  fill();
  const took: { [Way in keyof Holds]: number[] } = { ours: [], raw: [], detached: [] };
  for (let start = -WARM_UP; start < STARTS; start++) {
    const [our, plain, detached] = [await ours(), await raw(false), await raw(true)];
    if (start < 0) continue;
    took.ours.push(our);
    took.raw.push(plain);
    took.detached.push(detached);
  }
  if (held.length === 0) throw new Error("Cannot measure: nothing is held");
  const { ours: our, raw: plain, detached } = took;
  console.log(JSON.stringify({ ours: summary(our), raw: summary(plain), detached: summary(detached) }));
}
