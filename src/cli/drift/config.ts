/**
 * The `deno.json` that a folder belongs to: its tasks and its permission sets.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { parse, type ParseError } from "jsonc-parser";
import { z } from "zod";
import { missingPermissions } from "../../process/permit.ts";

/** What is read of it; everything else in it is Deno's own affair. */
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

/** The nearest one, in `folder` or above; or why it is not known; or that there is none. Never prompts. */
export function nearestConfig(folder: string): Config | { readonly unknown: string } | undefined {
  for (let at = folder;; at = dirname(at)) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      const file = join(at, name);
      if (missingPermissions([{ name: "read", value: file }]).length > 0) {
        return { unknown: `the tasks of a deno.json in or above ${at}; add --allow-read` };
      }
      const text = textOf(file);
      if (typeof text === "object") return text;
      if (text !== undefined) return configOf(file, text);
    }
    if (dirname(at) === at) return undefined;
  }
}

/** The largest `deno.json` that is read, in bytes: any user may have put one into a folder above. */
const MAX_BYTES = 262_144;

/**
 * Nothing in it, where it is there and the system refuses it: `deno task` does not go further up, either. Why it is not
 * read, where it is no file or too large.
 */
function textOf(file: string): string | { readonly unknown: string } | undefined {
  try {
    // Looked at before it is opened: to open a pipe would wait for its other end.
    const { isFile, isDirectory, size } = Deno.statSync(file);
    if (isDirectory) return "";
    if (!isFile) return { unknown: `the tasks of ${file}, which is not a file` };
    if (size <= MAX_BYTES) return Deno.readTextFileSync(file);
    return { unknown: `the tasks of ${file}, which is larger than ${MAX_BYTES} bytes` };
  } catch (error) {
    const { NotADirectory, NotFound, PermissionDenied } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return undefined;
    if (error instanceof PermissionDenied) return "";
    throw error;
  }
}

function configOf(file: string, text: string): Config | { readonly unknown: string } {
  const errors: ParseError[] = [];
  const data = schema.safeParse(valueOf(text, errors)).data;
  if (data === undefined || errors.length > 0) {
    return { unknown: `the tasks of ${file}, which Deno can't read` };
  }
  const tasks = Object.entries(data.tasks).flatMap(([name, task]) => {
    const command = typeof task === "string" ? task : task.command;
    return command === undefined ? [] : [[name, command] as const];
  });
  return { file, tasks: new Map(tasks), permissions: data.permissions };
}

/** `undefined` also where it nests deeper than can be read. */
function valueOf(text: string, errors: ParseError[]): unknown {
  try {
    return parse(text, errors, { allowTrailingComma: true });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
