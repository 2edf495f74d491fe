/**
 * The place where a runtime listens: a Unix socket that only its own user may connect to.
 *
 * Between the moment a socket is bound and the moment its mode is set, its mode is what the umask left. Deno lets a
 * process set its umask under `--allow-sys` alone, which is too much for this; so a socket that others could connect to
 * in that moment is given up, unless its folder keeps them out.
 */

import { ifThere } from "../permissions/find_program.ts";
import { dirname, resolve } from "../permissions/path.ts";
import { ownUid, pathTrust } from "../permissions/trusted_path.ts";
import { cannotListen, ControlError } from "./control_errors.ts";
import {
  closeSocketFolder,
  connectPermissions,
  listenPermissions,
  locateToListen,
  openSocketFolder,
  type SocketPermission,
} from "./socket_place.ts";
import { sleep, systemClock } from "../time/clock.ts";

export type { SocketPermission } from "./socket_place.ts";

/** The longest path of a Unix socket, in bytes. */
export const MAX_SOCKET_PATH = Deno.build.os === "linux" ? 107 : 103;
/** Milliseconds that a runtime at the same path has to take a connection; one that does not is taken for alive. */
export const TAKEN_WITHIN_MS = 2_000;

/**
 * The permissions to listen at `path`, or, with `"connect"`, to connect to it. Deno has a permission of its own for
 * such sockets since 2.9; the server also looks at the folder. In a folder that several users have their files in,
 * and where `path` ends with a slash, the socket is in a folder of its own at `path`.
 */
export function socketPermissions(path: string, how: "listen" | "connect"): SocketPermission[] {
  return how === "listen" ? listenPermissions(locateToListen(path)) : connectPermissions(path);
}

/** A socket that is bound and private. */
export class ControlSocket {
  /** Its absolute path. */
  readonly path: string;
  readonly #listener: Deno.UnixListener;
  readonly #folder: string | undefined;
  #isClosed = false;

  private constructor(path: string, listener: Deno.UnixListener, folder: string | undefined) {
    this.path = path;
    this.#listener = listener;
    this.#folder = folder;
  }

  /**
   * Binds a socket at `path`, with mode 0600, or in a folder of its own there, with mode 0700: in a folder that several
   * users have their files in, and where `path` ends with a slash. One that a dead runtime has left is replaced.
   * Clients are given `path` as well.
   *
   * @throws {ControlError} `unsupported`, `bad_path`, `not_a_socket`, `in_use`, `not_private`
   * @throws {Deno.errors.NotCapable} see {@linkcode socketPermissions}
   */
  static async bind(path: string): Promise<ControlSocket> {
    checkedPath(path);
    const { socket: file, own } = locateToListen(path);
    checkedPath(file);
    for (let more = FOLDER_TRIES;; more--) {
      try {
        return await ControlSocket.#bind(file, own);
      } catch (error) {
        // Who has listened there before removes the folder as it goes.
        if (more === 0 || own === undefined || ifThere(() => Deno.lstatSync(own)) !== undefined) throw error;
      }
    }
  }

  static async #bind(file: string, own: string | undefined): Promise<ControlSocket> {
    if (own !== undefined) {
      checkFolder(own, ownUid());
      await clearAway(own, "isDirectory");
      openSocketFolder(own, ownUid);
    }
    const folder = privacyOf(file);
    const listener = await listen(file);
    try {
      makePrivate(file, folder);
      return new ControlSocket(file, listener, own);
    } catch (error) {
      listener.close();
      if (ifThere(() => Deno.lstatSync(file))?.isSocket) remove(file);
      if (own !== undefined) closeSocketFolder(own);
      throw error;
    }
  }

  /** Accepts the next connection. @throws the error of `Deno.Listener.accept`, also once the socket is closed */
  accept(): Promise<Deno.UnixConn> {
    return this.#listener.accept();
  }

  /** Whether it takes no more connections. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Takes no more connections, and removes the file. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Later versions of Deno remove the file themselves here; 2.6.0 does not.
    this.#listener.close();
    remove(this.path);
    if (this.#folder !== undefined) closeSocketFolder(this.#folder);
  }
}

/** How often a socket is bound again that lost its folder to another runtime. */
const FOLDER_TRIES = 3;

/** Makes a path absolute, so that it can be copied from messages. */
export function checkedPath(path: string): string {
  if (Deno.build.os === "windows") {
    throw new ControlError("unsupported", `Cannot use a control socket: Windows has none that Deno can use`);
  }
  const file = resolve(path);
  const length = new TextEncoder().encode(file).length;
  if (length > MAX_SOCKET_PATH) {
    throw new ControlError(
      "bad_path",
      `Cannot use the socket ${file}: its path has ${length} bytes, and ${MAX_SOCKET_PATH} are possible`,
    );
  }
  return file;
}

/** Which users may enter the folder of a socket. */
type Privacy = "own" | "others_enter";

function privacyOf(file: string): Privacy {
  const path = dirname(file);
  const folder = ifThere(() => Deno.statSync(path));
  if (folder === undefined || !folder.isDirectory) {
    throw cannotListen("bad_path", `at ${file}`, `there is no folder ${path}`);
  }
  checkFolder(file, ownUid());
  return (folder.mode! & 0o011) === 0 ? "own" : "others_enter";
}

/** Refuses a path where another user could put another socket in its place, by changing a folder on the way. */
function checkFolder(file: string, self: number | undefined): void {
  const { unsafe } = pathTrust(dirname(file), { self });
  if (unsafe === undefined) return;
  const why =
    `another user could put another socket in its place, as ${unsafe.why}; choose a folder of your own`;
  throw cannotListen("not_private", `at ${file}`, why);
}

async function listen(file: string): Promise<Deno.UnixListener> {
  try {
    return Deno.listen({ transport: "unix", path: file });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw listenError(file, error);
  }
  await clearAway(file);
  try {
    return Deno.listen({ transport: "unix", path: file });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw inUse(file);
    throw listenError(file, error);
  }
}

/**
 * Removes a socket without a listener. Of two runtimes that do this in the same instant, one goes unheard. What
 * `wanted` says of is left.
 */
async function clearAway(file: string, wanted?: "isDirectory"): Promise<void> {
  const found = ifThere(() => Deno.lstatSync(file));
  if (found === undefined || (wanted !== undefined && found[wanted])) return;
  if (!found.isSocket) {
    throw cannotListen(
      "not_a_socket",
      `at ${file}`,
      "there is something else; remove it, or choose another path",
    );
  }
  if (await isTaken(file)) throw inUse(file);
  const now = ifThere(() => Deno.lstatSync(file));
  if (now?.ino !== found.ino) throw inUse(file);
  try {
    remove(file);
  } catch (error) {
    // In a folder with the sticky bit only its owner may.
    throw listenError(
      file,
      error,
      "a socket that is left there belongs to another user; choose another path",
    );
  }
}

function inUse(file: string): ControlError {
  return cannotListen("in_use", `at ${file}`, "another runtime does; stop that one, or choose another path");
}

function listenError(
  file: string,
  error: unknown,
  why = `this user may not write in ${dirname(file)}`,
): unknown {
  if (!(error instanceof Deno.errors.PermissionDenied)) return error;
  return cannotListen("not_private", `at ${file}`, why, { cause: error });
}

async function isTaken(file: string): Promise<boolean> {
  const connecting = Deno.connect({ transport: "unix", path: file }).then((connection) => {
    connection.close();
    return true;
  }).catch((error) => {
    if (error instanceof Deno.errors.ConnectionRefused || error instanceof Deno.errors.NotFound) return false;
    // Its queue is full, or it belongs to another user: it has a listener.
    if (error instanceof Deno.errors.WouldBlock || error instanceof Deno.errors.PermissionDenied) return true;
    // At a place where a folder is to be made, it need not be granted to connect.
    if (error instanceof Deno.errors.NotCapable) return true;
    throw error;
  });
  const answered = new AbortController();
  const late = sleep(systemClock, TAKEN_WITHIN_MS, answered.signal).then(() => true);
  try {
    return await Promise.race([connecting, late]);
  } finally {
    answered.abort();
  }
}

function makePrivate(file: string, folder: Privacy): void {
  const bound = Deno.lstatSync(file);
  // `chmod` follows a link: so it must be the socket, in folders where only this user and root could exchange it.
  if (!bound.isSocket) throw exchanged(file);
  checkFolder(file, bound.uid ?? undefined);
  if (folder === "others_enter" && (bound.mode! & 0o022) !== 0) {
    const why = "for a moment others could connect, as the umask lets them; start under 'umask 077', " +
      "or choose a folder that only you may enter";
    throw cannotListen("not_private", `at ${file}`, why);
  }
  Deno.chmodSync(file, 0o600);
  const made = Deno.lstatSync(file);
  if (!made.isSocket || made.ino !== bound.ino) throw exchanged(file);
  if ((made.mode! & 0o777) !== 0o600) {
    const why = "its file system does not keep others out; choose a folder on another one";
    throw cannotListen("not_private", `at ${file}`, why);
  }
}

function exchanged(file: string): ControlError {
  const why = "something else was put in its place; choose a folder of your own";
  return cannotListen("not_private", `at ${file}`, why);
}

/**
 * Whether a client may trust the socket at `file`: it, and each folder and link on the way, belongs to this user or
 * root, and no other user could exchange it or connect to it. Unreadable folders are skipped. Which user this is
 * takes
 * `--allow-sys=uid` to know; without it, a socket of one other user is not told from one's own, but only root can
 * connect to a private socket of another user.
 *
 * @throws {ControlError} `not_private`
 */
export function checkServer(file: string): void {
  const { unsafe } = pathTrust(file, { self: ownUid() });
  if (unsafe === undefined) return;
  throw new ControlError(
    "not_private",
    `Cannot trust the socket ${file}: ${unsafe.why}; connect as the user whose runtime it is, in folders of that user alone`,
  );
}

function remove(path: string): void {
  ifThere(() => Deno.removeSync(path));
}
