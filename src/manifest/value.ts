/**
 * Values of a manifest that nobody has checked yet.
 *
 * @module
 */

import { resolve as absolute, sep } from "node:path";

/** Whether `value` has properties; an array has, too. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** A program as a manifest in `dir` means it: a bare name is looked up on PATH, anything else is relative to `dir`. */
export function anchoredProgram(program: string, dir: string): string {
  return program.includes("/") || program.includes(sep) ? absolute(dir, program) : program;
}
