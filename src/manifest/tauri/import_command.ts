/**
 * The commands that messages about a Tauri app print: they run as they are, from where the user is.
 */

import { isAbsolute, relative } from "node:path";
import { shellQuote } from "../../text/shell_quote.ts";

/** The command that makes a manifest of the app with the configuration `file`, with `merges` laid over it. */
export function importCommand(file: string, merges: readonly string[] = []): string {
  const more = merges.flatMap((path) => ["--merge", argumentFor(path)]);
  return ["outrider", "import", argumentFor(file), ...more, "-o outrider.json"].join(" ");
}

/** An absolute path as one types it: relative where it is below the working directory. */
export function argumentFor(path: string): string {
  const below = relative(Deno.cwd(), path);
  if (below.startsWith("..") || isAbsolute(below)) return shellQuote(path);
  return shellQuote(below.startsWith("-") ? `./${below}` : below);
}
