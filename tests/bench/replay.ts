/** How long all recorded scenarios of Erlang/OTP's supervisor take to replay: the test run as a whole, Deno's start included. */
import type { Row } from "./measure.ts";

const WORK = "all recorded OTP scenarios replayed";
const LIMIT_MS = 10_000;
const ROUNDS = 3;

/** See the module. @throws {Error} if a scenario does not come out as recorded */
export async function replay(): Promise<Row> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await once());
  const sorted = times.toSorted((a, b) => a - b);
  const ours = sorted[ROUNDS >> 1]!;
  return {
    work: WORK,
    figure: "time",
    rounds: ROUNDS,
    peer: "the limit",
    peerFigure: LIMIT_MS,
    ourFigure: ours,
    ratio: ours / LIMIT_MS,
    least: sorted[0]! / LIMIT_MS,
    most: sorted.at(-1)! / LIMIT_MS,
    toReach: 1,
    reached: ours <= LIMIT_MS,
  };
}

async function once(): Promise<number> {
  const path = (relative: string) => new URL(relative, import.meta.url).pathname;
  const map = path("../support/npm/import_map.json");
  const args = [
    "test",
    "-q",
    "--no-check",
    `--import-map=${map}`,
    "--allow-read",
    "--allow-env",
    path("../supervision/otp/"),
  ];
  const start = performance.now();
  const { success, stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  const ms = performance.now() - start;
  if (!success) {
    throw new Error(`Cannot time the scenarios: ${new TextDecoder().decode(stdout).slice(-2_000)}`);
  }
  return ms;
}

/** For the list of benchmarks. */
export const scenarios: { readonly work: string; readonly rows: () => Promise<Row[]> } = {
  work: WORK,
  rows: async () => [await replay()],
};
