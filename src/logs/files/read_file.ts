/**
 * Opens a file of a log to read it, if only this user, root, or the owner of its folder can have put it there.
 *
 * Used by `stored_file.ts`. Names of older files are easy to guess, so in a folder that others may write to one of them
 * may be another user's, or a link. The invariant: nothing of a file that is passed over is read.
 */

import { ifThere } from "../../permissions/find_program.ts";
import { dirname } from "../../permissions/path.ts";
import { ownUid, pathTrust } from "../../permissions/trusted_path.ts";

const OTHERS_WRITE = 0o002;

/** A file of a log of which something is not read. */
export interface PassedOverFile {
  readonly file: string;
  /** A clause; where it is the folder's, `file` is that. */
  readonly why: string;
}

/** A file of a log that can be read. */
export interface ReadableLogFile {
  readonly file: Deno.FsFile;
  readonly info: Deno.FileInfo;
}

/** Opens the files of one log, which are all in one folder. */
export class LogFileReader {
  readonly #self = ownUid();
  #owner: number | undefined = this.#self;
  #folder: { readonly unsafe: string | undefined; readonly isShared: boolean } | undefined;

  /** The file at `path`, or why it is passed over; `undefined`: there is none. */
  async open(path: string): Promise<ReadableLogFile | PassedOverFile | undefined> {
    try {
      const there = ifThere(() => Deno.lstatSync(path));
      if (there === undefined) return undefined;
      const passedOver = this.#reason(path, there);
      if (passedOver !== undefined) return passedOver;
      const file = await Deno.open(path);
      const info = file.statSync();
      if (info.dev === there.dev && info.ino === there.ino) return { file, info };
      // Rotated between the two looks: it is found under its next name.
      file.close();
      return undefined;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
        return undefined;
      }
      if (error instanceof Deno.errors.PermissionDenied) {
        return { file: path, why: "this user may not read it" };
      }
      throw error;
    }
  }

  #reason(file: string, { isSymlink, isFile, uid, mode }: Deno.FileInfo): PassedOverFile | undefined {
    if (isSymlink) return { file, why: "it is a link" };
    // Opening a pipe would wait for its other end.
    if (!isFile) return { file, why: "it is not a file" };
    const folder = dirname(file);
    const { unsafe, isShared } = this.#folder ??= lookAtFolder(folder);
    if (unsafe !== undefined) return { file: folder, why: unsafe };
    if (mode !== null && (mode & OTHERS_WRITE) !== 0) return { file, why: "others may write to it" };
    if (!isShared || uid === null) return undefined;
    // Where Deno does not say who this user is, all files of a log have one owner.
    const owner = this.#owner ??= uid;
    return uid === 0 || uid === owner ? undefined : { file, why: `it belongs to user ${uid}` };
  }
}

function lookAtFolder(folder: string): { readonly unsafe: string | undefined; readonly isShared: boolean } {
  const { unsafe } = pathTrust(folder, { self: undefined, trustsGroups: "any" });
  const mode = ifThere(() => Deno.statSync(folder))?.mode ?? 0;
  return { unsafe: unsafe?.why, isShared: (mode & OTHERS_WRITE) !== 0 };
}
