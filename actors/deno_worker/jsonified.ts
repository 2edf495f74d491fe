/**
 * The type of a value once it has travelled as JSON, for a worker's calls.
 */

/**
 * A `Value` as it arrives: what `JSON.parse(JSON.stringify(value))` is. A `Date` and a `URL` are strings, bytes and
 * other typed arrays objects of numbers, a `Map` and a `Set` empty objects; functions are left out, and there is no
 * JSON for a
 * `bigint` at all.
 */
export type Jsonified<Value> = unknown extends Value ? Value
  : Value extends string | number | boolean | null | undefined | void ? Value
  : Value extends bigint ? never
  : Value extends { toJSON(...args: never): infer Json } ? Jsonified<Json>
  : Value extends symbol | ((...args: never) => unknown) ? undefined
  : Value extends ArrayBufferView ? { [index: string]: number }
  : Value extends ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | ArrayBufferLike
    ? { [key: string]: never }
  : Value extends readonly unknown[] ? { [Index in keyof Value]: Jsonified<Value[Index]> }
  : {
    [
      Key in keyof Value as Key extends symbol ? never
        : Value[Key] extends (...args: never) => unknown ? never
        : Key
    ]: Jsonified<Value[Key]>;
  };

/** A `Value` that arrives as it was sent; of any other there is nothing that could be sent in its place. */
export type Sendable<Value> = Jsonified<Value> extends Value ? Value
  : "JSON does not carry this: it would arrive as something else";
