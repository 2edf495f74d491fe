/**
 * The options of language servers and MCP servers that are data: those that a manifest can have. Read by the field
 * `protocol` and by `lsp()`.
 */

import { any, filled, key, list, needed, shape, text, union, word } from "../build.ts";
import type { DictField, Property, TextField } from "../field.ts";

/** An object whose keys are another program's. */
const anObject: DictField = { kind: "dict", key: /^/, keyMessage: "", of: any };

/** A folder, as a path or as a `file:` URL. */
const folder: TextField = {
  ...filled,
  // A scheme has two letters at least: one is a drive of Windows.
  patterns: [[/^(file:\/\/|(?![A-Za-z][A-Za-z0-9+.-]+:))/, "must be a path, or start with file://"]],
};

/** The options of language servers and of MCP servers that are data. */
export const SERVER_OPTIONS: Readonly<
  Record<string, { readonly of: readonly ("lsp" | "mcp")[]; readonly property: Property }>
> = {
  rootUri: {
    of: ["lsp"],
    property: key(folder, "For lsp: the workspace's root, as a path or a file: URL", { otherwise: "none" }),
  },
  workspaceFolders: {
    of: ["lsp"],
    property: key(
      list(
        union(`a path or an object with "uri"`, [
          folder,
          shape({
            uri: needed(folder, "The folder, as a path or a file: URL"),
            name: key(filled, "Its name, for people", { otherwise: "the last part of its path" }),
          }),
        ]),
      ),
      "For lsp: the folders of the workspace",
      { otherwise: "rootUri alone, if there is one" },
    ),
  },
  settings: {
    of: ["lsp"],
    property: key(anObject, "For lsp: the settings that the server may ask for, by section", {
      otherwise: "those that the server can't do without",
    }),
  },
  capabilities: {
    of: ["lsp"],
    property: key(anObject, "For lsp: changes to what the client can do, merged; null removes", {
      otherwise: "none",
    }),
  },
  processId: {
    of: ["lsp"],
    property: key(word(["own", "none"]), "For lsp: whether the server is told our pid, which it watches", {
      otherwise: "none behind a launcher, and for programs such as docker and ssh; else own",
    }),
  },
  initializationOptions: {
    of: ["lsp"],
    property: key(any, "For lsp: what this server is told beyond the protocol", { otherwise: "nothing" }),
  },
  versions: {
    of: ["mcp"],
    property: key(
      list(filled, { min: 1, tooFew: "needs at least one version" }),
      "For mcp: the revisions of the protocol to speak, the preferred one first",
      { otherwise: "all that are known" },
    ),
  },
  clientInfo: {
    of: ["lsp"],
    property: key(
      shape({
        name: needed(filled, "The client's name"),
        version: key(text, "Its version", { otherwise: "none" }),
      }),
      "For lsp: the name and version by which the server knows the client",
      { otherwise: "Outrider's" },
    ),
  },
};

/** The options of a server that are data, as `lsp` or `mcp` takes them. */
export function serverFields(type: "lsp" | "mcp"): Record<string, Property> {
  return Object.fromEntries(
    Object.entries(SERVER_OPTIONS).flatMap(([name, { of, property }]) =>
      of.includes(type) ? [[name, property]] : []
    ),
  );
}
