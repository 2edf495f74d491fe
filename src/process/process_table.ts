/**
 * The processes of this machine, as the program `ps` tells them; it runs on Linux and macOS alike, and needs no more
 * than `--allow-run=ps`.
 *
 * Hold in mind: a start is told in whole seconds. The environment of a process is shown by its command line, to its
 * own user only, and as the process has left it in its memory; macOS hides that of its own programs.
 *
 * @module
 */
import { missingPermissions } from "./permit.ts";

/** One process. */
export interface ProcessRow {
  /** Its number. */
  readonly pid: number;
  /** The number of its process group. */
  readonly group: number;
  /** It has ended, and nobody has asked how. */
  readonly zombie: boolean;
  /** When it started: milliseconds since 1970, a multiple of 1,000. */
  readonly started: number;
  /** Its command line, and behind it its environment if that was asked for and may be seen. */
  readonly command: string;
}

const COLUMNS = "pid=,pgid=,stat=,lstart=,command=";

/** Whether {@linkcode processTable} may be asked. */
export function mayReadProcessTable(): boolean {
  return Deno.build.os !== "windows" && missingPermissions([{ name: "run", value: "ps" }]).length === 0;
}

/**
 * All processes; `undefined` where that can't be known: no permission, no `ps`, one that can't tell this, or no room in
 * the system to start it. Never rejects: who asks is about to end something, and has to go on.
 */
export async function processTable(
  { environment = false }: { readonly environment?: boolean } = {},
): Promise<readonly ProcessRow[] | undefined> {
  if (!mayReadProcessTable()) return undefined;
  const all = Deno.build.os === "darwin"
    ? (environment ? "-axEww" : "-axww")
    : environment
    ? "axeww"
    : "axww";
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command("ps", {
      args: [all, "-o", COLUMNS],
      clearEnv: true,
      env: { LC_ALL: "C", TZ: "UTC0" },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).output();
  } catch {
    return undefined;
  }
  const rows = output.code === 0 ? parseProcessTable(new TextDecoder().decode(output.stdout)) : [];
  return rows.length === 0 ? undefined : rows;
}

const ROW = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d{4})\s?(.*)$/;

/** The rows of what `ps` printed in the C locale and UTC; a line that is none is left out. */
export function parseProcessTable(text: string): ProcessRow[] {
  return text.split("\n").flatMap((line) => {
    const [, pid, group, stat = "", lstart = "", command = ""] = ROW.exec(line) ?? [];
    const started = Date.parse(`${lstart} UTC`);
    if (pid === undefined || Number.isNaN(started)) return [];
    return [{ pid: Number(pid), group: Number(group), zombie: stat.startsWith("Z"), started, command }];
  });
}
