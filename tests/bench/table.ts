/** The benchmarks' results as one aligned table. Ratios are cut off after two digits to our disadvantage, never rounded. */
import type { Row } from "./measure.ts";

const HEAD = ["work", "peer", "peer's figure", "ours", "ratio", "(rounds: min–max)", "to reach", ""] as const;

/** The lines of the table, its heading first. */
export function table(rows: readonly Row[]): string[] {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells.map((row) =>
    row.map((cell, column) => column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))
      .join("  ").trimEnd()
  );
}

function cellsOf(row: Row): string[] {
  const atMost = row.figure === "time";
  const cut = (ratio: number): string => {
    const scale = ratio < 10 ? 100 : 1;
    return `${
      ((atMost ? Math.ceil(ratio * scale) : Math.floor(ratio * scale)) / scale).toFixed(scale === 1 ? 0 : 2)
    }`;
  };
  const figure = row.figure === "rate" ? rate : time;
  return [
    row.work,
    row.peer,
    figure(row.peerFigure),
    figure(row.ourFigure),
    ...Number.isNaN(row.ratio)
      ? ["–", "–"]
      : [`${cut(row.ratio)} ×`, `(${row.rounds}: ${cut(row.least)}–${cut(row.most)})`],
    row.toReach === undefined ? "–" : `${atMost ? "≤" : "≥"} ${row.toReach} ×`,
    row.reached === undefined ? "" : row.reached ? "ok" : "short",
  ];
}

function rate(perSecond: number): string {
  return perSecond >= 1e6 ? `${(perSecond / 1e6).toFixed(2)} M/s` : `${(perSecond / 1e3).toFixed(0)} k/s`;
}

function time(ms: number): string {
  if (Number.isNaN(ms)) return "–";
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(2)} s`;
  return `${(ms * 1_000).toFixed(ms < 0.01 ? 2 : 1)} µs`;
}
