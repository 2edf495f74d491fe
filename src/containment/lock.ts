/**
 * One runtime per manifest: it holds a lock on a file, and writes into it who it is.
 *
 * The system releases the lock when its holder ends, however it ends, so the holder of a lock is alive. The file goes
 * when the run is over; a runtime that has locked a file which is not at its path any more has locked nothing, and
 * tries again.
 */
import { dirname, join } from "node:path";
import { ifThere } from "../permissions/find_program.ts";
import { processTable } from "../process/ps.ts";
import { systemClock } from "../time/clock.ts";
import { settlesWithin } from "../time/after_news.ts";
import { isRefused, openOwnFile, readOwnFile, removeIfThere } from "./folder.ts";
import { isPid, isSameProcess, parseScope, type PidScope } from "./identity.ts";

export interface LockHolder {
  /** Its number; `undefined` in the moment in which it has not yet written it. */
  readonly pid: number | undefined;
  /** When it took the lock; milliseconds since 1970. */
  readonly at: number | undefined;
  /** Its run: as long as the lock says so, its holder is the same process. */
  readonly run?: string | undefined;
  /** When its process started, as `ps` prints it; `undefined` where it could not be read. */
  readonly started?: number | undefined;
  /** Where its number means it; `undefined` where it could not know. */
  readonly scope?: PidScope | undefined;
}

/** The fields that the holder of a lock writes into it, besides its number and the time. */
export type LockSignature = Pick<LockHolder, "run" | "started" | "scope">;

/** Milliseconds that Deno before 2.7, which can only wait for a lock, waits for one before it counts as held. */
export const LOCK_WAIT_MS = 200;

/** The last moment that a `Date` can hold. */
const MAX_DATE_MS = 8.64e15;

export interface ClaimOptions {
  /**
   * Whether, on Deno before 2.7, a lock counts as held that a live process has signed. A wait for it can't be left, and
   * keeps the whole process from ending. Default `false`: what is written in the file does not count.
   */
  readonly trustsSignature?: boolean;
}

export class Lock {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /** Takes the lock, or returns its holder. */
  static async claim(
    path: string,
    signature: LockSignature = {},
    options?: ClaimOptions,
  ): Promise<Lock | LockHolder> {
    for (;;) {
      const file = await lockFile(path, options);
      if (file === undefined) return holder(path);
      if (isAt(path, file)) return new Lock(path, file).#sign(signature);
      file.close();
    }
  }

  release(): void {
    removeIfThere(this.#path);
    this.#file.close();
  }

  #sign({ run, started, scope }: LockSignature): this {
    const signed = { pid: Deno.pid, at: Date.now(), run, started, scope };
    try {
      this.#file.truncateSync();
      this.#file.writeSync(new TextEncoder().encode(`${JSON.stringify(signed)}\n`));
    } catch (error) {
      // The lock is held all the same; on a full disk other runtimes only cannot read by whom.
      if (!isRefused(error)) throw error;
    }
    return this;
  }
}

/** The file at `path`, locked; `undefined` if another has it. */
async function lockFile(path: string, { trustsSignature = false }: ClaimOptions = {}): Promise<
  Deno.FsFile | undefined
> {
  const mustWait = trustsSignature && !("tryLock" in Deno.FsFile.prototype);
  if (mustWait && !pending.has(path) && await isSignedByLive(path)) return undefined;
  const waiting = pending.get(path);
  const file = waiting?.file ?? openOwnFile(path);
  const { tryLock } = file as { tryLock?: (exclusive: boolean) => Promise<boolean> };
  if (tryLock !== undefined) {
    if (await tryLock.call(file, true)) return file;
    file.close();
    return undefined;
  }
  const wait = waiting ?? { file, locked: file.lock(true) };
  pending.set(path, wait);
  const isLocked = await settlesWithin(wait.locked, { ms: LOCK_WAIT_MS, timers: systemClock });
  // Of several that waited for it here, the first has it.
  if (!isLocked || pending.get(path) !== wait) return undefined;
  pending.delete(path);
  return file;
}

/** Deno before 2.7 can wait for a lock, but cannot cancel the wait: a second claim joins the first one's wait. */
const pending = new Map<string, { readonly file: Deno.FsFile; readonly locked: Promise<void> }>();

/** Whether the lock is signed by a process that lives, as far as `ps` may be asked. */
export async function isSignedByLive(path: string): Promise<boolean> {
  const { pid, started } = holder(path);
  if (pid === undefined || started === undefined) return false;
  const row = (await processTable({ pids: [pid] }))?.find((row) => row.pid === pid);
  return row !== undefined && isSameProcess(row, started);
}

function isAt(path: string, file: Deno.FsFile): boolean {
  return ifThere(() => Deno.statSync(path))?.ino === file.statSync().ino;
}

function holder(path: string): LockHolder {
  let said: Partial<Record<keyof LockHolder, unknown>> = {};
  try {
    said = JSON.parse(readOwnFile(path) ?? "") ?? {};
  } catch (error) {
    // It has just let go of it, or has not signed it yet.
    if (!(error instanceof Deno.errors.NotFound) && !(error instanceof SyntaxError)) throw error;
  }
  const { pid, at, run, started, scope } = said;
  return {
    pid: isPid(pid) ? pid : undefined,
    at: typeof at === "number" && Math.abs(at) <= MAX_DATE_MS ? at : undefined,
    run: typeof run === "string" ? run : undefined,
    started: typeof started === "number" ? started : undefined,
    scope: parseScope(scope),
  };
}

// --- Take-overs ---------------------------------------------------------------------

/** Where a runtime that takes the lock at `path` over says so, for the holder to tell its operator. */
export function successorPath(path: string): string {
  return `${path}.successor`;
}

/** Says that this process is about to ask the holder `run` of the lock at `path` to stop. */
export function noteSuccessor(path: string, run: string | undefined): void {
  try {
    const file = openOwnFile(successorPath(path));
    try {
      file.truncateSync();
      file.writeSync(new TextEncoder().encode(`${JSON.stringify({ pid: Deno.pid, run })}\n`));
    } finally {
      file.close();
    }
  } catch {
    // The other stops all the same; its operator learns of the signal only.
  }
}

/** The number of the process that takes over from `run`, which holds the lock at `path`; `undefined` if none does. */
export function successorOf(run: string, path: string): number | undefined {
  try {
    const said = JSON.parse(readOwnFile(successorPath(path)) ?? "") ?? {};
    return said.run === run && isPid(said.pid) ? said.pid : undefined;
  } catch {
    return undefined; // There is none, or it can't be read: then a signal is all that is known.
  }
}

// --- Runs side by side --------------------------------------------------------------

/** Runs of one program, at a time, that are on record. */
export const MAX_SLOTS = 100;

/** One of several locks of what may run more than once at a time. */
export interface Slot {
  /** The beginning of the names of its files. */
  readonly stem: string;
  readonly lock: Lock;
}

/** The first slot that is free; `undefined` where none is. @throws {ContainmentError} `unsafe_state` */
export async function claimSlot(stem: string, signature: LockSignature): Promise<Slot | undefined> {
  for (let number = 1; number <= MAX_SLOTS; number++) {
    const own = number === 1 ? stem : `${stem}.${number}`;
    const lock = await Lock.claim(`${own}.lock`, signature, { trustsSignature: true });
    if (lock instanceof Lock) return { stem: own, lock };
  }
}

/**
 * Calls `use` with each file `STEM.ledger` of the same program whose lock is free, or is that of `slot`: it was left by
 * a run that was killed. The file is removed afterwards.
 *
 * @throws {ContainmentError} `unsafe_state`
 */
export async function useDeadLedgers(slot: Slot, use: (ledger: string) => Promise<void>): Promise<void> {
  const useOne = async (path: string) => {
    await use(readOwnFile(path) ?? "");
    removeIfThere(path);
  };
  const folder = dirname(slot.stem);
  const program = withoutNumber(slot.stem);
  for (const { name } of [...Deno.readDirSync(folder)]) {
    const stem = join(folder, name.slice(0, -".ledger".length));
    if (!name.endsWith(".ledger") || withoutNumber(stem) !== program || stem === slot.stem) continue;
    const lock = await Lock.claim(`${stem}.lock`, {}, { trustsSignature: true });
    if (!(lock instanceof Lock)) continue;
    try {
      await useOne(`${stem}.ledger`);
    } finally {
      lock.release();
    }
  }
  await useOne(`${slot.stem}.ledger`);
}

function withoutNumber(stem: string): string {
  return stem.replace(/\.\d+$/, "");
}
