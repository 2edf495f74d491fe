/**
 * Arguments as one types them into a POSIX shell, for the command lines that messages print.
 */

import { isPrintable, replaceUnprintable } from "./printable.ts";

/**
 * Whether a shell leaves `argument` as it is, both where it reads it as a word and where it splits the output of a
 * command (`$(…)`), where quotes are of no use.
 */
export function isShellWord(argument: string): boolean {
  return /^[\w@%+=:,./\p{L}\p{N}-]+$/u.test(argument);
}

/**
 * An argument as a POSIX shell takes it: in single quotes if it holds anything that a shell would act on, and written by
 * `printf` if it holds what is not printed. Newlines at its end stand in quotes as they are: `$(…)` drops them.
 */
export function shellQuote(argument: string): string {
  const [newlines] = /\n*$/.exec(argument)!;
  if (newlines === "") return quoteStart(argument);
  const start = argument.slice(0, -newlines.length);
  return `${start === "" ? "" : quoteStart(start)}'${newlines}'`;
}

function quoteStart(argument: string): string {
  if (!isPrintable(argument)) {
    const bytes = (char: string) =>
      Array.from(new TextEncoder().encode(char), (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
    const format = argument.replaceAll("\\", "\\\\").replaceAll("%", "%%").replaceAll("'", `'\\''`);
    return `"$(printf -- '${replaceUnprintable(format, bytes)}')"`;
  }
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : singleQuote(argument);
}

/** An argument in single quotes: a POSIX shell takes whatever is in it as it is. For commands that are run, not shown. */
export function singleQuote(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
