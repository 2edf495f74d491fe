/**
 * A process that starts 500 programs, is idle for a while and ends them, and says on stdout what that took:
 * `fleet_process.ts ours|dynamic|raw|closing|ungrouped`. See `fleet.ts`.
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

/** `dynamic`: of a dynamic supervisor, whose children have no order. */
async function ours({ dynamic }: { readonly dynamic: boolean }): ReturnType<Start> {
  // The loops' memory is to be without the package.
  const { dynamicSupervisor, start, supervisor } = await import("@outrider/outrider");
  const { sidecar } = await import("@outrider/outrider/actors/sidecar");
  const children = Array.from(
    { length: FLEET },
    (_, i) => sidecar(`cat-${i}`, { command: "cat", protocol: "ndjson" }),
  );
  const system = await start(supervisor("root", dynamic ? [dynamicSupervisor("fleet")] : children));
  if (dynamic) { for (const child of children) await system.startChild("fleet", child); }
  return () => system.stop();
}

/** The least: three pipes each; see `raws`. */
function raw(
  { detached, closes }: { readonly detached: boolean; readonly closes: boolean },
): ReturnType<Start> {
  const pipes = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  const children = Array.from({ length: FLEET }, () => {
    const child = new Deno.Command("cat", { ...pipes, detached }).spawn();
    return { child, ends: [child.stdout, child.stderr].map(drain) };
  });
  return Promise.resolve(async () => {
    for (const { child, ends } of children.toReversed()) {
      if (closes) await child.stdin.close();
      else child.kill("SIGTERM");
      await child.status;
      if (closes) await Promise.all(ends);
    }
  });
}

/** The supervised ones. */
const supervised: Readonly<Record<string, Parameters<typeof ours>[0]>> = {
  ours: { dynamic: false },
  dynamic: { dynamic: true },
};

/** What the loops do: whether each program has a group of its own, as ours, and is ended as ours are, not by a signal. */
const raws: Readonly<Record<string, Parameters<typeof raw>[0]>> = {
  raw: { detached: true, closes: false },
  closing: { detached: true, closes: true },
  ungrouped: { detached: false, closes: false },
};

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
  const who = Deno.args[0]!;
  const loop = raws[who];
  const took = loop === undefined
    ? await fleet(() => ours(supervised[who]!), IDLE_MS)
    : await fleet(() => raw(loop), 100);
  console.log(JSON.stringify(took));
}
