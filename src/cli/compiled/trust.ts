/**
 * Checks that unpacked programs are still those that this executable put there, and that no other user could have
 * exchanged them.
 *
 * Used when an executable unpacks, and before each start of a program that it has unpacked. A path alone proves
 * nothing: a cleaner of temporary folders frees it for another user.
 */

import { dirname } from "node:path";
import { ProgramChangedError, ProgramUntrustedError } from "../../process/process_errors.ts";
import { hashFile, MAX_CHECKSUM_BYTES } from "../../process/checksum.ts";
import { pathTrust } from "../../permissions/trusted_path.ts";
import type { Embedded } from "../compile/plan.ts";

/** Readable and executable for its owner; written once. */
export const PROGRAM_MODE = 0o500;

/**
 * Explains why another user could exchange the file at `path`, as a clause; unreadable or missing entries are
 * skipped.
 */
export function whyExchangeable(path: string, self: number | undefined): string | undefined {
  return pathTrust(path, { self }).unsafe?.why;
}

/** Why `folder` is not this user's alone, or could be exchanged; `undefined` also where it is not there. */
export function whyShared(folder: string, self: number | undefined): string | undefined {
  const { unsafe, missing } = pathTrust(folder, { self });
  if (unsafe !== undefined) return unsafe.why;
  if (missing !== undefined) return undefined;
  const { isDirectory, mode, uid } = Deno.lstatSync(folder);
  if (!isDirectory) return `${folder} is not a folder`;
  if (self !== undefined && uid !== self) return `${folder} belongs to user ${uid}`;
  if (mode !== null && (mode & 0o077) !== 0) {
    return `others may enter ${folder} (mode 0${(mode & 0o7777).toString(8)})`;
  }
}

/**
 * Whether the file is this user's own, as it was unpacked, known by no other name, and not larger than any embedded
 * one.
 */
export function isOwnProgram(file: string, self: number | undefined): boolean {
  const { isFile, mode, uid, nlink, size } = Deno.lstatSync(file);
  return isFile && size <= MAX_CHECKSUM_BYTES && (mode === null || (mode & 0o7777) === PROGRAM_MODE) &&
    (self === undefined || uid === self) && (nlink === null || nlink === 1);
}

/**
 * Demands that `file` is the program that was unpacked there. Right before its start.
 *
 * @throws {ProgramUntrustedError} {@linkcode ProgramChangedError}
 */
export function requireUnpacked(file: string, { sha256 }: Embedded, self: number | undefined): void {
  const why = lookedAt(file, () => {
    const shared = whyShared(dirname(file), self);
    if (shared !== undefined) return shared;
    // Throws where the folder or the file is gone.
    if (!isOwnProgram(file, self)) return `${file} is not the file that was unpacked`;
  });
  if (why !== undefined) throw new ProgramUntrustedError(file, why);
  const found = hashFile(file);
  if (found !== sha256) throw new ProgramChangedError(file, { file, expected: sha256, found });
}

function lookedAt(file: string, look: () => string | undefined): string | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return `${file} was removed`;
    throw error;
  }
}
