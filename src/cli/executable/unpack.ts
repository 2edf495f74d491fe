/**
 * Programs that are in the executable, as files for as long as it runs.
 *
 * Hold in mind: runs of the same executable share one folder, since permissions name it. Each run holds a shared lock
 * in it, which the system releases however the run ends; whoever gets the lock alone at its end removes the folder. One
 * that a run left behind when it was killed is checked and used by the next, and removed at its end.
 *
 * @module
 */

import { join } from "node:path";
import { sleep, systemClock } from "../../actor/clock.ts";
import { UnpackError } from "./errors.ts";
import { type Embedded, sha256 } from "./plan.ts";

/** Milliseconds that the end of a run waits for others to leave the folder; the last one removes it. */
export const LEAVE_WITHIN_MS = 100;

/** A folder of programs that are checked and may be run. */
export class Unpacked {
  readonly #folder: string;
  readonly #lock: Deno.FsFile;

  private constructor(folder: string, lock: Deno.FsFile) {
    this.#folder = folder;
    this.#lock = lock;
  }

  /**
   * Unpacks `programs`, each a file of that name in `files`, to `folder`, which only this user may enter.
   *
   * @throws {UnpackError} `embedded_damaged`, `unpack_folder_taken`
   */
  static async at(
    folder: string,
    { programs, files }: { readonly programs: readonly Embedded[]; readonly files: URL },
  ): Promise<Unpacked> {
    const lock = await enter(folder);
    try {
      for (const program of programs) {
        const path = join(folder, program.name);
        if (await isAsPacked(path, program)) continue;
        await write(path, await packed(program, files));
      }
      return new Unpacked(folder, lock);
    } catch (error) {
      await leave(folder, lock);
      throw error;
    }
  }

  /** Removes the folder, unless another run of the same executable uses it. */
  async remove(): Promise<void> {
    await leave(this.#folder, this.#lock);
  }
}

/** The bytes of an embedded program. @throws {UnpackError} `embedded_damaged` */
export async function packed({ name, sha256: sum }: Embedded, files: URL): Promise<Uint8Array> {
  const bytes = await Deno.readFile(new URL(encodeURIComponent(name), files));
  if (await sha256(bytes) === sum) return bytes;
  throw new UnpackError(
    "embedded_damaged",
    `Cannot unpack ${name}: it is not what was embedded; make the executable again, or copy it again`,
  );
}

/** The folder, private and locked; it may be removed by another run at any moment until then. */
async function enter(folder: string): Promise<Deno.FsFile> {
  for (;;) {
    try {
      makePrivate(folder);
      const lock = Deno.openSync(join(folder, "lock"), {
        read: true,
        write: true,
        create: true,
        mode: 0o600,
      });
      await lock.lock(false);
      if (isAt(join(folder, "lock"), lock)) return lock;
      lock.close();
    } catch (error) {
      // Removed between two steps.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

function makePrivate(folder: string): void {
  try {
    Deno.mkdirSync(folder, { mode: 0o700 });
    return;
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  const { isDirectory, mode, uid } = Deno.lstatSync(folder);
  if (!isDirectory || (mode !== null && (mode & 0o077) !== 0)) throw taken(folder);
  const probe = join(folder, `probe-${crypto.randomUUID()}`);
  try {
    Deno.openSync(probe, { write: true, createNew: true }).close();
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) throw taken(folder);
    throw error;
  }
  // Who we are takes a permission to ask; whose a new file is, does not.
  const own = Deno.lstatSync(probe).uid;
  Deno.removeSync(probe);
  if (own !== uid) throw taken(folder);
}

function taken(folder: string): UnpackError {
  return new UnpackError(
    "unpack_folder_taken",
    `Cannot unpack to ${folder}: it is not a folder of this user alone; remove it, or compile with --unpack-to and a ` +
      "folder of your own",
  );
}

async function isAsPacked(path: string, { sha256: sum }: Embedded): Promise<boolean> {
  try {
    const { isFile, mode } = Deno.lstatSync(path);
    return isFile && (mode === null || (mode & 0o777) === 0o500) &&
      await sha256(await Deno.readFile(path)) === sum;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Whole or not at all: another run may start it at that moment. */
async function write(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.${crypto.randomUUID()}`;
  await Deno.writeFile(part, bytes, { createNew: true, mode: 0o700 });
  await Deno.chmod(part, 0o500);
  await Deno.rename(part, path);
}

async function leave(folder: string, lock: Deno.FsFile): Promise<void> {
  const late = new AbortController();
  const alone = await Promise.race([
    lock.lock(true).then(() => true),
    sleep(systemClock, LEAVE_WITHIN_MS, late.signal).then(() => false),
  ]);
  late.abort();
  // The system gives the lock back when the process ends, which it is about to do; a lock that is waited for can't be closed.
  if (!alone) return;
  if (isAt(join(folder, "lock"), lock)) Deno.removeSync(folder, { recursive: true });
  lock.close();
}

function isAt(path: string, file: Deno.FsFile): boolean {
  try {
    const [there, open] = [Deno.lstatSync(path), file.statSync()];
    return there.ino === open.ino && there.dev === open.dev;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
