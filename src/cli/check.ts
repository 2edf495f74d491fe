/**
 * `outrider check FILE`
 *
 * @module
 */

import type { CopyEntry } from "../manifest/pool_entries.ts";
import { grants, guaranteesOf } from "../containment/guarantees.ts";
import { ManifestError } from "../manifest/errors.ts";
import { probeCommands } from "../manifest/permissions.ts";
import { programsOf, sidecarsOf } from "../manifest/plant.ts";
import { locate } from "../process/locate.ts";
import { isPath, missingPermissions } from "../process/permit.ts";
import { confinement, helpers } from "./confinement.ts";
import type { Finding } from "./confinement.ts";
import { complain, readFileAnd } from "./command.ts";
import type { Verb } from "./command.ts";
import { guaranteeLines } from "./contained.ts";
import { EXIT } from "./exit_code.ts";
import { leftOutLines } from "./left_out.ts";
import { missingLines, prepare } from "./ready.ts";
import { count } from "../report/words.ts";
import { driftLines } from "./drift/tasks.ts";

/** Finds what is wrong with a manifest, here and now. */
export const check: Verb = {
  summary: "find every fault of FILE at once, and start nothing",
  help: `Usage: outrider check FILE

Reads the manifest and says everything that is wrong with it at once; then
whether each program is there, and whether the permissions of this very process
are enough for 'outrider up FILE'. Starts nothing. What it may not look at, it
names; so it does what plays no part here, such as a sidecar for another
platform, or a setting of tauri.conf.json that has no counterpart. Then it says
what a stop ends under these permissions, and what ends if Outrider itself is
killed. It warns of what weakens the limits that a sidecar is held in: programs
that anybody can replace, launchers, secrets that anybody can read.

A task of the nearest deno.json that starts FILE is held against it: what its
flags lack is a fault, what they grant and nothing needs is a warning, and the
exact flags are told.

Exit code: 0 all is well; 1 a program or folder is missing, or a task's flags
lack something; 2 the manifest is wrong; 3 a permission is missing.`,

  async run(args) {
    const { file } = readFileAnd(args, {});
    let prepared: Awaited<ReturnType<typeof prepare>>;
    try {
      prepared = await prepare(file);
    } catch (error) {
      if (!(error instanceof ManifestError) || error.code !== "manifest_invalid") throw error;
      // One that is wrong may name programs that are missing as well: all of it is told at once.
      const faults = error.programs.flatMap((named) => program(named.path, named))
        .filter(({ kind }) => kind === "fault");
      await complain(error.message, ...faults.map(({ text }) => `  ${text}`));
      return EXIT.USAGE;
    }
    const { manifest, missing, leftOut } = prepared;
    const sidecars = sidecarsOf(manifest);
    const findings = programsOf(manifest).flatMap(({ path, entry }) => [
      ...[...new Set([entry.command, ...helpers(entry), ...probeCommands(entry)])]
        .flatMap((command) => program(path, { ...entry, command })),
      ...folder(path, entry),
      ...confinement(path, entry, searched(entry)),
    ]);
    const [faults, notes, warnings] = (["fault", "unknown", "warning"] as const).map((wanted) =>
      findings.filter(({ kind }) => kind === wanted).map(({ text }) => `  ${text}`)
    ) as [string[], string[], string[]];
    if (faults.length > 0) {
      await complain(`Cannot start '${manifest.name}': ${count(faults.length, "fault")}`, ...faults);
    }
    if (missing.length > 0) await complain(...missingLines(manifest.name, missing));
    const tasks = driftLines(prepared);
    if (tasks.faults.length > 0) await complain("Would be refused:", ...tasks.faults);
    notes.push(...tasks.notes);
    warnings.push(...tasks.warnings);
    if (notes.length > 0) await complain("Not looked at:", ...notes);
    if (leftOut.length > 0) await complain(...leftOutLines(leftOut));
    if (warnings.length > 0) await complain("Warnings:", ...warnings);
    if (missing.length > 0) return EXIT.PERMISSION;
    if (faults.length + tasks.faults.length > 0) return EXIT.FAILED;
    console.log(`${manifest.name}: ${count(sidecars.length, "sidecar")}, no fault found`);
    for (const line of guaranteeLines(guaranteesOf(await grants(), manifest.onHostDeath))) {
      console.log(`  ${line}`);
    }
    return EXIT.OK;
  },
};

function program(
  path: string,
  { command, cwd, env }: Pick<CopyEntry, "command" | "cwd" | "env">,
): Finding[] {
  // The one that runs this is used, wherever PATH leads.
  if (command === "deno" && !Deno.build.standalone) return [];
  // Without a PATH of its own a program is looked up on the runtime's.
  const own = searched({ env });
  if (own === undefined && !isPath(command) && !granted("env", "PATH")) {
    return [{ text: `${path}: the program "${command}"; add --allow-env=PATH`, kind: "unknown" }];
  }
  const found = locate(command, { cwd, path: own });
  switch (found.state) {
    case "found":
      return [];
    case "not_found": {
      const where = found.searched.join(", ") || "an empty PATH";
      return [{ text: `${path}: there is no program "${command}" in ${where}`, kind: "fault" }];
    }
    case "not_executable":
      return [{ text: `${path}: ${found.path} is not executable; chmod +x makes it so`, kind: "fault" }];
    case "unknown":
      return [{ text: `${path}: the program "${command}"; add --allow-read`, kind: "unknown" }];
  }
}

/** The PATH that programs are looked up in; `undefined` where it may not be known, or is not set. */
function searched({ env }: Pick<CopyEntry, "env">): string | undefined {
  if (typeof env.PATH === "string") return env.PATH;
  return granted("env", "PATH") ? Deno.env.get("PATH") : undefined;
}

function folder(path: string, { cwd }: Pick<CopyEntry, "cwd">): Finding[] {
  if (!granted("read", cwd)) {
    return [{ text: `${path}: its working directory; add --allow-read=${cwd}`, kind: "unknown" }];
  }
  return isFolder(cwd) ? [] : [{ text: `${path}: its working directory ${cwd} is no folder`, kind: "fault" }];
}

function granted(name: "env" | "read", value: string): boolean {
  return missingPermissions([{ name, value }]).length === 0;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}
