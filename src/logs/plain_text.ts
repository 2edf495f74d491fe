/**
 * Puts something before each of many lines at once.
 */

/** The lines of `text` without the newline at its end, each but the first with `start` before it. */
export function withStarts(text: string, start: string): string {
  // A replacement that is a text is many times as fast as a function; a `$` means something in it.
  return text.slice(0, -1).replace(/\n/g, `\n${start.replaceAll("$", "$$$$")}`);
}
