/**
 * Finds the program `setsid`, which makes a session for a child and then becomes the child's program: same pid, without a
 * fork of the runtime, which blocks it for longer with more memory.
 *
 * Used by `leader.ts`. The invariant: only root and this user could have put another file in its place.
 */
import { isAbsolute } from "../../permissions/path.ts";
import { candidateFiles, foldersOf } from "../../permissions/find_program.ts";
import { mayRun, readVariable } from "../../permissions/permit.ts";
import { ownUid, pathTrust } from "../../permissions/trusted_path.ts";

export const SETSID = "setsid";

/** The paths of a distribution: trusted also where Deno's permissions hide the mode and the owner. */
const OF_SYSTEM: readonly string[] = ["/usr/bin/setsid", "/bin/setsid"];

/** Whether starts can go through `setsid` here: on Linux, from Deno 2.9 on. macOS and Windows lack the program. */
export function usesSetsid(os: string = Deno.build.os, version: string = Deno.version.deno): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return os === "linux" && (major > 2 || (major === 2 && minor >= 9));
}

/** The result of the search: its file, or the reason why none can be used, as a clause. */
export type FoundSetsid = Readonly<{ file: string; why?: undefined } | { file?: undefined; why: string }>;

/** Finds the first `setsid` on a PATH, in the folders that may be read. Never prompts. */
export function findSetsid(path: string | undefined): FoundSetsid {
  const folders = path === undefined
    ? ["/usr/bin", "/bin"]
    : foldersOf(path).filter((folder) => isAbsolute(folder));
  const { maybe, found } = candidateFiles(SETSID, { path: folders.join(":") });
  // Among those that may not be read, the granted one is the one that Deno has found on the same PATH.
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

/** Returns the result for the runtime's own PATH: it is searched once, and later changes of PATH have no effect. */
export function knownSetsid(): FoundSetsid {
  return known ??= findSetsid(readVariable("PATH"));
}

/** Returns the file of `setsid`, where starts go through it and it may be run now. */
export function setsid(): string | undefined {
  if (!usesSetsid()) return undefined;
  const { file } = knownSetsid();
  return file !== undefined && mayRun(file) ? file : undefined;
}

/** Stops using `setsid`, which has vanished or cannot be run: from now on no start goes through it. */
export function dropSetsid(): void {
  known = { why: "it could not be started" };
}
