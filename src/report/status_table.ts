/**
 * A tree as it stands, as a table to read.
 */

import type { ChildReport, TreePhase, TreeReport } from "../control/protocol.ts";
import type { LastExit } from "../supervision/status.ts";
import { visible } from "../text/printable.ts";
import { formatDuration, printableLine } from "../text/words.ts";

const HEAD = ["child", "state", "generation", "for", "last exit"] as const;

/** ANSI colours of states that need attention, and of the healthy one. */
const TINTS: Readonly<Partial<Record<ChildReport["state"], string>>> = {
  running: "32",
  restarting: "33",
  quarantined: "31",
};

/** A line about the tree, a head, and a line for each child; lines of the table are cut to `width` columns. */
export function statusTable(
  { name, now, startedAt, active, phase, children }: TreeReport,
  { color, width = Infinity }: { readonly color: boolean; readonly width?: number | undefined },
): string[] {
  const rows = children.map((child) => [
    visible(child.path),
    phase === "starting" && isUnstarted(child) ? "not started yet" : stateOf(child, now),
    String(child.generation),
    child.since === undefined ? "" : formatDuration(Math.max(0, now - child.since)),
    child.lastExit === undefined ? "" : lastExit(child.lastExit, now),
  ]);
  const widths = HEAD.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length))
  );
  const [path, state] = [widths[0]! + 2, widths[1]!];
  const line = (row: readonly string[], tint?: string) => {
    const whole = row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd();
    const text = whole.length > width ? `${whole.slice(0, width - 1)}…` : whole;
    if (!color || tint === undefined || text.length <= path) return text;
    return `${text.slice(0, path)}\x1b[${tint}m${text.slice(path, path + state)}\x1b[0m${
      text.slice(path + state)
    }`;
  };
  const idle = active || phase === "stopping" ? "" : "; nothing in it runs, and nothing will by itself";
  return [
    `${visible(name)}: up for ${formatDuration(Math.max(0, now - startedAt))}${
      PHASES[phase ?? "running"]
    }${idle}`,
    line(HEAD),
    ...rows.map((row, index) => {
      const { state, ready } = children[index]!;
      return line(row, state === "running" && ready === false ? "33" : TINTS[state]);
    }),
  ];
}

const PHASES: Readonly<Record<TreePhase, string>> = {
  starting: "; it is still starting",
  running: "",
  stopping: "; it is stopping",
};

function isUnstarted({ state, generation }: ChildReport): boolean {
  return state === "stopped" && generation === 0;
}

function stateOf({ state, ready, until, waitsFor }: ChildReport, now: number): string {
  if (waitsFor !== undefined) return `${state} for ${waitsFor.map(visible).join(", ")}`;
  if (state === "running" && ready === false) return "running, not ready";
  // One that is due waits for the rest of its group.
  if (until === undefined || until <= now) return state;
  const left = formatDuration(until - now);
  return state === "quarantined" ? `${state} for ${left} more` : `${state} in ${left}`;
}

function lastExit({ generation, at, how, death, message }: LastExit, now: number): string {
  const ago = `${formatDuration(Math.max(0, now - at))} ago`;
  return `#${generation}, ${ago}: ${how === "start_failed" ? "failed to start, " : ""}${
    how === "stopped" ? `stopped as told${byForce(death)}` : causeOf(death, message)
  }`;
}

function byForce({ kind, signal }: LastExit["death"]): string {
  if (signal !== undefined) return `, by ${visible(signal)}`;
  return kind === "killed" ? ", by force" : "";
}

function causeOf({ kind, code, signal }: LastExit["death"], message: string | undefined): string {
  if (signal !== undefined) return visible(signal);
  if (code !== undefined) return `exit code ${code}`;
  return visible(printableLine(message ?? kind.replaceAll("_", " ")));
}
