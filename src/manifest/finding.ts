/**
 * A fault by its place in the value, before the text of the manifest says on which line that is.
 *
 * @module
 */

import { quote } from "./words.ts";

/** Something wrong at a path of the value. */
export interface Finding {
  /** The keys and indices that lead there. */
  readonly path: readonly PropertyKey[];
  /** Whether the key is what is wrong; default the value. */
  readonly on?: "key" | "value" | undefined;
  /** What is wrong, in plain words. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** A second place that the message speaks of; its line is added. */
  readonly also?: readonly PropertyKey[] | undefined;
}

/** A path as one would write it in TypeScript: `children[1].env["odd key"]`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else if (/^[A-Za-z_$][\w$]{0,63}$/.test(String(key))) {
      text += text === "" ? String(key) : `.${String(key)}`;
    } else text += `[${quote(String(key))}]`;
  }
  return text;
}
