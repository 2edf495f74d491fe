/**
 * Searches lines as they are read, without colours: for `--grep`.
 */

import { COLOURS } from "../../text/printable.ts";
import { type Search, searchFor } from "../../text/search.ts";

/** What every colour begins with: few lines have one. */
const ESCAPE = "\x1b";

/** The search for `grep`. @throws {SyntaxError} @throws {PatternError} it can't be searched for */
export function lineSearch(grep: string): Search {
  const search = searchFor(grep);
  return (line) => search(line.includes(ESCAPE) ? line.replace(COLOURS, "") : line);
}
