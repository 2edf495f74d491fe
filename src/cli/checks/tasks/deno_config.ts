/**
 * Finds the `deno.json` whose tasks may start a manifest.
 */

import { missingPermissions } from "../../../permissions/permit.ts";
import { readRegularFile } from "../../../permissions/regular_file.ts";
import { ownUid } from "../../../permissions/trusted_path.ts";
import { dirname, join } from "../../../permissions/path.ts";

/** The largest `deno.json` that is read, in bytes: as large as a manifest may be. */
const MAX_CONFIG_BYTES = 1_000_000;

/** A `deno.json`, or a `deno.jsonc`, as it is written. */
export interface DenoConfig {
  readonly file: string;
  readonly text: string;
}

/**
 * The `deno.json` nearest to the manifest `file`, in its folder or above; or why it is not known; or that there is
 * none. One of another user is not read: any user may put one into `/tmp`. Never prompts.
 */
export function nearestConfig(manifest: string): DenoConfig | { readonly unknown: string } | undefined {
  for (let at = dirname(manifest);; at = dirname(at)) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      const file = join(at, name);
      if (missingPermissions([{ name: "read", value: file }]).length > 0) {
        return { unknown: `the tasks of a deno.json in or above ${at}; add --allow-read` };
      }
      try {
        const { uid } = Deno.statSync(file);
        if (uid !== null && ![0, ownUid(), Deno.statSync(manifest).uid].includes(uid)) {
          return { unknown: `the tasks of ${file}: it belongs to user ${uid}, and is not read` };
        }
        const { bytes, why } = readRegularFile(file, MAX_CONFIG_BYTES);
        if (why !== undefined) return { unknown: `the tasks of ${file}: ${why}` };
        return { file, text: new TextDecoder().decode(bytes) };
      } catch (error) {
        if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) continue;
        // Deno does not go further up, either; it lets /dev be looked at under --allow-all alone.
        if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
          return undefined;
        }
        throw error;
      }
    }
    if (dirname(at) === at) return undefined;
  }
}
