/**
 * Runs a program in a terminal of its own, through the `script` that is there.
 *
 * Used by `spawn.ts`. Which options a `script` has is asked of it once, by `--version`, at the first start with a terminal:
 * that waits some milliseconds for the answer.
 */
import type { Command } from "../command.ts";
import { type ScriptKind, scriptKind, type TerminalCommand, terminalCommand } from "./terminal_args.ts";

interface Script {
  /** Its file, or its name, which Deno looks up. */
  readonly script: string;
  /** Whose user and group it has. */
  readonly command: Pick<Command, "uid" | "gid">;
  /** The environment of the program. */
  readonly env: Readonly<Record<string, string>>;
}

const kinds = new Map<string, ScriptKind>();

/** Returns how `script`, which may be run, is to run `argv`. */
export function inTerminal(argv: readonly string[], { script, command, env }: Script): TerminalCommand {
  const key = [script, env.PATH].join("\0");
  const version = kinds.has(key) ? undefined : versionOf({ script, command, env });
  const kind = kinds.get(key) ?? scriptKind(version ?? "", { os: Deno.build.os });
  // What can't be run is not known yet.
  if (version !== undefined) kinds.set(key, kind);
  return terminalCommand(argv, { kind, env });
}

/** Returns what it prints as its version; `undefined` where it can't be run, which the start then reports. */
function versionOf({ script, command: { uid, gid }, env: { PATH } }: Script): string | undefined {
  try {
    const { stdout } = new Deno.Command(script, {
      args: ["--version"],
      clearEnv: true,
      env: PATH === undefined ? {} : { PATH },
      stdin: "null",
      stderr: "null",
      uid,
      gid,
    }).outputSync();
    return new TextDecoder().decode(stdout);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
