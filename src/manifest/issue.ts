/**
 * A fault by its place in the value, before the text of the manifest says on which line that is.
 */

import { resolve as absolute, sep } from "../permissions/path.ts";
import type { FieldIssue } from "../options/reader.ts";

/** Something wrong at a path of the value. */
export interface ManifestIssue extends FieldIssue {
  /** A second place that the message speaks of; its line is added. */
  readonly also?: readonly PropertyKey[] | undefined;
}

/** Whether `value` has properties; an array has, too. */
export function isObjectOrArray(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Whether `value` is an object with keys, and not an array. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return isObjectOrArray(value) && !Array.isArray(value);
}

/** Whether a program is named by its path; a bare name is looked up on PATH. */
export function isProgramPath(program: string): boolean {
  return program.includes("/") || program.includes(sep);
}

/** A program as a manifest in `dir` means it: a path is relative to `dir`. */
export function absoluteProgram(program: string, dir: string): string {
  return isProgramPath(program) ? absolute(dir, program) : program;
}
