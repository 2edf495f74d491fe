/**
 * Where the runtime of a manifest listens that was given another place than follows from the manifest: a file in the state
 * folder that has the path of its socket.
 *
 * Written by `up --control PATH`, as far as that is permitted already, and followed by the verbs that are given FILE. The
 * invariant: it leads to nothing of another user, as the state folder is this user's alone; and one that a killed runtime
 * has left harms nothing, as who is connected to has to run the same file.
 */

import { ContainmentError } from "../../containment/containment_errors.ts";
import {
  fileStem,
  isRefused,
  openOwnFile,
  openStateFolder,
  readOwnFile,
  removeIfThere,
  stateFolder,
  stateFolderPermissions,
} from "../../containment/folder.ts";
import { isAbsolute } from "../../permissions/path.ts";
import { missingPermissions } from "../../permissions/permit.ts";
import { ownUid, pathTrust } from "../../permissions/trusted_path.ts";

/** Says where the runtime of `file` listens, until the returned function is called; where it may not, nobody is told. */
export async function pointTo(file: string, socket: string): Promise<() => void> {
  const pointer = await pointerOf(file);
  if (pointer === undefined || openStateFolder(pointer.folder) !== undefined) return () => {};
  try {
    using open = openOwnFile(pointer.path);
    open.truncateSync();
    open.writeSync(new TextEncoder().encode(socket));
  } catch (error) {
    if (isUnusable(error)) return () => {};
    throw error;
  }
  return () => {
    // Another runtime of the same file may have taken it over.
    if (pointedBy(pointer.path) === socket) removeIfThere(pointer.path);
  };
}

/** Where a runtime of `file` listens, or has listened, as it has said. */
export async function pointedSocket(file: string): Promise<string | undefined> {
  const pointer = await pointerOf(file);
  return pointer && pointedBy(pointer.path);
}

/** The file, where the state folder is known and may be used. */
async function pointerOf(file: string): Promise<{ folder: string; path: string } | undefined> {
  const folder = stateFolder();
  if (folder === undefined || missingPermissions(stateFolderPermissions(folder)).length > 0) return undefined;
  return { folder, path: `${await fileStem(folder, file)}.socket` };
}

function pointedBy(path: string): string | undefined {
  if (pathTrust(path, { self: ownUid() }).unsafe !== undefined) return undefined;
  try {
    const socket = readOwnFile(path);
    return socket !== undefined && isAbsolute(socket) ? socket : undefined;
  } catch (error) {
    if (isUnusable(error)) return undefined;
    throw error;
  }
}

/** It is not ours, the disk is full, or Deno does not open it, as below /proc without all permissions. */
function isUnusable(error: unknown): boolean {
  return error instanceof ContainmentError || isRefused(error);
}
