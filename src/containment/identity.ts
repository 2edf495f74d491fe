/**
 * Which process a number means. A number alone says nothing: the system gives it away again, and each pid namespace and
 * each machine has its own. A process is known again by its number, the second it started in, and the namespace and the
 * boot in which that number was its own.
 *
 * Used by the lock, the ledger and the sweep. Where any part is unknown, a process number identifies no process.
 */
import { type ProcessRow, processTable } from "../process/ps.ts";
import { runIdsIn } from "./run_ids.ts";

/** Where a number means the same process: a pid namespace of a machine, from one boot to the next. */
export interface PidScope {
  readonly namespace: string;
  /** When its process 1 started; `undefined` where that may not be seen. */
  readonly boot?: number | undefined;
}

export interface RuntimeIdentity {
  /** When it started, in milliseconds since 1970; whole seconds. */
  readonly started: number;
  readonly uid: number;
  readonly group: number;
  /** Where its number means it; `undefined` where that can't be known. */
  readonly scope: PidScope | undefined;
  /** The marks that it was given itself, by runs around it. */
  readonly runIds: readonly string[];
}

/** Milliseconds by which two readings of one start may differ: `ps` reckons it from the boot, in whole seconds. */
export const READING_TOLERANCE_MS = 1_000;

/** Reads the identity of this runtime from `ps`; `undefined` where `ps` may not run, or does not print it. */
export async function readRuntimeIdentity(): Promise<RuntimeIdentity | undefined> {
  const rows = await processTable({ environment: true, pids: [1, Deno.pid] });
  const own = rows?.find(({ pid }) => pid === Deno.pid);
  if (own === undefined) return undefined;
  const { started, uid, group, namespace, environment = "" } = own;
  const boot = rows!.find(({ pid }) => pid === 1)?.started;
  const scope = namespace === undefined ? undefined : { namespace, ...(boot !== undefined && { boot }) };
  return { started, uid, group, scope, runIds: runIdsIn(environment) };
}

/** Whether a number means the same process in both. */
export function isSameScope(one: PidScope | undefined, other: PidScope | undefined): boolean {
  if (one === undefined || other === undefined || one.namespace !== other.namespace) return false;
  if (one.boot === undefined || other.boot === undefined) return one.boot === other.boot;
  return Math.abs(one.boot - other.boot) <= READING_TOLERANCE_MS;
}

/** Whether `row` is the process that started at `started`, as an earlier reading had it. */
export function isSameProcess(row: ProcessRow, started: number): boolean {
  return !row.zombie && Math.abs(row.started - started) <= READING_TOLERANCE_MS;
}

/** Reads a scope that was written down; `undefined` if it is none. */
export function parseScope(value: unknown): PidScope | undefined {
  const { namespace, boot } = (value ?? {}) as { namespace?: unknown; boot?: unknown };
  if (typeof namespace !== "string" || namespace === "") return undefined;
  return typeof boot === "number" ? { namespace, boot } : { namespace };
}

/** Whether `value` can be the number of a process of ours: 1 is the system's own, and 0 means oneself. */
export function isPid(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 1;
}
