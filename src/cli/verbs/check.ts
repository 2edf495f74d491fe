/**
 * `outrider check FILE`
 */

import { guaranteesOf, readGrants } from "../../containment/guarantees.ts";
import type { Loaded } from "../../manifest/load.ts";
import { ManifestError } from "../../manifest/manifest_errors.ts";
import type { Manifest } from "../../manifest/fields/types.ts";
import { logsOf, sidecarsOf } from "../../manifest/resolve/children.ts";
import { nearestConfig } from "../checks/tasks/deno_config.ts";
import { EXIT, print, printErrorsEscaped, readFileArgs, type Verb } from "../verb.ts";
import type { TaskLines } from "../checks/tasks/tasks.ts";
import { guaranteeLines } from "../checks/containment.ts";
import type { CheckIssue } from "../checks/issues/issue.ts";
import { checkIssues, issueLines, programIssues } from "../checks/issues/issues.ts";
import { ignoredLines, manifestWarnings, missingLines, prepare } from "../checks/prepare.ts";
import { strictLines, unrestrictedLines } from "../checks/permissions.ts";
import { knowsProcesses } from "../../process/ps.ts";
import { inheritedWarnings } from "../../process/start/inherited.ts";
import { changedDefaultLines } from "../checks/changed_defaults.ts";
import { stopLine } from "../checks/stop_time.ts";
import { startLines, widerBySetsid } from "../checks/start_cost.ts";
import { formatCount } from "../../text/words.ts";

/** Finds the faults of a manifest on this machine. */
export const checkVerb: Verb = async (args) => {
  const { file } = readFileArgs(args, {});
  let prepared: Awaited<ReturnType<typeof prepare>>;
  try {
    prepared = await prepare(file);
  } catch (error) {
    if (!(error instanceof ManifestError) || error.code !== "manifest_invalid") throw error;
    // An invalid manifest may name missing programs as well: all faults are reported at once.
    const issues = error.programs.flatMap((named) => programIssues(named.path, named));
    const programs = issueLines(issues, "fault");
    await printErrorsEscaped(...error.message.split("\n"), ...programs);
    await printErrorsEscaped(lastLine(error.file, error.faults.length + programs.length));
    return EXIT.USAGE;
  }
  const { manifest, all, missing, ignored } = prepared;
  const sidecars = sidecarsOf(manifest);
  const tasks = await taskLines(prepared);
  const issues = [...checkIssues(manifest), ...await logIssues(manifest)];
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
  const inAll = faults.length + missing.length + tasks.faults.filter(isHead).length;
  if (inAll > 0) await printErrorsEscaped(lastLine(prepared.file, inAll));
  if (missing.length > 0) return EXIT.PERMISSION;
  if (inAll > 0) return EXIT.FAILED;
  const written = `manifest version ${manifest.version}, defaults of the preset "${manifest.defaults}"`;
  const { children, templates = [] } = manifest;
  const idle = children.length > 0 || templates.length === 0 ? [] : [
    `starts nothing by itself: it has ${
      formatCount(templates.length, "template")
    }, which a program of yours starts`,
  ];
  const held = guaranteeLines(guaranteesOf(readGrants(knowsProcesses()), manifest.onHostDeath));
  print(
    `${manifest.name}: ${formatCount(sidecars.length, "sidecar")}, no fault found`,
    ...[
      ...idle,
      written,
      ...changedDefaultLines(prepared),
      ...held,
      stopLine(manifest),
      ...startLines(manifest, all),
    ].map((line) => `  ${line}`),
  );
  return EXIT.OK;
};

async function logIssues(manifest: Manifest): Promise<CheckIssue[]> {
  if (logsOf(manifest).length === 0) return [];
  return await (await import("../checks/log_files.ts")).logFileIssues(manifest);
}

/** Of the lines about a task's flags, the first names the task. */
function isHead(line: string): boolean {
  return /^ {2}\S/.test(line);
}

/** What a person reads last, with the warnings above it. */
function lastLine(file: string, faults: number): string {
  return `${file}: ${formatCount(faults, "fault")}; nothing was started`;
}

/** The lines of the tasks that start the manifest; what judges them is loaded where there is a `deno.json`. */
async function taskLines(loaded: Loaded): Promise<TaskLines> {
  const config = nearestConfig(loaded.file) ?? { unknown: undefined };
  if ("file" in config) return await (await import("../checks/tasks/tasks.ts")).taskLines(loaded, config);
  return { faults: [], notes: config.unknown === undefined ? [] : [`  ${config.unknown}`], warnings: [] };
}
