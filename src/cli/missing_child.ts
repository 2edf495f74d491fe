/**
 * Says what a path is that names no child of the tree here: a template, or something for another platform. Used by the
 * verbs that take a CHILD.
 */

import type { Loaded } from "../manifest/load.ts";

/** Returns that as a clause; `undefined` where the manifest has nothing of that name. */
export function whyNoChild(
  { manifest, ignored }: Pick<Loaded, "manifest" | "ignored">,
  path: string,
): string | undefined {
  const out = ignored.find((one) =>
    one.kind === "sidecar" && (one.path === path || one.path === `${path} (template)`)
  );
  if (out !== undefined) return out.why;
  return manifest.templates?.some(({ id }) => id === path)
    ? "it is a template, which a program of yours starts with its arguments"
    : undefined;
}
