/**
 * Programs that are in the executable, as files for as long as it runs.
 *
 * Runs of the same executable share one folder, since permissions name it. Each run holds a shared lock
 * in it, which the system releases however the run ends; the run that gets the exclusive lock at its end removes the
 * folder. One that a run left behind when it was killed is checked and used by the next, and removed at its end.
 */

import { dirname, join } from "node:path";
import { sleep, systemClock } from "../../time/clock.ts";
import { isRefused, whyRefused } from "../../containment/folder.ts";
import { missingPermissions } from "../../permissions/permit.ts";
import { checkEachStart } from "../../process/start/start_check.ts";
import { ownUid } from "../../permissions/trusted_path.ts";
import { UnpackError } from "../compile/compile_errors.ts";
import { type Embedded, sha256Hex } from "../compile/plan.ts";
import { isOwnProgram, PROGRAM_MODE, requireUnpacked, whyExchangeable, whyShared } from "./trust.ts";

/** Milliseconds that the end of a run waits for others to leave the folder; the last one removes it. */
export const LEAVE_WITHIN_MS = 100;

/** A folder of programs that are checked and may be run. */
export class Unpacked {
  readonly #folder: string;
  readonly #lock: Deno.FsFile;
  readonly #checks: readonly Disposable[];

  private constructor(folder: string, lock: Deno.FsFile, checks: readonly Disposable[]) {
    this.#folder = folder;
    this.#lock = lock;
    this.#checks = checks;
  }

  /**
   * Unpacks `programs`, each a file of that name in `files`, to `folder`, which only this user may enter. Each is
   * looked at again before each of its starts, until {@linkcode Unpacked.remove}.
   *
   * @throws {UnpackError} `embedded_damaged`, `unpack_folder_taken`, `unpack_folder_unusable`
   */
  static async at(
    folder: string,
    { programs, files }: { readonly programs: readonly Embedded[]; readonly files: URL },
  ): Promise<Unpacked> {
    const { lock, self } = await enter(folder);
    try {
      for (const program of programs) {
        const path = join(folder, program.name);
        if (await isAsPacked(path, program, self)) continue;
        await write(path, await packed(program, files));
      }
      requireRunnable(folder);
      const checks = programs.map((program) => {
        const file = join(folder, program.name);
        return checkEachStart(file, () => requireUnpacked(file, program, self));
      });
      return new Unpacked(folder, lock, checks);
    } catch (error) {
      await leave(folder, lock);
      throw error instanceof UnpackError || !isRefused(error) ? error : unusable(folder, error);
    }
  }

  /** Removes the folder, unless another run of the same executable uses it. */
  async remove(): Promise<void> {
    for (const check of this.#checks) check[Symbol.dispose]();
    await leave(this.#folder, this.#lock);
  }
}

/** The bytes of an embedded program. @throws {UnpackError} `embedded_damaged` */
export async function packed({ name, sha256: sum }: Embedded, files: URL): Promise<Uint8Array> {
  const bytes = await Deno.readFile(new URL(encodeURIComponent(name), files));
  if (await sha256Hex(bytes) === sum) return bytes;
  throw new UnpackError(
    "embedded_damaged",
    `Cannot unpack ${name}: it is not what was embedded; make the executable again, or copy it again`,
  );
}

/**
 * Looks at the place that programs are unpacked to, and makes nothing there.
 *
 * @throws {UnpackError} `unpack_folder_taken`
 */
export function requireOwnFolder(folder: string, self: number | undefined = ownUid()): void {
  const why = whyExchangeable(dirname(folder), self) ?? whyShared(folder, self);
  if (why !== undefined) throw taken(folder, why);
}

/** The folder, private and locked; it may be removed by another run at any moment until then. */
async function enter(folder: string): Promise<{ lock: Deno.FsFile; self: number | undefined }> {
  for (;;) {
    try {
      const self = makePrivate(folder);
      const lock = Deno.openSync(join(folder, "lock"), {
        read: true,
        write: true,
        create: true,
        mode: 0o600,
      });
      await lock.lock(false);
      if (isAt(join(folder, "lock"), lock)) return { lock, self };
      lock.close();
    } catch (error) {
      if (error instanceof UnpackError) throw error;
      // Another run removed the folder between two steps, but not its parents.
      if (error instanceof Deno.errors.NotFound && isThere(dirname(folder))) continue;
      throw isRefused(error) ? unusable(folder, error) : error;
    }
  }
}

/** Makes the folder private, and returns this user's uid. */
function makePrivate(folder: string): number | undefined {
  const self = ownUid();
  // Before anything is made: in a folder of another user, nothing is.
  requireOwnFolder(folder, self);
  makeFolders(folder);
  requireOwnFolder(folder, self);
  if (self !== undefined) return self;
  const found = ownerOfNew(folder);
  requireOwnFolder(folder, found);
  return found;
}

function ownerOfNew(folder: string): number | undefined {
  try {
    return ownUid(folder);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) throw taken(folder, "this user may not write to it");
    throw error;
  }
}

function makeFolders(folder: string): void {
  const parent = dirname(folder);
  try {
    if (!isThere(parent)) Deno.mkdirSync(parent, { recursive: true, mode: 0o700 });
    Deno.mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw unusable(folder, `there is no folder ${parent}`);
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

/** Whether the path exists; an unreadable one counts as existing. */
function isThere(path: string): boolean {
  if (missingPermissions([{ name: "read", value: path }]).length > 0) return true;
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

const WAY_OUT = "set XDG_CACHE_HOME to a folder of this user's own, or compile with --unpack-to and one";

function taken(folder: string, why: string): UnpackError {
  return new UnpackError("unpack_folder_taken", `Cannot unpack to ${folder}: ${why}; ${WAY_OUT}`);
}

function unusable(folder: string, why: string | Error): UnpackError {
  const [text, options] = typeof why === "string" ? [why, {}] : [whyRefused(why), { cause: why }];
  return new UnpackError(
    "unpack_folder_unusable",
    `Cannot unpack to ${folder}: ${text}; ${WAY_OUT}`,
    options,
  );
}

/**
 * Whether the file system lets programs run, tested with one whose interpreter does not exist: where programs may
 * run, the error names the interpreter, and nothing has run.
 */
function requireRunnable(folder: string): void {
  if (Deno.build.os === "windows" || missingPermissions([{ name: "run", value: "" }]).length > 0) return;
  const file = join(folder, `try-${crypto.randomUUID()}`);
  Deno.writeTextFileSync(file, `#!${folder}/none\n`, { createNew: true, mode: 0o700 });
  try {
    new Deno.Command(file, { clearEnv: true, stdin: "null", stdout: "null", stderr: "null" }).outputSync();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    throw unusable(folder, "no program may run there, as on a file system that is mounted noexec");
  } finally {
    Deno.removeSync(file);
  }
}

async function isAsPacked(
  path: string,
  { sha256: sum }: Embedded,
  self: number | undefined,
): Promise<boolean> {
  try {
    return isOwnProgram(path, self) && await sha256Hex(await Deno.readFile(path)) === sum;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Whole or not at all: another run may start it at that moment. */
async function write(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.${crypto.randomUUID()}`;
  await Deno.writeFile(part, bytes, { createNew: true, mode: 0o700 });
  await Deno.chmod(part, PROGRAM_MODE);
  await Deno.rename(part, path);
}

async function leave(folder: string, lock: Deno.FsFile): Promise<void> {
  const late = new AbortController();
  const alone = await Promise.race([
    lock.lock(true).then(() => true),
    sleep(systemClock, LEAVE_WITHIN_MS, late.signal).then(() => false),
  ]);
  late.abort();
  // The system gives the lock back when the process ends, which it is about to do; a lock that is waited for can't be
  // closed.
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
