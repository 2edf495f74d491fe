/**
 * How narrow the permissions of a manifest are, in lines for its user.
 *
 * @module
 */

import type { Manifest } from "../manifest/entries.ts";
import { flags, shellQuote } from "../manifest/permissions.ts";
import type { Need } from "../manifest/permissions.ts";
import { reasonsText } from "../manifest/reasons.ts";
import { type FollowLinks, widePrograms } from "../manifest/wide_programs.ts";
import { locate, searched } from "../process/locate.ts";
import { missingPermissions } from "../process/permit.ts";
import { count } from "../report/words.ts";
import { setsidLine } from "./start_cost.ts";
import { excessLines, unneeded } from "./strict.ts";

/** Each permission with what it is for, then the programs that can run any other. */
export function explainedLines(manifest: Manifest, needs: readonly Need[]): string[] {
  const told = needs.map((need) => ({ flag: flags([need])[0]!, why: reasonsText(need.why) }));
  const width = Math.max(0, ...told.map(({ flag }) => flag.length));
  const wide = [
    ...wideLines(manifest),
    ...(needs.some(({ why }) => why.some(({ purpose }) => purpose === "starts")) ? [setsidLine()] : []),
  ];
  return [
    `${manifest.name}: ${count(needs.length, "permission")}`,
    ...told.map(({ flag, why }) => `  ${flag.padEnd(width)}  ${why}`),
    ...(wide.length === 0 ? [] : ["Wider than they look:", ...wide]),
  ];
}

/** The programs that can run any other, a line each. */
export function wideLines(manifest: Manifest): string[] {
  return widePrograms(manifest, linkEnd).map(({ program, what, why }) =>
    `  "${program}" ${what}, so the permission to run it is that to run everything: ${reasonsText(why)}`
  );
}

/** See {@linkcode FollowLinks}. */
const linkEnd: FollowLinks = (program, { cwd, env }) => {
  const found = locate(program, { cwd, path: searched(env) });
  if (found.state !== "found" || missingPermissions([{ name: "read", value: found.path }]).length > 0) {
    return undefined;
  }
  try {
    const file = Deno.realPathSync(found.path);
    return file === found.path ? undefined : file;
  } catch (error) {
    // The way there may lead through what may not be read, by the system or by Deno.
    if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
      return undefined;
    }
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
};

/** What `up` would refuse under the permissions of this process, if the manifest is strict. */
export function strictLines(manifest: Manifest, all: readonly Need[]): string[] {
  const found = manifest.permissions === "strict" ? unneeded(manifest, all) : [];
  if (found.length === 0) return [];
  return [
    `  its permissions are "strict": 'up' refuses those of this process, of which 'check' itself may need some`,
    ...excessLines(found).map((line) => `  ${line}`),
    `    and give deno run these instead: ${flags(all).map(shellQuote).join(" ")}`,
  ];
}
