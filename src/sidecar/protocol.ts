/**
 * A sidecar's protocol: the codec for its frames, and the correlation that says which reply belongs to which
 * request.
 *
 * A protocol is data without state. Each incarnation opens a {@linkcode ReplyCorrelation} of its own, on a {@linkcode
 * SidecarConnection} to its process, so nothing that an old process was asked can be answered by a new one.
 */

import { CODEC_NAMES, type CodecName, pairingEntry, usualPairing } from "../options/fields/protocol.ts";
import { OptionError } from "../actor/actor_errors.ts";
import type { JsonRpcOptions } from "./json_rpc/types.ts";
import type { Clock } from "../time/clock.ts";
import type { Codec } from "../process/codecs/codec.ts";
import type { JsonValue } from "../process/codecs/json.ts";
import type { LineLevel } from "../process/pipes/logged_lines.ts";
import type { Malformed } from "../process/framing/framing.ts";
import type { Reply } from "../actor/asks/options.ts";
import type { WritableData } from "../process/pipes/stdin.ts";

/**
 * How replies find their requests; `id` names the field that carries the number, `mark` is the line that has the program
 * print a mark behind each reply.
 */
export type PairingWay = "in-order" | "none" | { readonly id: string } | { readonly mark: string };

/** Replies are paired as JSON-RPC says; made by `jsonrpc`. */
export interface JsonRpcPairing {
  /** The options of `jsonrpc`. */
  readonly jsonrpc: JsonRpcOptions;
}

/**
 * A protocol of your own, or one that is made by a function such as `jsonrpc`.
 *
 * @typeParam Message what is sent
 * @typeParam Value what an ask is answered with
 * @typeParam Published what subscribers get
 */
// deno-lint-ignore no-explicit-any -- a protocol may leave its types to the caller
export interface Protocol<in Message = any, out Value = any, out Published = any> {
  /** For errors. */
  readonly name: string;
  /** Frames and messages: a codec, or the name of one. */
  // deno-lint-ignore no-explicit-any -- messages come from callers and processes: the codec checks its input
  readonly codec: Codec<any, any> | CodecName;
  /** How replies find their requests; a function makes a pairing for one incarnation. */
  readonly pairing: PairingWay | JsonRpcPairing | ((connection: SidecarConnection) => ReplyCorrelation);
  /**
   * Whether {@linkcode ReplyCorrelation.handshake} must have been fulfilled before the sidecar counts as ready.
   * Default: no.
   */
  readonly hasHandshake?: boolean;
  /** Observes the frames of one incarnation; see `actors/tap`. Default: none. */
  readonly tap?: (connection: SidecarConnection) => ProtocolTap;
  /** For the compiler alone: there is no such field. */
  readonly types?:
    | ((message: Message) => { readonly value: Value; readonly published: Published })
    | undefined;
}

/**
 * The types of messages, replies and published values under the protocol `P`: strings for `lines`, JSON for `ndjson`
 * and `content-length`, bytes for the others that have a name, and those of its codec for a protocol of your own. Without
 * a protocol, what the program prints is published in lines, and nothing is sent.
 */
export type ProtocolTypes<P> = P extends undefined ? [message: never, value: never, published: string]
  : P extends "lines" ? [message: string, value: string, published: string]
  : P extends "ndjson" | "content-length" ? [message: unknown, value: JsonValue, published: JsonValue]
  : P extends CodecName ? [message: Uint8Array, value: Uint8Array, published: Uint8Array<ArrayBuffer>]
  : P extends Protocol<infer Message, infer Value, infer Published>
    ? "types" extends keyof P ? [message: Message, value: Value, published: Published]
    : P extends { readonly codec: Codec<infer In, infer Out> } ? [message: In, value: Out, published: Out]
    : never
  : never;

/** What `until` is asked of under the protocol `P`: a frame as it came, before any schema has seen it. */
export type FrameOf<P> = [P] extends [undefined] ? unknown : ProtocolTypes<P>[1];

/**
 * The answer of an ask where a frame of a reply is a `Value`: none, if the protocol `P` or the `Way` of pairing knows
 * no replies, and many, where `until` gives the `Place` of each.
 */
export type ReplyOf<Value, P, Way, Place> = P extends { readonly pairing: "none" } | undefined ? never
  : Way extends "none" ? never
  : [P, Way] extends ["bytes", undefined] ? never
  : unknown extends Place ? Value
  : [Place] extends [never] ? Value
  : AsyncIterable<Value>;

/** An observer of frames. It must not wait. If it throws, the log gets a line, and it sees no further frames. */
export interface ProtocolTap {
  /** A frame was given to the process. */
  sent(frame: WritableData): void;
  /** A message came from the process, as the codec read it. */
  received(message: unknown): void;
  /** The process wrote something that is not a message. */
  malformed(fault: Malformed): void;
  /** The process has ended, and its pipes. Settles when it holds nothing open; never rejects. */
  close(): Promise<void>;
}

/** Options of {@linkcode SidecarConnection.send}. */
export interface SendOptions {
  /** Whether the sender waits for the promise before it sends another like it: the frame may have any size. Default no. */
  readonly isAlone?: boolean;
}

/** A reply correlation's access to its incarnation. */
export interface SidecarConnection {
  /** The sidecar's place in the tree. */
  readonly path: string;
  /** Which incarnation, counted from 1. */
  readonly generation: number;
  /** Of its process, once that is started. */
  readonly pid: number | undefined;
  /** The tree's clock. */
  readonly clock: Clock;
  /** Aborts when the incarnation is to end. */
  readonly signal: AbortSignal;
  /**
   * Writes past the mailbox: answers, cancellations. Frames that the process does not take are kept, up to
   * {@linkcode MAX_UNREAD_ANSWERS} bytes; then the sidecar is ended. Returns a promise while the pipe is full: fulfilled
   * when it no longer is, rejected if it broke.
   */
  send(frame: WritableData, options?: SendOptions): void | Promise<void>;
  /** Gives `item`, of `size` bytes (default 0), to the subscribers, or makes it a dead letter where there are none. */
  publish(item: unknown, size?: number): void;
  /** Makes `item` a dead letter: it answers no known request. */
  unmatched(item: unknown): void;
  /** Pauses reading until `room`, as the reader of a stream is behind, unless a reply is awaited. */
  pauseReading(room: Promise<void>): void;
  /** A message that the codec let pass breaks the protocol. Returns the fault as it is reported, without secrets. */
  malformed(fault: Malformed): Malformed;
  /** See {@linkcode Context.noteDropped}. */
  noteDropped(kind: string, describe: () => string): void;
  /** Ends the incarnation in order, as nobody needs this process any more; the restart that follows counts for nothing. */
  end(): void;
  /** Whether there is a subscriber. */
  readonly isSubscribed: boolean;
  /** A text for the log, among the lines that the process writes to stderr. Default level `info`. */
  note(text: string, level?: LineLevel): void;
}

/** The pairing of one incarnation. */
export interface ReplyCorrelation {
  /** The frame for a message without a reply. @throws {UnencodableMessageError} */
  frame(message: unknown): WritableData;
  /** The frame for a request; its answer goes to `reply`. @throws {UnencodableMessageError} */
  request(message: unknown, reply: Reply<unknown>): WritableData;
  /** Takes the last request back: it could not be sent. */
  withdraw(): void;
  /**
   * Takes a message from the process, which had `size` bytes where its codec tells; `false`: it belongs to no request,
   * now or ever.
   */
  match(message: unknown, size?: number): boolean;
  /** A frame was lost that may have been a reply; `why` is called if it was one, `fault` has its beginning. */
  lost(why: () => Error, fault: Malformed): void;
  /** Requests without an answer. */
  readonly size: number;
  /** Whether no more requests can be kept account of. */
  readonly isFull: boolean;
  /** Whether a reply, or more of one, is awaited. */
  readonly hasPending: boolean;
  /** Whether a reply is awaited of which nothing has arrived yet. */
  readonly isAwaited: boolean;
  /** The methods of unanswered requests of its own, such as those of the handshake. */
  readonly unanswered?: readonly string[];
  /** Whether the process is at work on a request of a caller. */
  readonly isBusy?: boolean;
  /** A number that changes whenever a request was answered. Without it and `placeOf`, no late reply is waited for. */
  readonly progress?: number;
  /** Whether a request that was given up is unanswered, and if so, `behind` an older one that is still wanted. */
  placeOf?(reply: Reply<unknown>): "first" | "behind" | undefined;
  /** Where replies come in order: which earlier request the process owes a reply before this one, as a clause. */
  owedBefore?(reply: Reply<unknown>, redact: (text: string) => string): string | undefined;
  /** Fulfilled when fewer than `n` requests are without an answer. */
  below(n: number): Promise<void>;
  /** The process has closed its stdout: all awaited replies fail with the error of `why`. */
  onStdoutClosed(why: () => Error): void;
  /**
   * The process has ended: streams end with the error of `why`, an `IncarnationEndedError`, and handlers of its
   * requests are cancelled. The messages `unsent` were framed and never written: unless their senders have given up, the
   * next incarnation has them.
   */
  close(why: () => Error, unsent: readonly unknown[]): void;
  /** The handshake, in the start. Rejects if it fails. */
  handshake?(): Promise<void>;
  /** The orderly goodbye, in the stop. */
  requestShutdown?(): Promise<void>;
  /** The stop sequence goes on, with the goodbye or without; what is sent here goes out before stdin is closed. */
  shutdownTimeUp?(): void;
}

/** Bytes of answers and cancellations that a process may leave unread before it is ended as a broken one. */
export const MAX_UNREAD_ANSWERS = 8_388_608;

/**
 * The protocol of that name, or `protocol` itself; `pairing` overrides how replies find their requests.
 *
 * @throws {OptionError} there is none of that name, or it pairs by a way of its own
 */
export function resolveProtocol(protocol: CodecName | Protocol, pairing?: PairingWay | "id"): Protocol {
  if (typeof protocol === "string" && !CODEC_NAMES.includes(protocol)) {
    throw new OptionError(
      `Cannot talk ${JSON.stringify(protocol)}: protocols with a name are ${CODEC_NAMES.join(", ")}; ` +
        "others are objects, such as jsonrpc(), lsp() and mcp()",
    );
  }
  const known = typeof protocol === "string"
    ? { name: protocol, codec: protocol, pairing: usualPairing(protocol) }
    : protocol;
  if (pairing === undefined) return known;
  if (
    typeof known.pairing === "function" || (typeof known.pairing === "object" && "jsonrpc" in known.pairing)
  ) {
    throw new OptionError(`Cannot pair replies of ${known.name} in another way: the protocol says how`);
  }
  return { ...known, pairing: pairingEntry(pairing) };
}

/** Whether a stop of its sidecars begins with a request of JSON-RPC. */
export function hasShutdownRequest(protocol: Protocol | undefined): boolean {
  const pairing = protocol?.pairing;
  return typeof pairing === "object" && "jsonrpc" in pairing && pairing.jsonrpc.requestShutdown !== undefined;
}
