/**
 * The arguments of `script`, which runs a program in a terminal of its own and passes on what goes in and out. Pure.
 *
 * That of util-linux takes a command line and hands it to `$SHELL`; whichever shell a user has, it must be one whose quotes
 * are known: `script` gets {@linkcode TERMINAL_SHELL}, and the program its own SHELL back. That of BSD and macOS takes the
 * arguments as they are.
 */

import { singleQuote } from "../../text/shell_quote.ts";

/** The value of SHELL for `script`. */
export const TERMINAL_SHELL = "/bin/sh";

/** Returns the arguments by which `script` runs `argv`; `shell` is the value of SHELL that the program is to see. */
export function terminalArgs(
  argv: readonly string[],
  { os, shell }: { readonly os: string; readonly shell: string | undefined },
): string[] {
  if (os !== "linux" && os !== "android") return ["-q", "/dev/null", ...argv];
  const restored = shell === undefined ? "unset SHELL" : `export SHELL=${singleQuote(shell)}`;
  const line = `${restored}; exec ${argv.map(singleQuote).join(" ")}`;
  return ["-q", "-e", "-f", "-E", "never", "-c", line, "/dev/null"];
}
