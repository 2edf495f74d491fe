/**
 * From the text of a JSON manifest to a {@link Manifest}, with the line and column of every fault.
 *
 * @module
 */

import { resolve as absolute } from "node:path";
import type { Manifest } from "./fields/types.ts";
import { manifestFileError } from "./read.ts";
import { type LoadOptions, type ResolvedManifest, resolveValue } from "./resolve_value.ts";
import { Source } from "./source.ts";

/**
 * Reads the text of a JSON manifest. Pure; `file` is where the text stands, for messages and relative paths.
 *
 * @throws {ManifestError} `manifest_invalid` with every fault at once, or `manifest_empty`
 */
export function parse(text: string, where: LoadOptions & { readonly file: string }): Manifest {
  return resolveText(text, where).manifest;
}

/** {@linkcode parse}, with the parts of the manifest that are ignored. @throws {ManifestError} as there */
export function resolveText(
  text: string,
  { file, platform }: LoadOptions & { readonly file: string },
): ResolvedManifest {
  const source = new Source(text.replace(/^\ufeff/, ""));
  const { value, faults, empty } = source.read();
  if (empty) {
    throw manifestFileError(
      "manifest_empty",
      absolute(file),
      "there is nothing in it but space and comments",
    );
  }
  const own = faults.map((fault) => ({ ...fault, ...source.at(fault.offset) }));
  return resolveValue(value, { file, source, own, platform });
}
