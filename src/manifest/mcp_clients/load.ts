/**
 * Loads the configuration file of an MCP client as a manifest: reads it, with the variables that it refers to.
 */

import { resolve as absolute } from "../../permissions/path.ts";
import { flagFor, missingPermissions } from "../../permissions/permit.ts";
import { shellQuote } from "../../text/shell_quote.ts";
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
  { text, env, ...values }: McpClientOptions = {},
): Promise<McpClientManifest | undefined> {
  const file = absolute(path);
  const client = readMcpClientFile(text ?? await readText(file), file);
  return client && resolveMcpClient(client, { ...values, env: env ?? ownVariables(file) });
}

/** The variables of this process. One that may not be read ends it: to take it for unset would name the wrong way out. */
function ownVariables(file: string): McpClientValues["env"] {
  return (name) => {
    const [missing] = missingPermissions([{ name: "env", value: name }]);
    if (missing === undefined) return Deno.env.get(name);
    const missingFlag = flagFor(missing);
    throw manifestFileError("manifest_permission_missing", file, `Deno may not read the variable ${name}`, {
      hint: `add ${shellQuote(missingFlag)}`,
      missingFlag,
    });
  };
}
