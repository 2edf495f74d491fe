/**
 * Checks what confines a sidecar: who could exchange its program, its pin, its user, its secrets and its variables. Used by
 * `issues.ts`.
 */

import type { ProgramEntry } from "../../manifest/resolve/children.ts";
import { ProgramChangedError, ProgramTooLargeError, SecretFileError } from "../../process/process_errors.ts";
import { exchangeReason, writableByAll } from "../../permissions/trusted_path.ts";
import { findProgram } from "../../permissions/find_program.ts";
import { missingPermissions } from "../../permissions/permit.ts";
import { MAX_CHECKSUM_BYTES, verifyChecksum } from "../../process/checksum.ts";
import { readSecrets } from "../../process/secrets/secret.ts";
import { secretWarning, variableWarning } from "../../process/start/start_warnings.ts";
import { launcherProgram } from "../../options/launcher.ts";
import { type CheckIssue, fault, unknown, warning } from "./issue.ts";

const OTHERS_READ = 0o004;

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
    ...(entry.uid !== undefined && entry.gid === undefined
      ? [warning(path, `it runs as user ${entry.uid}, and in the runtime's own group: set "gid" as well`)]
      : []),
    ...secrets(path, entry),
    ...variables(entry).map((text) => warning(path, text)),
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

/** The one permission here that a start does not need. */
function mayKnowUser({ uid, gid }: ProgramEntry): boolean {
  return (uid ?? gid) === undefined || Deno.build.os === "windows" ||
    missingPermissions([{ name: "sys", value: "uid" }]).length === 0;
}

function identity({ uid, gid }: ProgramEntry): string[] {
  if ((uid ?? gid) === undefined) return [];
  if (Deno.build.os === "windows") return ["Windows has no uid and gid"];
  if (missingPermissions([{ name: "sys", value: "uid" }]).length > 0 || Deno.uid() === 0) return [];
  return [`only root may start a program as another user or group, and this is user ${Deno.uid()}`];
}

function secrets(path: string, { command: program, cwd, env }: ProgramEntry): CheckIssue[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (typeof value === "string") return [];
    if (missingPermissions([{ name: "read", value: value.file }]).length > 0) return [];
    try {
      readSecrets({ [name]: value }, { program, cwd });
    } catch (error) {
      if (!(error instanceof SecretFileError)) throw error;
      return [fault(path, `the file ${error.file} for its variable ${name} can't be used: ${error.why}`)];
    }
    const why = exchangeReason(value.file);
    const { mode } = Deno.statSync(value.file);
    return [
      ...(why === undefined ? [] : [warning(path, secretWarning(value.file, why))]),
      ...(mode === null || (mode & OTHERS_READ) === 0 ? [] : [
        warning(
          path,
          `anybody may read ${value.file}, the file for its variable ${name}; chmod o-r forbids it`,
        ),
      ]),
    ];
  });
}

/** Of those that make programs run other code, also where it is not known whether the runtime has them. */
function variables({ env, inheritEnv }: ProgramEntry): string[] {
  return [
    ...Object.entries(env).flatMap(([name, value]) => value === "" ? [] : variableWarning(name, "env")),
    ...inheritEnv.flatMap((name) => Object.hasOwn(env, name) ? [] : variableWarning(name, "inheritEnv")),
  ];
}
