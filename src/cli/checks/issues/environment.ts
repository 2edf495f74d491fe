/**
 * Checks where the variables of a sidecar come from: files, and the runtime's own. Used by `issues.ts`.
 */

import { runtimeVariables, valueParts } from "../../../options/env_value.ts";
import type { ProgramEntry } from "../../../manifest/resolve/children.ts";
import { exchangeReason } from "../../../permissions/trusted_path.ts";
import { mayRead, missingPermissions, readVariable } from "../../../permissions/permit.ts";
import { EnvFileError, SecretFileError } from "../../../process/environment_errors.ts";
import { readEnvFile } from "../../../process/secrets/env_file.ts";
import { readSecrets } from "../../../process/secrets/secret.ts";
import { secretWarning, variableWarning } from "../../../process/start/start_warnings.ts";
import { type CheckIssue, fault, warning } from "./issue.ts";

const OTHERS_READ = 0o004;

/** Everything about the variables of the sidecar at `path`. */
export function environmentIssues(path: string, entry: ProgramEntry): CheckIssue[] {
  return [
    ...valueIssues(path, entry),
    ...envFileIssues(path, entry),
    ...variables(entry).map((text) => warning(path, text)),
  ];
}

function valueIssues(path: string, { command: program, cwd, env }: ProgramEntry): CheckIssue[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (valueParts(value) !== undefined) {
      const unset = runtimeVariables(value).filter((variable) =>
        variable.default === undefined && mayReadVariable(variable.from) &&
        readVariable(variable.from) === undefined
      );
      return unset.map(({ from }) =>
        fault(path, `its variable ${name} comes from ${from}, which is not set, and has no "default"`)
      );
    }
    if (typeof value === "string" || !("file" in value) || !mayRead(value.file)) return [];
    try {
      readSecrets({ [name]: value }, { program, cwd });
    } catch (error) {
      if (!(error instanceof SecretFileError)) throw error;
      return [fault(path, `the file ${error.file} for its variable ${name} can't be used: ${error.why}`)];
    }
    return fileWarnings(path, value.file, `the file for its variable ${name}`);
  });
}

function envFileIssues(path: string, { command: program, cwd, envFile }: ProgramEntry): CheckIssue[] {
  return envFile.flatMap((entry) => {
    if (!mayRead(entry.path)) return [];
    try {
      const { warnings, hidden } = readEnvFile(entry, { program, cwd, outside: () => "" });
      const secrets = hidden.length > 0 ? fileWarnings(path, entry.path, "its envFile with secrets") : [];
      return [...warnings.map((text) => warning(path, text)), ...secrets];
    } catch (error) {
      if (!(error instanceof EnvFileError)) throw error;
      return [fault(path, `its envFile ${error.file} can't be used: ${error.why}`)];
    }
  });
}

/** Who may exchange the file, and who may read it. */
function fileWarnings(path: string, file: string, what: string): CheckIssue[] {
  const why = exchangeReason(file);
  const { mode } = Deno.statSync(file);
  return [
    ...(why === undefined ? [] : [warning(path, secretWarning(file, why))]),
    ...(mode !== null && (mode & OTHERS_READ) !== 0
      ? [warning(path, `anybody may read ${file}, ${what}; chmod o-r forbids it`)]
      : []),
  ];
}

function mayReadVariable(name: string): boolean {
  return missingPermissions([{ name: "env", value: name }]).length === 0;
}

/** Of those that make programs run other code, also where it is not known whether the runtime has them. */
function variables({ env, inheritEnv }: ProgramEntry): string[] {
  return [
    ...Object.entries(env).flatMap(([name, value]) => value === "" ? [] : variableWarning(name, "env")),
    ...inheritEnv.flatMap((name) => Object.hasOwn(env, name) ? [] : variableWarning(name, "inheritEnv")),
  ];
}
