/**
 * The `deno.json` that a folder belongs to: its tasks and its permission sets.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { parse, type ParseError } from "jsonc-parser";
import { z } from "zod";
import { missingPermissions } from "../../../permissions/permit.ts";
import { readRegularFile } from "../../../process/secrets/regular_file.ts";
import { ownUid } from "../../../permissions/trusted_path.ts";

/** The largest one that is read, in bytes: as large as a manifest may be. */
const MAX_CONFIG_BYTES = 1_000_000;

/** The parts that are read; the rest concerns Deno only. */
const schema = z.object({
  tasks: z.record(z.string(), z.union([z.string(), z.object({ command: z.string().optional() })])).default(
    {},
  ),
  permissions: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});

/** A `deno.json` that was read. */
export interface Config {
  /** Its absolute path. */
  readonly file: string;
  /** The commands of its tasks, by their names. */
  readonly tasks: ReadonlyMap<string, string>;
  /** Its permission sets. */
  readonly permissions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * The nearest one to the manifest `file`, in its folder or above; or why it is not known; or that there is none. One
 * that belongs to neither this user, root nor the manifest's owner is not read: any user may put one into `/tmp`.
 * Never prompts.
 */
export function nearestConfig(manifest: string): Config | { readonly unknown: string } | undefined {
  const folder = dirname(manifest);
  for (let at = folder;; at = dirname(at)) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      const file = join(at, name);
      if (missingPermissions([{ name: "read", value: file }]).length > 0) {
        return { unknown: `the tasks of a deno.json in or above ${at}; add --allow-read` };
      }
      const stranger = strangerOf(file, manifest);
      if (stranger !== undefined) {
        return { unknown: `the tasks of ${file}: it belongs to user ${stranger}, and is not read` };
      }
      const read = textOf(file);
      if (read?.why !== undefined) return { unknown: `the tasks of ${file}: ${read.why}` };
      if (read !== undefined) return configOf(file, read.text);
    }
    if (dirname(at) === at) return undefined;
  }
}

/** The user that `file` belongs to, where that is neither this one, root nor the owner of the manifest. */
function strangerOf(file: string, manifest: string): number | undefined {
  const owner = ownerOf(file);
  if (owner === undefined || owner === 0 || owner === ownUid() || owner === ownerOf(manifest)) {
    return undefined;
  }
  return owner;
}

/** The owner's uid; `undefined` also on a system without owners, and where the file is missing or unreadable. */
function ownerOf(file: string): number | undefined {
  try {
    return Deno.statSync(file).uid ?? undefined;
  } catch (error) {
    if (isMissing(error) || isRefused(error)) return undefined;
    throw error;
  }
}

/** Nothing in it, where it is there and the system refuses it: `deno task` does not go further up, either. */
function textOf(file: string): { readonly text: string; readonly why?: string | undefined } | undefined {
  try {
    if (Deno.statSync(file).isDirectory) return { text: "" };
    const { bytes, why } = readRegularFile(file, MAX_CONFIG_BYTES);
    return { text: new TextDecoder().decode(bytes), why };
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (isRefused(error)) return { text: "" };
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}

function isRefused(error: unknown): boolean {
  return error instanceof Deno.errors.PermissionDenied;
}

/** `undefined` where it is nested too deeply: the parser calls itself for each level. */
function valueOf(text: string, errors: ParseError[]): unknown {
  try {
    return parse(text, errors, { allowTrailingComma: true });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function configOf(file: string, text: string): Config | { readonly unknown: string } {
  const errors: ParseError[] = [];
  const { data } = schema.safeParse(valueOf(text, errors));
  if (data === undefined || errors.length > 0) {
    return { unknown: `the tasks of ${file}, which Deno can't read` };
  }
  const tasks = Object.entries(data.tasks).flatMap(([name, task]) => {
    const command = typeof task === "string" ? task : task.command;
    return command === undefined ? [] : [[name, command] as const];
  });
  return { file, tasks: new Map(tasks), permissions: data.permissions };
}
