/**
 * Checks of what goes to a sidecar and what comes from it, by schemas such as zod's.
 *
 * @module
 */

import { SidecarSchemaError } from "./errors.ts";

/** Anything that follows Standard Schema 1, which zod's schemas do; it must not answer with a promise. */
export interface Schema<Value> {
  /** As https://standardschema.dev has it. */
  readonly "~standard": {
    readonly validate: (value: unknown) => SchemaResult<Value> | Promise<SchemaResult<Value>>;
    readonly types?: { readonly input: unknown; readonly output: Value } | undefined;
  };
}

/** What a {@linkcode Schema} says. */
export type SchemaResult<Value> =
  | { readonly value: Value; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** What is wrong, and where. */
export interface SchemaIssue {
  /** For people. */
  readonly message: string;
  /** The way to the field. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Which schema holds for what. */
export interface Schemas<Message, Value, Published> {
  /** What is sent, before it is encoded. */
  readonly message?: Schema<Message> | undefined;
  /** Each frame of a reply. */
  readonly reply?: Schema<Value> | undefined;
  /** What subscribers get. */
  readonly published?: Schema<Published> | undefined;
}

/** Which of the three. */
export type SchemaRole = keyof Schemas<unknown, unknown, unknown>;

/** Turns a value into what its schema makes of it. @throws {SidecarSchemaError} */
export type Check = (value: unknown) => unknown;

/** The check by `schema` of what the sidecar at `path` gets or gives. */
export function checkOf(
  schema: Schema<unknown> | undefined,
  { path, role }: { readonly path: string; readonly role: SchemaRole },
): Check | undefined {
  if (schema === undefined) return undefined;
  return (value) => {
    const result = schema["~standard"].validate(value);
    if (result instanceof Promise) {
      result.catch(() => {});
      throw new TypeError(`Cannot check the ${role} of '${path}': its schema is asynchronous`);
    }
    if (result.issues === undefined) return result.value;
    throw new SidecarSchemaError(path, { role, value, issues: result.issues });
  };
}
