/**
 * Checks of messages by their schemas.
 *
 * @module
 */

import { OptionError } from "@outrider/outrider";
import type { Mask } from "@outrider/outrider";
import { SidecarSchemaError } from "./errors.ts";
import type { Schema, SchemaRole } from "./schemas.ts";

/** Turns a value into what its schema makes of it. @throws {SidecarSchemaError} */
export type Check = (value: unknown) => unknown;

/** The check by `schema` of what the sidecar at `path` gets or gives. */
export function checkOf(
  schema: Schema<unknown> | undefined,
  { path, role, mask = asIs }: {
    readonly path: string;
    readonly role: SchemaRole;
    /** What samples in errors go through. */
    readonly mask?: Mask | undefined;
  },
): Check | undefined {
  if (schema === undefined) return undefined;
  return (value) => {
    const result = schema["~standard"].validate(value);
    if (result instanceof Promise) {
      result.catch(() => {});
      throw new OptionError(`Cannot check the ${role} of '${path}': its schema is asynchronous`);
    }
    if (result.issues === undefined) return result.value;
    throw new SidecarSchemaError(path, { role, value, issues: result.issues, mask });
  };
}

function asIs(text: string): string {
  return text;
}
