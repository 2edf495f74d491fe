/**
 * The environment of a process as the system has it, entry by entry, where it may be read: Deno opens `/proc` only to
 * a process with all permissions. `ps`, which is read elsewhere, prints it as one line.
 */
import { isAllGranted } from "../permissions/permit.ts";
import type { ProcessRow } from "../process/ps.ts";
import { RUN_ID_VARIABLE, runIdsIn } from "./run_ids.ts";

/** Characters from which on `ps` may have cut an environment: procps prints 128 KiB of a line. */
const CUT_FROM = 100_000;

/** Whether {@linkcode hasRunId} and {@linkcode withCutRunIds} can read environments here. */
export function mayReadEnviron(): boolean {
  return Deno.build.os === "linux" && isAllGranted();
}

/** Whether the process has a mark that counts as an entry of its environment; `undefined` where it cannot be read. */
export function hasRunId(pid: number, counts: (runId: string) => boolean): boolean | undefined {
  return runIdEntries(pid)?.some((entry) => runIdsIn(entry).some(counts));
}

/** The rows, with the mark of each process whose environment is longer than `ps` prints. */
export function withCutRunIds(table: readonly ProcessRow[]): readonly ProcessRow[] {
  return table.map((row) => {
    if (row.environment === undefined || row.environment.length < CUT_FROM) return row;
    const entries = runIdEntries(row.pid);
    return entries === undefined ? row : { ...row, environment: entries.join(" ") };
  });
}

/** The entries with a mark; `undefined` where it has ended, or the system keeps its environment from us. */
function runIdEntries(pid: number): string[] | undefined {
  try {
    const entries = Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0");
    return entries.filter((entry) => entry.startsWith(`${RUN_ID_VARIABLE}=`));
  } catch {
    return undefined;
  }
}
