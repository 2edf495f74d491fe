/**
 * The benchmarks, as one table: `deno task bench`, or `deno task bench WORD` for the rows whose work contains WORD.
 *
 * Each work is run three times, if nothing else is said, in a process of its own each time (`run.ts`), so that no work meets what another one has
 * left behind in the heap and the just-in-time compiler. A ratio is of one run; the table has the median of the runs.
 * Compare ratios, not figures: figures move with the machine and its load. docs/performance.md says how each is measured.
 */
import { child } from "./child.ts";
import { program } from "./programs.ts";
import { said } from "./pids.ts";
import { type Row, RUNS, summaries, type Summary } from "./row.ts";
import { table } from "./table.ts";
import { works } from "./works.ts";

const wanted = Deno.args[0] ?? "";
const chosen = works.filter(({ work }) => work.includes(wanted));
if (chosen.length === 0) {
  console.error(`No benchmark's work contains '${wanted}'. There are:`);
  for (const { work } of works) console.error(`  ${work}`);
  Deno.exit(2);
}

/** What can be told of the machine, one line. */
async function machine(kit: string): Promise<string> {
  const { madeWith } = await program("echo", kit);
  const node = await said("node", ["--version"]).catch(() => "none");
  return [
    `${Deno.build.os} ${Deno.build.arch}, ${navigator.hardwareConcurrency} processors`,
    `load ${Deno.loadavg().map((load) => load.toFixed(1)).join(" ")}`,
    `Deno ${Deno.version.deno}, Node ${node}`,
    `the sidecars are in ${madeWith === "C" ? "C" : "Deno, for there is no C compiler"}`,
  ].join("; ");
}

const kit = await Deno.makeTempDir({ prefix: "outrider_bench_" });
try {
  console.log(await machine(kit));
  const rows: Summary[] = [];
  for (const { work, runs: wanted = RUNS } of chosen) {
    const runs: Row[][] = [];
    for (let count = 1; count <= wanted; count++) {
      console.error(`${work}: run ${count} of ${wanted} …`);
      runs.push(await child<Row[]>("run.ts", work, kit));
    }
    rows.push(...summaries(runs));
  }
  for (const line of table(rows)) console.log(line);
  console.log(`load ${Deno.loadavg()[0]!.toFixed(1)} at the end`);
} finally {
  await Deno.remove(kit, { recursive: true });
}
