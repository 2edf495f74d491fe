/**
 * Reads variables whose values are in files, as secrets must not be in a manifest: again before each start.
 *
 * A value goes from its file into the environment of the process and nowhere else. Errors name the file and never its
 * content.
 */
import type { EnvEntry } from "../../options/types.ts";
import { SecretFileError } from "../environment_errors.ts";
import { isNoSuchPlace } from "../../permissions/find_program.ts";
import { resolvePath } from "../../permissions/permit.ts";
import { readRegularFile } from "../../permissions/regular_file.ts";

/**
 * The value of a variable: a text, the file that has it, or the variable of the runtime that has it. A relative path is
 * relative to the command's `cwd`.
 */
export type EnvValue = EnvEntry;

/** The largest file in bytes: half of the limit of Linux for one variable. */
export const SECRET_BYTES = 65_536;

/**
 * Reads the values of the variables that are in files; a newline at the end of a file is not part of the value.
 *
 * @throws {SecretFileError} a file is missing, cannot be read, is too long, or has a byte that a variable cannot have
 */
export function readSecrets(
  env: Readonly<Record<string, EnvValue>>,
  { program, cwd }: { readonly program: string; readonly cwd: string | undefined },
): Record<string, string> {
  const read: Record<string, string> = {};
  for (const [variable, value] of Object.entries(env)) {
    if (typeof value === "string" || !("file" in value)) continue;
    const file = resolvePath(value.file, cwd);
    try {
      read[variable] = textOf(file, SECRET_BYTES).replace(/\r?\n$/, "");
    } catch (error) {
      const cause = error instanceof Unusable ? undefined : error;
      throw new SecretFileError(program, { variable, file, why: whyUnusable(error), cause });
    }
  }
  return read;
}

/** The content of a file cannot be used; the message says why, as a clause, and quotes nothing. */
class Unusable extends Error {}

/** Reads a file of at most `limit` bytes as what a variable can have. @throws for {@linkcode whyUnusable} */
export function textOf(file: string, limit: number): string {
  const { bytes, why } = readRegularFile(file, limit);
  if (why !== undefined) throw new Unusable(why);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Unusable("it is not UTF-8");
  }
  if (text.includes("\0")) throw new Unusable("it has a NUL in it, which no variable can have");
  return text;
}

/** Why a file can't be used, as a clause that quotes nothing of it, from the error of {@linkcode textOf}. */
export function whyUnusable(error: unknown): string {
  if (error instanceof Unusable) return error.message;
  if (isNoSuchPlace(error)) return "there is no such file";
  if (error instanceof Deno.errors.PermissionDenied) return "the system does not let this user read it";
  if (error instanceof Deno.errors.NotCapable) return "Deno does not let it be read; add --allow-read";
  return "the system fails to read it; see the cause";
}
