/**
 * Whether another user could put something else in the place of a file that is trusted: a secret, a manifest.
 *
 * Unreadable entries are skipped. A group that is its user's own, as many systems make one for each, is not another
 * user.
 *
 * @module
 */
import { missingPermissions } from "./permit.ts";
import { ownUid, type PathLook, pathTrust } from "./trusted_path.ts";

const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;

/**
 * Why another user could exchange `file` (absolute), as a clause that names the part of its path; `undefined` if none
 * is seen.
 */
export function exchangeReason(file: string): string | undefined {
  if (Deno.build.os === "windows") return undefined;
  return pathTrust(file, { self: ownUid(), look: LOOK }).unsafe?.why;
}

const LOOK: PathLook = {
  entry: (path) => {
    if (missingPermissions([{ name: "read", value: path }]).length > 0) return "hidden";
    return attempt(() => {
      const { isSymlink, isDirectory, mode, uid, gid } = Deno.lstatSync(path);
      const ownGroupAlone = mode !== null && gid === uid && (mode & OTHERS_WRITE) === 0;
      return { isSymlink, isDirectory, uid, mode: ownGroupAlone ? mode & ~GROUP_WRITES : mode };
    }) ?? "missing";
  },
  target: (path) => {
    const found = attempt(() => Deno.readLinkSync(path));
    return found === "hidden" ? undefined : found;
  },
};

/** Returns the result of `look`; `undefined` where there is no such file. */
function attempt<Result>(look: () => Result): Result | "hidden" | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
      return "hidden";
    }
    throw error;
  }
}
