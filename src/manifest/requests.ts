/**
 * Messages that a manifest has sent to a sidecar: whether its protocol can carry them, and a reply.
 *
 * @module
 */

import type { Finding } from "./finding.ts";
import { isObject } from "./value.ts";

/** What is wrong with `message` at `path`, as a request to a sidecar with that `protocol`: to get ready, or a ping. */
export function requestFaults(message: unknown, path: readonly PropertyKey[], protocol: unknown): Finding[] {
  if (protocol === undefined || protocol === "bytes") {
    const hint = `set "protocol" to "lines" or "ndjson"`;
    const why = protocol === undefined
      ? "needs a protocol"
      : `needs a protocol that pairs replies, not "bytes"`;
    return [{ path, on: "key", message: why, hint }];
  }
  if (protocol === "lines" && (typeof message !== "string" || /[\r\n]/.test(message))) {
    return [{ path, message: `must be a text of one line, as "protocol" is "lines"` }];
  }
  if (protocol !== "ndjson") return [];
  if (!isJson(message)) return [{ path, message: "must be a JSON value" }];
  if (isObject(message) && !Array.isArray(message)) return [];
  return [{
    path,
    message: `must be an object, which carries the id of a request, as "protocol" is "ndjson"`,
  }];
}

/** Whether a value survives JSON as it is; a module's manifest can hold what a file can't. */
function isJson(value: unknown): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  if (!isObject(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return (prototype === null || prototype === Object.prototype) && Object.values(value).every(isJson);
}
