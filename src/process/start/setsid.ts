/**
 * The program `setsid`, which makes a session for a child and then becomes the child's program: same pid, no fork of the
 * runtime, which would stand still for longer the more memory it holds.
 *
 * Used by `leader.ts`. The invariant: only root and this user could have put another file in its place.
 *
 * @module
 */
import { isAbsolute } from "node:path";
import { candidateFiles, foldersOf } from "../../permissions/find_program.ts";
import { missingPermissions, readVariable } from "../../permissions/permit.ts";
import { ownUid, pathTrust } from "../../permissions/trusted_path.ts";

/** The program's name, which `--allow-run` takes. */
export const SETSID = "setsid";

/** Where a distribution puts it: trusted also where Deno's permissions hide the mode and the owner. */
const OF_SYSTEM: readonly string[] = ["/usr/bin/setsid", "/bin/setsid"];

/** Whether starts can go through `setsid` here: on Linux, from Deno 2.9 on. macOS and Windows have no such program. */
export function usesSetsid(os: string = Deno.build.os, version: string = Deno.version.deno): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return os === "linux" && (major > 2 || (major === 2 && minor >= 9));
}

/** What was found of it: its file, or why there is none that can be used, as a clause. */
export type FoundSetsid = { readonly file: string; readonly why?: undefined } | {
  readonly file?: undefined;
  readonly why: string;
};

/** Looks for the first one on a PATH. Looks where it may, and never prompts. */
export function findSetsid(path: string | undefined): FoundSetsid {
  const folders = path === undefined
    ? ["/usr/bin", "/bin"]
    : foldersOf(path).filter((folder) => isAbsolute(folder));
  const { maybe, found } = candidateFiles(SETSID, { path: folders.join(":") });
  // Of those that may not be looked at, the one that is granted is the one that Deno has found on the same PATH.
  const file = maybe.find((place) => OF_SYSTEM.includes(place) && mayRun(place)) ?? found;
  if (file === undefined) {
    return { why: maybe.length === 0 ? "there is none on PATH" : "it may not be looked where it is" };
  }
  const { unsafe, missing, unseen } = pathTrust(file, { self: ownUid() ?? 0 });
  if (unsafe !== undefined) return { why: unsafe.why };
  if (missing !== undefined) return { why: `there is no ${missing}` };
  if (unseen.length === 0 || OF_SYSTEM.includes(file)) return { file };
  return { why: `it may not be looked at ${unseen.join(", ")}` };
}

let known: FoundSetsid | undefined;

/** What was found on the runtime's own PATH: it is looked for once, and a PATH that changes later changes nothing. */
export function knownSetsid(): FoundSetsid {
  return known ??= findSetsid(readVariable("PATH"));
}

/** The file of `setsid`, where starts go through it and it may be run now. */
export function setsid(): string | undefined {
  if (!usesSetsid()) return undefined;
  const { file } = knownSetsid();
  return file !== undefined && mayRun(file) ? file : undefined;
}

/** It is not there any more, or can't be run: from now on no start goes through it. */
export function dropSetsid(): void {
  known = { why: "it could not be started" };
}

function mayRun(file: string): boolean {
  return missingPermissions([{ name: "run", value: file }]).length === 0;
}
