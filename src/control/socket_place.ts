/**
 * Where exactly the control socket of a given PATH is: at PATH itself, or in a folder of our own that is made there.
 *
 * To check that no other user can exchange a socket takes permission to read the folder that it is in, and so all
 * that is in there: too much where many users have their files, as in `/tmp`. There PATH becomes a folder of mode
 * 0700 with the socket in it, and nothing around it is read; so it does everywhere if PATH ends with a slash. Used by
 * servers and by clients, which are given the same PATH.
 */

import { dirname, join, resolve } from "node:path";
import { isOutOfReach } from "../permissions/find_program.ts";
import { mayRead, missingPermissions, type RequiredPermission } from "../permissions/permit.ts";
import { cannotListen } from "./control_errors.ts";

/** The name of the socket in a folder of its own. */
export const SOCKET_NAME = "control";
export const OWN_FOLDER_MODE = 0o700;

/** Shared by their purpose, where they may not be looked at. */
const SHARED = ["/tmp", "/var/tmp", "/dev/shm", "/private/tmp", "/private/var/tmp"];
const OTHERS_WRITE = 0o022;
const OTHERS = 0o077;

/** A permission that a control socket needs: to a path, or to `unix:` and a path. */
export type SocketPermission = RequiredPermission & { readonly name: "read" | "write" | "net" };

export interface SocketLocation {
  /** The socket, absolute. */
  readonly socket: string;
  /** The folder that is made for it alone, absolute; none where it stands in a folder that is there. */
  readonly own?: string | undefined;
}

/** The place to listen at for PATH. The granted permissions decide where they leave only one way. */
export function locateToListen(path: string): SocketLocation {
  const file = resolve(path);
  const direct: SocketLocation = { socket: file };
  const own: SocketLocation = { socket: join(file, SOCKET_NAME), own: file };
  if (path.endsWith("/")) return own;
  const shared = isShared(dirname(file));
  if (shared === false) return direct;
  const [mayOwn, mayDirect] = [own, direct].map((place) =>
    missingPermissions(listenPermissions(place)).length === 0
  );
  if (mayOwn === mayDirect) return shared ? own : direct;
  return mayOwn ? own : direct;
}

/** Where a client finds the socket of PATH: in the folder that is there, or at PATH. */
export function locateToConnect(path: string): SocketLocation {
  const file = resolve(path);
  return entryOf(file)?.isDirectory ? { socket: join(file, SOCKET_NAME), own: file } : { socket: file };
}

/** The permissions to listen at a place; the folder around it is looked at, one of its own alone if there is one. */
export function listenPermissions({ socket, own }: SocketLocation): SocketPermission[] {
  return [
    { name: "read", value: own ?? dirname(socket) },
    { name: "write", value: own ?? socket },
    ...unixNeed(socket),
  ];
}

/** The permissions to connect to the socket of `path`. Where that may not be looked at, it may be in both places. */
export function connectPermissions(path: string): SocketPermission[] {
  const file = resolve(path);
  const hidden = !mayRead(file);
  const places = [file, join(file, SOCKET_NAME)];
  const granted = places.filter((socket) => missingPermissions(unixNeed(socket)).length === 0);
  const sockets = !hidden ? [locateToConnect(file).socket] : granted.length > 0 ? granted : places;
  return [{ name: "read", value: file }, { name: "write", value: file }, ...sockets.flatMap(unixNeed)];
}

/**
 * Makes the folder of its own, or takes the one that a runtime before has left.
 *
 * `self` returns this user's uid; it is called once there is a folder whose owner is known.
 *
 * @throws {ControlError} `bad_path`, `not_private`, `not_a_socket`
 */
export function openSocketFolder(folder: string, self: (folder: string) => number | undefined): void {
  try {
    Deno.mkdirSync(folder, { mode: OWN_FOLDER_MODE });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw cannotListen("bad_path", `in ${folder}`, `there is no folder ${dirname(folder)}`);
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw cannotListen("not_private", `in ${folder}`, "this user may not make it", { cause: error });
    }
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  const { isDirectory, mode, uid } = Deno.lstatSync(folder);
  if (!isDirectory) {
    const why = "there is something else than a folder; remove it, or choose another path";
    throw cannotListen("not_a_socket", `in ${folder}`, why);
  }
  // A folder that others may enter is refused: they could have put something there before.
  const found = (mode! & OTHERS) !== 0
    ? `others may enter it (mode 0${(mode! & 0o7777).toString(8)})`
    : undefined;
  const why = found ?? (uid === userOf(folder, self) ? undefined : `it belongs to user ${uid}`);
  if (why === undefined) return;
  throw cannotListen("not_private", `in ${folder}`, `${why}; remove it, or choose another path`);
}

function userOf(folder: string, self: (folder: string) => number | undefined): number | undefined {
  try {
    return self(folder);
  } catch (error) {
    // A folder in which this user may not write is not this user's.
    if (error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  }
}

/** Removes a folder of its own; one in which there is something else stays. */
export function closeSocketFolder(folder: string): void {
  try {
    Deno.removeSync(folder);
  } catch {
    // It is not empty, or gone: there is nothing that could be done.
  }
}

/** Whether several users have their files in it; `undefined` where that is unknown. */
function isShared(folder: string): boolean | undefined {
  if (!mayRead(folder)) return SHARED.includes(folder) ? true : undefined;
  const found = entryOf(folder, Deno.statSync);
  return found?.isDirectory === true && found.mode !== null && (found.mode & OTHERS_WRITE) !== 0;
}

function entryOf(path: string, look: typeof Deno.statSync = Deno.lstatSync): Deno.FileInfo | undefined {
  if (!mayRead(path)) return undefined;
  try {
    return look(path);
  } catch (error) {
    if (isOutOfReach(error)) return undefined;
    throw error;
  }
}

/** Deno has a permission of its own for such sockets since 2.9. */
function unixNeed(socket: string): SocketPermission[] {
  // By the version: before 2.9 the answer of a query depends on the granted permissions.
  const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
  return major > 2 || minor >= 9 ? [{ name: "net", value: `unix:${socket}` }] : [];
}
