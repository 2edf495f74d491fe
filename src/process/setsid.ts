/**
 * The program `setsid`, which makes a session for a child and then becomes the child's program: same pid, no fork of the
 * runtime, which would stand still for longer the more memory it holds.
 *
 * Used by `leader.ts`. The invariant: nobody but root and this user could have put another file in its place.
 *
 * @module
 */
import { isAbsolute } from "node:path";
import { foldersOf, placesOf } from "./locate.ts";
import { missingPermissions } from "./permit.ts";
import { ownUid, pathTrust } from "./trusted_path.ts";
import { variable } from "./variable.ts";

/** The program's name, which `--allow-run` takes. */
export const SETSID = "setsid";

/** Where a distribution puts it: trusted also where Deno's permissions let nobody look at the mode and the owner. */
const OF_SYSTEM: readonly string[] = ["/usr/bin/setsid", "/bin/setsid"];

/** Whether starts can go through `setsid` here: on Linux, from Deno 2.9 on. macOS and Windows have no such program. */
export function usesSetsid(os: string = Deno.build.os, version: string = Deno.version.deno): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return os === "linux" && (major > 2 || (major === 2 && minor >= 9));
}

/** The first `setsid` on a PATH, if it can be trusted; `undefined` for none. Looks where it may, and never prompts. */
export function findSetsid(path: string | undefined): string | undefined {
  const folders = path === undefined
    ? ["/usr/bin", "/bin"]
    : foldersOf(path).filter((folder) => isAbsolute(folder));
  const { maybe, found } = placesOf(SETSID, { path: folders.join(":") });
  // Of those that may not be looked at, the one that is granted is the one that Deno has found on the same PATH.
  const file = maybe.find((place) => OF_SYSTEM.includes(place) && mayRun(place)) ?? found;
  if (file === undefined) return undefined;
  const { unsafe, missing, unseen } = pathTrust(file, { self: ownUid() ?? 0 });
  if (unsafe !== undefined || missing !== undefined) return undefined;
  return unseen.length === 0 || OF_SYSTEM.includes(file) ? file : undefined;
}

/** `null` before it was looked for, which is done once: a PATH that changes later changes nothing. */
let known: string | undefined | null = null;

/** The file of `setsid` on the runtime's own PATH, where it may be run now. */
export function setsid(): string | undefined {
  if (!usesSetsid()) return undefined;
  if (known === null) known = findSetsid(variable("PATH"));
  return known !== undefined && mayRun(known) ? known : undefined;
}

/** It is not there any more, or can't be run: from now on no start goes through it. */
export function dropSetsid(): void {
  known = undefined;
}

function mayRun(file: string): boolean {
  return missingPermissions([{ name: "run", value: file }]).length === 0;
}
