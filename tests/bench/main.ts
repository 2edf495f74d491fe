/**
 * The benchmarks, as one table: `deno task bench`, or `deno task bench WORD` for the rows whose work contains WORD.
 * Compare ratios, not figures: figures move with the machine and its load.
 */
import { asks } from "./ask.ts";
import { lines } from "./lines.ts";
import { measure } from "./measure.ts";
import type { Benchmark, Row } from "./measure.ts";
import { roundTrips } from "./round_trip.ts";
import { table } from "./table.ts";
import { tell } from "./tell.ts";

const all: readonly Benchmark[] = [tell, ...asks, ...roundTrips, lines];
const wanted = Deno.args[0] ?? "";
const chosen = all.filter(({ work }) => work.includes(wanted));
if (chosen.length === 0) {
  console.error(`No benchmark's work contains '${wanted}'. There are:`);
  for (const { work } of all) console.error(`  ${work}`);
  Deno.exit(2);
}

const rows: Row[] = [];
for (const benchmark of chosen) {
  console.error(`${benchmark.work} …`);
  rows.push(...await measure(benchmark));
}
for (const line of table(rows)) console.log(line);
