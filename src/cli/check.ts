/**
 * `outrider check FILE`
 *
 * @module
 */

import type { SidecarEntry } from "../manifest/entries.ts";
import { sidecarsOf } from "../manifest/plant.ts";
import { locate } from "../process/locate.ts";
import { missingPermissions } from "../process/permit.ts";
import { readFileAnd } from "./command.ts";
import type { Verb } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { missingLines, prepare } from "./ready.ts";
import { count } from "../report/words.ts";

/** Finds what is wrong with a manifest, here and now. */
export const check: Verb = {
  summary: "find every fault of FILE at once, and start nothing",
  help: `Usage: outrider check FILE

Reads the manifest and says everything that is wrong with it at once; then
whether each program is there, and whether the permissions of this very process are
enough for 'outrider up FILE'. Starts nothing.

Exit code: 0 all is well; 1 a program or folder is missing; 2 the manifest is
wrong; 3 a permission is missing.`,

  async run(args) {
    const { file } = readFileAnd(args, {});
    const { manifest, missing } = await prepare(file);
    const sidecars = sidecarsOf(manifest);
    const faults = sidecars.flatMap(({ path, entry }) => programFaults(path, entry));
    for (const fault of faults) console.error(`  ${fault}`);
    if (missing.length > 0) {
      console.error(`Cannot start '${manifest.name}': ${count(missing.length, "permission")} missing; add`);
      for (const line of missingLines(missing)) console.error(line);
      return EXIT.PERMISSION;
    }
    if (faults.length > 0) return EXIT.FAILED;
    console.log(`${manifest.name}: ${count(sidecars.length, "sidecar")}, no fault found`);
    return EXIT.OK;
  },
};

function programFaults(path: string, { command, cwd, env, inheritEnv }: SidecarEntry): string[] {
  const inherits = inheritEnv.includes("PATH") &&
    missingPermissions([{ name: "env", value: "PATH" }]).length === 0;
  const found = locate(command, { cwd, path: env.PATH ?? (inherits ? Deno.env.get("PATH") : undefined) });
  const faults: string[] = [];
  if (found.state === "not_found") {
    faults.push(
      `${path}: there is no program "${command}" in ${found.searched.join(", ") || "an empty PATH"}`,
    );
  } else if (found.state === "not_executable") {
    faults.push(`${path}: ${found.path} is not executable; chmod +x makes it so`);
  }
  if (missingPermissions([{ name: "read", value: cwd }]).length === 0 && !isFolder(cwd)) {
    faults.push(`${path}: its working directory ${cwd} is no folder`);
  }
  return faults;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}
