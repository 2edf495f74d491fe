/**
 * Messages of a sidecar as the command line has them: text to and from arguments, standard input and output.
 */

import type { ProtocolName } from "../../options/fields/protocol.ts";
import type { ProtocolEntry } from "../../options/types.ts";
import { requestIssues } from "../../manifest/validate/requests.ts";
import { asError } from "../../actor/exit.ts";
import { printableLine } from "../../text/words.ts";
import { visibleJson, visibleLines } from "../../text/printable.ts";
import { UsageError } from "../verb.ts";

/** The kind of messages: lines of text, JSON values, bytes in frames, or calls; a stream has no messages. */
export type MessageKind = "text" | "json" | "frames" | "calls" | "stream";

/** Returns the kind of a protocol's messages; `undefined` without a protocol. */
export function messageKindOf(protocol: ProtocolEntry | undefined): MessageKind | undefined {
  if (protocol === undefined) return undefined;
  const name = protocolNameOf(protocol);
  if (name === "jsonrpc" || name === "lsp" || name === "mcp") return "calls";
  if (
    name === "bytes" || (typeof protocol === "object" && "pairing" in protocol && protocol.pairing === "none")
  ) {
    return "stream";
  }
  return name === "lines" ? "text" : name === "ndjson" || name === "content-length" ? "json" : "frames";
}

/** The name of a protocol. */
export function protocolNameOf(protocol: ProtocolEntry): ProtocolName {
  return typeof protocol === "string" ? protocol : protocol.type;
}

/** The family of servers of JSON-RPC that a protocol is of; `undefined`: none is known. */
export function jsonRpcDialectOf(protocol: ProtocolEntry): "lsp" | "mcp" | undefined {
  const name = protocolNameOf(protocol);
  if (name === "lsp" || name === "mcp") return name;
  return typeof protocol === "object" && "dialect" in protocol ? protocol.dialect : undefined;
}

/** The message that `written`, an argument or standard input, is. @throws {UsageError} it is none */
export function parseMessage(written: Uint8Array, protocol: ProtocolEntry): unknown {
  const kind = messageKindOf(protocol);
  if (kind === "frames") return written;
  const text = decoded(written);
  const message = kind === "text" ? text.replace(/\r?\n$/, "") : parseJsonArgument("MESSAGE", text);
  const [fault] = requestIssues(message, [], protocol);
  if (fault !== undefined) throw new UsageError(`Cannot send MESSAGE: it ${fault.message}`);
  return message;
}

/** A JSON value in an argument. @throws {UsageError} */
export function parseJsonArgument(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(
      `Cannot use ${what}: it is not valid JSON: ${printableLine(asError(error).message)}`,
    );
  }
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError("Cannot use MESSAGE: it is not UTF-8");
  }
}

/**
 * A reply as it is printed: text and JSON as a line, frames as they are. On a terminal, JSON has more lines, and
 * nothing is there that a terminal obeys or hides.
 */
export function formatReply(
  reply: unknown,
  { kind, terminal }: { readonly kind: MessageKind; readonly terminal: boolean },
): string | Uint8Array {
  if (reply instanceof Uint8Array) return terminal ? visibleLines(new TextDecoder().decode(reply)) : reply;
  if (kind === "text") return `${terminal ? printableLine(String(reply)) : reply}\n`;
  const text = JSON.stringify(reply ?? null, null, terminal ? 2 : undefined);
  return `${terminal ? visibleJson(text) : text}\n`;
}
