/** What a benchmark comes to: one row of the table a peer, in one run and over several runs. */

/**
 * What the figures of a row are. Of a `rate` (units of work a second) and a `throughput` (bytes a second) more is
 * better, and a ratio has to be at least what is to be reached; of a `time` (milliseconds), of `memory` (bytes) and of a
 * `share` (of one processor, 0 to 1) less is better, and a ratio has to be at most that.
 */
export type Figure = "rate" | "throughput" | "time" | "memory" | "share";

/** Ours beside one peer, in one run. */
export interface Row {
  readonly work: string;
  readonly peer: string;
  readonly figure: Figure;
  readonly ours: number;
  /** None: the peer can't be had here; its name says why. */
  readonly theirs?: number;
  readonly ratio?: number;
  /** None: the row is for information. */
  readonly toReach?: number;
}

/** Runs of a work where nothing else is said. */
export const RUNS = 3;

/** What has rows for the table. */
export interface Work {
  readonly work: string;
  /** How often it is run; default {@linkcode RUNS}. */
  readonly runs?: number | undefined;
  /** One run, in a process of its own. `kit` is a folder for what is made or installed once for all runs. */
  run(kit: string): Promise<Row[]>;
}

/** Ours beside one peer, over several runs: the medians, and the ratio of each run. */
export interface Summary extends Row {
  readonly ratios: readonly number[];
  /** Whether the ratio is what it has to be; `undefined` for a row for information. */
  readonly reached: boolean | undefined;
}

/** Whether a ratio has to be at most what is to be reached. */
export function isAtMost(figure: Figure): boolean {
  return figure === "time" || figure === "memory" || figure === "share";
}

/** One summary a row; each run has the same rows in the same order. */
export function summaries(runs: readonly (readonly Row[])[]): Summary[] {
  return runs[0]!.map((first, i) => {
    const rows = runs.map((run) => run[i]!);
    const ratios = rows.flatMap(({ ratio }) => ratio ?? []);
    const ours = median(rows.map((row) => row.ours));
    if (ratios.length < runs.length) {
      const missing = rows.find(({ ratio }) => ratio === undefined)!;
      return { ...missing, ours, ratios: [], reached: undefined };
    }
    const ratio = median(ratios);
    const { toReach, figure } = first;
    const reached = toReach === undefined
      ? undefined
      : isAtMost(figure)
      ? ratio <= toReach
      : ratio >= toReach;
    return { ...first, ours, theirs: median(rows.map(({ theirs }) => theirs!)), ratio, ratios, reached };
  });
}

/** The middle one, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
