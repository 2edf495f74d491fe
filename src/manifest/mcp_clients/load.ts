/**
 * Loads the configuration file of an MCP client as a manifest: reads it, with the variables that it refers to.
 */

import { resolve as absolute } from "../../permissions/path.ts";
import { missingPermissions } from "../../permissions/permit.ts";
import { VARIABLE_NAME } from "../../options/fields/program.ts";
import { shellQuote } from "../../text/shell_quote.ts";
import type { ManifestError } from "../manifest_errors.ts";
import { isModule } from "../load.ts";
import { manifestFileError, readText } from "../read.ts";
import { readMcpClientFile } from "./client_file.ts";
import { resolveMcpClient } from "./resolve.ts";
import type { McpClientManifest, McpClientValues } from "./types.ts";

/** How a file is loaded. */
export type McpClientOptions = Omit<McpClientValues, "env"> & {
  /** Its text, where that has been read. */
  readonly text?: string | undefined;
  /** Variables, by name. Default: those of this process, which takes `--allow-env` for each that is used. */
  readonly env?: McpClientValues["env"] | undefined;
  /** Called with each variable of this process that is read. */
  readonly onVariable?: ((name: string) => void) | undefined;
};

/**
 * Loads a file; `undefined` if it is not the configuration of an MCP client, and so may be a manifest.
 *
 * Paths in the manifest are relative to `folder`: hand it to `resolveValue` or `parse` with a `file` in that folder.
 *
 * @throws {ManifestError} it can't be read, has faults, or refers to what has no value
 */
export async function loadMcpClient(
  path: string,
  { text, env, onVariable, ...values }: McpClientOptions = {},
): Promise<McpClientManifest | undefined> {
  const file = absolute(path);
  if (isModule(file)) return undefined;
  const client = readMcpClientFile(text ?? await readText(file), file);
  if (client === undefined) return undefined;
  if (env !== undefined) return resolveMcpClient(client, { ...values, env });
  const unreadable = new Set<string>();
  let made: McpClientManifest | undefined;
  try {
    made = resolveMcpClient(client, { ...values, env: ownVariables(unreadable, onVariable) });
  } catch (error) {
    // What follows from a variable that may not be read is not a fault of the file.
    if (unreadable.size === 0) throw error;
  }
  if (unreadable.size > 0) throw notReadable(file, [...unreadable]);
  return made;
}

/** Variables of this process; one that may not be read is not unset, and is told together with all others. */
function ownVariables(
  unreadable: Set<string>,
  onVariable: McpClientOptions["onVariable"],
): McpClientValues["env"] {
  return (name) => {
    // Deno throws a TypeError for a name that no variable can have, such as in ${env:A=B}.
    if (!VARIABLE_NAME.test(name)) return undefined;
    onVariable?.(name);
    if (missingPermissions([{ name: "env", value: name }]).length === 0) return Deno.env.get(name);
    unreadable.add(name);
    return "";
  };
}

function notReadable(file: string, names: readonly string[]): ManifestError {
  const list = names.join(", ");
  const missingFlag = `--allow-env=${names.join(",")}`;
  return manifestFileError("manifest_permission_missing", file, `Deno may not read its variables ${list}`, {
    hint: `add ${shellQuote(missingFlag)}`,
    missingFlag,
  });
}
