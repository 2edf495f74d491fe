/**
 * Whether a manifest may start under the permissions at hand: with all that it needs, and, where it says
 * `"permissions": "strict"`, with nothing more.
 *
 * @module
 */

import type { Manifest } from "../../manifest/fields/entries.ts";
import { flags, type Need, shellQuote } from "../../manifest/grants/permissions.ts";
import { reasonsText } from "../../manifest/grants/reasons.ts";
import { type FollowLinks, widePrograms } from "../../manifest/grants/wide_programs.ts";
import { locate, searched } from "../../permissions/find_program.ts";
import { isHeld, missingPermissions } from "../../permissions/permit.ts";
import { count } from "../../text/words.ts";
import { setsidLine } from "./start_cost.ts";
import { excessPermissions, isEverything, type Permission } from "../../manifest/grants/excess.ts";
import { runsAnything } from "../../manifest/grants/run_anything.ts";
import { visible } from "../../text/printable.ts";
import { optionalNeeds } from "./containment.ts";
import { neededLines, PermissionsMissingError } from "./prepare.ts";
import { OutriderError } from "../../outrider_error.ts";

/** More is granted than a manifest needs that says `"permissions": "strict"`; `code` is `permissions_excessive`. */
export class PermissionsExcessiveError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "permissions_excessive";
  /** What is granted and not needed, as far as it can be seen. */
  readonly excess: readonly Permission[];
  /** What to start deno run with instead; several flags are separated by a space. */
  readonly exactFlags: string;

  /** `flags` are not quoted. */
  constructor(message: string, excess: readonly Permission[], flags: readonly string[]) {
    super(message);
    this.excess = excess;
    this.exactFlags = flags.join(" ");
  }
}

/** What a start needs, and what of that is not granted. */
export interface Standing {
  /** What the run needs; of a part of a manifest, what the whole of it needs. */
  readonly all: readonly Need[];
  /** What is missing of what is to start. */
  readonly missing: readonly Need[];
}

/**
 * Lets a start go on, or names everything that keeps it from that.
 *
 * @throws {PermissionsMissingError} something is missing
 * @throws {PermissionsExcessiveError} the manifest is strict, and more is granted
 */
export function demandPermissions(manifest: Manifest, { all, missing }: Standing): void {
  const found = manifest.permissions === "strict" ? unneeded(manifest, all) : [];
  if (found.length > 0) {
    const exact = flags(all);
    const lines = [
      `Cannot start '${manifest.name}': its permissions are "strict", and more is granted than it needs`,
      ...excessLines(found),
      // Both at once, as the last line is the answer to both.
      ...(missing.length === 0
        ? []
        : [`And ${count(missing.length, "permission")} missing`, ...neededLines(missing)]),
      `Give deno run these instead: ${exact.map(shellQuote).join(" ")}`,
    ];
    throw new PermissionsExcessiveError(lines.map(visible).join("\n"), found, exact);
  }
  if (missing.length > 0) throw PermissionsMissingError.of(manifest.name, missing);
}

/** What this process holds beyond `all`, which `manifest` needs, and beyond what it can use besides. */
export function unneeded(manifest: Manifest, all: readonly Need[]): Permission[] {
  return excessPermissions([...all, ...optionalNeeds(manifest, all)], { cwd: Deno.cwd(), holds: isHeld });
}

/** What to remove, a line each. */
export function excessLines(found: readonly Permission[]): string[] {
  if (isEverything(found)) return ["  remove -A (--allow-all), which grants everything"];
  return found.map(({ name, value }) => {
    if (value === undefined) return `  remove --allow-${name} without values, which grants all of it`;
    const what = name === "run" ? runsAnything(value) : undefined;
    return `  remove ${value} from --allow-${name}${what === undefined ? "" : `: it ${what}`}`;
  });
}

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
