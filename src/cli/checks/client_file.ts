/**
 * The configuration file of an MCP client in the place of a manifest: for `mcp`, and for `permissions`, which says what that
 * needs.
 */

import type { Loaded } from "../../manifest/load.ts";
import { type ManifestPermission, ownPermission } from "../../manifest/grants/permissions.ts";
import { loadMcpClient } from "../../manifest/mcp_clients/load.ts";
import type { McpClientManifest } from "../../manifest/mcp_clients/types.ts";
import { resolveValue } from "../../manifest/parse.ts";
import { basename, join } from "../../permissions/path.ts";
import { UsageError } from "../verb.ts";

/** Such a file, as a manifest. */
export interface LoadedClientFile extends Pick<McpClientManifest, "servers"> {
  readonly loaded: Loaded;
  /** The variables that it refers to outside of `env`: they are read when it is. */
  readonly own: readonly ManifestPermission[];
  /** What of it has no counterpart, or another form, a line each. */
  readonly notes: readonly string[];
}

/**
 * Loads such a file; `undefined` if it may be a manifest.
 *
 * @throws {ManifestError} it can't be read, has faults, or refers to what has no value
 * @throws {UsageError} inputs are given to a manifest
 */
export async function loadClientFile(
  path: string,
  inputs: Readonly<Record<string, string>>,
): Promise<LoadedClientFile | undefined> {
  const variables = new Set<string>();
  const client = await loadMcpClient(path, { inputs, onVariable: (name) => void variables.add(name) });
  if (client === undefined) {
    if (Object.keys(inputs).length === 0) return undefined;
    throw new UsageError("Cannot use --input: FILE is a manifest, which asks for nothing");
  }
  const { file, folder, servers, notes } = client;
  const resolved = resolveValue(client.manifest, { file: join(folder, "outrider.json") });
  return {
    loaded: { ...resolved, file, dir: folder, reads: file },
    own: [...variables].map((value) => ownPermission({ name: "env", value }, "reference")),
    servers,
    notes: notes.map(({ line, text, isTaken }) =>
      `  ${basename(file)}:${line}  ${isTaken ? "" : "left out: "}${text}`
    ),
  };
}
