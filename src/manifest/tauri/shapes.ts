/**
 * The parts of Tauri's files that are read, as schemas. They take what Tauri takes; their readers list keys that the
 * schemas do not name.
 *
 * @module
 */

import { z } from "zod";
import { isInside } from "../validate/schema_messages.ts";
import type { ManifestIssue } from "../issue.ts";
import * as build from "../../options/build.ts";
import { textSchema } from "../fields/zod.ts";
import { describeValue, typeName } from "../../text/words.ts";

const text = textSchema(build.text) as z.ZodString;
const filled = textSchema(build.filled) as z.ZodString;

const argument = z.union([
  text,
  z.looseObject({ validator: z.string(), raw: z.boolean().optional() }),
], { error: ({ input }) => `expected a text, or an object with "validator", got ${typeName(input)}` });

/** The arguments that a program may take: any, none, or these. */
export const scopeArgs = z.union([z.boolean(), z.array(argument)], {
  error: ({ input }) => `expected true, false, or a list, got ${typeName(input)}`,
});

/** An item of `externalBin`: a path without target triple, or an object with that path. */
export const externalBin = z.union([
  filled,
  z.looseObject({
    path: filled,
    sidecar: z.boolean().optional(),
    args: scopeArgs.optional(),
    platforms: z.array(z.string()).optional(),
  }),
], { error: ({ input }) => `expected a path, or an object with "path", got ${describeValue(input)}` });

/** An entry of a shell scope. */
export const scopeEntry = z.looseObject({
  name: filled,
  cmd: filled.optional(),
  args: scopeArgs.optional(),
  sidecar: z.boolean().optional(),
}).refine(({ sidecar, cmd }) => sidecar === true || cmd !== undefined, {
  message: `needs "cmd", or "sidecar": true`,
});

/** A capability of Tauri 2. */
export const capability = z.looseObject({
  identifier: z.string(),
  platforms: z.array(z.string()).optional(),
  permissions: z.array(z.union([
    z.string(),
    z.looseObject({ identifier: z.string(), allow: z.array(z.unknown()).nullish() }),
  ], { error: ({ input }) => `expected a name, or an object with "identifier", got ${typeName(input)}` })),
});

/** The arguments of a scope. */
export type ScopeArgs = z.infer<typeof scopeArgs>;

/** Reads a value by its schema, or reports its faults, `at` its place. */
export function readAs<Shape extends z.ZodType>(
  shape: Shape,
  value: unknown,
  at: readonly PropertyKey[],
): { readonly data?: z.infer<Shape>; readonly issues: readonly ManifestIssue[] } {
  const { data, error } = shape.safeParse(value, { error: wording });
  return { data, issues: (error?.issues ?? []).flatMap((issue) => findingsIn(issue, at)) };
}

/** Of a union, the faults in the branch of the right type, if there is one. */
function findingsIn(issue: z.core.$ZodIssue, at: readonly PropertyKey[]): ManifestIssue[] {
  const path = [...at, ...issue.path];
  const meant = issue.code === "invalid_union"
    ? issue.errors.find((issues) => issues.every(isInside))
    : undefined;
  return meant?.flatMap((inner) => findingsIn(inner, path)) ?? [{ path, message: issue.message }];
}

function wording(issue: z.core.$ZodRawIssue): string {
  const missing = issue.input === undefined ? "missing" : `got ${typeName(issue.input)}`;
  return issue.code === "invalid_type" ? `expected a ${issue.expected}, ${missing}` : "not as Tauri has it";
}
