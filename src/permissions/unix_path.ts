/**
 * Paths of Unix, as text: for what is not there on Windows, such as control sockets and owners of files.
 *
 * An import of `node:path` loads fifty modules of Deno's, a third of the time that an empty program takes to start.
 *
 * @module
 */

/** Makes a path absolute, without `.`, `..` and a slash at its end. */
export function absolutePath(path: string): string {
  const parts: string[] = [];
  const whole = path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
  for (const part of whole.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** The path of `name` in `folder`, both without a slash at the end; of `/` too. */
export function pathIn(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}

/** The folder around an absolute path; that of `/` is `/`. */
export function folderAround(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
