/**
 * `deno task soak [MINUTES] [--seed=NUMBER]`: real processes in all protocols, strategies and `maxInFlight` are asked,
 * told, killed, hung, restarted, stopped and replaced at random. Exit code 1, with the seed and what broke, if an ask is
 * not settled, a child does not come back, two processes are at one place, a process is left, the runtime grows without
 * bound, stands still, or ends.
 *
 * The runtime under test is a process of its own (`subject.ts`), looked at from here.
 */
import { TextLineStream } from "@std/streams";
import { type Figures, type Said, sum } from "./figures.ts";
import { memoryOf, Witness } from "./witness.ts";

const MINUTES = 5;
/** Milliseconds between two looks at the process table. */
const LOOK_MS = 1_000;
/** The runtime says something each second; silent for so long, it stands still. */
const SILENT_MS = 30_000;
/** The event loop may be held for so long, and for as long as this process was held by the machine. */
const LAG_MS = 2_000;
/** The last third of the run may use so many times the memory of the first, and so many bytes more. */
const GROWTH = 1.5;
const GROWTH_BYTES = 64 * 1024 * 1024;
/** What ends when its end is told has gone from the process table by then. */
const GONE_WITHIN_MS = 5_000;
const MIB = 1024 * 1024;

const { minutes, seed } = given(Deno.args);
const run = crypto.randomUUID();
const ms = Math.round(minutes * 60_000);
console.log(`${minutes} minutes with --seed=${seed}`);

const witness = new Witness(run);
const broken: string[] = [];
const memory: number[] = [];
let figures: Figures | undefined;
let isOver = false;
let heard = performance.now();
let ownLag = 0;

const path = (relative: string) => new URL(relative, import.meta.url).pathname;
const subject = new Deno.Command(Deno.execPath(), {
  args: [
    "run",
    "--no-prompt",
    `--import-map=${path("../support/npm/import_map.json")}`,
    ...["--allow-run", "--allow-read", "--allow-env", path("subject.ts")],
    ...[String(seed), String(ms), run],
  ],
  stdout: "piped",
}).spawn();

const listening = listen(subject.stdout);
const looking = look();
const lagging = setInterval(measure, 10);
let measured = performance.now();
const { success, code, signal } = await subject.status;
await listening;
clearInterval(lagging);
await looking;
if (!isOver && broken.length === 0) broken.push(`the runtime ended with ${signal ?? `code ${code}`}`);
else if (!success && broken.length === 0) broken.push(`the runtime ended with code ${code} after its tree`);
await leftNobody();
judge();
tell();
if (broken.length > 0) {
  console.error(`\nBroken, with --seed=${seed}:`);
  for (const what of broken.slice(0, 20)) console.error(`  ${what}`);
  Deno.exit(1);
}
console.log("Nothing is broken.");

function given(args: readonly string[]): { minutes: number; seed: number } {
  const seeds = args.filter((arg) => arg.startsWith("--seed="));
  const rest = args.filter((arg) => !seeds.includes(arg));
  const minutes = rest.length === 0 ? MINUTES : Number(rest[0]);
  const seed = seeds.length === 0
    ? crypto.getRandomValues(new Uint32Array(1))[0]!
    : Number(seeds[0]!.slice(7));
  if (rest.length > 1 || !(minutes > 0) || !Number.isSafeInteger(seed)) {
    console.error("usage: deno task soak [MINUTES] [--seed=NUMBER]");
    Deno.exit(2);
  }
  return { minutes, seed };
}

/** What the runtime says. The first that is broken ends it. */
async function listen(stdout: ReadableStream<Uint8Array>): Promise<void> {
  const lines = stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  let told = performance.now();
  for await (const line of lines) {
    heard = performance.now();
    const said = JSON.parse(line) as Said;
    if ("broke" in said) {
      breaks(said.broke);
      continue;
    }
    if ("over" in said) isOver = true;
    figures = "over" in said ? said.over : said.figures;
    if (heard - told < 10_000) continue;
    told = heard;
    console.log(`${sum(figures.kills)} kills, ${figures.restarts} restarts, ${size(memory.at(-1) ?? 0)}`);
  }
}

/** Looks at the process table, until the runtime has ended. */
async function look(): Promise<void> {
  const ended = subject.status.then(() => true);
  for (;;) {
    const wait = new Promise<false>((go) => setTimeout(go, LOOK_MS, false));
    if (await Promise.race([ended, wait])) return;
    for (const double of await witness.doubles()) breaks(double);
    const bytes = await memoryOf(subject.pid);
    if (bytes !== undefined) memory.push(bytes);
    if (performance.now() - heard > SILENT_MS) breaks(`the runtime has said nothing for ${SILENT_MS} ms`);
  }
}

function breaks(what: string): void {
  broken.push(what);
  try {
    subject.kill("SIGKILL");
  } catch {
    // It has ended.
  }
}

/** How long the machine holds a process that does next to nothing. */
function measure(): void {
  const now = performance.now();
  ownLag = Math.max(ownLag, now - measured - 10);
  measured = now;
}

/** A run in order leaves no process; what one that broke has left is ended here. */
async function leftNobody(): Promise<void> {
  const until = performance.now() + GONE_WITHIN_MS;
  let left = await witness.all();
  while (isOver && left.length > 0 && performance.now() < until) left = await witness.all();
  if (isOver) broken.push(...left.map(({ pid, path }) => `process ${pid} of ${path} is left`));
  for (const { pid } of left) Deno.kill(pid, "SIGKILL");
}

function judge(): void {
  if (figures === undefined || !isOver) return;
  if (figures.open > 0) broken.push(`${figures.open} messages were never settled`);
  if (figures.lag > LAG_MS + ownLag) {
    broken.push(
      `the event loop was held for ${whole(figures.lag)} ms, a process at rest for ${whole(ownLag)} ms`,
    );
  }
  const third = Math.floor(memory.length / 3);
  if (third === 0) return;
  const [early, late] = [Math.max(...memory.slice(0, third)), Math.max(...memory.slice(-third))];
  if (late > early * GROWTH + GROWTH_BYTES) {
    broken.push(`the runtime grew from ${size(early)} to ${size(late)}`);
  }
}

function tell(): void {
  if (figures === undefined) return;
  const { kills, harms, asks, tells, restarts, lag } = figures;
  const each = Object.values(kills);
  console.log(
    `kills      ${sum(kills)}, in each of ${each.length} rows ${Math.min(...each)} to ${Math.max(...each)}`,
  );
  for (const [name, counts] of Object.entries({ harms, asks, tells })) {
    const parts = Object.entries(counts).sort(([, a], [, b]) => b - a).map(([kind, n]) => `${kind} ${n}`);
    console.log(`${name.padEnd(10)} ${parts.join(", ")}`);
  }
  console.log(`restarts   ${restarts}`);
  const third = Math.max(1, Math.floor(memory.length / 3));
  const [early, late] = [memory.slice(0, third), memory.slice(-third)];
  console.log(
    `memory     at most ${size(Math.max(...early))} in the first third, ${
      size(Math.max(...late))
    } in the last`,
  );
  console.log(
    `event loop held for at most ${whole(lag)} ms; a process at rest beside it for ${whole(ownLag)} ms`,
  );
}

function size(bytes: number): string {
  return `${whole(bytes / MIB)} MiB`;
}

function whole(n: number): string {
  return n.toFixed(0);
}
