/**
 * The state folder: runs leave there what the next run has to know. It belongs to this user alone.
 *
 * It is `$XDG_STATE_HOME/outrider`, else `~/.local/state/outrider`. It is not in `$XDG_RUNTIME_DIR`, which is set in a
 * session of a desktop and not in a job of cron: both must find each other.
 */
import { basename, dirname, isAbsolute, join } from "../permissions/path.ts";
import { ifThere, isOutOfReach } from "../permissions/find_program.ts";
import { mayRead, readVariable, type RequiredPermission } from "../permissions/permit.ts";
import { pathTrust } from "../permissions/trusted_path.ts";
import { ContainmentError } from "./containment_errors.ts";

/** The file system is read only, or full. */
const REFUSALS = ["EROFS", "ENOSPC", "EDQUOT"];

/** The folder, as far as the environment may be read; `undefined` without a home, and on Windows. */
export function stateFolder(): string | undefined {
  if (Deno.build.os === "windows") return undefined;
  const state = stateHome();
  if (state !== undefined) return join(state, "outrider");
  const home = readVariable("HOME");
  return home?.startsWith("/") ? join(home, ".local", "state", "outrider") : undefined;
}

function stateHome(): string | undefined {
  const state = readVariable("XDG_STATE_HOME");
  return state?.startsWith("/") ? state : undefined;
}

/** The permission needed to know the folder: the variable that names it, or the one that would. */
export function stateFolderVariable(): RequiredPermission {
  return { name: "env", value: stateHome() === undefined ? "HOME" : "XDG_STATE_HOME" };
}

export function stateFolderPermissions(folder: string): RequiredPermission[] {
  return [{ name: "read", value: folder }, { name: "write", value: folder }];
}

/** Makes the folder, for this user alone. Where it can't be used, says why, as a clause. */
export function openStateFolder(folder: string): string | undefined {
  const wasThere = isThere(folder);
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { mode, uid } = Deno.statSync(folder);
    if (mode !== null && (mode & 0o022) !== 0) return "others may write to it";
    // Another user's folder, or a file system that is read only, is known by trying. On a full one there is room for
    // the name of a file, and so for a lock; the ledger reports its own failures there.
    const probe = Deno.makeTempFileSync({ dir: folder });
    // Reading our own uid takes a permission; reading the owner of a new file does not. Root may write into any
    // folder, and its owner could have it write, and signal, what it should not: the home of a user under `sudo`,
    // say.
    const own = Deno.lstatSync(probe).uid;
    Deno.removeSync(probe);
    if (own !== uid) return "it belongs to another user";
    // The owner of a folder above it could put another one in its place.
    const { unsafe } = pathTrust(folder, { self: own ?? undefined });
    if (unsafe === undefined) return undefined;
    if (!wasThere) removeIfThere(folder);
    return unsafe.why;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return "it is not a folder";
    if (isRefused(error)) return whyRefused(error);
    throw error;
  }
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (isRefused(error)) return false;
    throw error;
  }
}

/**
 * Opens the file at `path` to read and write, and makes it if it is missing, for this user alone. A link is not
 * followed, and what belongs to another user than the folder does is not opened.
 *
 * @throws {ContainmentError} `unsafe_state`
 */
export function openOwnFile(path: string): Deno.FsFile {
  for (;;) {
    try {
      return Deno.openSync(path, { read: true, write: true, createNew: true, mode: 0o600 });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
    const there = ownFileAt(path);
    const file = there && ifThere(() => Deno.openSync(path, { read: true, write: true }));
    if (file === undefined) continue;
    const { dev, ino } = file.statSync();
    if (dev === there!.dev && ino === there!.ino) return file;
    // Exchanged between the two looks.
    file.close();
  }
}

/** The text of the file at `path`, under the rules of {@linkcode openOwnFile}; `undefined` if there is none. */
export function readOwnFile(path: string): string | undefined {
  return ownFileAt(path) && Deno.readTextFileSync(path);
}

function ownFileAt(path: string): Deno.FileInfo | undefined {
  const there = ifThere(() => Deno.lstatSync(path));
  if (there === undefined) return undefined;
  const why = there.isSymlink
    ? "it is a link"
    : !there.isFile
    ? "it is not a file"
    : there.uid !== Deno.statSync(dirname(path)).uid
    ? "it belongs to another user"
    : undefined;
  if (why === undefined) return there;
  throw new ContainmentError(`Cannot use ${path}: ${why}; remove it`, { code: "unsafe_state" });
}

/**
 * Whether the system would not have it (a path that is missing or not ours, a file system that is read only or full),
 * or Deno, which opens `/proc` only to a process with all permissions.
 */
export function isRefused(error: unknown): error is Error {
  if (isOutOfReach(error)) return true;
  return error instanceof Error && REFUSALS.includes((error as { code?: string }).code ?? "");
}

/** Removes a file. One that is gone, or cannot be removed, is ignored: later readers recognise stale files. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!isRefused(error)) throw error;
  }
}

/** Returns the system's message without the call and the path that Deno appends to it. */
export function whyRefused(error: Error): string {
  return error.message.replace(/ \(os error \d+\)(?:: .*)?$/s, "");
}

/**
 * The beginning of the names of the files of a manifest, or of the tree `name` of a program: the same for every way to
 * write its path.
 */
export async function fileStem(folder: string, file: string, name?: string): Promise<string> {
  const { path, hash } = await fileHash(file, name);
  const shown = basename(path).replace(/[^\w.-]/g, "_").slice(0, 40);
  return join(folder, `${shown}-${hash}`);
}

/**
 * The real path of a file, and a hash of that, and of `name`, in 16 digits. What may not be read, as an executable, or is
 * not a file, as `deno eval`, is taken as it is.
 */
export async function fileHash(file: string, name?: string): Promise<{ path: string; hash: string }> {
  const path = isAbsolute(file) && mayRead(file) && isThere(file) ? Deno.realPathSync(file) : file;
  const bytes = new TextEncoder().encode(name === undefined ? path : `${path}\0${name}`);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return { path, hash: hash.toHex().slice(0, 16) };
}
