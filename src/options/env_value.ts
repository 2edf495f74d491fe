/**
 * The parts of a variable's value that come from the runtime's own environment. Used by what reads them at a start, and by
 * what says beforehand which permissions that takes.
 */

import type { EnvEntry } from "./types.ts";

/** A variable of the runtime that a value comes from, whole or in part. */
export type RuntimeVariable = Pick<Extract<EnvEntry, { from: string }>, "from" | "default">;

/** The parts that a value is made of; `undefined` where it comes from a file or is a number of a copy. */
export function valueParts(value: EnvEntry): readonly (string | RuntimeVariable)[] | undefined {
  if (typeof value === "string") return [value];
  if ("from" in value) return [value];
  return "join" in value ? value.join : undefined;
}

/** The variables of the runtime that it comes from. */
export function runtimeVariables(value: EnvEntry): readonly RuntimeVariable[] {
  return valueParts(value)?.filter((part) => typeof part !== "string") ?? [];
}

/** Names of variables that hold secrets. */
const SECRET_NAME =
  /PASSW(OR)?D|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|APIKEY|(^|_)(KEY|PASS|AUTH|SALT)(_|$)|[^_]_PWD$/i;

/** Whether the name of a variable says that it holds a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Whether it is marked as a secret. */
export function isSecretValue(value: EnvEntry): boolean {
  return typeof value === "object" && "secret" in value && value.secret === true;
}
