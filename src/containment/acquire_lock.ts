/**
 * Gets a manifest's lock, if need be from another runtime: by asking it to stop, as an operator would.
 *
 * The system says that the lock is held, and the lock says by whom: that number is signalled only while `ps` finds
 * the process there that the lock was signed by. Otherwise it is refused, and the operator stops it.
 */
import { sendSignals, type SignalWay } from "../process/group.ts";
import { processTable } from "../process/ps.ts";
import { sleep, systemClock } from "../time/clock.ts";
import { ContainmentError } from "./containment_errors.ts";
import { isSameProcess, isSameScope, type RuntimeIdentity } from "./identity.ts";
import { removeIfThere } from "./folder.ts";
import { Lock, type LockHolder, noteSuccessor, successorPath } from "./lock.ts";

/** Milliseconds that a runtime has to stop its tree; a little more than it gives itself. */
export const TAKE_OVER_TERM_MS = 95_000;

/** Milliseconds that it has to be gone after SIGKILL. */
export const TAKE_OVER_KILL_MS = 5_000;

/** Milliseconds that the holder of a lock has to write down its identity. */
export const SIGNED_WITHIN_MS = 2_000;

const POLL_MS = 50;

export interface LockOptions {
  /** Ends a runtime that holds the lock; otherwise it is refused. */
  readonly takeOver: boolean;
  /** The way out of a refusal, as a clause. Default: stop the other, or add `--take-over`. */
  readonly remedy?: string | undefined;
  readonly way: SignalWay;
  /** The identity of this runtime; without it no process is signalled. */
  readonly runtime: RuntimeIdentity | undefined;
  /** This run, for the lock to say so. */
  readonly run?: string | undefined;
  /** Called before another runtime is waited for. */
  readonly onTakeOver?: ((pid: number) => void) | undefined;
  readonly termWithin?: number | undefined;
}

/**
 * The lock at `path`, which is that of `manifest`.
 *
 * @throws {ContainmentError} `already_running`, `not_taken_over`, or `unsafe_state`
 */
export async function acquireLock(manifest: string, path: string, options: LockOptions): Promise<Lock> {
  const { takeOver, way, runtime, run, onTakeOver, termWithin = TAKE_OVER_TERM_MS } = options;
  const signature = { run, started: runtime?.started, scope: runtime?.scope };
  const claim = async () => {
    const claimed = await Lock.claim(path, signature);
    if (claimed instanceof Lock) removeIfThere(successorPath(path));
    return claimed;
  };
  const claimed = await claim();
  if (claimed instanceof Lock) return claimed;
  if (!takeOver) throw alreadyRunning(manifest, claimed, options.remedy);
  if (way === "none") throw notTakenOver(claimed, "no permission to signal it; add --allow-run=kill");
  let asked = false;
  const unsignedAt = performance.now() + SIGNED_WITHIN_MS;
  for (const [signal, ms] of [["SIGTERM", termWithin], ["SIGKILL", TAKE_OVER_KILL_MS]] as const) {
    let signalled: string | undefined;
    for (const until = performance.now() + ms; performance.now() < until;) {
      const now = await claim();
      if (now instanceof Lock) return now;
      const holder = `${now.pid} ${now.run}`;
      if (now.pid !== undefined && holder !== signalled) {
        const why = await whyNotSurely(now, runtime);
        // Held by the same run after that reading: so it is its holder that was seen, and it has not ended.
        const still = await claim();
        if (still instanceof Lock) return still;
        if (`${still.pid} ${still.run}` !== holder) continue;
        if (why !== undefined) throw notTakenOver(now, `${why}; stop it yourself`);
        if (!asked) onTakeOver?.(now.pid);
        asked = true;
        signalled = holder;
        noteSuccessor(path, now.run);
        await sendSignals([now.pid], signal, way);
      }
      if (!asked && performance.now() > unsignedAt) {
        throw notTakenOver(now, `its number is not in ${path}; stop it yourself`);
      }
      await sleep(systemClock, POLL_MS);
    }
  }
  throw notTakenOver(claimed, "it is still there after SIGKILL");
}

/** Why the process with the number in the lock need not be the one that holds it; `undefined` if it is. */
async function whyNotSurely(
  { pid, started, scope }: LockHolder,
  runtime: RuntimeIdentity | undefined,
): Promise<string | undefined> {
  if (runtime === undefined) return "which process that is can't be told without --allow-run=ps";
  if (pid === Deno.pid) return "that is the number of this process, so it is in another pid namespace";
  if (runtime.scope === undefined) return "in which pid namespace this process is can't be told";
  if (started === undefined || scope === undefined) {
    return "it did not write down when it started, as one without --allow-run=ps can't";
  }
  if (!isSameScope(scope, runtime.scope)) return "it is in another pid namespace, or on another machine";
  const row = (await processTable({ pids: [pid!] }))?.find((row) => row.pid === pid);
  if (row === undefined) return "no process has that number here";
  const isIt = isSameProcess(row, started) && row.uid === runtime.uid &&
    isSameNamespace(row.namespace, runtime);
  return isIt ? undefined : "the process with that number is another one";
}

function isSameNamespace(namespace: string | undefined, { scope }: RuntimeIdentity): boolean {
  return namespace === scope?.namespace;
}

function alreadyRunning(
  manifest: string,
  { pid, at }: LockHolder,
  remedy = "stop that one, or add --take-over",
): ContainmentError {
  const who = pid === undefined ? "another process" : `process ${pid}`;
  const runs = at === undefined ? "runs it" : `has been running it since ${new Date(at).toISOString()}`;
  return new ContainmentError(
    `Cannot start ${manifest}: ${who} ${runs}; ${remedy}`,
    { code: "already_running", ...(pid !== undefined && { pid }) },
  );
}

function notTakenOver({ pid }: LockHolder, why: string): ContainmentError {
  const who = pid === undefined ? "another process" : `process ${pid}`;
  return new ContainmentError(`Cannot take over from ${who}: ${why}`, {
    code: "not_taken_over",
    ...(pid !== undefined && { pid }),
  });
}
