/**
 * Takes a text of a client's file apart into what stands for itself and what is replaced. Pure.
 */

import { DIALECTS } from "./dialects.ts";
import type { McpClientDialect } from "./types.ts";

/** Something to replace, with how it is written. */
export type ClientReference =
  & { readonly written: string }
  & (
    | { readonly kind: "variable"; readonly name: string; readonly default?: string | undefined }
    | { readonly kind: "input"; readonly id: string }
    | { readonly kind: "place"; readonly place: ClientPlace }
    /** It means something to the client alone. */
    | { readonly kind: "foreign" }
    /** The client leaves it as it is. */
    | { readonly kind: "literal" }
  );

/** What is known without asking. */
export type ClientPlace = (typeof PLACES)[number];

const PLACES = [
  "workspaceFolder",
  "workspaceFolderBasename",
  "userHome",
  "pathSeparator",
  "/",
  "cwd",
] as const;

const REFERENCE = /\$\{([^{}$][^}]*)\}/g;
const BARE = /^([A-Za-z_]\w*)(?::-(.*))?$/s;
const NAMESPACED = /^([A-Za-z]+):(.*)$/s;

/** The parts of `text`, in order. */
export function referencesIn(text: string, dialect: McpClientDialect): (string | ClientReference)[] {
  const parts: (string | ClientReference)[] = [];
  let from = 0;
  // Without an end to find, each "${" would be followed to the end of the text.
  const closed = text.slice(0, text.lastIndexOf("}") + 1);
  for (const found of closed.matchAll(REFERENCE)) {
    if (found.index > from) parts.push(text.slice(from, found.index));
    parts.push(referenceOf(found[0], found[1]!, dialect));
    from = found.index + found[0].length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

function referenceOf(written: string, inner: string, dialect: McpClientDialect): ClientReference {
  const { hasBareNames, hasNamespaces, hasInputs } = DIALECTS[dialect];
  if (hasNamespaces) {
    const place = PLACES.find((name) => name === inner);
    if (place !== undefined) return { written, kind: "place", place };
  }
  const [, name, otherwise] = BARE.exec(inner) ?? [];
  if (hasBareNames && name !== undefined) {
    return { written, kind: "variable", name, ...(otherwise !== undefined && { default: otherwise }) };
  }
  const [, namespace, rest = ""] = NAMESPACED.exec(inner) ?? [];
  if (hasNamespaces && namespace === "env" && rest !== "") return { written, kind: "variable", name: rest };
  if (hasInputs && namespace === "input") return { written, kind: "input", id: rest };
  const isForeign = dialect === "vscode" && (namespace !== undefined || FOREIGN.includes(inner));
  return { written, kind: isForeign ? "foreign" : "literal" };
}

/** Variables of VS Code that depend on what is open in it. */
const FOREIGN: readonly string[] = [
  "file",
  "fileBasename",
  "fileBasenameNoExtension",
  "fileDirname",
  "fileDirnameBasename",
  "fileExtname",
  "fileWorkspaceFolder",
  "relativeFile",
  "relativeFileDirname",
  "lineNumber",
  "columnNumber",
  "selectedText",
  "execPath",
  "defaultBuildTask",
];
