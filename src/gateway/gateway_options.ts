/**
 * How a gateway is made.
 */

import type { LocalTools } from "./local_tools.ts";
import type { UpstreamOptions } from "./upstream.ts";

/** Options of a gateway. */
export interface GatewayOptions {
  /** What it is called. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** The servers, in the order in which their lists are shown. */
  readonly servers: readonly UpstreamOptions[];
  /** Patterns of the names of tools that are shown and may be called. Default: all. */
  readonly allow?: readonly string[] | undefined;
  /** Patterns of those that are not, of these. Default: none. */
  readonly deny?: readonly string[] | undefined;
  /** Whether names are shown without a prefix. Default `false`. */
  readonly bareNames?: boolean | undefined;
  /** Tools of its own. */
  readonly localTools?: LocalTools | undefined;
  /** Milliseconds that the answer to a client's first message waits for servers that are starting. Default 10,000. */
  readonly openWithin?: number | undefined;
  /** Bytes that wait for a client, beyond which it is cut off. Default 128 MiB. */
  readonly maxUnread?: number | undefined;
  /** Takes what an operator should know, a sentence each. */
  readonly warn?: ((message: string) => void) | undefined;
  /** Called when it can't go on: with `bareNames`, names collide. */
  readonly onRefused?: ((message: string) => void) | undefined;
}

/** See {@linkcode GatewayOptions.openWithin}. */
export const OPEN_WITHIN_MS = 10_000;
