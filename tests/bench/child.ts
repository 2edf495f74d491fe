/** A script of this folder in a process of its own, so that its memory and its compiled code are its own. */
import { said } from "./pids.ts";

/** Runs it with `args` and gives what it said on stdout, which is JSON. @throws {Error} if it failed */
export async function child<Result>(script: string, ...args: readonly string[]): Promise<Result> {
  const path = (relative: string) => new URL(relative, import.meta.url).pathname;
  const map = path("../support/npm/import_map.json");
  const run = ["run", "--quiet", "--no-check", `--import-map=${map}`, "--allow-all", path(script), ...args];
  return JSON.parse(await said(Deno.execPath(), run)) as Result;
}
