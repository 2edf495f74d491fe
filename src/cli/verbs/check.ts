/**
 * `outrider check FILE`
 *
 * @module
 */

import { guaranteesOf, readGrants } from "../../containment/guarantees.ts";
import { ManifestError } from "../../manifest/manifest_errors.ts";
import { sidecarsOf } from "../../manifest/resolve/child_specs.ts";
import { taskLines } from "../checks/tasks.ts";
import { EXIT, print, printErrorsEscaped, readFileArgs, type Verb } from "../verb.ts";
import { guaranteeLines } from "../checks/containment.ts";
import { checkIssues, issueLines, programIssues } from "../checks/issues.ts";
import { ignoredLines, missingLines, prepare } from "../checks/prepare.ts";
import { strictLines, unrestrictedLines } from "../checks/permissions.ts";
import { inheritedWarnings } from "../../process/start/inherited.ts";
import { manifestWarnings } from "../checks/manifest_trust.ts";
import { startLines, widerBySetsid } from "../checks/start_cost.ts";
import { formatCount } from "../../text/words.ts";

/** Finds the faults of a manifest on this machine. */
export const checkVerb: Verb = {
  help: `Usage: outrider check FILE

Reads the manifest and says everything that is wrong with it at once; then
whether each program is there, and whether the permissions of this very process
are enough for 'outrider up FILE'. Starts nothing. It lists what it had no
permission to look at, and what has no effect here, such as a sidecar for
another platform, or a setting of tauri.conf.json that has no counterpart. Then
it says what a stop ends under these permissions, what ends if Outrider itself
is killed, and for how long Outrider pauses each time it starts a program. It
warns of what weakens the limits that a sidecar is held in: programs, secrets
and manifests that others can exchange, secrets that anybody can read, variables
such as NODE_OPTIONS that make a program run other code, and programs that can
run any other, such as a shell or a launcher: who may run one may run all. And
it warns if the manifest's permissions are "strict" and 'up' would refuse those
of this process.

A task of the nearest deno.json that starts FILE is held against it: what its
flags lack is a fault, what they grant and nothing needs is a warning, and the
exact flags are told.

Exit code: 0 all is well; 1 a program or folder is missing, or a task's flags
lack something; 2 the manifest is wrong; 3 a permission is missing.`,

  async run(args) {
    const { file } = readFileArgs(args, {});
    let prepared: Awaited<ReturnType<typeof prepare>>;
    try {
      prepared = await prepare(file);
    } catch (error) {
      if (!(error instanceof ManifestError) || error.code !== "manifest_invalid") throw error;
      // An invalid manifest may name missing programs as well: all faults are reported at once.
      const issues = error.programs.flatMap((named) => programIssues(named.path, named));
      await printErrorsEscaped(...error.message.split("\n"), ...issueLines(issues, "fault"));
      return EXIT.USAGE;
    }
    const { manifest, all, missing, ignored } = prepared;
    const sidecars = sidecarsOf(manifest);
    const tasks = await taskLines(prepared);
    const issues = checkIssues(manifest);
    const [faults, inPrograms, found] = (["fault", "unknown", "warning"] as const).map((kind) =>
      issueLines(issues, kind)
    ) as [string[], string[], string[]];
    const notes = [...inPrograms, ...tasks.notes];
    const warnings = [
      ...[...manifestWarnings(prepared.file), ...inheritedWarnings()].map((warning) => `  ${warning}`),
      ...unrestrictedLines(manifest),
      ...widerBySetsid(manifest, all),
      ...found,
      ...tasks.warnings,
      ...strictLines(manifest, all),
    ];
    if (faults.length > 0) {
      await printErrorsEscaped(
        `Cannot start '${manifest.name}': ${formatCount(faults.length, "fault")}`,
        ...faults,
      );
    }
    if (missing.length > 0) await printErrorsEscaped(...missingLines(manifest.name, missing));
    if (tasks.faults.length > 0) await printErrorsEscaped("Would be refused:", ...tasks.faults);
    if (notes.length > 0) await printErrorsEscaped("Not looked at:", ...notes);
    if (ignored.length > 0) await printErrorsEscaped(...ignoredLines(ignored));
    if (warnings.length > 0) await printErrorsEscaped("Warnings:", ...warnings);
    if (missing.length > 0) return EXIT.PERMISSION;
    if (faults.length + tasks.faults.length > 0) return EXIT.FAILED;
    const written = `manifest version ${manifest.version}, defaults of the preset "${manifest.defaults}"`;
    const held = guaranteeLines(guaranteesOf(await readGrants(), manifest.onHostDeath));
    print(
      `${manifest.name}: ${formatCount(sidecars.length, "sidecar")}, no fault found`,
      ...[written, ...held, ...startLines(manifest, all)].map((line) => `  ${line}`),
    );
    return EXIT.OK;
  },
};
