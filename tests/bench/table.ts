/** The benchmarks' results as one aligned table. Ratios are cut off after two digits to our disadvantage, never rounded. */
import { type Figure, isAtMost, type Summary } from "./row.ts";

const HEAD = [
  "work",
  "peer",
  "peer's figure",
  "ours",
  "measured",
  "(runs: min–max)",
  "to reach",
  "",
] as const;

/** The lines of the table, its heading first. */
export function table(rows: readonly Summary[]): string[] {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells.map((row) =>
    row.map((cell, column) => column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))
      .join("  ").trimEnd()
  );
}

function cellsOf({ work, peer, figure, ours, theirs, ratio, ratios, toReach, reached }: Summary): string[] {
  const atMost = isAtMost(figure);
  const cut = (ratio: number): string => {
    const scale = ratio < 10 ? 100 : 1;
    return ((atMost ? Math.ceil(ratio * scale) : Math.floor(ratio * scale)) / scale)
      .toFixed(scale === 1 ? 0 : 2);
  };
  return [
    work,
    peer,
    theirs === undefined ? "–" : SHOWN[figure](theirs),
    SHOWN[figure](ours),
    ...ratio === undefined
      ? ["–", "–"]
      : [`${cut(ratio)} ×`, `(${ratios.length}: ${cut(Math.min(...ratios))}–${cut(Math.max(...ratios))})`],
    toReach === undefined ? "–" : `${atMost ? "≤" : "≥"} ${toReach} ×`,
    reached === undefined ? "" : reached ? "ok" : "short",
  ];
}

const SHOWN: Readonly<Record<Figure, (figure: number) => string>> = {
  rate: (perSecond) =>
    perSecond >= 1e6
      ? `${(perSecond / 1e6).toFixed(2)} M/s`
      : perSecond >= 1e4
      ? `${(perSecond / 1e3).toFixed(0)} k/s`
      : `${perSecond.toFixed(0)} /s`,
  throughput: (perSecond) => `${(perSecond / 1e9).toFixed(2)} GB/s`,
  time: (ms) =>
    ms >= 1_000
      ? `${(ms / 1_000).toFixed(2)} s`
      : ms >= 10
      ? `${ms.toFixed(0)} ms`
      : `${(ms * 1_000).toFixed(ms < 0.01 ? 2 : 1)} µs`,
  memory: (bytes) => `${(bytes / 1e6).toFixed(1)} MB`,
  share: (share) => `${(share * 100).toFixed(2)} %`,
};
