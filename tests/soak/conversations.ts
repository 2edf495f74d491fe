/**
 * How `cat` is talked to in each protocol: it sends back every frame, so each ask has an answer that can be known again.
 *
 * JSON-RPC goes the long way: `cat` sends our request back to us, as one of its own; a handler answers it, and what `cat`
 * makes of that is the answer.
 *
 * @module
 */
import { jsonrpc, type SidecarOptions } from "@outrider/outrider";

/** One protocol. */
export interface Conversation {
  readonly name: string;
  readonly protocol: NonNullable<SidecarOptions["protocol"]>;
  /** Whether there are answers; otherwise a message can only be told. */
  readonly answers: boolean;
  /** Whether a message may be told: where answers come in order, what `cat` makes of it would be taken for one. */
  readonly tells: boolean;
  /** Message number `n`, about `size` bytes long. */
  message(n: number, size: number): unknown;
  /** Whether `reply` is the answer to message number `n`. */
  isAnswer(reply: unknown, n: number): boolean;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const text = (n: number, size: number) => `${n} ${"x".repeat(size)}`;
const numberIn = (reply: unknown) => (reply as { n?: unknown }).n;

const asText = {
  answers: true,
  tells: false,
  message: text,
  isAnswer: (reply: unknown, n: number) => typeof reply === "string" && parseInt(reply) === n,
};

const asBytes = {
  answers: true,
  tells: false,
  message: (n: number, size: number) => encoder.encode(text(n, size)),
  isAnswer: (reply: unknown, n: number) =>
    reply instanceof Uint8Array && parseInt(decoder.decode(reply.subarray(0, 20))) === n,
};

const asJson = {
  answers: true,
  tells: true,
  message: (n: number, size: number) => ({ n, filler: "x".repeat(size) }),
  isAnswer: (reply: unknown, n: number) => numberIn(reply) === n,
};

/** All of them. */
export const CONVERSATIONS: readonly Conversation[] = [
  { name: "lines", protocol: "lines", ...asText },
  { name: "ndjson", protocol: "ndjson", ...asJson },
  { name: "content-length", protocol: "content-length", ...asJson },
  { name: "length-prefixed-be", protocol: "length-prefixed-be", ...asBytes },
  { name: "length-prefixed-le", protocol: "length-prefixed-le", ...asBytes },
  { name: "netstring", protocol: "netstring", ...asBytes },
  { name: "bytes", protocol: "bytes", ...asBytes, answers: false, tells: true },
  {
    ...asJson,
    name: "jsonrpc",
    protocol: jsonrpc({ handlers: { echo: ({ params }) => params } }),
    message: (n, size) => ({ method: "echo", params: asJson.message(n, size) }),
  },
];
