/**
 * The benchmarks, as one table: `deno task bench`, or `deno task bench WORD` for the rows whose work contains WORD.
 * Compare ratios, not figures: figures move with the machine and its load.
 */
import { asks } from "./ask.ts";
import { decisions } from "./decide.ts";
import { forAwait } from "./for_await.ts";
import { lines, linesOneByOne } from "./lines.ts";
import { measure } from "./measure.ts";
import type { Benchmark, Row } from "./measure.ts";
import { scenarios } from "./replay.ts";
import { besideLoop, besidePm2 } from "./restart.ts";
import { roundTrips } from "./round_trip.ts";
import { table } from "./table.ts";
import { tell } from "./tell.ts";

/** What has rows for the table. */
interface Measured {
  readonly work: string;
  readonly rows: () => Promise<Row[]>;
}

const measured = (benchmark: Benchmark): Measured => ({
  work: benchmark.work,
  rows: () => measure(benchmark),
});
const all: readonly Measured[] = [
  ...[tell, ...asks, ...roundTrips, lines, linesOneByOne, forAwait, besideLoop, ...decisions].map(measured),
  besidePm2,
  scenarios,
];
const wanted = Deno.args[0] ?? "";
const chosen = all.filter(({ work }) => work.includes(wanted));
if (chosen.length === 0) {
  console.error(`No benchmark's work contains '${wanted}'. There are:`);
  for (const { work } of all) console.error(`  ${work}`);
  Deno.exit(2);
}

const rows: Row[] = [];
for (const { work, rows: measure } of chosen) {
  console.error(`${work} …`);
  rows.push(...await measure());
}
for (const line of table(rows)) console.log(line);
