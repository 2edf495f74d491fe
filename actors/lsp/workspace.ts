/**
 * The workspace of a language server: the URLs of its folders. Used by `lsp`.
 */

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** A folder of the workspace. */
export interface LspWorkspaceFolder {
  /** Such as `file:///home/ada/project`. */
  readonly uri: string;
  /** For people. */
  readonly name: string;
}

/** Returns the `file:` URL of a folder that is written as one, or as a path, relative to `cwd`. */
export function folderUri(written: string, cwd: string): string {
  return written.startsWith("file:") ? written : pathToFileURL(resolve(cwd, written)).href;
}

/** Returns the folder of that URL, named after the last part of its path. */
export function folderOf(uri: string): LspWorkspaceFolder {
  const name = uri.replace(/\/+$/, "").split("/").at(-1)!;
  return { uri, name: decoded(name) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
