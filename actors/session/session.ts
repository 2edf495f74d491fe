/**
 * A conversation in JSON-RPC that outlives the processes it is had with.
 *
 * The client's messages pass as they are: ids, tokens and params are its own. Its requests are asks of the sidecar, so
 * that what waits for a restart, what fails with a death and what is asked again goes by the rules of asks. What may
 * not wait in the mailbox goes past it: answers to the server, its progress, cancellations; and the handshake that a
 * new process is to hear, before anything that waits.
 *
 * A session is made with the spec of its child; each incarnation opens a correlation on it.
 */

import { ActorStoppedError, OptionError } from "@outrider/outrider";
import { asError, type WhyStopped } from "@outrider/outrider/actor";
import type { JsonRpcDialect, JsonRpcId, JsonRpcNotification } from "@outrider/outrider/protocol";
import { connectionClosed } from "./connection_closed.ts";
import {
  type JsonRpcMessage,
  type SessionClient,
  SessionHeldError,
  type SessionMemory,
  type SessionOptions,
  SessionOverError,
  type SessionRef,
  type SessionRequest,
  type SessionServer,
} from "./types.ts";
import { WaitingNotifications } from "./waiting.ts";

/** The options of an ask, by what becomes of it; one that stands is asked of each process. */
const ASKED = {
  fail: { timeout: Infinity, onDeath: "fail" },
  replay: { timeout: Infinity, onDeath: "replay" },
  standing: { timeout: Infinity, onDeath: "replay", attempts: Number.MAX_SAFE_INTEGER },
} as const;

/** See the module. One client at a time. */
export class Session {
  readonly dialect: JsonRpcDialect;
  readonly memory: SessionMemory;
  readonly #isIdempotent: (request: JsonRpcMessage) => boolean;
  readonly #requests = new Map<JsonRpcId, SessionRequest>();
  readonly #waiting: WaitingNotifications;
  /** Those that are told a turn of the event loop later. */
  readonly #refusals = new Set<ReturnType<typeof setTimeout>>();
  #ref: SessionRef | undefined;
  #client: SessionClient | undefined;
  #release: (() => void) | undefined;
  /** Of the process that runs. */
  #server: SessionServer | undefined;

  constructor({ dialect, memory, isIdempotent }: SessionOptions) {
    this.dialect = dialect;
    this.memory = memory;
    this.#waiting = new WaitingNotifications(memory);
    this.#isIdempotent = isIdempotent;
  }

  /** The pid of the process that runs. */
  get pid(): number | undefined {
    return this.#server?.pid;
  }

  /** Whether a client is there. */
  get isAttached(): boolean {
    return this.#client !== undefined;
  }

  // --- The client's side ----------------------------------------------------

  /** Begins for `client`. @throws {OptionError} there is one already */
  attach(ref: SessionRef, client: SessionClient): void {
    if (this.#client !== undefined) {
      throw new OptionError(
        `Cannot connect to '${ref.path}' again: its session has a client; close that first`,
      );
    }
    // First, as it throws where `ref` is none.
    const subscription = ref.subscribe();
    this.#ref = ref;
    this.#client = client;
    const held = (stopped: WhyStopped) => {
      if (subscription.hasEnded || this.#client !== client) return;
      const { why, ...own } = typeof stopped === "string" ? { why: stopped } : stopped;
      this.trouble(new SessionHeldError(`Cannot go on with '${ref.path}' yet: ${why}`, own));
    };
    const unlisten = ref.onClosed((why) => {
      this.#waiting.keepAll();
      queueMicrotask(() => held(why));
    });
    this.#release = () => {
      unlisten();
      void subscription.return();
    };
    void this.#watch(subscription, client);
  }

  /** Over when no process can follow. */
  async #watch(subscription: AsyncIterable<unknown>, client: SessionClient): Promise<void> {
    try {
      for await (const _ of subscription);
    } catch {
      // One that lagged: nothing is published to it that it would read.
    }
    if (this.#client === client) this.over(undefined);
  }

  /** Sends a message of the client. Waits where the mailbox is full, for a message that waits in it. */
  send(message: JsonRpcMessage): void | Promise<void> {
    // Some revisions of MCP have batches; a server gets one message at a time.
    if (Array.isArray(message)) return this.#sendAll(message);
    const ref = this.#ref;
    if (ref === undefined) throw new OptionError("Cannot send: the session is closed");
    const { id, method } = message;
    if (method === undefined) return this.#server?.respond(message);
    if (id !== undefined) return this.#request(ref, id, message);
    const cancelled = this.dialect.cancelled(message as JsonRpcNotification);
    if (cancelled !== undefined) return this.#cancel(cancelled, message);
    if (this.memory.isPast?.(message)) return this.#server?.tell(message);
    const said = this.memory.said?.(message) ?? message;
    return this.#waiting.tell(ref, said, this.#client!);
  }

  async #sendAll(messages: readonly JsonRpcMessage[]): Promise<void> {
    await Promise.all(messages.map((message) => this.send(message)));
  }

  #request(ref: SessionRef, id: JsonRpcId, said: JsonRpcMessage): void {
    if (this.#requests.has(id)) {
      throw new OptionError(
        `Cannot send the request ${JSON.stringify(id)}: an earlier one has that id, and no answer yet`,
      );
    }
    const message = this.memory.said?.(said) ?? said;
    const request: SessionRequest = { message, abort: new AbortController() };
    this.#requests.set(id, request);
    const fate = this.memory.atDeath(message) ?? (this.#isIdempotent(message) ? "replay" : "fail");
    const failed = (error: Error) => this.#failed(id, request, error);
    ref.ask(message, { ...ASKED[fate], signal: request.abort.signal }).catch((error) =>
      error instanceof ActorStoppedError ? this.#later(() => failed(error)) : failed(error)
    );
  }

  /** A client that asks again at once would have the thread for itself, and the child would never be started. */
  #later(refuse: () => void): void {
    if (this.#client === undefined) return;
    const timer = setTimeout(() => {
      this.#refusals.delete(timer);
      refuse();
    });
    this.#refusals.add(timer);
  }

  #failed(id: JsonRpcId, request: SessionRequest, error: Error): void {
    if (this.#requests.get(id) !== request || request.cancellation !== undefined) return;
    this.#requests.delete(id);
    this.memory.settled(request.message, undefined);
    const own = this.memory.errorFor?.(request.message);
    void this.deliver({ jsonrpc: "2.0", id, error: connectionClosed(error, own) }, 0);
  }

  /**
   * Takes a request back: at the process that has it, or before any has. Where the protocol answers a cancelled request as
   * any other, the client waits for that.
   */
  #cancel(id: JsonRpcId, message: JsonRpcMessage): void {
    const request = this.#requests.get(id);
    if (request === undefined) return;
    request.cancellation = message;
    const isAnswered = request.reply !== undefined && this.dialect.cancelledCode !== undefined;
    request.abort.abort("the client has taken it back");
    if (!isAnswered) this.#cancelled(id, request);
  }

  /** A request that was taken back gets no answer of a process. */
  #cancelled(id: JsonRpcId, { message }: SessionRequest): void {
    this.#requests.delete(id);
    this.memory.settled(message, undefined);
    const { cancelledCode: code } = this.dialect;
    if (code === undefined) return;
    void this.deliver({ jsonrpc: "2.0", id, error: { code, message: "Request cancelled" } }, 0);
  }

  /** No answer comes any more to what was taken back and is with a process. */
  cancelledAreLost(): void {
    for (const [id, request] of this.#requests) {
      if (request.cancellation !== undefined) this.#cancelled(id, request);
    }
  }

  /** The client goes: what it waits for is taken back. The process ends in order, as what it has is that client's. */
  detach(): void {
    this.#client = undefined;
    for (const id of [...this.#requests.keys()]) {
      const { method, params } = this.dialect.cancel(id, "the client has closed the connection");
      this.#cancel(id, { jsonrpc: "2.0", method, params });
    }
    this.#server?.leave();
    this.#end();
  }

  /** The session is over, for the reason `why`. */
  over(why: Error | undefined): void {
    const client = this.#client;
    if (client === undefined) return;
    const error = why ?? new SessionOverError("the session is over, as no process can follow");
    for (const [id, request] of [...this.#requests]) {
      if (request.cancellation === undefined) this.#failed(id, request, error);
      else this.#cancelled(id, request);
      request.abort.abort("the session is over");
    }
    this.#end();
    this.#call(() => client.closed(why));
  }

  #end(): void {
    this.#client = undefined;
    this.#ref = undefined;
    this.#requests.clear();
    for (const timer of this.#refusals) clearTimeout(timer);
    this.#refusals.clear();
    this.#waiting.clear();
    this.#release?.();
    this.#release = undefined;
    this.memory.clear();
  }

  // --- The server's side: for correlations ------------------------------------

  /** A process is about to start. @throws {OptionError} another runs, as the spec is that of two children */
  opened(server: SessionServer): void {
    if (this.#server?.isEnding === false) {
      throw new OptionError(
        `Cannot start '${server.path}': its session is with a process of '${this.#server.path}'; ` +
          "make a session for each child, and for each tree",
      );
    }
    this.#server = server;
  }

  /** That process has ended. */
  ended(server: SessionServer): void {
    // An old one that could not be ended has nothing any more that a later one has not.
    if (this.#server !== server) return;
    this.#server = undefined;
    this.cancelledAreLost();
    for (const request of this.#requests.values()) request.reply = undefined;
    for (const message of this.memory.ended?.(server.generation) ?? []) void this.deliver(message, 0);
  }

  /** A process gets that notification, unless its client has gone: `false`. */
  framed(message: JsonRpcMessage): boolean {
    return this.#waiting.framed(message, this.#client);
  }

  /** The request of that message, if the client still waits for it. */
  requestOf(message: JsonRpcMessage): SessionRequest | undefined {
    const request = this.#requests.get(message.id!);
    return request?.message === message ? request : undefined;
  }

  /** The request that `id` names; some servers give a number back as a text, or the other way round. */
  pendingOf(id: JsonRpcId): SessionRequest | undefined {
    const request = this.#requests.get(id);
    if (request !== undefined) return request;
    if (typeof id === "number") return this.#requests.get(String(id));
    return typeof id === "string" && String(Number(id)) === id ? this.#requests.get(Number(id)) : undefined;
  }

  /** The server ends a request that stands as long as the session, as MCP's `subscriptions/listen`: there is no answer. */
  serverEnded(id: JsonRpcId): void {
    const request = this.pendingOf(id);
    if (request?.reply === undefined || this.memory.atDeath(request.message) !== "standing") return;
    this.#requests.delete(request.message.id!);
    this.memory.settled(request.message, undefined);
    request.reply.resolve(undefined);
  }

  /** The client gets the answer to `request`. */
  answered(request: SessionRequest, response: JsonRpcMessage): void {
    this.#requests.delete(request.message.id!);
    this.memory.settled(request.message, response);
  }

  /** Gives the client a message; a promise, which is fulfilled: wait. What the client throws is its own trouble. */
  deliver(message: JsonRpcMessage, size: number): void | Promise<void> {
    const client = this.#client;
    const thrown = (error: unknown) => {
      if (client !== undefined) this.#call(() => client.trouble(asError(error)));
    };
    try {
      const taken: unknown = client?.deliver(message, size);
      // A listener may return anything.
      if (typeof (taken as PromiseLike<unknown> | undefined)?.then !== "function") return;
      return Promise.resolve(taken).then(() => {}, thrown);
    } catch (error) {
      thrown(error);
    }
  }

  /** See {@linkcode SessionClient.trouble}. */
  trouble(error: Error): void {
    this.#call(() => this.#client?.trouble(error));
  }

  /** Calls a listener of the client's; what it throws ends nothing, and is a line of the log where a process has one. */
  #call(listener: () => void): void {
    try {
      listener();
    } catch (thrown) {
      this.#server?.note(`A listener of the session's client has failed: ${asError(thrown).message}`);
    }
  }
}
