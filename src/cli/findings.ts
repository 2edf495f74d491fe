/**
 * What is found in the programs of a manifest, here and now, without starting any: of a manifest's file (`outrider
 * check`) and of an executable (`NAME check`).
 *
 * Hold in mind: much of it may not be looked at, least of all by an executable, which can be given no more than it needs
 * for its run. What can't be looked at is named.
 *
 * @module
 */

import { dirname } from "node:path";
import type { Manifest } from "../manifest/entries.ts";
import { probeCommands } from "../manifest/permissions.ts";
import { programsOf } from "../manifest/plant.ts";
import type { CopyEntry } from "../manifest/pool_entries.ts";
import { isNoPlace, locate, searched } from "../process/locate.ts";
import { isPath, missingPermissions } from "../process/permit.ts";
import { confinement, helpers } from "./confinement.ts";
import type { Finding } from "./confinement.ts";

/** Where the permissions are those of an executable: fixed. */
export interface Fixed {
  /** The folder that its programs are unpacked to; what is embedded is looked at elsewhere. */
  readonly unpacked: string | undefined;
}

/** Everything, in the order of the manifest. */
export function findingsOf(manifest: Manifest, fixed?: Fixed): Finding[] {
  const embedded = (command: string) => fixed?.unpacked !== undefined && dirname(command) === fixed.unpacked;
  return programsOf(manifest).flatMap(({ path, entry }) => [
    ...[...new Set([entry.command, ...helpers(entry), ...probeCommands(entry)])]
      .filter((command) => !embedded(command))
      .flatMap((command) => {
        const launched = command === entry.command && entry.launcher !== undefined;
        return programFindings(path, { ...entry, command }, { fixed, launched });
      }),
    ...folder(path, entry),
    ...confinement(path, entry, searched(entry.env)),
  ]);
}

/**
 * The findings of a kind, a line each. What to add to `deno run` is of no use for an executable; there what can't be told
 * of several sidecars is one line.
 */
export function findingLines(findings: readonly Finding[], kind: Finding["kind"], fixed?: Fixed): string[] {
  const wanted = findings.filter((finding) => finding.kind === kind);
  if (fixed === undefined || kind !== "unknown") {
    return wanted.map(({ path, text, add }) =>
      `  ${path}: ${text}${add === undefined ? "" : `; add ${add}`}`
    );
  }
  return [...Map.groupBy(wanted, ({ text }) => text)].map(([text, same]) =>
    `  ${[...new Set(same.map(({ path }) => path))].join(", ")}: ${text}`
  );
}

/** Whether the program of an entry, or of an entry that is wrong elsewhere, is there. */
export function programFindings(
  path: string,
  { command, cwd, env }: Pick<CopyEntry, "command" | "cwd" | "env">,
  { fixed, launched = false }: { readonly fixed?: Fixed | undefined; readonly launched?: boolean } = {},
): Finding[] {
  // The one that runs this is used, wherever PATH leads.
  if (command === "deno" && !Deno.build.standalone) return [];
  // Without a PATH of its own a program is looked up on the runtime's.
  const own = searched(env);
  // What a launcher starts, Deno has not looked for.
  const byDeno = typeof env.PATH === "string" || launched ? undefined : lookedUp(command);
  if (byDeno === true) return [];
  // It was granted when the executable was made, and Deno has dropped it at the start.
  if (byDeno === false && fixed !== undefined) {
    return [{ path, text: `there is no program "${command}" on PATH`, kind: "fault" }];
  }
  if (own === undefined && !isPath(command) && !granted("env", "PATH")) {
    return [{ path, text: `the program "${command}"`, kind: "unknown", add: "--allow-env=PATH" }];
  }
  const found = locate(command, { cwd, path: own });
  switch (found.state) {
    case "found":
      return [];
    case "not_found": {
      if (isPath(command)) return [{ path, text: `there is no program "${command}"`, kind: "fault" }];
      const where = found.searched.join(", ") || "an empty PATH";
      return [{ path, text: `there is no program "${command}" in ${where}`, kind: "fault" }];
    }
    case "not_executable":
      return [{ path, text: `${found.path} is not executable; chmod +x makes it so`, kind: "fault" }];
    case "unknown":
      return [{ path, text: `the program "${command}"`, kind: "unknown", add: "--allow-read" }];
  }
}

/**
 * What Deno found out about a name on its own PATH, at its start: it keeps those names of `--allow-run` that lead to a
 * program. `undefined`: it did not look, as the permission is for everything, or what is asked for is no name.
 */
function lookedUp(command: string): boolean | undefined {
  if (isPath(command) || missingPermissions([{ name: "run", value: "" }]).length === 0) return undefined;
  return missingPermissions([{ name: "run", value: command }]).length === 0;
}

function folder(path: string, { cwd }: Pick<CopyEntry, "cwd">): Finding[] {
  // The folder that an executable is started in is there.
  if (cwd === ".") return [];
  if (!granted("read", cwd)) {
    return [{ path, text: `its working directory ${cwd}`, kind: "unknown", add: `--allow-read=${cwd}` }];
  }
  return isFolder(cwd) ? [] : [{ path, text: `its working directory ${cwd} is no folder`, kind: "fault" }];
}

function granted(name: "env" | "read", value: string): boolean {
  return missingPermissions([{ name, value }]).length === 0;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (isNoPlace(error)) return false;
    throw error;
  }
}
