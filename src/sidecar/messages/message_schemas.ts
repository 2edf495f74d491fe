/**
 * Schemas, such as zod's, for the messages to and from a sidecar.
 */

/**
 * Anything that follows Standard Schema 1, which zod's schemas do; it must not answer with a promise.
 *
 * @typeParam Value what it gives
 * @typeParam Input what it takes, which is another type where it converts
 */
export interface Schema<Value, Input = unknown> {
  /** As https://standardschema.dev has it. */
  readonly "~standard": {
    readonly validate: (value: unknown) => SchemaResult<Value> | Promise<SchemaResult<Value>>;
    readonly types?: { readonly input: Input; readonly output: Value } | undefined;
  };
}

/** The result of a {@linkcode Schema}. */
export type SchemaResult<Value> =
  | { readonly value: Value; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One fault of a value, and its place. */
export interface SchemaIssue {
  /** For people. */
  readonly message: string;
  /** The way to the field. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The schemas of a sidecar's messages. */
export interface Schemas<Message, Value, Published> {
  /** Sent messages, before they are encoded. */
  readonly message?: Schema<unknown, Message> | undefined;
  /** Each frame of a reply. */
  readonly reply?: Schema<Value> | undefined;
  /** Values for subscribers. */
  readonly published?: Schema<Published> | undefined;
}

/** Which of the three. */
export type SchemaRole = keyof Schemas<unknown, unknown, unknown>;
