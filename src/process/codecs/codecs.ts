/**
 * The table of all codecs, by their names.
 */
import type { CodecName } from "../../options/fields/protocol.ts";
import { bytes } from "./bytes.ts";
import type { Codec } from "./codec.ts";
import { contentLength } from "./content_length.ts";
import type { JsonValue } from "./json.ts";
import { lengthPrefixedBe, lengthPrefixedLe } from "./length_prefixed.ts";
import { lines } from "./lines.ts";
import { ndjson } from "./ndjson.ts";
import { netstring } from "./netstring.ts";

/** Every protocol. */
export const codecs: {
  readonly bytes: Codec<Uint8Array, Uint8Array>;
  readonly lines: Codec<string, string>;
  readonly ndjson: Codec<JsonValue, JsonValue>;
  readonly "content-length": Codec<JsonValue, JsonValue>;
  readonly "length-prefixed-be": Codec<Uint8Array, Uint8Array>;
  readonly "length-prefixed-le": Codec<Uint8Array, Uint8Array>;
  readonly netstring: Codec<Uint8Array, Uint8Array>;
} = {
  bytes,
  lines,
  ndjson,
  "content-length": contentLength,
  "length-prefixed-be": lengthPrefixedBe,
  "length-prefixed-le": lengthPrefixedLe,
  netstring,
};

/** The codec itself, or the one of that name. */
// deno-lint-ignore no-explicit-any -- see Protocol.codec
export function codecOf(codec: Codec<any, any> | CodecName): Codec<any, any> {
  return typeof codec === "string" ? codecs[codec] : codec;
}
