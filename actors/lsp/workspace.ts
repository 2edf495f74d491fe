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

/** A folder as options have it: a `file:` URL or a path, alone or with a name. */
export type WrittenFolder = string | {
  /** Its `file:` URL, or its path. */
  readonly uri: string;
  /** For people. Default: the last part of its path. */
  readonly name?: string | undefined;
};

/** Returns the folders of a workspace: those that are written, else its root, else null. */
export function workspaceFoldersOf(
  written: readonly WrittenFolder[] | undefined,
  { root, cwd }: { readonly root: string | null; readonly cwd: string },
): readonly LspWorkspaceFolder[] | null {
  if (written === undefined) return root === null ? null : [folderOf(root)];
  return written.map((one) => {
    if (typeof one === "string") return folderOf(folderUri(one, cwd));
    const { uri, name } = folderOf(folderUri(one.uri, cwd));
    return { uri, name: one.name ?? name };
  });
}

/** Returns the folder of that URL, named after the last part of its path. */
function folderOf(uri: string): LspWorkspaceFolder {
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
