/**
 * What of a file plays no part, in lines for its user.
 *
 * @module
 */

import type { LeftOut } from "../manifest/platform.ts";
import { count } from "../report/words.ts";

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
