/**
 * Checks the requests and replies that a manifest gives for a sidecar against its protocol. Like the other rules
 * they read the value as it is written.
 */

import { isObjectOrArray, type ManifestIssue } from "../issue.ts";
import { pairingOf, type PairingWord, protocol, protocolNameIn } from "../../options/fields/protocol.ts";
import type { ProtocolEntry } from "../../options/types.ts";
import { resolveField } from "../../options/check.ts";
import { quote } from "../../text/words.ts";

type Path = readonly PropertyKey[];

const PAIRS = `set "protocol" to "lines" or "ndjson"`;

/** How a protocol, as it is written, pairs its replies; `calls` in the way of JSON-RPC; `undefined`: it is not one. */
export function pairingIn(written: unknown): PairingWord | "calls" | undefined {
  const read = resolveField(protocol, written) as ProtocolEntry | undefined;
  return read && pairingOf(read);
}

/**
 * Finds the faults of `message` at `path`, as a request to a sidecar with that `protocol`: for readiness, or a ping.
 */
export function requestIssues(message: unknown, path: Path, protocol: unknown): ManifestIssue[] {
  if (protocol === undefined) return [{ path, on: "key", message: "needs a protocol", hint: PAIRS }];
  const pairing = pairingIn(protocol);
  const name = protocolNameIn(protocol);
  if (pairing === undefined || name === undefined) return []; // a fault of its own
  if (pairing === "none") return [{ path, on: "key", ...unpaired(name) }];
  const refuse = (
    message: string,
  ): ManifestIssue[] => [{ path, message: `${message}, as "protocol" is ${quote(name)}` }];
  switch (name) {
    case "lines":
      return typeof message !== "string" || /[\r\n]/.test(message)
        ? refuse("must be a text of one line")
        : [];
    case "ndjson":
    case "content-length":
    case "jsonrpc":
    case "lsp":
    case "mcp": {
      if (!isJson(message)) return [{ path, message: "must be a JSON value" }];
      if (pairing === "in-order") return [];
      if (!isObjectOrArray(message) || Array.isArray(message)) {
        return refuse("must be an object, which carries the id of a request");
      }
      return pairing === "calls" && typeof message.method !== "string" ? refuse(`must have a "method"`) : [];
    }
    default:
      return refuse("can't be written in a manifest: a message is bytes");
  }
}

/** Finds settings about replies and deliveries that a sidecar's protocol does not have. */
export function replyIssues(sidecar: Readonly<Record<string, unknown>>, path: Path): ManifestIssue[] {
  const { protocol, until, onDeath } = sidecar;
  const issues: ManifestIssue[] = [];
  const refuse = (key: string, message: string, hint?: string) =>
    issues.push({ path: [...path, key], on: "key", message, hint });
  if (protocol === undefined && (onDeath === "replay" || onDeath === "dead-letter")) {
    refuse("onDeath", "needs a protocol; without one, nothing is sent to it");
  }
  const pairing = protocol === undefined ? "none" : pairingIn(protocol);
  const name = protocolNameIn(protocol);
  if (pairing === undefined) return issues;
  const none = name === undefined ? { message: "needs a protocol", hint: PAIRS } : unpaired(name);
  const refuseUnpaired = (key: string) => refuse(key, none.message, none.hint);
  for (const key of ["maxInFlight", "whenGivenUp"]) {
    if (sidecar[key] !== undefined && pairing === "none") refuseUnpaired(key);
  }
  if (!isObjectOrArray(until)) return issues;
  if (pairing === "none") refuseUnpaired("until");
  else if (pairing === "calls") refuse("until", `a reply of ${name} is one message`);
  else if (pairing === "mark") {
    refuse("until", `a reply that is paired by a mark is one text`, `leave it out, or "pairing"`);
  } else if (("end" in until || "mark" in until) && name !== "lines") {
    refuse(
      "until",
      `"${"end" in until ? "end" : "mark"}" is a line, and "protocol" is ${quote(name!)}`,
      MARKS[name!] ?? `it is for "lines"`,
    );
  } else if ("last" in until && name !== "ndjson" && name !== "content-length") {
    const hint = name === "lines" ? `write "end": "…", the line behind the last` : undefined;
    refuse("until", `"last" needs JSON, and "protocol" is ${quote(name!)}`, hint);
  }
  return issues;
}

/** Finds the faults of a pool's `routing` by a field, where the messages of its copies have no fields. */
export function routingIssues(
  { field }: Readonly<Record<string, unknown>>,
  protocol: unknown,
  path: Path,
): ManifestIssue[] {
  const name = protocolNameIn(protocol);
  const hasFields = name === "ndjson" || name === "content-length" || pairingIn(protocol) === "calls";
  if (field === undefined || hasFields || (protocol !== undefined && name === undefined)) return [];
  const is = name === undefined ? `there is no "protocol"` : `"protocol" is ${quote(name)}`;
  return [{ path: [...path, "field"], on: "key", message: `needs messages of JSON, and ${is}` }];
}

const JSON_MARK = `write "last": { "field": "…" }, which tells the last frame`;
const MARKS: Readonly<Record<string, string>> = { "ndjson": JSON_MARK, "content-length": JSON_MARK };

/** The finding where replies are needed and the protocol of that name has none. */
function unpaired(name: string): Pick<ManifestIssue, "message" | "hint"> {
  return name === "bytes"
    ? { message: `needs a protocol that pairs replies, not "bytes"`, hint: PAIRS }
    : { message: `needs replies, and "pairing" is "none"`, hint: `leave "pairing" out` };
}

/** Whether a value survives JSON unchanged; a module's manifest can hold values that a file cannot. */
function isJson(value: unknown): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  if (!isObjectOrArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return (prototype === null || prototype === Object.prototype) && Object.values(value).every(isJson);
}
