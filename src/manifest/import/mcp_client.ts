/**
 * The configuration file of an MCP client, as `outrider import` reads it.
 */

import { manifestFileError } from "../read.ts";
import { loadMcpClient } from "../mcp_clients/load.ts";
import type { Importer } from "./format.ts";

/** Makes a manifest of the servers that are programs. */
export const importMcpClient: Importer = async (file, { inputs }) => {
  const loaded = await loadMcpClient(file.path, { text: await file.text(), inputs, isWritten: true });
  if (loaded === undefined) {
    const message =
      'it has no servers: expected an object under "mcpServers", "servers" or "context_servers"';
    throw manifestFileError("manifest_invalid", file.path, message);
  }
  const { manifest, notes, folder } = loaded;
  return { manifest, notes, dir: folder };
};
