/**
 * Finds what a run left behind, and ends it.
 *
 * Hold in mind: never a stranger. A process is taken for ours in two cases only. It leads the group that is on record,
 * and started in the second that is on record: then all of its group is ours, for a group's number is not given away
 * while it has members. Or it carries the run's mark in its environment. A number alone says nothing: the system gives
 * it away again.
 *
 * @module
 */
import { sendSignal, type SignalWay } from "../process/group.ts";
import { processTable } from "../process/process_table.ts";
import type { ProcessRow } from "../process/process_table.ts";
import { sleep } from "../process/timers.ts";
import type { LedgerText, ProcessRecord } from "./ledger.ts";
import { carries } from "./mark.ts";

/** Milliseconds by which a start on record and a start in the process table may differ; the table has whole seconds. */
export const START_TOLERANCE_MS = 2_000;

/** Milliseconds from SIGTERM to SIGKILL for what a run left behind. */
export const SWEEP_TERM_MS = 2_000;

/** Milliseconds that what was sent SIGKILL has to be gone. */
export const SWEEP_KILL_MS = 1_000;

const POLL_MS = 50;

/** A process that a run left behind. */
export interface Leftover {
  /** Its number. */
  readonly pid: number;
  /** Of which process on record it is, or comes from, where that is known. */
  readonly from: ProcessRecord | undefined;
}

/** Those of the table that the run left behind. Pure. */
export function leftovers({ run, processes }: LedgerText, table: readonly ProcessRow[]): Leftover[] {
  const groups = new Map<number, ProcessRecord>();
  for (const record of processes) {
    const leader = table.find(({ pid }) => pid === record.pid);
    if (leader?.group !== record.pid) continue;
    if (Math.abs(leader.started - record.at) <= START_TOLERANCE_MS) groups.set(record.pid, record);
  }
  const byPid = new Map(processes.map((record) => [record.pid, record]));
  return table.flatMap(({ pid, group, zombie, command }) => {
    if (zombie || pid <= 1) return [];
    const known = groups.get(group);
    if (known !== undefined) return [{ pid, from: known }];
    // One that was started a moment before the kill may lead no group yet.
    return carries(command, run.run) ? [{ pid, from: byPid.get(group) ?? byPid.get(pid) }] : [];
  });
}

/** What {@linkcode sweep} did. */
export interface Swept {
  /** Who was found, and is gone. */
  readonly ended: readonly Leftover[];
  /** Who was found, and is there in spite of SIGKILL. */
  readonly remaining: readonly Leftover[];
}

/** Ends all that a run left behind; `undefined` where that can't be found out. Its own process is not among it. */
export async function sweep(ledger: LedgerText, way: SignalWay): Promise<Swept | undefined> {
  const found = new Map<number, Leftover>();
  const look = async (): Promise<readonly Leftover[] | undefined> => {
    const table = await processTable({ environment: true });
    const left = table && leftovers(ledger, table).filter(({ pid }) => pid !== Deno.pid);
    for (const one of left ?? []) found.set(one.pid, one);
    return left;
  };
  let left = await look();
  if (left === undefined || way === "none") return undefined;
  for (const [signal, ms] of [["SIGTERM", SWEEP_TERM_MS], ["SIGKILL", SWEEP_KILL_MS]] as const) {
    const told = new Set<number>();
    for (const until = performance.now() + ms; left.length > 0 && performance.now() < until;) {
      for (const { pid } of left) {
        if (told.has(pid)) continue;
        told.add(pid);
        await sendSignal(pid, signal, way);
      }
      await sleep(POLL_MS);
      left = await look() ?? [];
    }
  }
  const remaining = new Set(left.map(({ pid }) => pid));
  const all = [...found.values()];
  return {
    ended: all.filter(({ pid }) => !remaining.has(pid)),
    remaining: all.filter(({ pid }) => remaining.has(pid)),
  };
}
