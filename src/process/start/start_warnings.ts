/**
 * Finds weaknesses of a start that are visible with the permissions it needs anyway: reported once, and not refused.
 */
import { launcherProgram } from "../../options/launcher.ts";
import { codeRunBy } from "./code_variables.ts";
import { exchangeReason, writableByAll } from "../../permissions/trusted_path.ts";
import { searchPath } from "../../permissions/find_program.ts";
import { resolveProgram } from "../../permissions/permit.ts";
import { knownPlaces } from "./lookup.ts";
import type { Command } from "../command.ts";
import { whyReadByShell } from "./failed/unrunnable.ts";
import { variableFiles } from "../environment.ts";

/** Returns the warnings of a start of `command` with the environment `env`, each as a clause. */
export function startWarnings(
  { program, launcher, pty, nice, umask, cwd, env: own, envFile, inheritEnv }: Pick<
    Command,
    "program" | "launcher" | "pty" | "nice" | "umask" | "cwd" | "env" | "envFile" | "inheritEnv"
  >,
  env: Readonly<Record<string, string>>,
): string[] {
  const programs = [...launcherProgram({ launcher, pty, nice, umask }), program].flatMap((each) => {
    const { found } = knownPlaces(resolveProgram(each, cwd), { cwd, path: searchPath(own) });
    if (found === undefined) return [];
    const [writable, unread] = [writableByAll(found), whyReadByShell(found)];
    return [
      ...(writable === undefined ? [] : [`the program "${each}" can be replaced: ${writable}`]),
      ...(unread === undefined ? [] : [readByShellWarning(found, unread)]),
    ];
  });
  const secrets = variableFiles({ env: own, envFile, inheritEnv, cwd }).flatMap((file) => {
    const why = exchangeReason(file);
    return why === undefined ? [] : [secretWarning(file, why)];
  });
  const variables = Object.entries(env).flatMap(([name, value]) => {
    const inherited = inheritEnv.includes(name) && !Object.hasOwn(own, name);
    return value === "" ? [] : variableWarning(name, inherited ? "inheritEnv" : "env");
  });
  return [...programs, ...secrets, ...variables];
}

/** Returns the warning of a program that `sh` reads as a script, as `why` says. */
export function readByShellWarning(file: string, why: string): string {
  return `${file} is read by sh: ${why}`;
}

/** Returns the warning of a file with a secret that another user could exchange. */
export function secretWarning(file: string, why: string): string {
  return `its secret in ${file} can be exchanged: ${why}; keep it in a folder that only you may write to`;
}

/** Returns the warning of a variable in `field`, if it makes programs run other code. */
export function variableWarning(name: string, field: "env" | "inheritEnv"): string[] {
  const what = codeRunBy(name);
  return what === undefined ? [] : [
    `its environment has ${name} (from "${field}"), by which ${what}; remove it if that is not meant`,
  ];
}
