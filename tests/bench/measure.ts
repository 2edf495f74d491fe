/**
 * How two contenders are compared in one run: they do the same work in the same process, in turns, and what counts is the
 * ratio within one round. A machine that is busy with something else is then busy for both. The next peer has its turns
 * when those of the one before are over: what a round leaves behind for the garbage collector is met by the two alone.
 *
 * A round is timed from its first message to the check of its result; opening and closing are not. The figure of
 * a contender is the median of its rounds, and a ratio is the median of the ratios of the rounds. Who comes first changes
 * from round to round.
 */
import { median, type Row } from "./row.ts";

/** Does a round's work `amount` times and gives the sum of what it got, which must be the expected one. */
export interface Running {
  round(amount: number): number | Promise<number>;
  close?(): unknown;
}

/** Somebody who can do the work. */
export interface Contender {
  readonly name: string;
  /** How often a round does the work: enough to take tens of milliseconds. */
  readonly amount: number;
  /** `kit` is a folder for what is made or installed once for all runs. */
  open(kit: string): Running | Promise<Running>;
}

/** What must be true of the median: for rates it is at least this, for times at most this. */
export interface Peer extends Contender {
  /** None: the row is for information. */
  readonly toReach?: number;
  /** Why it can't be had here; `undefined` if it can. */
  missing?(kit: string): Promise<string | undefined>;
}

/** One kind of work. */
export interface Benchmark {
  readonly work: string;
  /** Whether figures and ratios are of how much is done in a second, or of how long one takes. */
  readonly figure: "rate" | "throughput" | "time";
  /** See `Work`. */
  readonly runs?: number;
  readonly rounds: number;
  /** Rounds before those that count, for the just-in-time compiler; default {@linkcode WARM_UP_ROUNDS}. */
  readonly warmUp?: number;
  readonly ours: Contender;
  readonly peers: readonly Peer[];
  /** The sum that a round of `amount` comes to. */
  expected(amount: number): number;
}

/** See {@linkcode Benchmark.warmUp}. */
const WARM_UP_ROUNDS = 3;

/** Runs one benchmark; one row for each peer. @throws {Error} if a contender did not do all of the work */
export async function measure(benchmark: Benchmark, kit: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const peer of benchmark.peers) rows.push(await beside(peer, benchmark, kit));
  return rows;
}

async function beside(peer: Peer, benchmark: Benchmark, kit: string): Promise<Row> {
  const { work, figure, rounds, warmUp = WARM_UP_ROUNDS, ours } = benchmark;
  const missing = await peer.missing?.(kit);
  const contenders = missing === undefined ? [ours, peer] : [ours];
  const figures: number[][] = contenders.map(() => []);
  const running: Running[] = [];
  try {
    for (const contender of contenders) running.push(await contender.open(kit));
    for (let round = -warmUp; round < rounds; round++) {
      const order = contenders.map((_, i) => i);
      if (round % 2 !== 0) order.reverse();
      for (const i of order) {
        const figure = await timed(benchmark, contenders[i]!, running[i]!);
        if (round >= 0) figures[i]!.push(figure);
      }
    }
  } finally {
    for (const one of running) await one.close?.();
  }
  const [our, theirs] = figures as [number[], number[]?];
  const row = { work, figure, peer: peer.name, ours: median(our) };
  if (theirs === undefined) return { ...row, peer: `${peer.name} can't be had here: ${missing}` };
  const ratio = median(our.map((one, round) => one / theirs[round]!));
  const { toReach } = peer;
  return { ...row, theirs: median(theirs), ratio, ...toReach === undefined ? {} : { toReach } };
}

async function timed(benchmark: Benchmark, { name, amount }: Contender, running: Running): Promise<number> {
  const start = performance.now();
  const sum = await running.round(amount);
  const ms = performance.now() - start;
  if (sum !== benchmark.expected(amount)) {
    throw new Error(
      `Cannot compare '${benchmark.work}': ${name} came to ${sum}, not to ${benchmark.expected(amount)}`,
    );
  }
  return benchmark.figure === "time" ? ms / amount : amount / ms * 1_000;
}
