/**
 * One process's side of a {@linkcode Session}: frames out, and what each message that comes in is.
 *
 * The client's requests are on the account of `request_account.ts`, those of the server on that of `server_requests.ts`:
 * they get an id that begins with the generation, so that no answer reaches a process that did not ask.
 */

import type { JsonValue, Reply, SidecarOptions } from "@outrider/outrider";
import {
  codecs,
  type JsonRpcId,
  type JsonRpcNotification,
  type ReplyCorrelation,
  sampleOf,
  type SendOptions,
  type SidecarConnection,
  type WritableData,
} from "@outrider/outrider/protocol";
import { regular } from "./answer.ts";
import { fields } from "./fields.ts";
import { RequestAccount } from "./request_account.ts";
import { MAX_SERVER_REQUESTS, ServerRequests } from "./server_requests.ts";
import { SessionPeer } from "./session_peer.ts";
import type { Session } from "./session.ts";
import { type JsonRpcMessage, SessionAskError, SessionOverError, type SessionServer } from "./types.ts";

const BUSY = -32_000;

/** How a process is spoken with. */
export interface SessionCorrelationOptions {
  /** How messages are framed. */
  readonly framing: "ndjson" | "content-length";
  /** The option of the child. */
  readonly whenGivenUp: SidecarOptions["whenGivenUp"];
}

export class SessionCorrelation extends RequestAccount implements ReplyCorrelation, SessionServer {
  readonly #session: Session;
  readonly #connection: SidecarConnection;
  readonly #encode: (message: JsonRpcMessage) => WritableData;
  readonly #asked: ServerRequests;
  readonly #own: SessionPeer;
  /** See {@linkcode ReplyCorrelation.requestShutdown}. */
  readonly requestShutdown: (() => Promise<void>) | undefined;
  readonly #timeUp = new AbortController();
  /** Whether a request that was taken back counts until it is answered, as the process is restarted if it never is. */
  readonly #awaitsLate: boolean;
  /** Whether a client has said anything to this process. */
  #isUsed = false;
  #goodbye: Promise<void> | undefined;

  constructor(
    session: Session,
    connection: SidecarConnection,
    { framing, whenGivenUp }: SessionCorrelationOptions,
  ) {
    super(session, connection.generation);
    this.#awaitsLate = typeof whenGivenUp === "object";
    this.#session = session;
    this.#connection = connection;
    this.#asked = new ServerRequests(connection.generation);
    const { encode } = codecs[framing];
    this.#encode = (message) => encode(message as unknown as JsonValue);
    const { goodbye } = session.memory;
    this.requestShutdown = goodbye &&
      (async () => await (this.#goodbye ?? goodbye.call(session.memory, this.#own, this.#timeUp.signal)));
    this.#own = new SessionPeer(connection, (message, options) => this.post(message, options));
    session.opened(this);
  }

  get generation(): number {
    return this.#connection.generation;
  }

  get pid(): number | undefined {
    return this.#connection.pid;
  }

  get path(): string {
    return this.#connection.path;
  }

  note(text: string): void {
    this.#connection.note(text, "warn");
  }

  get isEnding(): boolean {
    return this.#connection.signal.aborted;
  }

  // --- Out ------------------------------------------------------------------

  /** A notification; one of a client that has gone is not for this process. */
  frame(message: JsonRpcMessage): WritableData {
    return this.#session.framed(message) ? this.#written(message) : "";
  }

  request(message: JsonRpcMessage, reply: Reply<unknown>): WritableData {
    const request = this.#session.requestOf(message);
    if (request === undefined) {
      reply.reject(new SessionAskError(this.path));
      return "";
    }
    const id = this.wireIdOf(message.id!);
    const frame = this.#written(message, id);
    const number = this.begin(message.id!, reply, this.#session.memory.atDeath(message) === "standing");
    request.reply = reply;
    reply.onGivenUp = () => {
      this.givenUp(number, reply);
      if (request.cancellation !== undefined) this.#takeBack(message, id, request.cancellation);
      const forget = () => this.forgetGivenUp(number, reply);
      if (!this.#awaitsLate) return forget();
      const { ping } = this.#session.dialect;
      if (ping !== undefined) this.#own.request(ping).then(forget, forget);
    };
    return frame;
  }

  #takeBack(message: JsonRpcMessage, id: JsonRpcId, cancellation: JsonRpcMessage): void {
    const { dialect } = this.#session;
    // A server of MCP need not answer it, and may.
    if (dialect.cancelledCode === undefined) this.mayAnswerLate(message.id!);
    void this.post(
      id === message.id
        ? cancellation
        : { jsonrpc: "2.0", ...dialect.cancel(id, "the client has taken it back") },
    );
  }

  #written(message: JsonRpcMessage, id = message.id): WritableData {
    const framed = (one: JsonRpcMessage) => this.#encode(one.id === id ? one : { ...one, id: id! });
    // First: what JSON has no text for would fail each handshake from then on, if it was kept.
    const frame = framed(message);
    const written = this.#session.memory.written(message, this.generation);
    if (written === undefined) return "";
    this.#isUsed = true;
    if (this.#session.memory.ends?.(message)) queueMicrotask(() => this.#connection.end());
    return written === message ? frame : framed(written);
  }

  /** Past the mailbox. A promise: the pipe is full; fulfilled also where it breaks, as the process has ended then. */
  post(message: JsonRpcMessage, options?: SendOptions): void | Promise<void> {
    return this.#connection.send(this.#encode(message), options)?.catch(() => {});
  }

  respond(response: JsonRpcMessage): void | Promise<void> {
    const id = this.#asked.take(String(response.id));
    if (id !== undefined) return this.post({ ...response, id });
  }

  tell(message: JsonRpcMessage): void | Promise<void> {
    const written = this.#session.memory.written(message, this.generation);
    if (written !== undefined) return this.post(written);
  }

  // --- In -------------------------------------------------------------------

  match(message: unknown, size = 0): boolean {
    if (Array.isArray(message)) {
      for (const one of message) if (!this.#one(one, size / message.length)) this.#connection.publish(one);
      return true;
    }
    return this.#one(message, size);
  }

  /** `false`: no client is there to take it. */
  #one(item: unknown, size: number): boolean {
    const message = fields(item) as JsonRpcMessage;
    if (typeof message.method !== "string") {
      if ("id" in message) return this.#response(message, size);
      // Not published: the session's own subscription, which tells it of the end, would lag behind many of them.
      const sample = sampleOf(JSON.stringify(item));
      this.#connection.malformed({ kind: "not_json_rpc", bytes: Math.round(size), sample, dropped: true });
      return true;
    }
    const isLogged = message.id === undefined && this.#log(message as JsonRpcNotification);
    if (!this.#session.isAttached) {
      return isLogged || ("id" in message && this.#refuse(message, "no client is connected"));
    }
    const told = message.id === undefined ? this.#notification(message) : this.#request(message);
    if (told !== undefined) this.#deliver(told, size);
    return true;
  }

  /** Shows `message` among the lines of stderr, if it is a log message. */
  #log(message: JsonRpcNotification): boolean {
    const line = this.#session.dialect.logLine?.(message);
    if (line !== undefined) this.#connection.note(line.text, line.level);
    return line !== undefined;
  }

  #deliver(told: JsonRpcMessage | readonly JsonRpcMessage[], size: number): void {
    const room = Array.isArray(told)
      ? told.map((one) => this.#session.deliver(one, size)).at(-1)
      : this.#session.deliver(told as JsonRpcMessage, size);
    if (room !== undefined) this.#connection.pauseReading(room);
  }

  #response(response: JsonRpcMessage, size: number): boolean {
    if (this.#own.takes(response)) return true;
    const { request, number } = this.answeredBy(response.id!);
    if (number !== undefined) this.remove(number);
    if (request?.reply === undefined) {
      this.#connection.unmatched(response);
      return true;
    }
    // A server that is being stopped ends what is to stand: the next one is asked again.
    if (number === undefined && this.#connection.signal.aborted) return true;
    const answer = regular(response, request);
    this.#session.answered(request, answer);
    this.#deliver(answer, size);
    if (request.reply.isOpen) request.reply.resolve(undefined);
    return true;
  }

  #request(message: JsonRpcMessage): JsonRpcMessage | readonly JsonRpcMessage[] | undefined {
    if (this.#asked.isFull) {
      this.#refuse(message, `more than ${MAX_SERVER_REQUESTS} requests at once`);
      return undefined;
    }
    const id = this.#asked.add(message.id!);
    return this.#session.memory.heard({ ...message, id }, this.generation);
  }

  #notification(message: JsonRpcMessage): JsonRpcMessage | readonly JsonRpcMessage[] | undefined {
    const { dialect, memory } = this.#session;
    const cancelled = dialect.cancelled(message as JsonRpcNotification);
    const id = cancelled === undefined ? undefined : this.#asked.cancel(cancelled);
    if (id === undefined) {
      // A server that is being stopped ends what is to stand, see above.
      if (cancelled !== undefined && this.#connection.signal.aborted) return undefined;
      if (cancelled !== undefined) this.#session.serverEnded(cancelled);
      return memory.heard(message, this.generation);
    }
    const { method, params } = dialect.cancel(id, "the server has taken its request back");
    return { jsonrpc: "2.0", method, params };
  }

  /** An answer waits for the client as all else does: it comes by the same way. */
  override get isAwaited(): boolean {
    return this.unanswered.length > 0;
  }

  override onStdoutClosed(why: () => Error): void {
    super.onStdoutClosed(why);
    this.#session.cancelledAreLost();
  }

  #refuse({ id }: JsonRpcMessage, message: string): true {
    void this.post({ jsonrpc: "2.0", id: id!, error: { code: BUSY, message } });
    return true;
  }

  // --- The ends ---------------------------------------------------------------

  async handshake(): Promise<void> {
    const session = this.#session;
    await session.memory.prepare?.();
    if (this.generation === 1 || !session.isAttached) return;
    this.#isUsed = true;
    try {
      const { told, lost } = await session.memory.hello(this.#own, this.generation);
      if (lost !== undefined) session.trouble(lost);
      for (const message of told) void session.deliver(message, 0);
    } catch (error) {
      if (!(error instanceof SessionOverError)) throw error;
      session.trouble(error);
      session.over(error);
    }
  }

  get unanswered(): readonly string[] {
    return this.#own.unanswered;
  }

  shutdownTimeUp(): void {
    this.#timeUp.abort("the stop goes on");
  }

  leave(): void {
    if (!this.#isUsed || this.isEnding) return;
    // Said now: what was agreed with the client is forgotten in a moment.
    this.#goodbye = this.#session.memory.goodbye?.(this.#own, this.#timeUp.signal);
    this.#goodbye?.catch(() => {}); // the stop sequence looks at it, or the process has ended meanwhile
    this.#connection.end();
  }

  override close(why: () => Error, unsent: readonly unknown[] = []): void {
    super.close(why);
    this.#session.memory.unsent?.(unsent);
    this.#own.close(why());
    const { dialect } = this.#session;
    for (const id of this.#asked.takeAll()) {
      const { method, params } = dialect.cancel(id, "the server that asked has ended");
      void this.#session.deliver({ jsonrpc: "2.0", method, params }, 0);
    }
    this.#session.ended(this);
  }
}
