/**
 * Checks options that a program gives, and resolves them by the library's preset: used by every constructor, once, before
 * anything else looks at the options. A manifest is read by the same reader, with the preset that it names.
 */

import type { Field, ShapeField } from "./field.ts";
import { OptionError } from "./option_error.ts";
import { MANIFEST_PRESET, PRESETS } from "./presets.ts";
import { type FieldIssue, FieldReader, INVALID } from "./reader.ts";
import { pathText, typeName } from "../text/words.ts";

/** The faults that an error lists, at most. */
const MAX_FAULTS = 20;

/**
 * Checks `given`, and resolves it. `what` can't be done with it is what the error begins with: `Cannot make the sidecar 'a'`.
 *
 * @throws {OptionError} all that is wrong with it, and where; its `path` is that of the first fault
 */
export function checkOptions<Resolved>(what: string, field: Field, given: unknown): Resolved {
  if (field.kind === "shape" && (typeof given !== "object" || given === null)) {
    throw new OptionError(`${what}: expected its options, got ${typeName(given)}`);
  }
  const reader = new FieldReader({ preset: PRESETS.otp, isCode: true });
  const read = reader.read(field, given);
  const { issues } = reader;
  if (issues.length === 0) return read as Resolved;
  const faults = issues.slice(0, MAX_FAULTS).map(faultText);
  const message = issues.length === 1
    ? faults[0]
    : [`${issues.length} faults`, ...faults.map((fault) => `  ${fault}`)].join("\n");
  throw new OptionError(`${what}: ${message}`, { path: pathText(issues[0]!.path) });
}

function faultText({ path, message, hint }: FieldIssue): string {
  const place = pathText(path);
  return `${place === "" ? "" : `${place}: `}${message}${hint === undefined ? "" : `; ${hint}`}`;
}

/** The resolved value of what a manifest says; `undefined`: the field does not take that. */
export function resolveField(field: Field, written: unknown): unknown {
  const read = new FieldReader({ preset: PRESETS[MANIFEST_PRESET] }).read(field, written);
  return read === INVALID ? undefined : read;
}

/** Those of some checked options that stand in `fields`: the part of them that is for another constructor. */
export function pickOptions<Part>(checked: object, fields: Readonly<Record<string, unknown>>): Part {
  return Object.fromEntries(Object.entries(checked).filter(([key]) => key in fields)) as Part;
}

/** The defaults of all keys of an object, resolved. */
export function defaultsOf<Resolved>(shape: ShapeField): Resolved {
  return new FieldReader({ preset: PRESETS.otp }).read(shape, {}) as Resolved;
}
