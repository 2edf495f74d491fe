/**
 * Reads the processes of this machine from the program `ps`, on Linux and macOS alike; it needs no more than
 * `--allow-run=ps`.
 *
 * Start times have whole seconds. The environment of a process is visible to its own user and to root only, as the
 * process has left it in its memory; macOS hides that of its own programs. It is read apart from the command line, which
 * any program may fill with any words.
 */

import { findProgram } from "../permissions/find_program.ts";
import { mayRun, readVariable } from "../permissions/permit.ts";
import { basename } from "../permissions/path.ts";

export interface ProcessRow {
  readonly pid: number;
  /** The pid of its parent: the process that started it, or that adopted it. */
  readonly parent: number;
  readonly group: number;
  /** Whether it has ended and is not reaped. */
  readonly zombie: boolean;
  readonly uid: number;
  /**
   * Its pid namespace; `undefined` where that is not visible. macOS has none: there all processes are in one.
   */
  readonly namespace: string | undefined;
  /** When it started: milliseconds since 1970, a multiple of 1,000. */
  readonly started: number;
  /** Its command line; without the arguments where the environment was asked for. */
  readonly command: string;
  /**
   * Its environment, where that was asked for and is visible: the entries in a line, separated by spaces. On Linux, the
   * rest of a program's name behind a space (15 bytes at most) may precede it.
   */
  readonly environment?: string;
}

/** Options of {@linkcode processTable}. */
export interface TableOptions {
  /** Whether to read the environments, too. */
  readonly environment?: boolean;
  readonly pids?: readonly number[];
}

const DARWIN = Deno.build.os === "darwin";

export const PS = "ps";

export function mayReadProcessTable(): boolean {
  return Deno.build.os !== "windows" && mayRun(PS);
}

/**
 * Reads all processes; `undefined` where that fails: no permission, no `ps`, one that lacks these columns or has not
 * ended after 5 s, or no resources to start it. Never rejects: its callers are about to end something, and must go on.
 */
export async function processTable(options: TableOptions = {}): Promise<readonly ProcessRow[] | undefined> {
  const { environment = false } = options;
  if (!mayReadProcessTable()) return undefined;
  if (!environment) return await rowsOf(options, "args");
  // Of procps, a program's name with "e" is followed by its environment, and by no argument.
  if (!DARWIN) return (await rowsOf(options, "comm"))?.map(withEnvironmentBehindName);
  const [bare, full] = await Promise.all([
    rowsOf({ ...options, environment: false }, "args"),
    rowsOf(options, "args"),
  ]);
  return bare && full && withEnvironments(bare, full);
}

/**
 * Whether {@linkcode processTable} would have an answer. A program of the name `ps` itself is taken to know when a process
 * started; one program of many names, such as BusyBox, is asked about this process alone. That waits for no memory which the
 * system can't read, so there is no deadline.
 */
export function knowsProcesses(): boolean {
  if (!mayReadProcessTable()) return false;
  const found = findProgram(PS, { path: readVariable("PATH") });
  try {
    if (found.state === "found" && basename(Deno.realPathSync(found.path)) === PS) return true;
    const { stdout } = new Deno.Command(PS, command(["-ww", "-p", String(Deno.pid)], `${COLUMNS}args=`))
      .outputSync();
    return parseProcessTable(new TextDecoder().decode(stdout)).length > 0;
  } catch {
    return false;
  }
}

/** Pids that {@linkcode newestProcesses} asks for; procps takes some 250 at a time. */
const AHEAD = 250;

let newestPid = 0;

/**
 * Reads processes that are started while this runs, with their environments: Linux assigns pids in order, so those
 * behind the pid of the last `ps` are asked for one by one. It finds a process that lives for a millisecond, which a
 * reading of all mostly misses; it may miss any. Returns none on macOS.
 */
export async function newestProcesses(): Promise<readonly ProcessRow[]> {
  if (DARWIN || !mayReadProcessTable()) return [];
  const pids = Array.from({ length: AHEAD }, (_, index) => newestPid + 1 + index);
  const rows = await readTable(["eww", "-q", pids.join(",")], "comm");
  return (rows ?? []).map(withEnvironmentBehindName);
}

/** Reads rows whose `command` is that column, with the environment behind it if that is asked for. */
async function rowsOf({ environment, pids }: TableOptions, column: "args" | "comm") {
  const select = pids === undefined ? [] : ["-p", pids.join(",")];
  const flags = DARWIN
    ? [environment ? "-Eww" : "-ww", ...(pids === undefined ? ["-ax"] : select)]
    : [`${pids === undefined ? "ax" : ""}${environment ? "eww" : "ww"}`, ...select];
  const rows = await readTable(flags, column);
  // Single processes may all have ended.
  return rows?.length === 0 && pids === undefined ? undefined : rows;
}

async function readTable(flags: readonly string[], column: "args" | "comm") {
  try {
    const { code, stdout } = await runPs(flags, `${COLUMNS}${column}=`, (pid) => newestPid = pid);
    // 1, and nothing on stdout: none of the processes that were asked for exists.
    return code === 0 || code === 1 ? parseProcessTable(stdout) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Milliseconds after which a `ps` that has not ended is killed: it waits for processes whose memory the system can't
 * read, as of a file on a server that is gone.
 */
const PS_WITHIN_MS = 5_000;

function command(flags: readonly string[], columns: string): Deno.CommandOptions {
  return {
    args: [...flags, "-o", columns],
    clearEnv: true,
    env: { LC_ALL: "C", TZ: "UTC0" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  };
}

/** The mask of the signals that this process ignores, in hexadecimal; empty where `ps` does not say it in time. */
export async function ignoredSignals(): Promise<string> {
  try {
    return (await runPs(["-p", String(Deno.pid)], "ignored=")).stdout.trim();
  } catch {
    return "";
  }
}

/** Runs `ps` in the C locale and UTC. @throws {Error} it cannot be started, or has not ended in time */
async function runPs(flags: readonly string[], columns: string, onStarted: (pid: number) => void = () => {}) {
  const late = Promise.withResolvers<never>();
  const ps = new Deno.Command(PS, command(flags, columns)).spawn();
  onStarted(ps.pid);
  const timer = setTimeout(() => {
    late.reject(new Error(`Cannot read the processes: ps has not ended after ${PS_WITHIN_MS / 1_000} s`));
    try {
      ps.kill("SIGKILL");
    } catch {
      // It has ended, and left its output to others.
    }
  }, PS_WITHIN_MS);
  try {
    const { code, stdout, stderr } = await Promise.race([ps.output(), late.promise]);
    return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
  } finally {
    clearTimeout(timer);
  }
}

/** Returns the groups of each line of `text` that matches `row`. */
function rowsIn(text: string, row: RegExp): readonly (readonly (string | undefined)[])[] {
  return text.split("\n").flatMap((line) => {
    const found = row.exec(line);
    return found === null ? [] : [found.slice(1)];
  });
}

const COLUMNS = `pid=,ppid=,pgid=,stat=,uid=,${DARWIN ? "" : "pidns=,"}lstart=,`;
const START = String.raw`(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d{4})\s?(.*)$`;
const ROW = new RegExp(String.raw`^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\d+)\s+(?:(\d+|-)\s+)?${START}`);

/** Parses the output of `ps` in the C locale and UTC; other lines are skipped. */
export function parseProcessTable(text: string): ProcessRow[] {
  return rowsIn(text, ROW).flatMap(([pid, parent, group, stat, uid, namespace, lstart, command]) => {
    const started = Date.parse(`${lstart} UTC`);
    if (Number.isNaN(started)) return [];
    return [{
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      zombie: stat!.startsWith("Z"),
      uid: Number(uid),
      namespace: DARWIN ? "macOS" : namespace === "-" ? undefined : namespace,
      started,
      command: command!,
    }];
  });
}

function withEnvironmentBehindName(row: ProcessRow): ProcessRow {
  const [command = "", ...environment] = row.command.split(" ");
  return environment.length === 0 ? row : { ...row, command, environment: environment.join(" ") };
}

/**
 * Splits the command lines of `full`, which have the environment behind them, by those of `bare`. A process that became
 * another program between the two readings gets no environment.
 */
export function withEnvironments(bare: readonly ProcessRow[], full: readonly ProcessRow[]): ProcessRow[] {
  const commands = new Map(bare.map(({ pid, started, command }) => [`${pid} ${started}`, command]));
  return full.map((row) => {
    const command = commands.get(`${row.pid} ${row.started}`);
    if (command === undefined || !row.command.startsWith(`${command} `)) return row;
    return { ...row, command, environment: row.command.slice(command.length + 1) };
  });
}

/** One process in a reading of all. */
export interface ProcessUsage {
  /** The pid. */
  readonly pid: number;
  /** The pid of its parent: the process that started it, or that adopted it. */
  readonly parent: number;
  /** Bytes in RAM: its resident set. */
  readonly memory: number;
  /** Processor time so far, in ms, of all processors together. */
  readonly cpu: number;
}

/** Reads what all processes use now. */
export type ReadUsage = () => Promise<readonly ProcessUsage[]>;

/** The resolution of {@linkcode ProcessUsage.cpu} in ms: the figure is too low by less than that. */
export const CPU_RESOLUTION_MS = Deno.build.os === "darwin" ? 10 : 1_000;

/**
 * Reads what all processes use now. Needs permission to run `ps`.
 *
 * @throws {Error} there is no `ps`, it lacks these columns, or it has not ended after 5 s
 */
export async function readUsage(): Promise<readonly ProcessUsage[]> {
  const { code, stdout, stderr } = await runPs(["-A"], "pid=,ppid=,rss=,time=");
  const all = parseUsage(stdout);
  if (code === 0 && all.length > 0) return all;
  const said = stderr.trim().split("\n")[0];
  throw new Error(
    `Cannot read what processes use: ps ended with code ${code}${said ? `, saying: ${said}` : ""}`,
  );
}

const USAGE_ROW = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)\s*$/;

export function parseUsage(text: string): ProcessUsage[] {
  return rowsIn(text, USAGE_ROW).map(([pid, parent, kilobytes, days = 0, hours = 0, minutes, seconds]) => {
    const time = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
    return {
      pid: Number(pid),
      parent: Number(parent),
      memory: Number(kilobytes) * 1_024,
      cpu: Math.round(time * 1_000),
    };
  });
}

/** Returns for each of `pids` that process and its descendants, in any order; empty where it does not exist. */
export function processTrees(
  pids: readonly number[],
  all: readonly ProcessUsage[],
): ReadonlyMap<number, readonly ProcessUsage[]> {
  const byPid = new Map(all.map((process) => [process.pid, process]));
  const children = Map.groupBy(all, ({ parent }) => parent);
  return new Map(pids.map((pid) => {
    const first = byPid.get(pid);
    const tree = new Set(first === undefined ? [] : [first]);
    // The set grows while it is walked; a process that is in it already ends a circle.
    for (const { pid } of tree) for (const child of children.get(pid) ?? []) tree.add(child);
    return [pid, [...tree]];
  }));
}
