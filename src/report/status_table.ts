/**
 * A tree as it stands, as a table to read.
 */

import type { ChildReport, ChildUsage, TreePhase, TreeReport } from "../control/protocol.ts";
import type { LastExit } from "../supervision/status.ts";
import { splitPath } from "../supervision/child_path.ts";
import { successText } from "./cause.ts";
import { visible } from "../text/printable.ts";
import { formatDuration, printableLine } from "../text/words.ts";

/** A child with what its process uses, and the runtime's clock. */
interface Row {
  readonly child: ChildReport;
  readonly usage: ChildUsage | undefined;
  readonly now: number;
  readonly phase: TreePhase | undefined;
}

type Column = readonly [title: string, cell: (row: Row) => string];

const NAME: Column = ["child", ({ child }) => visible(child.path)];
const STATE: Column = [
  "state",
  ({ child, phase, now }) =>
    phase === "starting" && isUnstarted(child) && !child.startsByHand
      ? "not started yet"
      : stateText(child, now),
];
const LAST_EXIT: Column = [
  "last exit",
  ({ child: { lastExit: last }, now }) => last === undefined ? "" : lastExit(last, now),
];

const STATUS_COLUMNS: readonly Column[] = [
  NAME,
  STATE,
  ["generation", ({ child }) => String(child.generation)],
  ["for", ({ child, now }) => child.since === undefined ? "" : since(child.since, now)],
  LAST_EXIT,
];

const NOTHING = "-";

/** What is not known, or does not apply, is a dash. */
const PROCESS_COLUMNS: readonly Column[] = [
  NAME,
  STATE,
  ["gen", ({ child }) => String(child.generation)],
  ["restarts", ({ child }) => String(child.restarts ?? NOTHING)],
  ["uptime", ({ child, now }) => child.state !== "running" ? NOTHING : since(child.since, now)],
  [
    "cpu",
    ({ child, usage, now }) => usage?.cpu === undefined ? NOTHING : cpuShare(usage.cpu, child.since, now),
  ],
  ["memory", ({ usage }) => usage?.memory === undefined ? NOTHING : formatBytes(usage.memory)],
  ["pid", ({ child }) => String(child.pid ?? NOTHING)],
  ["ready", ({ child }) => child.state !== "running" ? NOTHING : child.ready === false ? "no" : "yes"],
  ["lines", ({ usage }) => usage?.lines?.toLocaleString("en") ?? NOTHING],
  [
    "last output",
    ({ usage, now }) => usage?.lastOutput === undefined ? NOTHING : since(usage.lastOutput, now),
  ],
  LAST_EXIT,
];

/** ANSI colours of states that need attention, and of the healthy one. */
const TINTS: Readonly<Partial<Record<ChildReport["state"], string>>> = {
  running: "32",
  restarting: "33",
  quarantined: "31",
};

/** A line about the tree, a head, and a line for each child; lines of the table are cut to `width` columns. */
export function statusTable(
  { name, now, startedAt, active, phase, children }: TreeReport,
  { color, width = Infinity, usage }: {
    readonly color: boolean;
    readonly width?: number | undefined;
    /** What processes use, for the wide table. */
    readonly usage?: readonly ChildUsage[] | undefined;
  },
): string[] {
  const columns = usage === undefined ? STATUS_COLUMNS : PROCESS_COLUMNS;
  const used = new Map(usage?.map((one) => [one.path, one]));
  const rows = children.map((child) =>
    columns.map(([, cell]) => cell({ child, usage: used.get(child.path), now, phase }))
  );
  const head = columns.map(([title]) => title);
  const widths = head.map((title, column) =>
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
      phaseText(phase, children)
    }${idle}`,
    line(head),
    ...rows.map((row, index) => {
      const { state, ready } = children[index]!;
      return line(row, state === "running" && ready === false ? "33" : TINTS[state]);
    }),
  ];
}

/** The time since `at`. */
function since(at: number | undefined, now: number): string {
  return at === undefined ? NOTHING : formatDuration(Math.max(0, now - at));
}

/** The share of one processor since the child was ready: `ps` counts whole seconds. */
function cpuShare(cpu: number, since: number | undefined, now: number): string {
  const lived = now - (since ?? now);
  return lived < 1_000 ? NOTHING : `${(100 * cpu / lived).toFixed(1)}%`;
}

function formatBytes(bytes: number): string {
  const megabytes = bytes / 1_048_576;
  return megabytes >= 1_024
    ? `${(megabytes / 1_024).toFixed(1)} GB`
    : `${megabytes.toFixed(megabytes < 10 ? 1 : 0)} MB`;
}

/** How far a start or a stop has come, in processes and jobs. */
function phaseText(phase: TreePhase | undefined, children: readonly ChildReport[]): string {
  if (phase !== "starting" && phase !== "stopping") return "";
  const parents = new Set(children.map(({ path }) => splitPath(path).parent));
  const leaves = children.filter(({ path }) => !parents.has(path));
  if (phase === "stopping") {
    const alive = leaves.filter(({ state }) =>
      !["stopped", "waiting", "restarting", "quarantined"].includes(state)
    );
    return `; it is stopping: ${alive.length} of ${leaves.length} still to end`;
  }
  const own = leaves.filter((child) => !(child.startsByHand && isUnstarted(child)));
  const done = own.filter(({ state, ready, lastExit }) =>
    (state === "running" && ready !== false) || (state === "stopped" && lastExit?.death.kind === "completed")
  );
  return `; it is still starting: ${done.length} of ${own.length} ready`;
}

function isUnstarted({ state, generation }: ChildReport): boolean {
  return state === "stopped" && generation === 0;
}

/** Where a child stands, in words. */
export function stateText(child: ChildReport, now: number): string {
  const { state, ready, until, waitsFor, startsByHand = false } = child;
  if (startsByHand && isUnstarted(child)) return "not started (start: false)";
  if (waitsFor !== undefined && waitsFor.length > 0) {
    return `${state} for ${waitsFor.map(visible).join(", ")}`;
  }
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
  const success = kind === "completed" ? successText({ code, signal }) : undefined;
  if (success !== undefined) return success;
  if (signal !== undefined) return visible(signal);
  if (code !== undefined) return `exit code ${code}`;
  return visible(printableLine(message ?? kind.replaceAll("_", " ")));
}
