/**
 * Where `up` listens when it is not told, and where the other verbs look for it: in the folder of what runs leave, or, where
 * that can't be, in the one for temporary files; in a folder of its own that follows from the manifest's path.
 */

import { fileHash, stateFolder } from "../../containment/folder.ts";
import { ControlError } from "../../control/control_errors.ts";
import { ControlSocket } from "../../control/socket.ts";
import { listenPermissions, SOCKET_NAME } from "../../control/socket_place.ts";
import { dirname, join } from "../../permissions/path.ts";
import { missingPermissions } from "../../permissions/permit.ts";
import { pointTo } from "./socket_pointer.ts";

/** The longest path of a socket that every system takes, in bytes. */
const MAX_PATH = 103;
/** For everybody's files; each socket has a folder of its own in it. */
const TEMPORARY = "/tmp";

/** The sockets of the tree of `file`, absolute, the best first. */
export async function defaultSockets(file: string): Promise<string[]> {
  if (Deno.build.os === "windows") return [];
  const { hash } = await fileHash(file);
  const state = stateFolder();
  const places = [...state === undefined ? [] : [join(state, hash)], join(TEMPORARY, `outrider-${hash}`)];
  return places.map((folder) => join(folder, SOCKET_NAME))
    .filter((socket) => new TextEncoder().encode(socket).length <= MAX_PATH);
}

/** What `up` listens at: a PATH, the place that follows from its file, or nothing. */
export type Listening = { readonly path: string } | "default" | "none";

/**
 * Listens there. Where nothing is said, it does so as far as the permissions at hand allow, and a place that can't be used
 * is no reason not to start: `warning` says why nothing listens.
 *
 * @throws {ControlError} nothing can listen at the PATH that was given
 */
export async function listenFor(
  file: string,
  listening: Listening,
): Promise<{
  readonly socket?: ControlSocket;
  readonly warning?: string;
  /** Called when it listens no more. */
  readonly unpoint?: () => void;
}> {
  if (listening === "none") return {};
  if (listening !== "default") {
    const socket = await ControlSocket.bind(listening.path);
    return { socket, unpoint: await pointTo(file, socket.path) };
  }
  let failure: ControlError | undefined;
  for (const socket of await defaultSockets(file)) {
    const folder = dirname(socket);
    if (missingPermissions(listenPermissions({ socket, own: folder })).length > 0) continue;
    try {
      return { socket: await ControlSocket.bind(`${folder}/`) };
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
      failure ??= error;
      if (error.code === "in_use") break;
    }
  }
  if (failure === undefined) return {};
  const why = failure.message.replace(/^Cannot listen (?:at|in) ([^:]+): /, "at $1 ");
  return { warning: `it can't be looked at while it runs, as no socket could be made ${why}` };
}
