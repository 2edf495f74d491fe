/**
 * `NAME check`: what is missing for an executable, at the place where it is.
 *
 * @module
 */

import { grants, guaranteesOf } from "../../containment/guarantees.ts";
import { sidecarsOf } from "../../manifest/resolve/child_specs.ts";
import { count } from "../../text/words.ts";
import { EXIT, type ExitCode, print, readArgs, tellAll, UsageError } from "../verb.ts";
import { heldLines } from "../checks/containment.ts";
import { findingLines, findingsOf } from "../checks/findings.ts";
import { wideLines } from "../checks/permissions.ts";
import type { Compiled } from "../compile/plan.ts";
import { demandOwnPlace, packed } from "./unpack.ts";

/** Tells what `outrider check` does, as far as the permissions that it was made with let it see; starts nothing. */
export async function check(
  { manifest, state, unpack }: Compiled,
  args: readonly string[],
  files: URL,
): Promise<ExitCode> {
  const { positionals } = readArgs(args, {});
  if (positionals.length > 0) throw new UsageError(`Cannot use '${positionals[0]}': check takes nothing`);
  if (unpack !== undefined) demandOwnPlace(unpack.folder);
  for (const program of unpack?.programs ?? []) await packed(program, files);
  const sidecars = sidecarsOf(manifest);
  const fixed = { unpacked: unpack?.folder };
  const findings = findingsOf(manifest, fixed);
  const [faults, notes, warnings] = (["fault", "unknown", "warning"] as const).map((kind) =>
    findingLines(findings, kind, fixed)
  ) as [string[], string[], string[]];
  if (faults.length > 0) {
    await tellAll(`Cannot start '${manifest.name}': ${count(faults.length, "fault")}`, ...faults);
  }
  if (notes.length > 0) await tellAll("Not looked at, as it may not read them:", ...notes);
  const wary = [...wideLines(manifest), ...warnings];
  if (wary.length > 0) await tellAll("Warnings:", ...wary);
  if (faults.length > 0) return EXIT.FAILED;
  const embedded = unpack === undefined ? "" : `, ${count(unpack.programs.length, "program")} embedded`;
  print(`${manifest.name}: ${count(sidecars.length, "sidecar")}${embedded}, no fault found`);
  const guarantees = guaranteesOf(await grants(state), manifest.onHostDeath);
  for (const line of heldLines(guarantees, "run of it")) print(`  ${line}`);
  if (state === undefined) print("  for all of it, make it with --contain");
  else if (!guarantees.exclusive && guarantees.unusable === undefined) {
    print(`  for all of it, ${state} has to be a folder of this user alone`);
  }
  return EXIT.OK;
}
