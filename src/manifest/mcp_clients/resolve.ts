/**
 * From a client's file to a manifest: its servers that are programs as children, and a note of all else. Pure, but for the
 * environment that it is given.
 */

import type { SidecarInput } from "../fields/types.ts";
import { basename } from "../../permissions/path.ts";
import { FreeIds } from "../import/free_ids.ts";
import { plainName } from "../tauri/gather.ts";
import { quote, quoteChoices } from "../../text/words.ts";
import type { McpClientFile } from "./client_file.ts";
import { DIALECTS } from "./dialects.ts";
import { ServerReader } from "./server.ts";
import type { McpClientManifest, McpClientServer, McpClientValues } from "./types.ts";

/**
 * Makes the manifest.
 *
 * @throws {ManifestError} something is not as the client has it, or has no value: all of it at once, each with its line
 */
export function resolveMcpClient(client: McpClientFile, values: McpClientValues): McpClientManifest {
  const { dialect, file, folder, findings, key } = client;
  const reader = new ServerReader(client, values);
  const children: SidecarInput[] = [];
  const servers = new Map<string, McpClientServer>();
  const ids = new FreeIds();
  for (const [name, written] of Object.entries(client.servers)) {
    const read = reader.read(name, written);
    if (read === undefined) continue;
    const { child, ...server } = read;
    const id = ids.give(name, "server");
    if (id !== name) findings.note([key, name], `${quote(name)} is the child ${id}`, { isTaken: true });
    children.push({ id, ...child });
    servers.set(id, server);
  }
  refuseUnknownInputs(client, values, reader.asked);
  const notes = findings.notes();
  if (children.length === 0) {
    const why = notes.map(({ line, text }) => `line ${line}: ${text}`).join("; ");
    findings.fault([key], "there is no server in it that can be started", why === "" ? undefined : why);
    findings.notes();
  }
  const name = plainName(basename(folder)) || "mcp";
  return { dialect, file, folder, manifest: { name, children }, notes, servers };
}

/** What was given for an input that the file does not ask for was meant for another one. */
function refuseUnknownInputs(
  client: McpClientFile,
  { inputs = {} }: McpClientValues,
  asked: ReadonlySet<string>,
): void {
  const known = [...client.inputs.keys()];
  for (const id of Object.keys(inputs)) {
    if (client.inputs.has(id) || asked.has(id)) continue;
    const hint = known.length === 0
      ? `${DIALECTS[client.dialect].title} asks for nothing in this file`
      : `it has ${quoteChoices(known)}`;
    client.findings.fault([], `there is no input ${quote(id)} in it`, hint);
  }
}
