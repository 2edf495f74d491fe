/**
 * One runtime a manifest: whoever runs it holds a lock on a file, which says who it is.
 *
 * Hold in mind: the system itself lets go of the lock when its holder ends, however it ends, so a lock that is held is
 * held by somebody alive. The file goes when the run is over; whoever has locked a file that is not at its path any
 * more has locked nothing, and tries again.
 *
 * @module
 */
import { systemTimers, within } from "../time/timers.ts";
import { isRefused, openOwnFile, readOwnFile, removeIfThere } from "./folder.ts";
import { parseScope, type PidScope } from "./identity.ts";

/** Who holds a lock. */
export interface Holder {
  /** Its number; `undefined` in the moment in which it has not yet written it. */
  readonly pid: number | undefined;
  /** When it took the lock; milliseconds since 1970. */
  readonly at: number | undefined;
  /** Its run: as long as the lock says so, its holder is the same process. */
  readonly run?: string | undefined;
  /** When its process started, as `ps` tells it; `undefined` where it could not know. */
  readonly started?: number | undefined;
  /** Where its number means it; `undefined` where it could not know. */
  readonly scope?: PidScope | undefined;
}

/** What the holder of a lock writes into it, besides its number and the time. */
export type Signature = Pick<Holder, "run" | "started" | "scope">;

/** Milliseconds that Deno before 2.7, which can only wait for a lock, waits for one before it counts as held. */
export const LOCK_WAIT_MS = 200;

/** The last moment that a `Date` can tell. */
const MAX_DATE_MS = 8.64e15;

/** A lock that is held. */
export class Lock {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /** Takes the lock, or tells who has it. */
  static async claim(path: string, signature: Signature = {}): Promise<Lock | Holder> {
    for (;;) {
      const file = await lockFile(path);
      if (file === undefined) return holder(path);
      if (isAt(path, file)) return new Lock(path, file).#sign(signature);
      file.close();
    }
  }

  /** Lets go of it, and of the file. */
  release(): void {
    removeIfThere(this.#path);
    this.#file.close();
  }

  #sign({ run, started, scope }: Signature): this {
    const signed = { pid: Deno.pid, at: Date.now(), run, started, scope };
    try {
      this.#file.truncateSync();
      this.#file.writeSync(new TextEncoder().encode(`${JSON.stringify(signed)}\n`));
    } catch (error) {
      // The lock is held all the same; a full disk keeps nobody but whoever asks from knowing by whom.
      if (!isRefused(error)) throw error;
    }
    return this;
  }
}

/** The file at `path`, locked; `undefined` if another has it. */
async function lockFile(path: string): Promise<Deno.FsFile | undefined> {
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
  const isLocked = await within(wait.locked, { ms: LOCK_WAIT_MS, timers: systemTimers });
  // Of several that waited for it here, the first has it.
  if (!isLocked || pending.get(path) !== wait) return undefined;
  pending.delete(path);
  return file;
}

/** Deno before 2.7 can wait for a lock, but not leave it: whoever asks again goes on waiting. */
const pending = new Map<string, { readonly file: Deno.FsFile; readonly locked: Promise<void> }>();

function isAt(path: string, file: Deno.FsFile): boolean {
  try {
    return Deno.statSync(path).ino === file.statSync().ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function holder(path: string): Holder {
  let said: Partial<Record<keyof Holder, unknown>> = {};
  try {
    said = JSON.parse(readOwnFile(path) ?? "") ?? {};
  } catch (error) {
    // It has just let go of it, or has not signed it yet.
    if (!(error instanceof Deno.errors.NotFound) && !(error instanceof SyntaxError)) throw error;
  }
  const { pid, at, run, started, scope } = said;
  return {
    pid: typeof pid === "number" && Number.isSafeInteger(pid) && pid > 1 ? pid : undefined,
    at: typeof at === "number" && Math.abs(at) <= MAX_DATE_MS ? at : undefined,
    run: typeof run === "string" ? run : undefined,
    started: typeof started === "number" ? started : undefined,
    scope: parseScope(scope),
  };
}
