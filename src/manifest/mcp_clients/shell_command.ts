/**
 * A command line whose arguments have secrets in them, for a manifest that has none: a shell takes them from variables.
 * Pure.
 */

import type { EnvInput } from "../../options/types.ts";
import { shellWord, type WordPart } from "../import/words.ts";
import { type ClientPiece, envInputOf } from "./pieces.ts";

/** What `sh` is started with. */
export interface ShellCommand {
  readonly args: readonly string[];
  readonly env: Record<string, EnvInput>;
  /** The variables that it puts in. */
  readonly names: readonly string[];
}

/** The shell becomes the program (`exec`), so that its pid, its signals and its exit code are its own. */
export function shellCommand(
  command: string,
  args: readonly (readonly ClientPiece[])[],
  env: Readonly<Record<string, EnvInput>>,
): ShellCommand {
  const all: Record<string, EnvInput> = { ...env };
  const names: string[] = [];
  const partOf = (piece: ClientPiece): WordPart => {
    if (!piece.isSecret || piece.from === undefined) return piece.text;
    const variable = nameFor(piece, all);
    all[variable] = envInputOf([piece], { isSecret: true });
    if (!names.includes(variable)) names.push(variable);
    return { variable };
  };
  const words = [[command], ...args.map((pieces) => pieces.map(partOf))];
  const line = `exec ${words.map(shellWord).join(" ")}`;
  return { args: ["-c", line], env: all, names };
}

/** The variable's own name, unless the program has another value under it. */
function nameFor(piece: ClientPiece, env: Readonly<Record<string, EnvInput>>): string {
  const { from } = piece.from!;
  const value = JSON.stringify(envInputOf([piece], { isSecret: true }));
  let name = from;
  for (let n = 2; Object.hasOwn(env, name) && JSON.stringify(env[name]) !== value; n++) name = `${from}_${n}`;
  return name;
}
