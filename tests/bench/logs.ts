/**
 * What a child prints, through `outrider up` and through `concurrently` from npm: a flood of five million lines of 90
 * bytes to a file and to a pipe, from the child's first byte to its last, without the start of either; a million lines
 * from the start of the command to its end; and what twenty children cost that print 30 lines a second each.
 *
 * Each line has to come through. Where `concurrently` loses some, as it does through a pipe, its name says so.
 */
import { type CommandLine, outrider } from "./boot_commands.ts";
import { said } from "./pids.ts";
import type { Row, Work } from "./row.ts";

const LINE = "a line of ninety bytes, its newline counted, ".repeat(2).slice(0, 89);
const FLOOD = 5_000_000;
const WHOLE = 1_000_000;
const SHARE_S = 15;
const CONCURRENTLY = "concurrently@9";

/** How a flood went: milliseconds of the child, and of all; how many of its lines came through. */
interface Flow {
  readonly child: number;
  readonly all: number;
  readonly lines: number;
}

/** A child that notes when it began and when all was taken from it. */
function script(folder: string, lines: number): string {
  return `date +%s%N > ${folder}/began; yes '${LINE}' | head -n ${lines}; date +%s%N > ${folder}/ended`;
}

async function flow(command: CommandLine, folder: string, { pipe }: { pipe: boolean }): Promise<Flow> {
  const out = `${folder}/out`;
  const start = performance.now();
  await said("sh", ["-c", `"$@" ${pipe ? `| cat` : ""} > ${out}`, "sh", ...command]);
  const all = performance.now() - start;
  const [began, ended] = ["began", "ended"].map((name) =>
    BigInt(Deno.readTextFileSync(`${folder}/${name}`).trim())
  );
  const lines = Number(await said("sh", ["-c", `grep -c 'a line of ninety' ${out}; rm ${out}`]));
  return { child: Number(ended! - began!) / 1e6, all, lines };
}

async function besides(kit: string, lines: number, pipe: boolean): Promise<{ ours: Flow; theirs: Flow }> {
  const folder = await Deno.makeTempDir({ dir: kit });
  const sh = script(folder, lines);
  await Deno.writeTextFile(`${folder}/sh`, sh);
  const child = { id: "web", command: "sh", args: ["-c", sh], restart: "temporary" };
  await Deno.writeTextFile(`${folder}/m.json`, JSON.stringify({ name: "logs", children: [child] }));
  const ours = await flow(outrider("up", `${folder}/m.json`), folder, { pipe });
  if (ours.lines !== lines) throw new Error(`Cannot go on: ${lines - ours.lines} lines are missing`);
  const bin = `${kit}/node_modules/.bin/concurrently`;
  const theirs = await flow([bin, "-n", "web", `sh ${folder}/sh`], folder, { pipe });
  return { ours, theirs };
}

async function install(kit: string): Promise<void> {
  await said("npm", ["install", "--silent", "--no-audit", "--no-fund", "--prefix", kit, CONCURRENTLY]);
}

function row(work: string, [ours, theirs]: readonly number[], lost: number, toReach: number): Row {
  const peer = lost === 0 ? "concurrently" : `concurrently, without ${lost} lines`;
  return { work, peer, figure: "time", ours: ours!, theirs: theirs!, ratio: ours! / theirs!, toReach };
}

/** The share of a processor that a tree takes beside its children. */
async function share(kit: string): Promise<number> {
  const tick = `while :; do echo '${LINE}'; sleep 0.033; done`;
  const children = Array.from({ length: 20 }, (_, i) => ({ id: `w${i}`, command: "sh", args: ["-c", tick] }));
  const file = `${kit}/twenty.json`;
  await Deno.writeTextFile(file, JSON.stringify({ name: "twenty", children }));
  const [command, ...args] = outrider("up", file, "--for", `${SHARE_S + 10}s`);
  const up = new Deno.Command(command, { args, stdout: "null", stderr: "null" }).spawn();
  const ticks = async () =>
    Number(await said("sh", ["-c", `cut -d' ' -f14,15 /proc/${up.pid}/stat | awk '{print $1 + $2}'`]));
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const before = await ticks();
  await new Promise((resolve) => setTimeout(resolve, SHARE_S * 1_000));
  const spent = await ticks() - before;
  up.kill("SIGTERM");
  await up.status;
  return spent / 100 / SHARE_S;
}

const work = "logs of a child";

export const logs: Work = {
  work,
  async run(kit) {
    await install(kit);
    const rows: Row[] = [];
    for (const [pipe, to] of [[false, "a file"], [true, "a pipe"]] as const) {
      const { ours, theirs } = await besides(kit, FLOOD, pipe);
      const times = [ours.child, theirs.child];
      rows.push(row(`${work}: 5,000,000 lines to ${to}`, times, FLOOD - theirs.lines, 1));
    }
    const { ours, theirs } = await besides(kit, WHOLE, false);
    rows.push(row(`${work}: all of up, 1,000,000 lines to a file`, [ours.all, theirs.all], 0, 1.2));
    const limit = 0.05;
    const taken = await share(kit);
    rows.push({
      work: `${work}: 20 children with 30 lines a second`,
      peer: "the limit",
      figure: "share",
      ours: taken,
      theirs: limit,
      ratio: taken / limit,
      toReach: 1,
    });
    return rows;
  },
};
