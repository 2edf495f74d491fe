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
      if (text !== undefined) return configOf(file, text);
    }
    if (dirname(at) === at) return undefined;
  }
}

/** Nothing in it, where it is there and the system refuses it: `deno task` does not go further up, either. */
function textOf(file: string): string | undefined {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    const { IsADirectory, NotADirectory, NotFound, PermissionDenied } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return undefined;
    if (error instanceof PermissionDenied || error instanceof IsADirectory) return "";
    throw error;
  }
}

function configOf(file: string, text: string): Config | { readonly unknown: string } {
  const errors: ParseError[] = [];
  const { data } = schema.safeParse(parse(text, errors, { allowTrailingComma: true }));
  if (data === undefined || errors.length > 0) {
    return { unknown: `the tasks of ${file}, which Deno can't read` };
  }
  const tasks = Object.entries(data.tasks).flatMap(([name, task]) => {
    const command = typeof task === "string" ? task : task.command;
    return command === undefined ? [] : [[name, command] as const];
  });
  return { file, tasks: new Map(tasks), permissions: data.permissions };
}
