/**
 * Finds the orphans of a run, or of one of its processes, and ends them.
 *
 * Never a stranger. A process is taken for ours in two cases only. It leads the group that is on record, and started in
 * the second that is on record, in the same pid namespace and boot: then all of its group is ours, for a group's number
 * is not given away while it has members. Or it carries the run's mark in its environment, and is of a user of the
 * run. A number alone says nothing: the system gives it away again. So each signal follows a reading of the process
 * table at once.
 */
import { sendSignals, type SignalWay } from "../process/group.ts";
import { newestProcesses, type ProcessRow, processTable } from "../process/ps.ts";
import { sleep, systemClock } from "../time/clock.ts";
import { hasRunId, mayReadEnviron, withCutRunIds } from "./environ.ts";
import { SWEEP_TERM_MS } from "./guarantees.ts";
import { isSameScope, type RuntimeIdentity } from "./identity.ts";
import type { LedgerText, ProcessRecord } from "./ledger.ts";
import { addressIn, isOfRun, numberIn, runIdsIn } from "./run_ids.ts";
import { RestlessGroups } from "./restless_groups.ts";

/** Milliseconds by which a start on record and a start in the process table may differ; the table has whole seconds. */
export const START_TOLERANCE_MS = 2_000;

/** Milliseconds at the beginning of a sweep in which only processes found by two looks in a row are signalled. */
const SWEEP_GRACE_MS = 300;

/** Milliseconds at the end of a sweep in which SIGKILL comes at once. */
const SWEEP_KILL_MS = 1_000;

/** Milliseconds after which a sweep that goes on finding something gives up. */
export const SWEEP_WITHIN_MS = 5_000;

/** Readings in a row that find nothing, until a sweep is over: one may miss a process that forks and ends meanwhile. */
export const EMPTY_READINGS = 2;

const POLL_MS = 20;

/** Readings of the newest processes, where a reading of all shows that there is something it can't show. */
const AHEAD_READINGS = 3;

/** A process that a run left behind. */
export interface Orphan {
  readonly pid: number;
  /** Of which process on record it is, or comes from, where that is known. */
  readonly from: Pick<ProcessRecord, "path" | "generation"> | undefined;
  /** Its program, as the process table has it. */
  readonly program?: string | undefined;
  /** The last signal that it was sent. */
  readonly signal?: "SIGTERM" | "SIGKILL" | undefined;
}

/** A leftover, as a reading of the process table found it. */
export interface FoundOrphan extends Orphan {
  /** How it is signalled: its number, or its group's with a minus where all of that group was left behind. */
  readonly target: number;
  /** It was found by its mark alone. */
  readonly isByRunId: boolean;
}

/** The run or process whose orphans {@linkcode findOrphans} looks for. */
export interface FindOrphansOptions {
  readonly runtime: RuntimeIdentity;
  /** Users of the run besides its own and those on record. */
  readonly users?: Iterable<number> | undefined;
  /** Which marks count; default all of the run. */
  readonly counts?: ((runId: string) => boolean) | undefined;
}

/** Those of the table that the run left behind. Pure. */
export function findOrphans(
  ledger: LedgerText,
  table: readonly ProcessRow[],
  options: FindOrphansOptions,
): FoundOrphan[] {
  const { run, processes } = ledger;
  const { runtime, users: others = [], counts = (runId) => isOfRun(runId, run.run) } = options;
  const groups = groupsOnRecord(ledger, table, runtime);
  const byNumber = new Map(
    processes.flatMap((record) => record.number === undefined ? [] : [[record.number, record]]),
  );
  const byPid = new Map(processes.map((record) => [record.pid, record]));
  const users = new Set([run.uid ?? runtime.uid, ...processes.flatMap(({ uid }) => uid ?? []), ...others]);
  const spared = new Set([...ancestors(table), Deno.pid]);
  const all = table.filter(({ pid, zombie }) => !zombie && pid > 1);
  const ours = new Map<number, Orphan>();
  const tagged = new Map<number, Orphan>();
  for (const row of all) {
    const { pid, group, environment, command: program } = row;
    if (spared.has(pid)) continue;
    const record = groups.get(group);
    if (record !== undefined) ours.set(pid, { pid, from: record, program });
    const runId = environment === undefined ? undefined : runIdsIn(environment).find(counts);
    if (record !== undefined || runId === undefined) continue;
    const from = byNumber.get(numberIn(runId, run.run) ?? -1) ?? addressIn(runId) ?? byPid.get(group) ??
      byPid.get(pid);
    (users.has(row.uid) ? ours : tagged).set(pid, { pid, from, program });
  }
  adopt(tagged, ours, table);
  return withTargets(ours, all, { runtime, onRecord: groups });
}

/**
 * Takes the user of a marked process from its parent: a sidecar may have become another user, which is on no record.
 */
function adopt(
  tagged: Map<number, Orphan>,
  ours: Map<number, Orphan>,
  table: readonly ProcessRow[],
): void {
  const parents = new Map(table.map(({ pid, parent }) => [pid, parent]));
  for (let more = tagged.size > 0; more;) {
    more = false;
    for (const [pid, orphan] of tagged) {
      if (!ours.has(parents.get(pid)!)) continue;
      ours.set(pid, orphan);
      tagged.delete(pid);
      more = true;
    }
  }
}

/** The groups whose leader is provably the process on record. */
function groupsOnRecord(
  { run, processes }: LedgerText,
  table: readonly ProcessRow[],
  runtime: RuntimeIdentity,
): ReadonlyMap<number, ProcessRecord> {
  const groups = new Map<number, ProcessRecord>();
  if (!isSameScope(run.scope, runtime.scope)) return groups;
  const byPid = new Map(table.map((row) => [row.pid, row]));
  for (const record of processes) {
    const leader = byPid.get(record.pid);
    if (leader?.group !== record.pid || Math.abs(leader.started - record.at) > START_TOLERANCE_MS) continue;
    const runIds = runIdsIn(leader.environment ?? "");
    const isOthers = runIds.length > 0 && !runIds.some((runId) => isOfRun(runId, run.run));
    if (!isOthers) groups.set(record.pid, record);
  }
  return groups;
}

/** Those that started this process: they carry the mark of a run in which it was started, and are not left behind. */
function ancestors(table: readonly ProcessRow[]): ReadonlySet<number> {
  const parents = new Map(table.map(({ pid, parent }) => [pid, parent]));
  const above = new Set<number>();
  for (let pid = parents.get(Deno.pid); pid !== undefined && !above.has(pid); pid = parents.get(pid)) {
    above.add(pid);
  }
  return above;
}

/**
 * A group of orphans only is signalled as one: processes that fork meanwhile do not escape. A
 * member whose environment can't be seen is of the same session as the others, and so of the same origin.
 */
function withTargets(
  ours: ReadonlyMap<number, Orphan>,
  all: readonly ProcessRow[],
  { runtime, onRecord }: {
    readonly runtime: RuntimeIdentity;
    readonly onRecord: ReadonlyMap<number, unknown>;
  },
): FoundOrphan[] {
  const groups = new Map<number, number>();
  const mixed = new Set([runtime.group, 0, 1]);
  for (const { pid, group, environment } of all) {
    if (ours.has(pid)) groups.set(pid, group);
    else if (environment !== undefined || pid === Deno.pid) mixed.add(group);
  }
  return [...ours.values()].map((one) => {
    const group = groups.get(one.pid)!;
    return { ...one, target: mixed.has(group) ? one.pid : -group, isByRunId: !onRecord.has(group) };
  });
}

export interface ReapedOrphans {
  /** Orphans that were found and have ended. */
  readonly ended: readonly Orphan[];
  /** Orphans that were found and have survived SIGKILL. */
  readonly remaining: readonly Orphan[];
}

export interface SweepOptions extends Omit<FindOrphansOptions, "runtime"> {
  readonly way: SignalWay;
  /** The identity of this runtime; without it no process is signalled. */
  readonly runtime: RuntimeIdentity | undefined;
  /** See {@linkcode EndOrphansOptions.force}. */
  readonly force?: AbortSignal | undefined;
}

/** The result of one look at the processes. */
export interface OrphanReading {
  readonly found: readonly FoundOrphan[];
  /** Whether there may be more: processes that ended before their origin could be read. */
  readonly isRestless: boolean;
}

/** Returns a function that finds the orphans, table by table; it may read `ps` again. */
export function createOrphanFinder(
  ledger: LedgerText,
  options: FindOrphansOptions,
): (table: readonly ProcessRow[]) => Promise<OrphanReading> {
  const groups = new RestlessGroups();
  const { run } = ledger;
  const { runtime, users = [] } = options;
  const own = new Set([run.uid ?? runtime.uid, ...users]);
  const { counts = (runId: string) => isOfRun(runId, run.run) } = options;
  const mayReadExactly = mayReadEnviron();
  const find = (table: readonly ProcessRow[]) => {
    const found = findOrphans(ledger, mayReadExactly ? withCutRunIds(table) : table, options);
    if (!mayReadExactly) return found;
    // The output of ps does not distinguish a mark from the same words within the value of another variable.
    return found.filter(({ pid, isByRunId }) => !isByRunId || hasRunId(pid, counts) !== false);
  };
  const mayBeOurs = ({ uid, started, group }: ProcessRow) =>
    own.has(uid) && group !== runtime.group && started >= run.at - START_TOLERANCE_MS;
  return async (table) => {
    let found = find(table);
    const isRestless = groups.isAny(table, mayBeOurs, new Set(found.map(({ pid }) => pid)));
    for (let tries = 0; isRestless && found.length === 0 && tries < AHEAD_READINGS; tries++) {
      found = find([...table, ...await newestProcesses()]);
    }
    return { found, isRestless };
  };
}

/** Ends all that a run left behind; `undefined` where that can't be found out. Its own process is not among it. */
export async function sweep(ledger: LedgerText, options: SweepOptions): Promise<ReapedOrphans | undefined> {
  const { way, runtime, force } = options;
  if (way === "none" || runtime === undefined) return undefined;
  const look = createOrphanFinder(ledger, { ...options, runtime });
  return await endOrphans(async () => {
    const table = await processTable({ environment: true });
    return table && await look(table);
  }, { way, force });
}

export interface EndOrphansOptions {
  readonly way: SignalWay;
  /** Ends it before its time. */
  readonly signal?: AbortSignal;
  /** Once it has aborted, SIGKILL comes at once. */
  readonly force?: AbortSignal | undefined;
}

/**
 * Ends what `look` finds, each with SIGTERM, and SIGKILL 2 s later, until it finds nothing twice in a row, for 5 s at
 * most; in the last of these, with SIGKILL at once. `undefined` where the first look says that nothing can be found
 * out.
 */
export async function endOrphans(
  look: () => Promise<OrphanReading | undefined>,
  { way, signal, force }: EndOrphansOptions,
): Promise<ReapedOrphans | undefined> {
  const found = new Map<number, Orphan>();
  const killAt = new Map<number, number>();
  const began = performance.now();
  const until = began + SWEEP_WITHIN_MS;
  let before = new Set<number>();
  let now = await look();
  if (now === undefined) return undefined;
  for (let empty = 0; !signal?.aborted;) {
    empty = now.found.length === 0 && !now.isRestless ? empty + 1 : 0;
    const time = performance.now();
    if (empty === EMPTY_READINGS || time >= until) break;
    // A process that was sent SIGKILL a moment ago, with its group, may still be there.
    const isDue = ({ target }: FoundOrphan) => time >= began + SWEEP_GRACE_MS || before.has(target);
    const due = now.found.filter(isDue);
    const isLate = (target: number) =>
      force?.aborted || time >= Math.min(killAt.get(target) ?? until, until - SWEEP_KILL_MS);
    for (const { pid, from, program, target } of due) {
      found.set(pid, { pid, from, program, signal: isLate(target) ? "SIGKILL" : "SIGTERM" });
    }
    before = new Set(now.found.map(({ target }) => target));
    const targets = [...new Set(due.map(({ target }) => target))];
    const fresh = targets.filter((target) => !killAt.has(target) && !isLate(target));
    if (await send(targets.filter(isLate), "SIGKILL", way) && await send(fresh, "SIGTERM", way)) {
      for (const target of fresh) killAt.set(target, time + SWEEP_TERM_MS);
    }
    await sleep(systemClock, POLL_MS, signal);
    now = await look() ?? { found: [], isRestless: false };
  }
  for (const { pid, from, program } of now.found) {
    found.set(pid, { pid, from, program, signal: found.get(pid)?.signal });
  }
  const remaining = new Set(now.found.map(({ pid }) => pid));
  const all = [...found.values()];
  return {
    ended: all.filter(({ pid }) => !remaining.has(pid)),
    remaining: all.filter(({ pid }) => remaining.has(pid)),
  };
}

/** Resolves to `false` if there is no room to start `kill` now; the next look finds them again. */
function send(targets: readonly number[], name: Deno.Signal, way: SignalWay): Promise<boolean> {
  return sendSignals(targets, name, way).then(() => true, () => false);
}
