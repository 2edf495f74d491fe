/**
 * The part of the manifest's schema that says how a sidecar talks.
 *
 * @module
 */

import { z } from "zod";
import type { CodecName } from "../../process/codecs/codecs.ts";
import type { PairingInput, ProtocolEntry, ProtocolInput, ServerEntry } from "./protocol_entries.ts";
import { filledTextSchema, textSchema } from "./text.ts";
import { describeValue, nearestKey, quote, quoteChoices } from "../../text/words.ts";

/** Which pairings each codec can have, the usual one first; by `id` takes objects, and `bytes` have no frames. */
const PAIRINGS = {
  "bytes": ["none"],
  "lines": ["in-order", "none"],
  "ndjson": ["id", "in-order", "none"],
  "content-length": ["id", "in-order", "none"],
  "length-prefixed-be": ["in-order", "none"],
  "length-prefixed-le": ["in-order", "none"],
  "netstring": ["in-order", "none"],
} as const satisfies Readonly<Record<CodecName, readonly [PairingWord, ...PairingWord[]]>>;

/** A pairing in one word. */
export type PairingWord = "id" | "in-order" | "none";

/** The protocols that are JSON-RPC. */
const CALLS = ["jsonrpc", "lsp", "mcp"] as const;

/** A protocol's name. */
export type ProtocolName = CodecName | typeof CALLS[number];

const NAMES = [...Object.keys(PAIRINGS) as CodecName[], ...CALLS] as const;

const pairing = z.union([
  z.enum(["id", "in-order", "none"]),
  z.strictObject({
    id: filledTextSchema.describe("The field that goes out with a number and comes back with it."),
  }),
], {
  error: ({ input }) =>
    `expected "id", "in-order" or "none", or an object with "id", got ${described(input, WORDS)}`,
}).optional().describe(
  "How a reply finds its request: by a field, in order, or not at all. Default by id for JSON, none for bytes, else in order.",
);

const WORDS = ["id", "in-order", "none"];

/** The options that only one type has. */
const OPTION_OF = {
  framing: "jsonrpc",
  dialect: "jsonrpc",
  rootUri: "lsp",
  initializationOptions: "lsp",
} as const;

/** The object form of `protocol`. */
export const protocolObject = z.strictObject({
  type: z.enum(NAMES).describe("How messages become bytes, or which kind of server it is."),
  pairing,
  framing: z.enum(["lines", "headers"]).optional().describe(
    "For jsonrpc: one message a line, or behind Content-Length headers. Default lines, with lsp headers.",
  ),
  dialect: z.enum(["lsp", "mcp"]).optional().describe(
    "For jsonrpc: how requests are cancelled and progress is told. Default neither is.",
  ),
  rootUri: textSchema.regex(/^file:\/\//, "must start with file://").optional().describe(
    "For lsp: the workspace's root, as a file: URL. Default none.",
  ),
  initializationOptions: z.unknown().optional().describe(
    "For lsp: what this server is told beyond the protocol. Default nothing.",
  ),
}).superRefine((written, context) => {
  const refuse = (key: string, message: string) => context.addIssue({ code: "custom", path: [key], message });
  const { type, pairing } = written;
  for (const [key, of] of Object.entries(OPTION_OF)) {
    if (written[key as keyof typeof OPTION_OF] !== undefined && type !== of) {
      refuse(key, `is for ${quote(of)}, not for ${quote(type)}`);
    }
  }
  if (pairing === undefined) return;
  if (isCalls(type)) return refuse("pairing", `${type} pairs replies in a way of its own; leave it out`);
  const known: readonly PairingWord[] = PAIRINGS[type];
  if (known.includes(wordOf(pairing))) return;
  refuse("pairing", `${quote(type)} can have ${quoteChoices(known)}${WHY[wordOf(pairing)]}`);
}).meta({
  allOf: [
    { if: is(...CALLS), then: lacks("pairing") },
    { if: is("jsonrpc"), else: lacks("framing", "dialect") },
    { if: is("lsp"), else: lacks("rootUri", "initializationOptions") },
  ],
});

function is(...types: readonly string[]): object {
  return { properties: { type: { enum: types } } };
}

function lacks(...keys: readonly string[]): object {
  return { not: { anyOf: keys.map((key) => ({ required: [key] })) } };
}

function isCalls(name: ProtocolName): name is typeof CALLS[number] {
  return CALLS.some((known) => known === name);
}

/** Why a protocol can't have that pairing. */
const WHY: Readonly<Record<PairingWord, string>> = {
  "id": "; only a JSON object has a field for an id",
  "in-order": "; bytes come in pieces, not in replies",
  "none": "",
};

const written: z.ZodType<ProtocolEntry, ProtocolInput> = z.union([z.enum(NAMES), protocolObject], {
  error: ({ input }) =>
    `expected ${quoteChoices(NAMES)}, or an object with "type", got ${described(input, NAMES)}`,
}).transform(resolved);

/** How stdin and stdout are cut into messages. */
export const protocol = written.optional().describe(
  "How stdin and stdout are cut into messages: a name, or an object with options. Without one, output is logged line by line.",
);

function resolved(written: ProtocolInput): ProtocolEntry {
  if (typeof written === "string") {
    return written === "jsonrpc" || written === "lsp" || written === "mcp"
      ? resolved({ type: written })
      : written;
  }
  switch (written.type) {
    case "jsonrpc": {
      const { type, dialect, framing = dialect === "lsp" ? "headers" : "lines" } = written;
      return dialect === undefined ? { type, framing } : { type, framing, dialect };
    }
    case "lsp":
    case "mcp":
      return written;
    default: {
      const { type, pairing } = written;
      if (pairing === undefined) return type;
      return { type, pairing: pairing === "id" ? { id: "id" } : pairing };
    }
  }
}

/** How a protocol, as it is written, pairs its replies; `calls` in the way of JSON-RPC; `undefined`: it is none. */
export function pairingIn(written: unknown): PairingWord | "calls" | undefined {
  const { data } = protocol.safeParse(written);
  if (data === undefined) return undefined;
  if (typeof data === "string") return PAIRINGS[data][0];
  return "pairing" in data ? wordOf(data.pairing) : "calls";
}

/** The name in a protocol as it is written; `undefined`: there is none. */
export function protocolNameIn(written: unknown): ProtocolName | undefined {
  const name = typeof written === "object" && written !== null ? Reflect.get(written, "type") : written;
  return NAMES.find((known) => known === name);
}

/** Whether it is a server with a handshake, which tells when it is ready. */
export function greets(entry: ProtocolEntry | undefined): entry is ServerEntry {
  return typeof entry === "object" && (entry.type === "lsp" || entry.type === "mcp");
}

function wordOf(pairing: PairingInput): PairingWord {
  return typeof pairing === "object" ? "id" : pairing;
}

const last = z.strictObject({
  field: filledTextSchema.describe("The field of a frame that tells."),
  equals: z.union([z.string(), z.number(), z.boolean(), z.null()], {
    error: ({ input }) => `expected a text, a number, true, false or null, got ${describeValue(input)}`,
  }).prefault(true).describe("Its value in the last frame. Default true."),
});

/** The two forms of `until`. */
export const untilForms = {
  end: z.strictObject({
    end: textSchema.regex(/^[^\r\n]*$/, "must be one line").describe(
      "For lines: the line behind the last one of the reply; it is no part of it.",
    ),
  }),
  last: z.strictObject({
    last: last.describe("For JSON: the last frame is the one in which a field has that value."),
  }),
};

/** Which frame ends a reply of many. */
export const until = z.union([untilForms.end, untilForms.last], {
  error: ({ input }) => `expected an object with "end" or "last", got ${describeValue(input)}`,
}).optional().describe(
  "Where a reply has many frames: which of them ends it. Default a reply is one frame.",
);

/** The keys of `pairing` and `last`. */
export const PAIRING_KEYS: readonly string[] = ["id"];
export const LAST_KEYS: readonly string[] = Object.keys(last.shape);

function described(input: unknown, known: readonly string[]): string {
  const near = typeof input === "string" ? nearestKey(input, known) : undefined;
  return `${describeValue(input)}${near === undefined ? "" : `; did you mean ${quote(near)}?`}`;
}
