/**
 * `NAME check`: finds what an executable lacks on the machine where it is.
 */

import { guaranteesOf, readGrants } from "../../containment/guarantees.ts";
import { sidecarsOf } from "../../manifest/resolve/children.ts";
import { formatCount } from "../../text/words.ts";
import { EXIT, type ExitCode, print, printErrorsEscaped, readArgs, UsageError } from "../verb.ts";
import { guaranteeSummary } from "../checks/containment.ts";
import { checkIssues, issueLines } from "../checks/issues/issues.ts";
import { unrestrictedLines } from "../checks/permissions.ts";
import { knowsProcesses } from "../../process/ps.ts";
import { inOwnCache } from "../compile/cache.ts";
import type { Compiled } from "../compile/plan.ts";
import { packed, requireOwnFolder } from "./unpack.ts";

/** Reports the findings of `outrider check`, as far as the permissions it was made with allow; starts nothing. */
export async function checkCompiled(
  compiled: Compiled,
  args: readonly string[],
  files: URL,
): Promise<ExitCode> {
  const { manifest, state, unpack } = inOwnCache(compiled);
  const { positionals } = readArgs(args, {});
  if (positionals.length > 0) throw new UsageError(`Cannot use '${positionals[0]}': check takes nothing`);
  if (unpack !== undefined) requireOwnFolder(unpack.folder);
  for (const program of unpack?.programs ?? []) await packed(program, files);
  const sidecars = sidecarsOf(manifest);
  const fixed = { unpacked: unpack?.folder };
  const issues = checkIssues(manifest, fixed);
  const [faults, notes, warnings] = (["fault", "unknown", "warning"] as const).map((kind) =>
    issueLines(issues, kind, fixed)
  ) as [string[], string[], string[]];
  if (faults.length > 0) {
    await printErrorsEscaped(
      `Cannot start '${manifest.name}': ${formatCount(faults.length, "fault")}`,
      ...faults,
    );
  }
  if (notes.length > 0) await printErrorsEscaped("Not looked at, as it may not read them:", ...notes);
  const wary = [...unrestrictedLines(manifest), ...warnings];
  if (wary.length > 0) await printErrorsEscaped("Warnings:", ...wary);
  if (faults.length > 0) return EXIT.FAILED;
  const embedded = unpack === undefined ? "" : `, ${formatCount(unpack.programs.length, "program")} embedded`;
  print(`${manifest.name}: ${formatCount(sidecars.length, "sidecar")}${embedded}, no fault found`);
  const guarantees = guaranteesOf(readGrants(knowsProcesses(), state), manifest.onHostDeath);
  for (const line of guaranteeSummary(guarantees, "run of it")) print(`  ${line}`);
  if (state === undefined) print("  for all of it, make it with --contain");
  else if (!guarantees.exclusive && guarantees.unusable === undefined) {
    print(`  for all of it, ${state} has to be a folder of this user alone`);
  }
  return EXIT.OK;
}
