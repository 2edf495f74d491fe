/**
 * Reads the variables of `.env` files, again before each start. Errors and warnings name the file, a line and a
 * variable, and never a value.
 */

import { isSecretName } from "../../options/env_value.ts";
import type { EnvFileEntry } from "../../options/types.ts";
import { isNoSuchPlace } from "../../permissions/find_program.ts";
import { resolvePath } from "../../permissions/permit.ts";
import { expandDotenv, parseDotenv } from "../../text/dotenv.ts";
import { EnvFileError } from "../environment_errors.ts";
import { SECRET_BYTES, textOf, whyUnusable } from "./secret.ts";

/** The largest `.env` file, in bytes. */
export const ENV_FILE_BYTES = 1_048_576;

/** The variables of one file. */
export interface EnvFileContent {
  readonly values: Readonly<Record<string, string>>;
  /** What of `values` must not be shown. */
  readonly hidden: readonly string[];
  /** What is odd in it, each as a clause. */
  readonly warnings: readonly string[];
}

/**
 * Reads `entry`; references in it mean its own variables, else those `outside`.
 *
 * @throws {EnvFileError} it is missing and required, can't be read or used, or sets `PATH`
 */
export function readEnvFile(
  entry: EnvFileEntry,
  { program, cwd, outside }: {
    readonly program: string;
    readonly cwd: string | undefined;
    readonly outside: (name: string) => string | undefined;
  },
): EnvFileContent {
  const file = resolvePath(entry.path, cwd);
  let text: string;
  try {
    text = textOf(file, ENV_FILE_BYTES).replace(/^\ufeff/, "");
  } catch (error) {
    if (!entry.required && isNoSuchPlace(error)) return { values: {}, hidden: [], warnings: [] };
    throw new EnvFileError(program, { file, why: whyUnusable(error), cause: error });
  }
  const content = parseDotenv(text);
  const { values, incomplete, fault } = expandDotenv(content, { outside, limit: SECRET_BYTES });
  const why = Object.hasOwn(values, "PATH")
    ? `it sets PATH, by which programs are looked up; write that in "env"`
    : fault;
  if (why !== undefined) throw new EnvFileError(program, { file, why });
  return {
    values,
    hidden: hiddenIn(values, entry.secret),
    warnings: [
      ...content.ignored.map((line) => `line ${line} of ${file} is not a variable, and is ignored`),
      ...incomplete.map(({ name, line }) =>
        `line ${line} of ${file}: ${name} refers to a variable that is not set; ` +
        "in single quotes a $ is taken as it is"
      ),
    ],
  };
}

/** The password in a URL. */
const URL_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@]*?:([^\s/?#@]+)@/i;

/** The values that must not be shown: all, none, or those whose name says so and the passwords in URLs. */
function hiddenIn(values: Readonly<Record<string, string>>, secret: boolean | undefined): string[] {
  if (secret === true) return Object.values(values);
  if (secret === false) return [];
  return Object.entries(values).flatMap(([name, value]) =>
    isSecretName(name) ? [value] : URL_PASSWORD.exec(value)?.slice(1) ?? []
  );
}
