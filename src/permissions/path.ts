/**
 * Paths as text, under the names and with the answers of `node:path`.
 *
 * That loads some fifty modules of Deno's, half of what an empty program takes to start, so what every start of the command
 * line needs is made here. On Windows, whose rules are many, it is loaded all the same.
 */

import { nodeBuiltin } from "./node_builtin.ts";

const windows = Deno.build.os === "windows" ? nodeBuiltin("node:path") : undefined;

/** Between the names of a path. */
export const sep: string = windows?.sep ?? "/";

/** Between the paths of a list, such as PATH. */
export const delimiter: string = windows?.delimiter ?? ":";

/** Whether a path says where it starts. */
export function isAbsolute(path: string): boolean {
  return windows?.isAbsolute(path) ?? path.startsWith("/");
}

/** The absolute path of the last of `paths`, each relative to the one before it. */
export function resolve(...paths: readonly string[]): string {
  if (windows !== undefined) return windows.resolve(...paths);
  const from = paths.findLastIndex(isAbsolute);
  const all = from === -1 ? [Deno.cwd(), ...paths] : paths.slice(from);
  return `/${namesIn(all.join("/"), true).join("/")}`;
}

/** The paths behind one another, without needless parts. */
export function join(...paths: readonly string[]): string {
  if (windows !== undefined) return windows.join(...paths);
  const joined = paths.filter((path) => path !== "").join("/");
  const root = joined.startsWith("/") ? "/" : "";
  const path = namesIn(joined, root !== "").join("/") || (root === "" ? "." : "");
  return `${root}${path}${joined.endsWith("/") && path !== "" ? "/" : ""}`;
}

/** The names of a path; `..` takes away the one before it. */
function namesIn(path: string, isRooted: boolean): string[] {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") names.push(name);
    else if (names.length > 0 && names.at(-1) !== "..") names.pop();
    else if (!isRooted) names.push(name);
  }
  return names;
}

/** The path of the folder around that of a file. */
export function dirname(path: string): string {
  if (windows !== undefined) return windows.dirname(path);
  const last = path.replace(/\/+$/, "").lastIndexOf("/");
  if (last <= 0) return path.startsWith("/") ? "/" : ".";
  return last === 1 && path.startsWith("/") ? "//" : path.slice(0, last);
}

/** The last name of a path. */
export function basename(path: string): string {
  return windows?.basename(path) ?? /([^/]*)\/*$/.exec(path)![1]!;
}

/** The last name's part from its last dot on; none where it starts with that. */
export function extname(path: string): string {
  if (windows !== undefined) return windows.extname(path);
  const name = basename(path);
  const dot = name.lastIndexOf(".");
  return dot <= 0 || name === ".." ? "" : name.slice(dot);
}
