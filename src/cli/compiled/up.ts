/**
 * `NAME` without a verb: starts the tree of an executable.
 */

import { isAbsolute } from "node:path";
import { requiredPermissions } from "../../manifest/grants/permissions.ts";
import { ProgramNotFoundError } from "../../process/process_errors.ts";
import { missingError, missingOf } from "../checks/prepare.ts";
import { requirePrograms } from "../checks/programs.ts";
import { inOwnCache } from "../compile/cache.ts";
import type { Compiled } from "../compile/plan.ts";
import { type ExitCode, readArgs, UsageError } from "../verb.ts";
import { TAKE_OVER, UP_OPTIONS, upOptions } from "../run/options.ts";
import { supervise } from "../run/supervise.ts";
import { Unpacked } from "./unpack.ts";

/** Starts what the executable holds, and keeps it running. */
export async function up(
  compiled: Compiled,
  args: readonly string[],
  files: URL,
): Promise<ExitCode> {
  const { manifest, control, state, unpack } = inOwnCache(compiled);
  const { values, positionals } = readArgs(args, { ...UP_OPTIONS, ...TAKE_OVER });
  if (values["take-over"] && state === undefined) {
    throw new UsageError(
      "Cannot use --take-over: who else runs it can't be told, as it was made without --contain",
    );
  }
  if (positionals.length > 0) throw new UsageError(`Cannot use '${positionals[0]}': options stand alone`);
  const options = upOptions(values);
  const missing = missingOf(requiredPermissions(manifest));
  // It was granted when this was made, and Deno has dropped it at the start: that is how a name is that PATH does not have.
  const gone = missing.find(({ name, value = "" }) => name === "run" && value !== "" && !isAbsolute(value));
  if (gone !== undefined) throw new ProgramNotFoundError(gone.value!, { searched: [] });
  if (missing.length > 0) throw missingError(manifest.name, missing);
  const unpacked = unpack && await Unpacked.at(unpack.folder, { programs: unpack.programs, files });
  try {
    if (!options.keepGoing) await requirePrograms(manifest, { unpacked: unpack?.folder });
    return await supervise(manifest, {
      ...options,
      control,
      file: Deno.execPath(),
      takeOver: values["take-over"],
      state,
    });
  } finally {
    await unpacked?.remove();
  }
}
