/**
 * Whether a path leads where this user or root put it, or where another user could put something else.
 *
 * Used by whatever trusts a file for the place it is at: programs, secrets, manifests, unpacked files, control sockets,
 * the folder of the ledger, a launcher. Links are followed one by one, as the system does: the folders of a link's target
 * count, too. An entry that may not be read (Deno grants read of a folder, not of those above it) is reported, and is
 * neither safe nor unsafe.
 */

import { dirname, join } from "./path.ts";
import { mayRead, missingPermissions } from "./permit.ts";

const GROUP_WRITES = 0o020;
const ANYBODY_WRITES = 0o002;
const STICKY = 0o1000;
/** Links on the way to one file, as Linux counts them. */
const MAX_LINKS = 40;

/** The facts about one entry of a folder, of a link itself and not of its target. */
export interface PathEntry {
  /** Whether it is a symbolic link. */
  readonly isSymlink: boolean;
  /** Whether it is a folder. */
  readonly isDirectory: boolean;
  /** Type and permission bits; `null` on a system without. */
  readonly mode: number | null;
  /** Its owner; `null` on a system without. */
  readonly uid: number | null;
  /** Its group; `null` on a system without. */
  readonly gid: number | null;
}

/** How paths are looked at. */
export interface PathLook {
  /** The entry at `path`; `missing` where there is none, `hidden` where it may not be looked at. */
  readonly entry: (path: string) => PathEntry | "missing" | "hidden";
  /** Where the link at `path` leads, as it is written in it; `undefined` where that may not be looked at. */
  readonly target: (path: string) => string | undefined;
}

/** Why a path can't be trusted. */
export interface UnsafePath {
  /** The folder, link or file that makes it so; absolute. */
  readonly path: string;
  /** `writable`: another user may change it; `owner`: it is another user's; `links`: too many links, or a circle. */
  readonly reason: "writable" | "owner" | "links";
  /** The same as a clause, with the path: `others may write to /srv/shared (mode 0777)`. */
  readonly why: string;
}

/** The findings on the way to a path. */
export interface PathTrust {
  /** The first unsafe part of the way, seen from the root. */
  readonly unsafe?: UnsafePath;
  /** The first part of the way that is not there; nothing was looked at behind it. */
  readonly missing?: string;
  /** Entries that may not be read, from the root on. */
  readonly unseen: readonly string[];
}

/**
 * Looks at each part of the way to `path` (absolute), the last one included: it is safe while every folder and link
 * belongs to this user or root, and no other user may write to it, unless its sticky bit keeps entries to their owners.
 *
 * `self` is this user's number; where it is not known, one owner besides root is accepted, the same all the way.
 * `trustsGroups` says which groups may write: `own`, one with its user's number, as many systems make for each user.
 */
export function pathTrust(
  path: string,
  { self, look, trustsGroups }: {
    readonly self: number | undefined;
    readonly look?: PathLook;
    readonly trustsGroups?: "own" | "any";
  },
): PathTrust {
  let owner = self;
  return walk(path, (at, entry) => {
    const { uid, gid } = entry;
    if (uid !== null && uid !== 0 && uid !== (owner ??= uid)) {
      return { path: at, reason: "owner", why: `${at} belongs to user ${uid}` };
    }
    const trustsGroup = trustsGroups === "any" || (trustsGroups === "own" && uid === gid);
    const others = trustsGroup ? ANYBODY_WRITES : GROUP_WRITES | ANYBODY_WRITES;
    if (!mayBeChangedBy(others, entry)) return undefined;
    const mode = `0${(entry.mode! & 0o7777).toString(8)}`;
    return { path: at, reason: "writable", why: `others may write to ${at} (mode ${mode})` };
  }, look);
}

/**
 * Explains why another user could exchange `file` (absolute), as a clause that names the part of its path; `undefined`
 * if none is seen.
 */
export function exchangeReason(file: string): string | undefined {
  return pathTrust(file, { self: ownUid(), trustsGroups: "own" }).unsafe?.why;
}

/**
 * Explains why any user of the machine may exchange the program in `file` (absolute), as a clause; `undefined` if none is
 * seen. Owners and groups do not matter here.
 */
export function writableByAll(file: string): string | undefined {
  return walk(file, (at, entry) => {
    if (!mayBeChangedBy(ANYBODY_WRITES, entry)) return undefined;
    const why = entry.isDirectory ? `anybody may exchange what is in ${at}` : `anybody may write to ${at}`;
    return { path: at, reason: "writable", why };
  }).unsafe?.why;
}

/** Walks from the root to `path`, each link to its target, up to the first part that `judge` finds unsafe. */
function walk(
  path: string,
  judge: (at: string, entry: PathEntry) => UnsafePath | undefined,
  look: PathLook = DISK,
): PathTrust {
  const unseen: string[] = [];
  if (Deno.build.os === "windows" && look === DISK) return { unseen };
  const rest = parts(path);
  let links = 0;
  let at = "/";
  for (;;) {
    const entry = look.entry(at);
    if (entry === "missing") return { missing: at, unseen };
    if (entry === "hidden") {
      unseen.push(at);
    } else {
      const { isDirectory, isSymlink } = entry;
      // Nothing is below a file, and no folder can take its place: that of the file is safe.
      if (!isDirectory && !isSymlink && rest.length > 0) return { missing: join(at, rest[0]!), unseen };
      const unsafe = judge(at, entry);
      if (unsafe !== undefined) return { unsafe, unseen };
      if (isSymlink) {
        if (++links > MAX_LINKS) {
          return { unsafe: { path: at, reason: "links", why: `too many links lead to ${at}` }, unseen };
        }
        const target = look.target(at);
        if (target === undefined) return { unseen: [...unseen, at] };
        rest.unshift(...parts(target));
        at = target.startsWith("/") ? "/" : dirname(at);
      }
    }
    // Folders on the way back were looked at on the way here.
    while (rest[0] === "..") {
      rest.shift();
      at = dirname(at);
    }
    if (rest.length === 0) return { unseen };
    at = join(at, rest.shift()!);
  }
}

function parts(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

/** A link has no mode of its own; of a file, the sticky bit protects nothing. */
function mayBeChangedBy(others: number, { isSymlink, isDirectory, mode }: PathEntry): boolean {
  if (isSymlink || mode === null || (mode & others) === 0) return false;
  return !(isDirectory && (mode & STICKY) !== 0);
}

/**
 * This user's number, as far as it may be known: under `--allow-sys=uid`, else by the owner of a new file in `folder`,
 * which takes no permission besides writing and reading there.
 *
 * @throws the system's error where `folder` cannot be written to
 */
export function ownUid(folder?: string): number | undefined {
  if (Deno.build.os === "windows") return undefined;
  if (missingPermissions([{ name: "sys", value: "uid" }]).length === 0) return Deno.uid() ?? undefined;
  if (folder === undefined) return undefined;
  const file = Deno.makeTempFileSync({ dir: folder, prefix: "owner-" });
  try {
    return Deno.lstatSync(file).uid ?? undefined;
  } finally {
    Deno.removeSync(file);
  }
}

/** The file system, as far as Deno's permissions let it be seen. Never prompts. */
const DISK: PathLook = {
  entry: (path) => {
    if (!mayRead(path)) return "hidden";
    try {
      return Deno.lstatSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
        return "missing";
      }
      if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
        return "hidden";
      }
      throw error;
    }
  },
  target: (path) => {
    try {
      return Deno.readLinkSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
        return undefined;
      }
      throw error;
    }
  },
};
