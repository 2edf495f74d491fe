/**
 * How everything here is measured: contenders do the same work in the same run, in turns, and what counts is the
 * ratio within one round. A machine that is busy with something else is then busy for all of them.
 *
 * A round is timed from its first message to the check of its result; opening and closing are not. The figure of
 * a contender is the median of its rounds, and a ratio is the median of the ratios of the rounds, with the smallest
 * and the largest beside it. Who comes first changes from round to round.
 */

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
  open(): Running | Promise<Running>;
}

/** What must be true of the median: for rates it is at least this, for times at most this. */
export interface Peer extends Contender {
  /** None: the row is for information. */
  readonly toReach?: number;
}

/** One kind of work. */
export interface Benchmark {
  readonly work: string;
  /** Whether figures and ratios are of how much is done in a second, or of how long one takes. */
  readonly figure: "rate" | "time";
  readonly rounds: number;
  readonly ours: Contender;
  readonly peers: readonly Peer[];
  /** The sum that a round of `amount` comes to. */
  expected(amount: number): number;
}

/** Ours beside one peer. Figures are in units a second, or in milliseconds a unit. */
export interface Row {
  readonly work: string;
  readonly figure: Benchmark["figure"];
  readonly rounds: number;
  readonly peer: string;
  readonly peerFigure: number;
  readonly ourFigure: number;
  readonly ratio: number;
  readonly least: number;
  readonly most: number;
  readonly toReach: number | undefined;
  /** Whether the ratio is what it has to be; `undefined` for a row for information. */
  readonly reached: boolean | undefined;
}

/** Rounds before those that count, for the just-in-time compiler. */
const WARM_UP_ROUNDS = 3;

/** Runs one benchmark; one row for each peer. @throws {Error} if a contender did not do all of the work */
export async function measure(benchmark: Benchmark): Promise<Row[]> {
  const contenders = [benchmark.ours, ...benchmark.peers];
  const figures: number[][] = contenders.map(() => []);
  const running: Running[] = [];
  try {
    for (const contender of contenders) running.push(await contender.open());
    for (let round = -WARM_UP_ROUNDS; round < benchmark.rounds; round++) {
      const order = contenders.map((_, i) => (i + round + WARM_UP_ROUNDS) % contenders.length);
      if (round % 2 !== 0) order.reverse();
      for (const i of order) {
        const figure = await timed(benchmark, contenders[i]!, running[i]!);
        if (round >= 0) figures[i]!.push(figure);
      }
    }
  } finally {
    for (const one of running) await one.close?.();
  }
  return benchmark.peers.map((peer, i) => compare(benchmark, peer, figures[0]!, figures[i + 1]!));
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
  return benchmark.figure === "rate" ? amount / ms * 1_000 : ms / amount;
}

function compare(benchmark: Benchmark, peer: Peer, ours: number[], theirs: number[]): Row {
  const { work, figure, rounds } = benchmark;
  const ratios = ours.map((our, round) => our / theirs[round]!);
  const ratio = median(ratios);
  const { toReach } = peer;
  return {
    work,
    figure,
    rounds,
    peer: peer.name,
    peerFigure: median(theirs),
    ourFigure: median(ours),
    ratio,
    least: Math.min(...ratios),
    most: Math.max(...ratios),
    toReach,
    reached: toReach === undefined ? undefined : figure === "rate" ? ratio >= toReach : ratio <= toReach,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
