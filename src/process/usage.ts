/**
 * How much memory and processor time processes use, as the program `ps` tells it: one call for all of them, on Linux
 * and macOS alike, with no more permission than `--allow-run=ps`.
 *
 * Hold in mind: what a program uses is what it and all that it started use, as far as those still are its descendants.
 * Memory that several processes share counts for each of them. On Linux processor time comes in whole seconds.
 *
 * @module
 */

/** One process in a reading of all. */
export interface ProcessUsage {
  /** Its number. */
  readonly pid: number;
  /** The number of the process that started it, or that took it over. */
  readonly parent: number;
  /** Bytes of memory that it has in RAM (its resident set). */
  readonly memory: number;
  /** Processor time that it has used so far, in ms: of all processors together. */
  readonly cpu: number;
}

/** Reads what all processes use now. */
export type ReadUsage = () => Promise<readonly ProcessUsage[]>;

/** The program that is asked. */
export const PS = "ps";

/** How coarse {@linkcode ProcessUsage.cpu} is, in ms: what it tells is too little by less than that. */
export const CPU_GRAIN_MS = Deno.build.os === "darwin" ? 10 : 1_000;

/**
 * Reads what all processes use now. Needs to run `ps`.
 *
 * @throws {Error} there is no `ps`, or it does not tell this
 */
export async function readUsage(): Promise<readonly ProcessUsage[]> {
  const { code, stdout, stderr } = await new Deno.Command(PS, {
    args: ["-A", "-o", "pid=,ppid=,rss=,time="],
    clearEnv: true,
    env: { LC_ALL: "C" },
    stdin: "null",
  }).output();
  const all = parseUsage(new TextDecoder().decode(stdout));
  if (code === 0 && all.length > 0) return all;
  const said = new TextDecoder().decode(stderr).trim().split("\n")[0];
  throw new Error(
    `Cannot read what processes use: ps ended with code ${code}${said ? `, saying: ${said}` : ""}`,
  );
}

const ROW = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)\s*$/;

/** The rows of what `ps` printed; a line that is none is left out. */
export function parseUsage(text: string): ProcessUsage[] {
  return text.split("\n").flatMap((line) => {
    const found = ROW.exec(line);
    if (found === null) return [];
    const [, pid, parent, kilobytes, days = 0, hours = 0, minutes, seconds] = found;
    const time = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
    return [{
      pid: Number(pid),
      parent: Number(parent),
      memory: Number(kilobytes) * 1_024,
      cpu: Math.round(time * 1_000),
    }];
  });
}

/** For each of `pids` that process and its descendants, in no particular order; empty where it is not there. */
export function familiesOf(
  pids: readonly number[],
  all: readonly ProcessUsage[],
): ReadonlyMap<number, readonly ProcessUsage[]> {
  const byPid = new Map(all.map((process) => [process.pid, process]));
  const children = Map.groupBy(all, ({ parent }) => parent);
  return new Map(pids.map((pid) => {
    const first = byPid.get(pid);
    const family = new Set(first === undefined ? [] : [first]);
    // Grows while it is walked; what is there already ends a circle.
    for (const { pid } of family) for (const child of children.get(pid) ?? []) family.add(child);
    return [pid, [...family]];
  }));
}
