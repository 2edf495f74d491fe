/**
 * The protocols that have a name.
 *
 * @module
 */

import { codecs, OptionError } from "@outrider/outrider";
import type { CodecName } from "@outrider/outrider";
import type { PairingWay, Protocol } from "./protocol.ts";

/** How replies find their requests where nothing else is said. */
const USUAL: Readonly<Record<CodecName, PairingWay>> = {
  bytes: "none",
  lines: "in-order",
  ndjson: { id: "id" },
  "content-length": { id: "id" },
  "length-prefixed-be": "in-order",
  "length-prefixed-le": "in-order",
  netstring: "in-order",
};

/**
 * The protocol of that name, or `protocol` itself; `pairing` overrides how replies find their requests.
 *
 * @throws {OptionError} there is none of that name, or it pairs by a way of its own
 */
export function protocolOf(protocol: CodecName | Protocol, pairing?: PairingWay | "id"): Protocol {
  if (typeof protocol === "string" && !Object.hasOwn(USUAL, protocol)) {
    throw new OptionError(
      `Cannot talk ${JSON.stringify(protocol)}: protocols with a name are ${
        Object.keys(USUAL).join(", ")
      }; ` +
        "others are objects, such as jsonrpc(), lsp() and mcp()",
    );
  }
  const known = typeof protocol === "string"
    ? { name: protocol, codec: codecs[protocol], pairing: USUAL[protocol] }
    : protocol;
  if (pairing === undefined) return known;
  if (typeof known.pairing === "function") {
    throw new OptionError(`Cannot pair replies of ${known.name} in another way: the protocol says how`);
  }
  return { ...known, pairing: pairing === "id" ? { id: "id" } : pairing };
}
