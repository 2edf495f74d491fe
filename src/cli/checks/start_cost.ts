/**
 * Explains the cost of a start under the granted permissions, and the permission that makes it cheap.
 *
 * Used by `check`, `permissions --contain`, `compile --contain` and a strict start. The invariant: `setsid`, which
 * can run anything, is never asked of a strict manifest that lets no other program do so.
 */

import { isAbsolute } from "../../permissions/path.ts";
import type { Manifest } from "../../manifest/fields/types.ts";
import { bendsLinker, type ManifestPermission, ownPermission } from "../../manifest/grants/permissions.ts";
import { type ProgramEntry, programsOf } from "../../manifest/resolve/children.ts";
import { runsAnything } from "../../manifest/grants/run_anything.ts";
import { unrestrictedPrograms } from "../../manifest/grants/wide_programs.ts";
import { missingPermissions } from "../../permissions/permit.ts";
import { hasIdentity, launcherProgram } from "../../options/launcher.ts";
import { knownSetsid, SETSID, setsid, usesSetsid } from "../../process/start/setsid.ts";

const FORKING = "Deno forks: 6 ms, and 2 ms more for each 100 MB of memory that the runtime holds";

/** The permissions that make a start cheap, where the manifest may have them: it needs `all`. */
export function startPermissions(
  manifest: Manifest,
  all: readonly ManifestPermission[],
): ManifestPermission[] {
  const may = usesSetsid() && (manifest.permissions !== "strict" || letsRunAnything(manifest, all));
  return may ? [ownPermission({ name: "run", value: SETSID }, "starts")] : [];
}

/** Why a strict manifest is not given it, a line; none where it is, or nothing would be won. */
export function ignoredStartLines(manifest: Manifest, all: readonly ManifestPermission[]): string[] {
  if (!usesSetsid() || startPermissions(manifest, all).length > 0) return [];
  return [
    `Not listed: ${SETSID}, through which a start is cheap: it can run anything, and nothing else in this strict ` +
    "manifest can",
  ];
}

/** A warning, as a line, where `setsid` may be run and no other program of the manifest can run anything. */
export function widerBySetsid(manifest: Manifest, all: readonly ManifestPermission[]): string[] {
  const isListed = missingPermissions([{ name: "run", value: SETSID }]).length === 0 &&
    missingPermissions([{ name: "run", value: "" }]).length > 0;
  return isListed && usesSetsid() && manifest.permissions !== "strict" && !letsRunAnything(manifest, all)
    ? [setsidLine()]
    : [];
}

/** That it can run any other, a line. */
export function setsidLine(): string {
  return `  "${SETSID}" ${
    runsAnything(SETSID)
  }, so the permission to run it is that to run everything: cheap starts`;
}

/** Whether something else may run anything already. */
function letsRunAnything(manifest: Manifest, all: readonly ManifestPermission[]): boolean {
  return unrestrictedPrograms(manifest).length > 0 ||
    all.some(({ name, value }) => name === "run" && value === undefined);
}

/** Lists the costs of a start, a line each. */
export function startLines(manifest: Manifest, all: readonly ManifestPermission[]): string[] {
  if (Deno.build.os === "windows") return [];
  const file = setsid();
  const paths = (isSo: (entry: ProgramEntry) => boolean) =>
    programsOf(manifest).filter(({ entry }) => isSo(entry)).map(({ path }) => path).join(", ");
  if (file === undefined) {
    return [`a start of a program pauses everything else in Outrider, as ${FORKING}${remedy(manifest, all)}`];
  }
  const others = paths(hasIdentity);
  const linked = paths((entry) => bendsLinker(entry));
  const unseen = paths((entry) => {
    const [first = entry.command] = launcherProgram(entry);
    return isAbsolute(first) && missingPermissions([{ name: "read", value: first }]).length > 0;
  });
  return [
    `a start of a program pauses everything else in Outrider for 2 ms, however much memory Outrider holds: it goes through ${file}`,
    ...(others === "" ? [] : [`that of ${others} pauses it for longer: as another user or group ${FORKING}`]),
    ...(linked === ""
      ? []
      : [`that of ${linked} pauses it for longer: with a variable of the dynamic linker ${FORKING}`]),
    ...(unseen === "" ? [] : [
      `that of ${unseen} pauses it for longer the first time: where the program may not be read ${FORKING}`,
    ]),
  ];
}

function remedy(manifest: Manifest, all: readonly ManifestPermission[]): string {
  if (startPermissions(manifest, all).length === 0) return "";
  if (missingPermissions([{ name: "run", value: SETSID }]).length > 0) {
    return `; --allow-run=${SETSID} avoids that, and is the permission to run anything`;
  }
  const { why } = knownSetsid();
  return why === undefined ? "" : `; ${SETSID} can't be used: ${why}`;
}
