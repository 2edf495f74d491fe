/**
 * The options of a conversation: how it begins and ends, what a language server or MCP server is told, and where a reply of
 * many frames ends.
 */

import { any, filled, key, list, needed, shape, text, types, union, word } from "../build.ts";
import type { DictField, Property, ShapeField, TextField, UnionField } from "../field.ts";

/** An object whose keys are another program's. */
const anObject: DictField = { kind: "dict", key: /^/, keyMessage: "", of: any };

const params: Property = key(
  union("an object or an array", [anObject, list(any)]),
  "Its params, an object or an array",
  { otherwise: "none" },
);
const notify: Property = needed(filled, "The method of a notification");
const request: Property = needed(filled, "The method of a request; the next step comes when it is answered");
const notification = shape({ notify, params }, { misplaced: { expect: "a notification has no answer" } });

const EXPECTED = `an object with "request" or "notify"`;

const helloStep: UnionField = union(EXPECTED, [
  notification,
  shape({
    request,
    params,
    expect: key(any, "What its result must be or, of an object, what it must have", {
      otherwise: "any result",
    }),
  }),
], {
  types: types("HelloStep", "HelloStep", "A step of the handshake with a JSON-RPC server."),
});

const goodbyeStep: UnionField = union(EXPECTED, [
  notification,
  shape({ request, params }, { misplaced: { expect: "a goodbye takes any answer" } }),
], {
  types: types("GoodbyeStep", "GoodbyeStep", "A step of the goodbye to a JSON-RPC server."),
});

const some = { min: 1, tooFew: "needs a step; leave it out where there is none" };

/** The handshake, in the start. */
export const hello: Property = key(
  list(helloStep, some),
  "For jsonrpc: the handshake, step by step; the sidecar is ready when it is done",
  { otherwise: "none", see: "#hello-and-goodbye" },
);

/** The goodbye, in the stop. */
export const goodbye: Property = key(
  list(goodbyeStep, some),
  "For jsonrpc: the goodbye, step by step, before stdin is closed",
  { otherwise: "none", see: "#hello-and-goodbye" },
);

/** A folder, as a path or as a `file:` URL. */
const folder: TextField = {
  ...filled,
  expected: "a path or a file: URL",
  // A scheme has two letters at least: one is a drive of Windows.
  patterns: [[/^(file:\/\/|(?![A-Za-z][A-Za-z0-9+.-]+:))/, "must be a path, or start with file://"]],
};

/** The options of language servers and of MCP servers that are data. */
export const SERVER_OPTIONS: Readonly<
  Record<string, { readonly of: readonly ("lsp" | "mcp")[]; readonly property: Property }>
> = {
  rootUri: {
    of: ["lsp"],
    property: key(
      { ...folder, expected: "a path or a file: URL, or the key left out" },
      "For lsp: the workspace's root, as a path or a file: URL",
      { otherwise: "none" },
    ),
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

const last: ShapeField = shape({
  field: needed(filled, "The field of a frame that tells"),
  equals: key({ kind: "scalar" }, "Its value in the last frame"),
}, { defaults: "last" });

/** The line that asks for a mark, of an `until` that was made by `untilMark`. */
export function markOf(until: unknown): string | undefined {
  return typeof until === "function" ? (until as { readonly mark?: string }).mark : undefined;
}

/** Why a line can't ask for a mark. */
export function markFault(line: string): string | undefined {
  if (/[\r\n]/.test(line)) return "must be one line";
  return line.includes("{mark}") ? undefined : "must have {mark} in it, in whose place the mark is sent";
}

/** Which frame ends a reply of many. */
export const until: UnionField = union(`an object with "end", "mark" or "last"`, [
  shape({
    end: needed(
      { ...text, patterns: [[/^[^\r\n]*$/, "must be one line"]] },
      "For lines: the line behind the last one of the reply; it is not part of it",
    ),
  }),
  shape({
    mark: needed(
      { ...text, fault: markFault },
      "For lines: what is sent behind each request, with {mark} in it; the line that ends with the mark ends the reply",
    ),
  }),
  shape({
    last: needed(last, "For JSON: the last frame is the one in which a field has that value"),
  }),
], { types: types("UntilInput", "UntilEntry", "Which frame ends a reply of many.") });
