/**
 * What `check` finds in what confines a sidecar: its launcher, its pin, its user, its secrets.
 *
 * Hold in mind: what may not be looked at is passed over where the permission is one that a start needs as well: that
 * it is missing is said anyway.
 *
 * @module
 */

import type { ProgramEntry } from "../manifest/plant.ts";
import { ProgramChangedError, ProgramTooLargeError, SecretFileError } from "../process/errors.ts";
import { exchangeable } from "../process/exchangeable.ts";
import { locate } from "../process/locate.ts";
import { missingPermissions } from "../process/permit.ts";
import { MAX_PINNED_BYTES, pinned } from "../process/pin.ts";
import { readSecrets } from "../process/secret.ts";
import { secretWarning, variableWarning } from "../process/start_warnings.ts";
import { PS } from "../process/usage.ts";
import { writableByAll } from "../process/writable_by_all.ts";

/** What is wrong with a sidecar; what can't be told; what may well be meant, and should be known. */
export interface Finding {
  /** Of the sidecar in the tree. */
  readonly path: string;
  readonly text: string;
  readonly kind: "fault" | "unknown" | "warning";
  /** The flag of `deno run` under which it could be told. */
  readonly add?: string;
}

const OTHERS_READ = 0o004;

/** Programs that a start of it runs, besides its own and those of its probes. */
export function helpers({ launcher, limits }: ProgramEntry): string[] {
  return [...(launcher ?? []).slice(0, 1), ...(limits === undefined ? [] : [PS])];
}

/** Everything about the sidecar at `path`; bare names are looked up on `searched`. */
export function confinement(path: string, entry: ProgramEntry, searched: string | undefined): Finding[] {
  const fault = (text: string): Finding => ({ path, text, kind: "fault" });
  const warning = (text: string): Finding => ({ path, text, kind: "warning" });
  const { launcher, command } = entry;
  const programs = [...(launcher ?? []).slice(0, 1), command];
  return [
    ...programs.flatMap((program) => {
      const found = locate(program, { cwd: entry.cwd, path: searched });
      const why = found.state === "found" ? writableByAll(found.path) : undefined;
      return why === undefined ? [] : [warning(`the program "${program}" can be replaced: ${why}`)];
    }),
    ...pin(entry, searched).map(fault),
    ...identity(entry).map(fault),
    ...(mayKnowUser(entry) ? [] : [
      {
        path,
        text: "whether it may run as another user or group",
        kind: "unknown",
        add: "--allow-sys=uid",
      } as const,
    ]),
    ...(entry.uid !== undefined && entry.gid === undefined
      ? [warning(`it runs as user ${entry.uid}, and in the runtime's own group: set "gid" as well`)]
      : []),
    ...secrets(entry, fault, warning),
    ...variables(entry).map(warning),
  ];
}

function pin({ command, cwd, sha256 }: ProgramEntry, searched: string | undefined): string[] {
  if (sha256 === undefined) return [];
  const found = locate(command, { cwd, path: searched });
  if (found.state !== "found") return [];
  try {
    pinned(found.path, { cwd, path: searched, sha256 });
    return [];
  } catch (error) {
    if (error instanceof ProgramChangedError) {
      return [`${error.file} is not the pinned file: its SHA-256 is ${error.found}, not ${error.expected}`];
    }
    if (error instanceof ProgramTooLargeError) {
      const [size, most] = [error.size, MAX_PINNED_BYTES].map((bytes) => bytes.toLocaleString("en"));
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

function secrets(
  { command: program, cwd, env }: ProgramEntry,
  fault: (text: string) => Finding,
  warning: (text: string) => Finding,
): Finding[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (typeof value === "string") return [];
    if (missingPermissions([{ name: "read", value: value.file }]).length > 0) return [];
    try {
      readSecrets({ [name]: value }, { program, cwd });
    } catch (error) {
      if (!(error instanceof SecretFileError)) throw error;
      return [fault(`the file ${error.file} for its variable ${name} can't be used: ${error.why}`)];
    }
    const why = exchangeable(value.file);
    const { mode } = Deno.statSync(value.file);
    return [
      ...(why === undefined ? [] : [warning(secretWarning(value.file, why))]),
      ...(mode === null || (mode & OTHERS_READ) === 0 ? [] : [
        warning(`anybody may read ${value.file}, the file for its variable ${name}; chmod o-r forbids it`),
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
