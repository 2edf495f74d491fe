/**
 * Paths of another tool's file, which names them from a folder of the program's own, for a manifest, which names them from its
 * own folder. Pure.
 */

import { isAbsolute, join } from "../permissions/path.ts";
import { isProgramPath } from "./issue.ts";

/** A path from the folder `cwd`, as one from the folder that `cwd` is named from. */
export function pathIn(path: string, cwd: string | undefined): string {
  return cwd === undefined || isAbsolute(path) ? path : join(cwd, path);
}

/** A program that is named from the folder `cwd`, as {@linkcode pathIn}. */
export function programIn(command: string, cwd: string | undefined): string {
  return programAt(command, (path) => pathIn(path, cwd));
}

/** A program with its path replaced; a bare name stays, and a path stays one. */
export function programAt(command: string, replace: (path: string) => string): string {
  return isProgramPath(command) ? withSlash(replace(command)) : command;
}

/** A path with a slash, so that it is not looked up on PATH. */
export function withSlash(path: string): string {
  return isProgramPath(path) ? path : `./${path}`;
}
