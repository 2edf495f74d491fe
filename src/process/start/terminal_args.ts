/**
 * The command line of `script`, which runs a program in a terminal of its own and passes on what goes in and out. Pure.
 *
 * That of util-linux takes a command line and hands it to `$SHELL`; whichever shell a user has, it must be one whose quotes
 * are known: `script` gets one, and the program its own SHELL back. That of BSD and macOS takes the arguments as they are.
 * Only util-linux since 2.35 can be told not to echo what is sent; with the others the terminal is told so right before the
 * program is run, so that what is sent earlier is echoed.
 */

import { singleQuote } from "../../text/shell_quote.ts";

/** A `script` by its options: `quiet` is that of util-linux since 2.35, `echoing` an older one. */
export type ScriptKind = "quiet" | "echoing" | "bsd";

/** A way to run `script`: its arguments and its whole environment. */
export interface TerminalCommand {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const SHELL = "/bin/sh";
const NO_ECHO = "stty -echo 2>/dev/null";
/** The first version of util-linux with `--echo`. */
const QUIET_SINCE = 2_035;

/** Returns the kind of a `script` that prints `version` when it is asked for it; that of BSD and macOS doesn't know `--version`. */
export function scriptKind(version: string, { os }: { readonly os: string }): ScriptKind {
  const [, major, minor] = /util-linux (\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return os === "linux" || os === "android" ? "echoing" : "bsd";
  return Number(major) * 1_000 + Number(minor) >= QUIET_SINCE ? "quiet" : "echoing";
}

/** Returns how `script` runs `argv` with `env`. */
export function terminalCommand(
  argv: readonly string[],
  { kind, env }: { readonly kind: ScriptKind; readonly env: Readonly<Record<string, string>> },
): TerminalCommand {
  if (kind === "bsd") {
    return { args: ["-q", "/dev/null", SHELL, "-c", `${NO_ECHO}; exec "$@"`, "sh", ...argv], env };
  }
  const restored = env.SHELL === undefined ? "unset SHELL" : `export SHELL=${singleQuote(env.SHELL)}`;
  const line = `${restored}; exec ${argv.map(singleQuote).join(" ")}`;
  const how = kind === "quiet" ? ["-E", "never", "-c", line] : ["-c", `${NO_ECHO}; ${line}`];
  return { args: ["-q", "-e", "-f", ...how, "/dev/null"], env: { ...env, SHELL } };
}
