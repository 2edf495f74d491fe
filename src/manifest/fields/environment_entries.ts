/**
 * What a manifest says about a program's environment.
 *
 * @module
 */

/** A variable's value, as written: a text, or the file that has it, relative to the manifest. */
export type EnvInput = string | { file: string };

/** A variable's value: a text, or the file that has it. */
export type EnvEntry = string | { readonly file: string };
