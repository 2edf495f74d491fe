/** Configuration files of MCP clients as tests write them. */
import { assert, assertThrows } from "@std/assert";
import { parse } from "../../../src/manifest/parse.ts";
import { ManifestError } from "../../../src/manifest/manifest_errors.ts";
import type { SidecarInput } from "../../../src/manifest/fields/types.ts";
import { readMcpClientFile } from "../../../src/manifest/mcp_clients/client_file.ts";
import { resolveMcpClient } from "../../../src/manifest/mcp_clients/resolve.ts";
import type { McpClientManifest } from "../../../src/manifest/mcp_clients/types.ts";

/** What a file is resolved with. */
export interface Given {
  readonly file?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly isWritten?: boolean;
}

/** The manifest of a file, which stands in /work/shop unless it is said where. It can be loaded. */
export function resolved(written: string | object, given: Given = {}): McpClientManifest {
  const { file = "/work/shop/.mcp.json", env = {}, ...more } = given;
  const text = typeof written === "string" ? written : JSON.stringify(written, null, 2);
  const client = readMcpClientFile(text, file);
  assert(client !== undefined);
  const made = resolveMcpClient(client, { env: (name) => env[name], ...more });
  parse(JSON.stringify(made.manifest), { file: `${made.folder}/outrider.json` });
  return made;
}

/** The first child of it. */
export function firstChild(written: string | object, given: Given = {}): SidecarInput {
  return resolved(written, given).manifest.children[0] as SidecarInput;
}

/** A server, as the only one under the root key. */
export function server(fields: object, key = "mcpServers"): object {
  return { [key]: { web: { command: "serve", ...fields } } };
}

/** Its notes, each with its line. */
export function notesOf(made: McpClientManifest): string[] {
  return made.notes.map(({ line, text }) => `${line} ${text}`);
}

/** Its faults, each with its line and what helps. */
export function faultsOf(written: string | object, given: Given = {}): string[] {
  const error = assertThrows(() => resolved(written, given), ManifestError);
  return error.faults.map(({ line, path, message, hint }) =>
    [`${line} ${path}: ${message}`, ...(hint === undefined ? [] : [hint])].join("; ")
  );
}
