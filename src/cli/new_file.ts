/**
 * Writes a file for the user: only a new one, as an existing file may hold the user's work.
 */

import { flagFor, missingPermissions } from "../permissions/permit.ts";
import { shellQuote } from "../text/shell_quote.ts";
import { EXIT, type ExitCode, printErrorsEscaped } from "./verb.ts";
import { isOfDisk } from "./exit.ts";

/** Writes `text` to a file that does not exist; where that fails, says why and how to go on. */
export async function writeNew(file: string, text: string): Promise<ExitCode> {
  const [missing] = missingPermissions([{ name: "write", value: file }]);
  if (missing !== undefined) {
    await printErrorsEscaped(
      `Cannot write ${file}: a permission is missing; add ${shellQuote(flagFor(missing))}`,
    );
    return EXIT.PERMISSION;
  }
  try {
    await Deno.writeTextFile(file, text, { createNew: true });
    return EXIT.OK;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      await printErrorsEscaped(
        `Cannot write ${file}: it is there already; remove it or choose another name`,
      );
      return EXIT.USAGE;
    }
    if (!(error instanceof Error)) throw error;
    // The partial file is ours, and would be in the way of the next try.
    if (isOfDisk(error)) await Deno.remove(file);
    await printErrorsEscaped(`Cannot write ${file}: ${error.message}`);
    return EXIT.USAGE;
  }
}
