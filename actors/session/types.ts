/**
 * The parts of a session: what passes, what is kept for the next process, and the two ends.
 */

import { type ActorRef, OutriderError, type Reply } from "@outrider/outrider";
import type { JsonRpcDialect, JsonRpcId, JsonRpcPeer } from "@outrider/outrider/protocol";

/** A message of either side, as it stands in its frame. */
export interface JsonRpcMessage {
  /** The version of JSON-RPC. */
  readonly jsonrpc?: string;
  /** Of a request, and of the answer to it. */
  readonly id?: JsonRpcId;
  /** Of a request or a notification. */
  readonly method?: string;
  /** An object or a list. */
  readonly params?: unknown;
  /** Of an answer. */
  readonly result?: unknown;
  /** Of an answer, in place of a result: an object with `code`, `message` and `data`. */
  readonly error?: unknown;
}

/** What a session keeps for the next process, by the rules of its protocol. */
export interface SessionMemory {
  /** Loads what it needs, before anything is written. */
  prepare?(): Promise<void>;
  /** The client says `message`, which is to be sent: it may still have to wait. Gives what is sent in its place. */
  said?(message: JsonRpcMessage): JsonRpcMessage;
  /** `message` is about to be written. Gives what is written in its place; `undefined`: the process knows it already. */
  written(message: JsonRpcMessage, generation: number): JsonRpcMessage | undefined;
  /** Whether a notification of the client goes past the mailbox, as one about a request of the server does. */
  isPast?(message: JsonRpcMessage): boolean;
  /** `request` is over: answered by `response`, failed or taken back. */
  settled(request: JsonRpcMessage, response: JsonRpcMessage | undefined): void;
  /** The server tells or asks something. Gives what the client is told; `undefined`: nothing. */
  heard(message: JsonRpcMessage, generation: number): JsonRpcMessage | readonly JsonRpcMessage[] | undefined;
  /**
   * Tells a new process what the client has said to earlier ones. Gives what the client is told after it, and what is
   * lost.
   *
   * @throws {SessionOverError} the process can't go on with what the client has agreed with an earlier one
   */
  hello(server: JsonRpcPeer, generation: number): Promise<SessionNews>;
  /** What becomes of an unanswered `request` when its process ends; `undefined`: what the caller has marked. */
  atDeath(request: JsonRpcMessage): "fail" | "replay" | "standing" | undefined;
  /** The error of a request that has failed with its process, in place of -32000. */
  errorFor?(request: JsonRpcMessage): { readonly code: number; readonly message: string } | undefined;
  /** These messages were framed and never written; those that are still wanted come again, to the next process. */
  unsent?(messages: readonly unknown[]): void;
  /** Whether a server ends by that message of its client, which is written now. */
  ends?(message: JsonRpcMessage): boolean;
  /** The orderly goodbye, before stdin of a process is closed; `undefined`: it needs none. */
  goodbye?(server: JsonRpcPeer, timeUp: AbortSignal): Promise<void> | undefined;
  /** What the client is told when the process of this generation has ended. */
  ended?(generation: number): readonly JsonRpcMessage[];
  /** Forgets everything: another client begins. */
  clear(): void;
}

/** What a client is told of a new process. */
export interface SessionNews {
  /** As the server would tell it. */
  readonly told: readonly JsonRpcMessage[];
  /** What the new process can't do that an earlier one could. */
  readonly lost?: Error | undefined;
}

/** The client's end of a session. */
export interface SessionClient {
  /** Takes a message of the server, of `size` bytes; a promise: reading pauses until it settles. */
  deliver(message: JsonRpcMessage, size: number): void | Promise<void>;
  /** Something is wrong that does not end the session. */
  trouble(error: Error): void;
  /** The session is over. Called once. */
  closed(why: Error | undefined): void;
}

/** A request of the client without an answer. */
export interface SessionRequest {
  readonly message: JsonRpcMessage;
  readonly abort: AbortController;
  /** The reply to its ask, while a process has the request. */
  reply?: Reply<unknown> | undefined;
  /** How the client has taken it back. */
  cancellation?: JsonRpcMessage;
}

/** The ref of a session's child. */
export type SessionRef = ActorRef<JsonRpcMessage, void, JsonRpcMessage>;

/** How a session is made. */
export interface SessionOptions {
  /** How to cancel and report progress. */
  readonly dialect: JsonRpcDialect;
  /** What is kept for the next process. */
  readonly memory: SessionMemory;
  /** Whether a request may be sent to another process when its own has ended. */
  readonly isIdempotent: (request: JsonRpcMessage) => boolean;
}

/** The session can't go on with the process that was started for the one that has ended; the process itself is fine. */
export class SessionOverError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "session_over";
}

/** A server that was started again lacks what an earlier process of it had. */
export class SessionLossError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "session_loss";
  /** The capabilities, by path, and the requests that were refused. */
  readonly missing: readonly string[];

  /** Made by the session. */
  constructor(missing: readonly string[]) {
    super(
      `Cannot do all that the client has agreed: the server was started again without ${missing.join(", ")}`,
    );
    this.missing = missing;
  }
}

/** The server has ended; when it is started again, after its cool-down or by hand, the session goes on. `cause` is why. */
export class SessionHeldError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "session_held";
}

/** An ask of the child of a session that is not of the session's client. */
export class SessionAskError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "session_ask";

  /** Made by the session. */
  constructor(path: string) {
    super(`Cannot ask '${path}': its session passes on what its own client asks; ask through its transport`);
  }
}

/** The process that a session has now, as its correlation shows it. */
export interface SessionServer {
  /** Which incarnation, counted from 1. */
  readonly generation: number;
  /** Of its process. */
  readonly pid: number | undefined;
  /** The place of its child in the tree. */
  readonly path: string;
  /** Whether it has ended, or is to end. */
  readonly isEnding: boolean;
  /** The client's answer to a request of a server: of this one, or it is dropped. */
  respond(response: JsonRpcMessage): void | Promise<void>;
  /** A line for its log. */
  note(text: string): void;
  /** A notification of the client, past the mailbox. */
  tell(message: JsonRpcMessage): void | Promise<void>;
  /** The client has gone: the process ends in order, if it has heard anything of it. */
  leave(): void;
}
