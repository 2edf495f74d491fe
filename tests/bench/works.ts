/** All benchmarks, in the order of the table. */
import { asks } from "./ask.ts";
import { boots } from "./boot.ts";
import { bytes } from "./bytes.ts";
import { decisions } from "./decide.ts";
import { fleet } from "./fleet.ts";
import { flood } from "./flood.ts";
import { forAwait } from "./for_await.ts";
import { gatewayCalls, gatewayMemory } from "./gateway.ts";
import { lines, linesOneByOne } from "./lines.ts";
import { logFiles } from "./log_files.ts";
import { logged } from "./logged.ts";
import { logs } from "./logs.ts";
import { type Benchmark, measure } from "./measure.ts";
import { pools } from "./pool.ts";
import { scenarios } from "./replay.ts";
import { besideLoop, besidePm2 } from "./restart.ts";
import { roundTrips } from "./round_trip.ts";
import type { Work } from "./row.ts";
import { starts } from "./start.ts";
import { tell } from "./tell.ts";
import { verbs } from "./verbs.ts";

const measured = (benchmark: Benchmark): Work => ({
  work: benchmark.work,
  runs: benchmark.runs,
  run: (kit) => measure(benchmark, kit),
});

export const works: readonly Work[] = [
  ...[...roundTrips, lines, linesOneByOne, logged, logFiles, bytes].map(measured),
  flood,
  logs,
  ...[tell, ...asks, pools].map(measured),
  ...gatewayCalls.map(measured),
  gatewayMemory,
  fleet,
  verbs,
  starts,
  ...[forAwait, besideLoop, besidePm2, ...decisions].map(measured),
  scenarios,
  ...boots,
];
