/**
 * The folder for unpacked programs of an executable: in the own cache folder of the user who runs it, which outlives a
 * logout, is cleaned by its user alone, and lets programs run where a runtime folder may not.
 */

import { basename, dirname, isAbsolute, join } from "node:path";
import { readVariable } from "../../permissions/permit.ts";
import { mapPrograms } from "../../manifest/resolve/each_program.ts";
import { UnpackError } from "./compile_errors.ts";
import { type Compiled, isInCache } from "./plan.ts";

/** Of an executable that unpacks to the cache, with the folder that this is. @throws {UnpackError} none is known */
export function inOwnCache(compiled: Compiled): Compiled {
  const { manifest, unpack } = compiled;
  if (unpack === undefined || !isInCache(unpack.folder)) return compiled;
  const folder = join(cacheFolder(), basename(unpack.folder));
  const place = (command: string) =>
    dirname(command) === unpack.folder ? join(folder, basename(command)) : command;
  return { ...compiled, manifest: mapPrograms(manifest, { program: place }), unpack: { ...unpack, folder } };
}

/** @throws {UnpackError} `unpack_folder_unusable` */
function cacheFolder(): string {
  const cache = readVariable("XDG_CACHE_HOME");
  if (cache !== undefined && isAbsolute(cache)) return cache;
  const home = readVariable("HOME");
  if (home !== undefined && isAbsolute(home)) {
    return join(home, ...(Deno.build.os === "darwin" ? ["Library", "Caches"] : [".cache"]));
  }
  throw new UnpackError(
    "unpack_folder_unusable",
    "Cannot unpack the programs inside: no folder is known for them; set HOME or XDG_CACHE_HOME to an absolute path, or " +
      "compile with --unpack-to and a folder",
  );
}
