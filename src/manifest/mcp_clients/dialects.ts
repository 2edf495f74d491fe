/**
 * Which client a configuration file is of, and what that client replaces in it. The root key tells; of the clients that
 * share `mcpServers`, the file's name does. Pure.
 */

import { isPlainObject } from "../issue.ts";
import { basename, dirname } from "../../permissions/path.ts";
import type { McpClientDialect } from "./types.ts";

/** What a client's file has. */
export interface DialectRules {
  /** The client, for messages. */
  readonly title: string;
  /** Whether `${NAME}` and `${NAME:-default}` are variables. */
  readonly hasBareNames: boolean;
  /** Whether `${env:NAME}` is one, and `${workspaceFolder}` and the like are places. */
  readonly hasNamespaces: boolean;
  /** Whether `${input:id}` is something to ask for. */
  readonly hasInputs: boolean;
  /** Whether the file is for more than servers, so that its other keys are not worth a word each. */
  readonly isShared: boolean;
}

const NOTHING = { hasBareNames: false, hasNamespaces: false, hasInputs: false };

/** The rules, by dialect. Under `mcpServers`, many clients write in each other's way: Claude's file takes it all. */
export const DIALECTS: Readonly<Record<McpClientDialect, DialectRules>> = {
  claude: { title: "Claude Code", hasBareNames: true, hasNamespaces: true, hasInputs: true, isShared: true },
  "claude-desktop": { title: "Claude Desktop", ...NOTHING, isShared: true },
  cursor: { title: "Cursor", ...NOTHING, hasNamespaces: true, isShared: false },
  vscode: { title: "VS Code", hasBareNames: false, hasNamespaces: true, hasInputs: true, isShared: false },
  zed: { title: "Zed", ...NOTHING, isShared: true },
};

/** The names that files of MCP clients have, without their folder. */
export const MCP_CLIENT_FILE_NAMES: readonly string[] = [
  ".mcp.json",
  "mcp.json",
  "claude_desktop_config.json",
  ".claude.json",
  "mcp_settings.json",
  "cline_mcp_settings.json",
];

/** Matches the text of each file of an MCP client, and of few others. */
export const MCP_CLIENT_TEXT = /"(?:mcpServers|context_servers|servers)"\s*:\s*\{/;

/** The dialect of a file and the key that has its servers; `undefined` if it is not the file of an MCP client. */
export function dialectOf(
  value: unknown,
  file: string,
): { readonly dialect: McpClientDialect; readonly key: string } | undefined {
  if (!isPlainObject(value)) return undefined;
  const key = ["mcpServers", "servers", "context_servers"].find((key) => isPlainObject(value[key]));
  if (key === undefined) return undefined;
  if (key !== "mcpServers") return { dialect: key === "servers" ? "vscode" : "zed", key };
  if (basename(file) === "claude_desktop_config.json") return { dialect: "claude-desktop", key };
  return { dialect: basename(dirname(file)) === ".cursor" ? "cursor" : "claude", key };
}

/** The folder that a file is about, which its relative paths start from. `file` is absolute. */
export function workspaceOf(file: string): string {
  const folder = dirname(file);
  return [".vscode", ".cursor", ".zed"].includes(basename(folder)) ? dirname(folder) : folder;
}
