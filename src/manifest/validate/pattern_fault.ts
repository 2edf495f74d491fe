/**
 * Whether a regular expression of a manifest can be used. It loads the engine that matches them, so a manifest without one
 * is read without this module.
 */

import type { PatternField } from "../../options/field.ts";
import { PatternError } from "../../text/pattern.ts";
import { searchFor } from "../../text/search.ts";
import { validator } from "../fields/validator.ts";

/** Explains why a regular expression cannot be used for that; `undefined` if it can. */
export function patternFault(source: string, of: PatternField["of"]): string | undefined {
  if (of === "argument") return validator(source).problem;
  try {
    searchFor(source);
  } catch (error) {
    if (error instanceof PatternError) return `can't be waited for: ${error.why}`;
    if (!(error instanceof SyntaxError)) throw error;
    return `not a regular expression: ${error.message.slice(error.message.lastIndexOf(": ") + 2)}`;
  }
}
