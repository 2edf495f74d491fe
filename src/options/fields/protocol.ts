/**
 * The options that say how a sidecar talks.
 */

import { filled, key, needed, shape, text, types, union, word } from "../build.ts";
import type { Property, Refuse, ShapeField, UnionField } from "../field.ts";
import type { PairingEntry, PairingInput, ProtocolEntry, ProtocolInput } from "../types.ts";
import { quote, quoteChoices } from "../../text/words.ts";
import { goodbye, hello, markFault, SERVER_OPTIONS } from "./conversation.ts";

/** A pairing in one word. */
export type PairingWord = "id" | "in-order" | "mark" | "none";

/** The name of a codec. */
export type CodecName =
  | "bytes"
  | "lines"
  | "ndjson"
  | "content-length"
  | "length-prefixed-be"
  | "length-prefixed-le"
  | "netstring";

/** Which pairings each codec can have, the usual one first; `id` takes objects, `mark` text, and `bytes` have no frames. */
const PAIRINGS = {
  "bytes": ["none"],
  "lines": ["in-order", "mark", "none"],
  "ndjson": ["id", "in-order", "none"],
  "content-length": ["id", "in-order", "none"],
  "length-prefixed-be": ["in-order", "none"],
  "length-prefixed-le": ["in-order", "none"],
  "netstring": ["in-order", "none"],
} as const satisfies Readonly<Record<CodecName, readonly [PairingWord, ...PairingWord[]]>>;

/** The protocols that are JSON-RPC. */
const CALLS = ["jsonrpc", "lsp", "mcp"] as const;

/** A protocol's name. */
export type ProtocolName = CodecName | typeof CALLS[number];

/** The codecs by name. */
export const CODEC_NAMES = Object.keys(PAIRINGS) as CodecName[];

/** How the replies of a codec find their requests where nothing else is said. */
export function usualPairing(codec: CodecName): PairingEntry {
  return pairingEntry(PAIRINGS[codec][0]);
}

/** A pairing in one form, however it is written. */
export function pairingEntry(written: PairingInput): PairingEntry {
  return written === "id" ? { id: "id" } : written;
}

/** The protocols by name. */
export const PROTOCOL_NAMES: readonly ProtocolName[] = [...CODEC_NAMES, ...CALLS];

/** How a reply finds its request. */
export const pairing: UnionField = union(`"id", "in-order" or "none", or an object with "id" or "mark"`, [
  word(["id", "in-order", "none"]),
  shape({ id: needed(filled, "The field that goes out with a number and comes back with it") }),
  shape({
    mark: needed(
      { ...text, fault: markFault },
      "For lines: what is sent behind each line, with {mark} in it; what comes before the mark is the reply, a text",
    ),
  }),
], {
  types: types(
    "PairingInput",
    "PairingEntry",
    `How replies find their requests; \`"id"\` stands for \`{ id: "id" }\`.`,
  ),
  output: `"in-order" | "none" | { readonly id: string } | { readonly mark: string }`,
  to: pairingEntry,
});

/** The options of protocols, each with the types that have it. */
const OPTIONS: Readonly<Record<string, { readonly of: readonly string[]; readonly property: Property }>> = {
  pairing: {
    of: CODEC_NAMES,
    property: key(pairing, "How a reply finds its request: by a field, in order, by a mark, or not at all", {
      otherwise: "by id for JSON, none for bytes, else in order",
    }),
  },
  newline: {
    of: ["lines"],
    property: key(
      word(["lf", "any"]),
      "For lines: `any` ends a line at a lone carriage return, too",
      { otherwise: "lf" },
    ),
  },
  framing: {
    of: ["jsonrpc"],
    property: key(
      word(["lines", "headers"]),
      "For jsonrpc: one message a line, or behind Content-Length headers",
      {
        otherwise: "lines, with lsp headers",
      },
    ),
  },
  dialect: {
    of: ["jsonrpc"],
    property: key(word(["lsp", "mcp"]), "For jsonrpc: how requests are cancelled and progress is told", {
      otherwise: "neither is",
    }),
  },
  hello: { of: ["jsonrpc"], property: hello },
  goodbye: { of: ["jsonrpc"], property: goodbye },
  ...SERVER_OPTIONS,
};

/** The object form of `protocol`. */
export const protocolObject: ShapeField = shape({
  type: needed(word(PROTOCOL_NAMES), "How messages become bytes, or which kind of server it is"),
  ...Object.fromEntries(Object.entries(OPTIONS).map(([name, { property }]) => [name, property])),
}, {
  rule: protocolFaults,
  variants: [
    CODEC_NAMES.filter((name) => name !== "lines"),
    ...(["lines", ...CALLS] as const).map((name) => [name]),
  ].map((types) => ({
    types,
    keys: optionsOf(types[0]!),
  })),
  conditions: {
    allOf: [
      { if: is(...CALLS), then: lacks("pairing") },
      { if: is("lines"), else: lacks("newline") },
      { if: is("jsonrpc"), else: lacks("framing", "dialect", "hello", "goodbye") },
      { if: is("lsp"), else: lacks(...optionsOf("lsp")) },
      { if: is("mcp"), else: lacks(...optionsOf("mcp")) },
    ],
  },
});

/** The options that a type has. */
function optionsOf(type: string): string[] {
  return Object.entries(OPTIONS).flatMap(([name, { of }]) => of.includes(type) ? [name] : []);
}

/** A server with a handshake, for its types. */
export const server: ShapeField = {
  ...protocolObject,
  variants: ["lsp", "mcp"].map((type) => ({ types: [type], keys: optionsOf(type) })),
  types: types(
    "ServerInput",
    "ServerEntry",
    "A program whose start is a handshake, and whose stop begins with a goodbye.",
  ),
};

function is(...types: readonly string[]): object {
  return { properties: { type: { enum: types } } };
}

function lacks(...keys: readonly string[]): object {
  return { not: { anyOf: keys.map((key) => ({ required: [key] })) } };
}

function protocolFaults(
  written: { readonly type?: ProtocolName; readonly pairing?: PairingInput },
  refuse: Refuse,
  isClean: boolean,
): void {
  const { type, pairing } = written;
  // Reported as missing, or as unknown, already.
  if (type === undefined) return;
  for (const [name, { of }] of Object.entries(OPTIONS)) {
    if (name === "pairing" || Reflect.get(written, name) === undefined || of.includes(type)) continue;
    refuse(`is for ${quote(of[0]!)}, not for ${quote(type)}`, name);
  }
  if (pairing === undefined || !isClean) return;
  if (isCalls(type)) return refuse(`${type} pairs replies in a way of its own; leave it out`, "pairing");
  const known: readonly PairingWord[] = PAIRINGS[type];
  if (known.includes(wordOf(pairing))) return;
  const words = known.filter((word) => word !== "mark");
  refuse(`${quote(type)} can have ${quoteChoices(words)}${WHY[wordOf(pairing)]}`, "pairing");
}

function isCalls(name: ProtocolName): name is typeof CALLS[number] {
  return CALLS.some((known) => known === name);
}

/** Why a protocol can't have that pairing. */
const WHY: Readonly<Record<PairingWord, string>> = {
  "id": "; only a JSON object has a field for an id",
  "in-order": "; bytes come in pieces, not in replies",
  "mark": "; a mark is in a line of text",
  "none": "",
};

/** How stdin and stdout are cut into messages. */
export const protocol: UnionField = union(
  `${quoteChoices(PROTOCOL_NAMES)}, or an object with "type"`,
  [word(PROTOCOL_NAMES), protocolObject],
  {
    types: types(
      "ProtocolInput",
      "ProtocolEntry",
      "How a sidecar talks: a name, or an object where it has options.",
    ),
    output: [
      CODEC_NAMES.map((name) => JSON.stringify(name)).join(" | "),
      `{ readonly type: ${
        CODEC_NAMES.map((name) => JSON.stringify(name)).join(" | ")
      }; readonly pairing: PairingEntry; readonly newline?: "any" | undefined }`,
      `{ ${
        [
          `readonly type: "jsonrpc"`,
          `readonly framing: "lines" | "headers"`,
          `readonly dialect?: "lsp" | "mcp" | undefined`,
          `readonly hello?: readonly HelloStep[] | undefined`,
          `readonly goodbye?: readonly GoodbyeStep[] | undefined`,
        ].join("; ")
      } }`,
      "ServerEntry",
    ].join(" | "),
    to: resolved,
  },
);

function resolved(written: ProtocolInput): ProtocolEntry {
  if (typeof written === "string") {
    return written === "jsonrpc" || written === "lsp" || written === "mcp"
      ? resolved({ type: written })
      : written;
  }
  switch (written.type) {
    case "jsonrpc": {
      const { type, dialect, framing = dialect === "lsp" ? "headers" : "lines", ...more } = written;
      return dialect === undefined ? { type, framing, ...more } : { type, framing, dialect, ...more };
    }
    case "lsp":
    case "mcp":
      return written;
    default: {
      const { type, pairing } = written;
      const newline = "newline" in written && written.newline === "any" ? written.newline : undefined;
      if (pairing === undefined && newline === undefined) return type;
      const how = pairingEntry(pairing ?? PAIRINGS[type][0]);
      return { type, pairing: how, ...(newline !== undefined && { newline }) };
    }
  }
}

/** How a protocol, once resolved, pairs its replies; `calls` in the way of JSON-RPC. */
export function pairingOf(protocol: ProtocolEntry): PairingWord | "calls" {
  if (typeof protocol === "string") return PAIRINGS[protocol][0];
  return "pairing" in protocol ? wordOf(protocol.pairing) : "calls";
}

/** The name in a protocol as it is written; `undefined`: there is none. */
export function protocolNameIn(written: unknown): ProtocolName | undefined {
  const name = typeof written === "object" && written !== null ? Reflect.get(written, "type") : written;
  return PROTOCOL_NAMES.find((known) => known === name);
}

/** Whether the start of the sidecar is a handshake, which tells when it is ready. */
export function hasHandshake(entry: ProtocolEntry | undefined): boolean {
  return typeof entry === "object" &&
    (entry.type === "lsp" || entry.type === "mcp" || (entry.type === "jsonrpc" && entry.hello !== undefined));
}

/** Whether a stop has time for a goodbye in the words of the protocol. */
export function hasGoodbye(entry: ProtocolEntry | undefined): boolean {
  return hasHandshake(entry) ||
    (typeof entry === "object" && entry.type === "jsonrpc" && entry.goodbye !== undefined);
}

function wordOf(pairing: PairingInput): PairingWord {
  return typeof pairing !== "object" ? pairing : "mark" in pairing ? "mark" : "id";
}
