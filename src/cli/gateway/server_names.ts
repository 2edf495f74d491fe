/**
 * Which children of a manifest are MCP servers, and by which names the gateway shows them. Pure.
 */

import type { Manifest, SidecarEntry } from "../../manifest/fields/types.ts";
import { childrenWithPaths } from "../../manifest/resolve/children.ts";
import { serverName, serverNameFault } from "../../gateway/lists/names.ts";
import { LOCAL_NAME } from "../../gateway/local_tools.ts";
import { nearestKey } from "../../text/words.ts";
import { UsageError } from "../verb.ts";

/** A child that is an MCP server. */
export interface McpChild {
  readonly path: string;
  /** What the names of its tools begin with: its id, or, where another has the same, its path; with `_` for
   * what clients do not take in names. */
  readonly name: string;
  readonly entry: SidecarEntry;
}

/** A server that an option names. */
export interface NamedServer {
  readonly option: string;
  readonly name: string;
}

/** Whether the child of `entry` speaks MCP by itself. */
export function isMcp({ protocol }: Pick<SidecarEntry, "protocol">): boolean {
  return typeof protocol === "object" && protocol.type === "mcp";
}

/**
 * The servers of a manifest, in its order.
 *
 * @throws {UsageError} there is none, their names can't stand side by side, or an option names one that is not there
 */
export function mcpChildren(
  manifest: Manifest,
  { hasLocalTools, named }: { readonly hasLocalTools: boolean; readonly named: readonly NamedServer[] },
): readonly McpChild[] {
  const found = childrenWithPaths(manifest).flatMap(({ path, entry }) =>
    "command" in entry && isMcp(entry) ? [{ path, entry: entry as SidecarEntry }] : []
  );
  if (found.length === 0) {
    throw new UsageError(
      `Cannot serve '${manifest.name}': no child of it has "protocol": "mcp"`,
    );
  }
  const idOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);
  const children = found.map(({ path, entry }) => {
    const isAlone = found.filter((other) => idOf(other.path) === idOf(path)).length === 1;
    return { path, entry, name: serverName(isAlone ? idOf(path) : path) };
  });
  const names = [...children.map(({ name }) => name), ...hasLocalTools ? [LOCAL_NAME] : []];
  const fault = serverNameFault(names);
  if (fault !== undefined) throw new UsageError(`Cannot serve '${manifest.name}': ${fault}`);
  for (const { option, name } of named) {
    if (children.some((child) => child.name === name)) continue;
    const known = children.map(({ name }) => name);
    const near = nearestKey(name, known);
    const hint = near === undefined ? `the servers are ${known.join(", ")}` : `did you mean '${near}'?`;
    throw new UsageError(`Cannot use ${option}: there is no server '${name}'; ${hint}`);
  }
  return children;
}
