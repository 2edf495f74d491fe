/**
 * A manifest that is a module: its default export.
 */

import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { admit, manifestFileError } from "./read.ts";

/** Imports a module's default export. @throws {ManifestError} it cannot be imported, or has none */
export async function importDefault(file: string): Promise<unknown> {
  await admit(file);
  let module: Record<string, unknown>;
  try {
    module = await import(pathToFileURL(file).href);
  } catch (cause) {
    // Anything can be thrown here: the module is the user's own code.
    const said = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    // Deno writes the place on a line of its own, in colours.
    const plain = stripVTControlCharacters(said).replace(/\s+/g, " ");
    throw manifestFileError("manifest_import_failed", file, `importing it failed with ${plain}`, {
      cause,
      ...(await mayLackRead(cause) && { hint: IMPORTS_NEED_READ }),
    });
  }
  if ("default" in module) return module.default;
  throw manifestFileError("manifest_invalid", file, "the module has no default export", {
    hint: "write `export default define({ … })`",
  });
}

const IMPORTS_NEED_READ =
  "each local file that it imports needs --allow-read too; `deno info` on it lists them";

/** Whether an import may have failed for want of permission: Deno gives that the code of a module that is not there. */
async function mayLackRead(cause: unknown): Promise<boolean> {
  if (!(cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND")) return false;
  return (await Deno.permissions.query({ name: "read" })).state !== "granted";
}
