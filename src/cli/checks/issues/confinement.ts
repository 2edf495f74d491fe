/**
 * Checks what confines a sidecar: who could exchange its program, its pin and its user. Used by
 * `issues.ts`.
 */

import type { ProgramEntry } from "../../../manifest/resolve/children.ts";
import { IdentityError, ProgramChangedError, ProgramTooLargeError } from "../../../process/process_errors.ts";
import { ownUid, writableByAll } from "../../../permissions/trusted_path.ts";
import { findProgram } from "../../../permissions/find_program.ts";
import { joinedFlags, missingPermissions } from "../../../permissions/permit.ts";
import { MAX_CHECKSUM_BYTES, verifyChecksum } from "../../../process/checksum.ts";
import { accountOf } from "../../../process/start/accounts.ts";
import { accountFiles, hasIdentity, identityFault, launcherProgram } from "../../../options/launcher.ts";
import { type CheckIssue, fault, unknown, warning } from "./issue.ts";

/** Everything about the sidecar at `path`; bare names are looked up on `searched`. */
export function confinementIssues(
  path: string,
  entry: ProgramEntry,
  searched: string | undefined,
): CheckIssue[] {
  const { command } = entry;
  const programs = [...launcherProgram(entry), command];
  return [
    ...programs.flatMap((program) => {
      const found = findProgram(program, { cwd: entry.cwd, path: searched });
      const why = found.state === "found" ? writableByAll(found.path) : undefined;
      return why === undefined ? [] : [warning(path, `the program "${program}" can be replaced: ${why}`)];
    }),
    ...[...pin(entry, searched), ...identity(entry)].map((text) => fault(path, text)),
    ...(mayKnowUser(entry)
      ? []
      : [unknown(path, "whether it may run as another user or group", "--allow-sys=uid")]),
    ...lookedUp(path, entry),
    ...(entry.nice !== undefined && entry.nice < 0 && isKnownToBeOther(entry)
      ? [warning(path, `only root may have a "nice" below 0: it keeps that of Outrider`)]
      : []),
    ...(entry.uid !== undefined && (entry.gid ?? entry.group) === undefined
      ? [warning(path, `it runs as user ${entry.uid}, and in the runtime's own group: set "gid" as well`)]
      : []),
  ];
}

function pin({ command, cwd, sha256 }: ProgramEntry, searched: string | undefined): string[] {
  if (sha256 === undefined) return [];
  const found = findProgram(command, { cwd, path: searched });
  if (found.state !== "found") return [];
  try {
    verifyChecksum(found.path, { cwd, path: searched, sha256 });
    return [];
  } catch (error) {
    if (error instanceof ProgramChangedError) {
      return [`${error.file} is not the pinned file: its SHA-256 is ${error.found}, not ${error.expected}`];
    }
    if (error instanceof ProgramTooLargeError) {
      const [size, most] = [error.size, MAX_CHECKSUM_BYTES].map((bytes) => bytes.toLocaleString("en"));
      return [`${error.file} is pinned, and has ${size} bytes; ${most} can be at most`];
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      return [`${found.path} can't be read, and it is pinned`];
    }
    throw error;
  }
}

/** Whether there are the accounts that it names. */
function lookedUp(path: string, entry: ProgramEntry): CheckIssue[] {
  if (Deno.build.os === "windows") return [];
  const unread = missingPermissions(accountFiles(entry).map((value) => ({ name: "read", value })));
  if (unread.length > 0) {
    return [unknown(path, "whether there are such a user and group", joinedFlags(unread).join(" "))];
  }
  try {
    accountOf(entry.command, entry);
    return [];
  } catch (error) {
    if (error instanceof IdentityError) return [fault(path, error.why)];
    throw error;
  }
}

/** Whether it is known not to run as root. */
function isKnownToBeOther({ uid, user }: ProgramEntry): boolean {
  if ((uid ?? user) !== undefined) return uid !== 0 && user !== "root";
  return (ownUid() ?? 0) !== 0;
}

/** The one permission here that a start does not need. */
function mayKnowUser(entry: ProgramEntry): boolean {
  return !hasIdentity(entry) || Deno.build.os === "windows" || ownUid() !== undefined;
}

function identity(entry: ProgramEntry): string[] {
  if (Deno.build.os === "windows") {
    const why = identityFault({ ...entry, isWindows: true });
    return [
      ...hasIdentity(entry) ? ["Windows has no such user or group"] : [],
      ...why === undefined ? [] : [why],
    ];
  }
  const own = ownUid() ?? 0;
  if (!hasIdentity(entry) || own === 0) return [];
  return [`only root may start a program as another user or group, and this is user ${own}`];
}
