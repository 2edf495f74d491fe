/**
 * The one table of protocols, by their name in a manifest.
 *
 * @module
 */
import { bytes } from "./bytes.ts";
import type { Codec } from "./codec.ts";
import { lines } from "./lines.ts";
import { ndjson } from "./ndjson.ts";
import type { JsonValue } from "./json.ts";

/** Every protocol. */
export const codecs: {
  readonly bytes: Codec<Uint8Array, Uint8Array>;
  readonly lines: Codec<string, string>;
  readonly ndjson: Codec<JsonValue, JsonValue>;
} = { bytes, lines, ndjson };

/** The name of a protocol. */
export type CodecName = keyof typeof codecs;
