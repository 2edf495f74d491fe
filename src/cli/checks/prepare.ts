/**
 * A manifest, read and held against the permissions at hand: what every verb
 * that takes a FILE begins with.
 *
 * @module
 */

import type { LeftOut } from "../../manifest/resolve/platform.ts";
import { count } from "../../text/words.ts";
import type { Manifest } from "../../manifest/fields/entries.ts";
import { load, type Loaded } from "../../manifest/load.ts";
import { flags, type Need, needs, ownNeed, shellQuote } from "../../manifest/grants/permissions.ts";
import { socketNeeds } from "../../control/socket.ts";
import { locate, searched } from "../../permissions/find_program.ts";
import { isDenied, missingPermissions } from "../../permissions/permit.ts";
import { programFiles } from "../../process/start/program_file.ts";
import { visible } from "../../text/printable.ts";
import { OutriderError } from "../../outrider_error.ts";

/**
 * The manifest in `file`, what its run needs, with a control socket at `control` if there is to be one, and what of
 * that is missing now.
 *
 * @throws {ManifestError}
 */
export async function prepare(
  file: string,
  { control }: { readonly control?: string | undefined } = {},
): Promise<Loaded & { all: readonly Need[]; missing: readonly Need[] }> {
  const loaded = await load(file);
  return { ...loaded, ...permissionsFor(loaded.manifest, loaded.reads, control) };
}

/** What a run of `manifest`, for which `reads` must be readable, needs, and what of that is missing now. */
export function permissionsFor(
  manifest: Manifest,
  reads: string,
  control?: string,
): { all: readonly Need[]; missing: readonly Need[] } {
  const execPath = Deno.build.standalone ? undefined : Deno.execPath();
  const socket = control === undefined ? [] : socketNeeds(control, "listen");
  const all = [
    ...needs(manifest, { file: reads, execPath, find: programFiles, locate: located }),
    ...socket.map((need) => ownNeed(need, "control")),
  ];
  return { all, missing: missingOf(all) };
}

/** Those that are not granted now. */
export function missingOf(needs: readonly Need[]): Need[] {
  return needs.filter(({ name, value = "" }) => missingPermissions([{ name, value }]).length > 0);
}

/** The permissions at hand are not enough; `code` is `permissions_missing`. */
export class PermissionsMissingError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "permissions_missing";
  /** What to add to `deno run`; several flags are separated by a space. */
  readonly missingFlag: string;

  /** `flags` are not quoted. */
  constructor(message: string, flags: readonly string[]) {
    super(message);
    this.missingFlag = flags.join(" ");
  }

  /** Of the tree `name`: its message says who needs what. */
  static of(name: string, missing: readonly Need[]): PermissionsMissingError {
    return new PermissionsMissingError(missingLines(name, missing).map(visible).join("\n"), flags(missing));
  }
}

/** Where a program is; unknown where its folders may not be read. */
function located(command: string, path: string | undefined): string | undefined {
  const found = locate(command, { path: searched({ PATH: path }) });
  return found.state === "found" ? found.path : undefined;
}

/** What is missing and who needs it, a line each; then all of it as one would type it. */
export function missingLines(name: string, missing: readonly Need[]): string[] {
  return [
    `Cannot start '${name}': ${count(missing.length, "permission")} missing`,
    ...neededLines(missing),
    `Add to deno run: ${flags(missing).map(shellQuote).join(" ")}`,
    ...deniedLines(missing),
  ];
}

/** Each flag and who needs it, a line each. */
export function neededLines(needs: readonly Need[]): string[] {
  const wanted = needs.map((need) => ({ flag: flags([need])[0]!, need }));
  const width = Math.max(...wanted.map(({ flag }) => flag.length));
  return wanted.map(({ flag, need }) => `  ${flag.padEnd(width)}  needed by ${neededBy(need)}`);
}

function neededBy({ children, why }: Need): string {
  const itself = why.some(({ child }) => child === undefined) ? ["Outrider itself"] : [];
  return [...children, ...itself].join(", ");
}

/** What `--deny-…` forbids, a line a permission. */
function deniedLines(missing: readonly Need[]): string[] {
  const denied = missing.filter(({ name, value }) => isDenied({ name, value: value ?? "" }));
  return [...Map.groupBy(denied, ({ name }) => name)].map(([name, needs]) => {
    const values = needs.map(({ value }) => value ?? "all of it").join(", ");
    return `That alone is not enough: --deny-${name} forbids ${values}`;
  });
}

/** All of it, a line each. */
export function leftOutLines(leftOut: readonly LeftOut[]): string[] {
  return ["Left out:", ...leftOut.map(({ path, why }) => `  ${path}: ${why}`)];
}

/** The sidecars that do not start, a line each, and how many settings have no counterpart. */
export function leftOutBriefly(leftOut: readonly LeftOut[]): string[] {
  const sidecars = leftOut.filter(({ kind }) => kind === "sidecar");
  const settings = leftOut.length - sidecars.length;
  const more = settings === 0 ? [] : [
    `  ${count(settings, "setting")} of no effect here; 'outrider check' names ${
      settings === 1 ? "it" : "them"
    }`,
  ];
  return ["Left out:", ...sidecars.map(({ path, why }) => `  ${path}: ${why}`), ...more];
}
