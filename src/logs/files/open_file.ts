/**
 * Opens a log file to append to it: one that belongs to this user alone, and that no other run writes to.
 *
 * Output may have secrets that no mask knows, so a new file is private, and no link or file of another user is written
 * to, whoever may write to its folder. The invariant: nothing was written to a file that is refused.
 */

import { dirname } from "../../permissions/path.ts";
import { ifThere } from "../../permissions/find_program.ts";
import { ownUid, pathTrust } from "../../permissions/trusted_path.ts";
import { systemClock } from "../../time/clock.ts";
import { settlesWithin } from "../../time/after_news.ts";
import { LogFileError } from "./log_file_errors.ts";

/** Milliseconds to wait for a lock where it can't be asked for without waiting: Deno before 2.7. */
const LOCK_WAIT_MS = 500;
const LF = 0x0a;

/** A log file that is open. */
export interface OpenLogFile {
  readonly file: Deno.FsFile;
  /** Which file it is, wherever it is moved. */
  readonly dev: number;
  readonly ino: number | null;
  /** Its bytes. */
  size: number;
  /** Its last line has no end: what comes next belongs to it, or is to begin a new line. */
  isWithinLine: boolean;
}

/**
 * Opens `path`, and makes it if it is missing; with `makesFolder` its folder, too.
 *
 * @throws {LogFileError} it is not safe to write to, or another run writes to it
 * @throws the system's error where it can't be opened
 */
export async function openLogFile(
  path: string,
  { makesFolder }: { readonly makesFolder: boolean },
): Promise<OpenLogFile> {
  if (makesFolder) await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const { file, isNew } = await openFile(path);
  try {
    if (!isNew) requireOwn(path, file);
    requireTrust(path, file);
    await requireLock(path, file);
    const { dev, ino, size } = await file.stat();
    return { file, dev, ino, size, isWithinLine: size > 0 && await lastByte(file) !== LF };
  } catch (thrown) {
    file.close();
    throw thrown;
  }
}

/**
 * Finds out whether `path` could be opened so, and leaves nothing behind: a file that is missing is made, and removed; a
 * folder that would be made is not. Who else writes to it now is not looked at.
 *
 * @throws {LogFileError} it could not
 */
export async function probeLogFile(
  path: string,
  { makesFolder }: { readonly makesFolder: boolean },
): Promise<void> {
  const folder = dirname(path);
  if (makesFolder && ifThere(() => Deno.statSync(folder)) === undefined) return;
  await explained(path, async () => {
    const { file, isNew } = await openFile(path);
    try {
      if (!isNew) requireOwn(path, file);
      requireTrust(path, file);
    } finally {
      file.close();
      if (isNew) await Deno.remove(path);
    }
  });
}

/** Says what is wrong with the log at `path` that `open` opens. @throws {LogFileError} */
export async function explained<Result>(path: string, open: () => Promise<Result>): Promise<Result> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof Error) || error instanceof LogFileError) throw error;
    throw unusable(path, whyNot(error), error);
  }
}

/** Whether `open` is still the file at `path`, neither moved away nor removed; its size is looked up again. */
export async function isStillThere(path: string, open: OpenLogFile): Promise<boolean> {
  try {
    const { dev, ino, size } = await Deno.lstat(path);
    if (dev !== open.dev || ino !== open.ino) return false;
    open.size = size;
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** A file that is made now can't be reached through a link; one that is there is opened if it is no link. */
async function openFile(path: string): Promise<{ file: Deno.FsFile; isNew: boolean }> {
  for (;;) {
    try {
      const file = await Deno.open(path, { read: true, append: true, createNew: true, mode: 0o600 });
      return { file, isNew: true };
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
    const there = ifThere(() => Deno.lstatSync(path));
    if (there === undefined) continue;
    if (there.isSymlink) throw unusable(path, "it is a link; name the file that it leads to, or remove it");
    // Opening a pipe would wait for its other end.
    if (!there.isFile) throw unusable(path, "it is not a file; name another one");
    const file = await Deno.open(path, { read: true, append: true });
    const { dev, ino } = file.statSync();
    if (dev === there.dev && ino === there.ino) return { file, isNew: false };
    // Exchanged between the two looks.
    file.close();
  }
}

function requireOwn(path: string, file: Deno.FsFile): void {
  if ((file.statSync().nlink ?? 1) > 1) {
    throw unusable(path, "it has a second name, as a hard link; remove this one");
  }
  try {
    // Only its owner may, and root.
    file.utimeSync(new Date(), new Date());
  } catch (cause) {
    throw unusable(path, "it belongs to another user; remove it, or name another one", cause);
  }
}

/** Its owner is this user. So must be what leads to it, or root's; a group that may write there can't read the file. */
function requireTrust(path: string, file: Deno.FsFile): void {
  const self = ownUid() ?? file.statSync().uid ?? undefined;
  const { unsafe } = pathTrust(path, { self, trustsGroups: "any" });
  if (unsafe !== undefined) throw unusable(path, `${unsafe.why}; name a file in a folder of your own`);
}

async function requireLock(path: string, file: Deno.FsFile): Promise<void> {
  const { tryLock } = file as { tryLock?: (exclusive: boolean) => Promise<boolean> };
  const isLocked = tryLock === undefined
    ? await settlesWithin(file.lock(true), { ms: LOCK_WAIT_MS, timers: systemClock })
    : await tryLock.call(file, true);
  if (isLocked) return;
  const why = "another run, or another log of this one, writes to it; stop that one, or name another file";
  throw new LogFileError(path, why, { code: "log_file_taken" });
}

async function lastByte(file: Deno.FsFile): Promise<number | undefined> {
  const byte = new Uint8Array(1);
  await file.seek(-1, Deno.SeekMode.End);
  await file.read(byte);
  return byte[0];
}

function whyNot(error: Error): string {
  if (error instanceof Deno.errors.NotFound) {
    return "its folder is missing; make it, or name a folder as `dir`, which is made";
  }
  // The one is said where the folder is to be made.
  const isFile = error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotADirectory;
  return isFile ? "what should be its folder is a file; name another one" : error.message;
}

function unusable(path: string, why: string, cause?: unknown): LogFileError {
  return new LogFileError(path, why, { code: "log_file_unusable", cause });
}
