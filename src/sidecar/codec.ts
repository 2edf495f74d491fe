/**
 * The codec of a protocol. Loaded with the process that it is for: a spec only names it.
 *
 * @module
 */

import type { Codec } from "../process/codecs/codec.ts";
import { codecs } from "../process/codecs/codecs.ts";
import type { Protocol } from "./protocol.ts";

/** The codec that `protocol` has or names. */
// deno-lint-ignore no-explicit-any -- see Protocol.codec
export function codecOf({ codec }: Protocol): Codec<any, any> {
  return typeof codec === "string" ? codecs[codec] : codec;
}
