/**
 * What the configuration file of an MCP client says: its servers, the inputs it asks for, and, of what has no counterpart
 * here, a note with its line. Used by `import` and by what runs these servers.
 */

import type { ImportNote } from "../import/format.ts";
import type { ManifestInput } from "../fields/types.ts";

/** Whose file it is. `mcpServers` is Claude's and Cursor's root key, `servers` VS Code's, `context_servers` Zed's. */
export type McpClientDialect = "claude" | "claude-desktop" | "cursor" | "vscode" | "zed";

/** Something of the file that has no counterpart, or that is another than it says. It never has the value of a secret. */
export interface McpClientNote extends ImportNote {
  /** The line of the file, from 1. */
  readonly line: number;
}

/** Where values come from that are not in the file. */
export interface McpClientValues {
  /** Variables of the environment, by name: `undefined` where one is not set. */
  readonly env: (name: string) => string | undefined;
  /** What was given for an `${input:id}`, by id. Else its variable counts (`OUTRIDER_INPUT_ID`), then its default. */
  readonly inputs?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether the manifest is written to a file: then no secret is in it, only the variable that has it at each start. Else
   * an input with `password` that was given is in it, marked as a secret.
   */
  readonly isWritten?: boolean | undefined;
}

/** The servers of the file as a manifest. */
export interface McpClientManifest {
  readonly dialect: McpClientDialect;
  /** The absolute path of the file. */
  readonly file: string;
  /** The folder that the manifest's relative paths start from: absolute. Its servers run there, too. */
  readonly folder: string;
  /** One child for each server that is a program and not disabled, each with `"protocol": "mcp"`. */
  readonly manifest: ManifestInput;
  /** In the order of the file. */
  readonly notes: readonly McpClientNote[];
  /** What the file says of a child beyond what a manifest can, by the child's id. */
  readonly servers: ReadonlyMap<string, McpClientServer>;
}

/** What the file says of a server beyond what a manifest can. */
export interface McpClientServer {
  /** Its name in the file, which need not be an id. */
  readonly name: string;
  /** The line of its name. */
  readonly line: number;
  /** The tools that nobody is to see. */
  readonly disabledTools: readonly string[];
  /** How long a call of one of its tools may take, in ms. */
  readonly timeout?: number | undefined;
}
