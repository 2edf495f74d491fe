/**
 * The environment of a program, from its sources: the runtime's, `.env` files, and what its command says, of which later
 * ones win. Read anew at each start.
 */

import { resolvePath } from "../permissions/permit.ts";
import type { Command } from "./command.ts";
import { isSecretValue, runtimeVariables, valueParts } from "../options/env_value.ts";
import { VariableUnsetError } from "./environment_errors.ts";
import { readEnvFile } from "./secrets/env_file.ts";
import { readSecrets } from "./secrets/secret.ts";

/** The part of a {@linkcode Command} that its environment follows from. */
export type EnvironmentSources = Pick<Command, "program" | "cwd" | "env" | "envFile" | "inheritEnv"> & {
  /** What a variable that it inherits is, where it is not that of the runtime: for another user. */
  readonly instead?: Readonly<Record<string, string>>;
};

/** A whole environment. */
export interface ProgramEnvironment {
  readonly env: Readonly<Record<string, string>>;
  /** What of it must not be shown. */
  readonly hidden: readonly string[];
  /** What is odd in its files, each as a clause. */
  readonly warnings: readonly string[];
}

/** Returns the files that variables come from, absolute. */
export function variableFiles({ env, envFile = [], cwd }: Omit<EnvironmentSources, "program">): string[] {
  const secrets = Object.values(env).flatMap((value) =>
    typeof value === "object" && "file" in value ? [value.file] : []
  );
  return [...secrets, ...envFile.map(({ path }) => path)].map((file) => resolvePath(file, cwd));
}

/** Returns the names of the runtime's variables that are passed on, under their own name or another. */
export function variablesPassedOn(
  { env, inheritEnv }: Pick<EnvironmentSources, "env" | "inheritEnv">,
): string[] {
  const renamed = Object.values(env).flatMap(runtimeVariables).map(({ from }) => from);
  return [...inheritEnv.filter((name) => !Object.hasOwn(env, name)), ...renamed];
}

/**
 * Reads the environment of a program. A variable of `env` wins over one of a file, unless the file is said to win over it.
 *
 * @throws {SecretFileError} the file of a variable can't be used
 * @throws {EnvFileError} a file of variables can't be used
 * @throws {VariableUnsetError} a variable of the runtime is not set, and has no default
 */
export function readEnvironment(sources: EnvironmentSources): ProgramEnvironment {
  const { program, cwd, env, envFile = [], inheritEnv, instead = {} } = sources;
  const all: Record<string, string> = {};
  for (const name of inheritEnv) {
    if (Object.hasOwn(env, name)) continue;
    const value = Object.hasOwn(instead, name) ? instead[name] : Deno.env.get(name);
    if (value !== undefined) all[name] = value;
  }
  const secrets = readSecrets(env, { program, cwd });
  const texts = textsOf(program, env);
  Object.assign(all, texts, secrets);
  const marked = Object.entries(texts).flatMap(([name, text]) => isSecretValue(env[name]!) ? [text] : []);
  const hidden = [...Object.values(secrets), ...marked];
  const warnings: string[] = [];
  for (const entry of envFile) {
    const outside = (name: string) => Object.hasOwn(all, name) ? all[name] : undefined;
    const content = readEnvFile(entry, { program, cwd, outside });
    for (const [name, value] of Object.entries(content.values)) {
      if (!Object.hasOwn(env, name) || entry.over?.includes(name)) all[name] = value;
    }
    hidden.push(...content.hidden);
    warnings.push(...content.warnings);
  }
  return { env: all, hidden, warnings };
}

/** The values that are in no file. */
function textsOf(program: string, env: Command["env"]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [variable, value] of Object.entries(env)) {
    const parts = valueParts(value)?.map((part) => {
      if (typeof part === "string") return part;
      const text = Deno.env.get(part.from) ?? part.default;
      if (text === undefined) throw new VariableUnsetError(program, { variable, from: part.from });
      return text;
    });
    if (parts !== undefined) texts[variable] = parts.join("");
  }
  return texts;
}
