/**
 * Gets a manifest's lock, if need be from another runtime: by asking it to stop, as an operator would.
 *
 * @module
 */
import { sendSignal, type SignalWay } from "../process/group.ts";
import { sleep } from "../process/timers.ts";
import { ContainmentError } from "./errors.ts";
import { type Holder, Lock } from "./lock.ts";

/** Milliseconds that a runtime has to stop its tree; a little more than it gives itself. */
export const TAKE_OVER_TERM_MS = 95_000;

/** Milliseconds that it has to be gone after SIGKILL. */
export const TAKE_OVER_KILL_MS = 5_000;

const POLL_MS = 50;

/** How {@linkcode lockFor} behaves. */
export interface LockOptions {
  /** Ends a runtime that holds the lock; otherwise it is refused. */
  readonly takeOver: boolean;
  /** How another runtime is signalled. */
  readonly way: SignalWay;
  /** Told before another runtime is waited for. */
  readonly onTakeOver?: ((pid: number) => void) | undefined;
  /** Default {@linkcode TAKE_OVER_TERM_MS}. */
  readonly termWithin?: number | undefined;
}

/**
 * The lock at `path`, which is that of `manifest`.
 *
 * @throws {ContainmentError} `already_running`, or `not_taken_over`
 */
export async function lockFor(manifest: string, path: string, options: LockOptions): Promise<Lock> {
  const { takeOver, way, onTakeOver, termWithin = TAKE_OVER_TERM_MS } = options;
  const claimed = await Lock.claim(path);
  if (claimed instanceof Lock) return claimed;
  if (!takeOver) throw alreadyRunning(manifest, claimed);
  if (way === "none") throw notTakenOver(claimed, "no permission to signal it; add --allow-run=kill");
  let asked = false;
  if (claimed.pid !== undefined) onTakeOver?.(claimed.pid);
  for (const [signal, ms] of [["SIGTERM", termWithin], ["SIGKILL", TAKE_OVER_KILL_MS]] as const) {
    let told: number | undefined;
    for (const until = performance.now() + ms; performance.now() < until;) {
      // Asked again right before each signal: whoever holds the lock is alive, so its number is its own.
      const now = await Lock.claim(path);
      if (now instanceof Lock) return now;
      if (now.pid !== undefined && now.pid !== told) {
        asked = true;
        await sendSignal(told = now.pid, signal, way);
      }
      await sleep(POLL_MS);
    }
  }
  const why = asked ? "it is still there after SIGKILL" : `its number is not in ${path}; stop it yourself`;
  throw notTakenOver(claimed, why);
}

function alreadyRunning(manifest: string, { pid, at }: Holder): ContainmentError {
  const who = pid === undefined ? "another process" : `process ${pid}`;
  const since = at === undefined ? "" : ` since ${new Date(at).toISOString()}`;
  return new ContainmentError(
    `Cannot start ${manifest}: ${who} runs it${since}; stop that one, or add --take-over`,
    { code: "already_running", ...(pid !== undefined && { pid }) },
  );
}

function notTakenOver({ pid }: Holder, why: string): ContainmentError {
  const who = pid === undefined ? "another process" : `process ${pid}`;
  return new ContainmentError(`Cannot take over from ${who}: ${why}`, {
    code: "not_taken_over",
    ...(pid !== undefined && { pid }),
  });
}
