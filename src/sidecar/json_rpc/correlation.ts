/**
 * One incarnation's side of a JSON-RPC conversation.
 *
 * Our requests are numbered by {@linkcode PendingRequests}. Requests of the sidecar go to `handlers.ts`; their
 * answers bypass the mailbox, so that a full mailbox delays no answer.
 */

import { asError } from "../../actor/exit.ts";
import { GuardedAbort } from "../../actor/asks/abort.ts";
import { onRejection } from "../../actor/user_value.ts";
import { UnencodableMessageError } from "../../process/pipes/pipe_errors.ts";
import type { Codec } from "../../process/codecs/codec.ts";
import type { JsonValue } from "../../process/codecs/json.ts";
import type { Malformed } from "../../process/framing/framing.ts";
import type { Reply } from "../../actor/asks/options.ts";
import type { WritableData } from "../../process/pipes/stdin.ts";
import { MAX_PENDING_REQUESTS, PendingRequests } from "../replies/pending_requests.ts";
import { describeUnmatched, hasOutcome, lostReply, numberOf } from "./answer.ts";
import { BatchReply, collectBatch } from "./batch.ts";
import { checkCall, encodeCall, encodeRequest } from "./call.ts";
import {
  type IncomingMessage,
  isRecord,
  isRequest,
  type JsonRpcCall,
  type JsonRpcOptions,
  type JsonRpcPeer,
  replyError,
} from "./types.ts";
import type { JsonRpcNotification } from "./dialects.ts";
import type { WhenGivenUp } from "../../options/types.ts";
import { SidecarTooManyAsksError } from "../messages/message_errors.ts";
import { SidecarProtocolError } from "../sidecar_errors.ts";
import { ConversationHooks } from "./hooks.ts";
import { HandlerQueue } from "./handler_queue.ts";
import { type Answerer, type IncomingRequest, RequestDispatcher } from "./handlers.ts";
import { jsonSample } from "./json_sample.ts";
import { LostReplies } from "./lost_replies.ts";
import { ProgressCallers, wantsProgress } from "./progress.ts";
import type { ReplyCorrelation, SidecarConnection } from "../protocol.ts";

/** Requests that a batch of the sidecar may have: all of them are answered in one frame. */
export const MAX_REQUESTS_AT_ONCE = 1_024;

export interface JsonRpcCorrelationOptions extends JsonRpcOptions {
  readonly whenGivenUp?: WhenGivenUp | undefined;
}

export class JsonRpcCorrelation extends PendingRequests implements ReplyCorrelation {
  readonly #connection: SidecarConnection;
  readonly #codec: Codec<unknown, JsonValue>;
  readonly #options: JsonRpcCorrelationOptions;
  readonly #progress = new ProgressCallers((token, thrown) => this.#failed(token, thrown));
  readonly #lost = new LostReplies((number, why) => this.#fail(number, why));
  readonly #queue = new HandlerQueue();
  readonly #service: RequestDispatcher;
  readonly #peer: JsonRpcPeer;
  readonly #hooks: ConversationHooks;
  readonly #ended = new GuardedAbort((thrown) => this.#note("hear of its end", thrown));
  /** See {@linkcode ReplyCorrelation.requestShutdown}. */
  readonly requestShutdown: (() => Promise<void>) | undefined;
  readonly #shutdownTimeUp = new GuardedAbort((thrown) => this.#note("end the goodbye", thrown));
  /** The replies to requests of its own, past the mailbox, with their methods. */
  readonly #own = new WeakMap<Reply<unknown>, string>();
  /** The numbers of the last request, to take back. */
  #latest: number[] = [];

  /** On `line`, with messages framed by `codec`. */
  constructor(
    connection: SidecarConnection,
    codec: Codec<unknown, JsonValue>,
    options: JsonRpcCorrelationOptions,
  ) {
    super();
    this.#connection = connection;
    this.#codec = codec;
    this.#options = options;
    this.#peer = {
      request: (method, params) => this.#ask({ method, params }),
      notify: (method, params) => this.#send(this.frame({ method, params })),
      note: (text, level) => connection.note(text, level),
      signal: this.#ended.signal,
      path: connection.path,
      generation: connection.generation,
      clock: connection.clock,
    };
    const { requestShutdown } = options;
    this.requestShutdown = requestShutdown &&
      (async () => await requestShutdown(this.#peer, this.#shutdownTimeUp.signal));
    this.#service = new RequestDispatcher({
      handlers: options.handlers ?? {},
      cancelledCode: options.dialect?.cancelledCode,
      peer: this.#peer,
      onFault: (thrown) => this.#note("handle a request of the sidecar", thrown),
      queue: this.#queue,
    });
    this.#hooks = new ConversationHooks(options, this.#peer);
    this.onRemoved = (number) => {
      this.#progress.delete(number);
      this.#hooks.delete(number);
    };
  }

  override get isFull(): boolean {
    if (super.isFull) this.sweep();
    return super.isFull;
  }

  async handshake(): Promise<void> {
    await this.#options.handshake?.(this.#peer);
  }

  shutdownTimeUp(): void {
    this.#shutdownTimeUp.abort(new DOMException("The stop goes on", "AbortError"));
  }

  get unanswered(): readonly string[] {
    return this.all().flatMap((reply) => this.#own.get(reply) ?? []);
  }

  override close(why: () => Error, unsent: readonly unknown[] = []): void {
    const error = why();
    this.#options.unsent?.(unsent, this.#peer);
    this.#progress.clear();
    this.#service.close(error);
    this.#ended.abort(error);
    // The mailbox rejects its own pending replies; the sidecar's own requests are cancelled here.
    for (const reply of this.all()) if (this.#own.has(reply)) reply.reject(error);
  }

  /** A reply that is known to be lost fails its ask at once. */
  override lost(why: () => Error, fault: Malformed): void {
    const lost = lostReply(fault);
    if (lost === "any") this.#lost.add(why, this.awaited());
    else if (lost !== "none") this.#fail(lost, why);
  }

  #fail(number: number, why: () => Error): void {
    this.remove(number)?.reject(why());
    this.#lost.settled(number);
  }

  // --- Out ------------------------------------------------------------------

  /** A notification, or a batch of them. */
  frame(message: unknown): WritableData {
    const told = Array.isArray(message)
      ? message.map((call) => this.#told(call)).filter((call) => call !== undefined)
      : this.#told(message);
    return told === undefined ? "" : this.#codec.encode(told);
  }

  #told(message: unknown): unknown {
    const told = this.#hooks.told(checkCall(message), message);
    return told && { jsonrpc: "2.0", ...encodeCall(told) };
  }

  request(message: unknown, reply: Reply<unknown>): WritableData {
    if (Array.isArray(message)) return this.#batch(message, reply);
    const call = checkCall(message);
    if (this.#hooks.settles(call, reply)) {
      this.#latest = [];
      return "";
    }
    return this.#made((add) => add(call, reply));
  }

  override withdraw(): void {
    for (const number of this.#latest) this.remove(number);
    this.#latest = [];
  }

  /**
   * Makes the frame of the result of `make`; `add` gives a call its number and its written form. The number is taken
   * first, as the later steps (the dialect's token, a message's `toJSON`) may themselves ask the sidecar. Nothing of
   * it is left on the account where that fails.
   */
  #made(make: (add: (call: JsonRpcCall, reply: Reply<unknown>) => unknown) => unknown): WritableData {
    const numbers: number[] = [];
    try {
      const frame = this.#codec.encode(make((call, reply) => {
        const number = this.next;
        numbers.push(number);
        this.#add(number, call, reply);
        const asked = this.#hooks.asked(number, call, { isOwn: this.#own.has(reply) });
        return encodeRequest(asked, number, wantsProgress(call, reply) ? this.#options.dialect : undefined);
      }));
      this.#latest = numbers;
      return frame;
    } catch (error) {
      for (const number of numbers) this.remove(number);
      throw error;
    }
  }

  /** All calls in one frame; the answer is there when each has its own. */
  #batch(messages: readonly unknown[], reply: Reply<unknown>): WritableData {
    const calls = messages.map(checkCall);
    const asked = calls.filter(({ notification }) => !notification);
    if (asked.length === 0) {
      throw new UnencodableMessageError("jsonrpc", {
        reason: "a batch that is asked has a request in it; tell this one",
      });
    }
    if (this.size + asked.length > MAX_PENDING_REQUESTS) {
      throw new SidecarTooManyAsksError(this.#connection.path, MAX_PENDING_REQUESTS);
    }
    const batch = new BatchReply(reply, asked.length);
    const frame = this.#made((add) =>
      calls.map((call) => call.notification ? this.#told(call) : add(call, batch.next()))
        .filter((call) => call !== undefined)
    );
    const numbers = this.#latest;
    reply.onGivenUp = () => numbers.forEach((number) => this.#givenUp(number));
    return frame;
  }

  #add(number: number, call: JsonRpcCall, reply: Reply<unknown>): void {
    this.add(reply);
    this.sweepSometimes();
    this.#progress.add(number, call, reply);
    reply.onGivenUp = () => this.#givenUp(number);
  }

  /** Cancels a request at the sidecar, where the dialect can; a later answer to it is dropped, awaited or not. */
  #givenUp(number: number): void {
    if (this.get(number) === undefined) return;
    this.#lost.settled(number);
    const { dialect, whenGivenUp } = this.#options;
    if (typeof whenGivenUp !== "object") this.forget(number);
    if (dialect === undefined || whenGivenUp === "finish") return;
    let frame: WritableData;
    try {
      frame = this.frame(dialect.cancel(number, "the caller waits no more"));
    } catch (thrown) {
      return this.#note(`take request ${number} back`, thrown);
    }
    void this.#send(frame);
    if (typeof whenGivenUp !== "object" || dialect.ping === undefined) return;
    const answered = () => this.forget(number);
    this.#ask({ method: dialect.ping }).then(answered, answered);
  }

  #send(frame: WritableData): void | Promise<void> {
    const full = this.#connection.send(frame);
    if (full !== undefined) this.#queue.onFull(frame.length, full);
    return full;
  }

  #note(what: string, thrown: unknown): void {
    this.#connection.note(`Cannot ${what}: ${asError(thrown).message}`);
  }

  #ask(call: JsonRpcCall): Promise<JsonValue> {
    const { signal } = this.#ended;
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const reply: Reply<unknown> = { isOpen: true, resolve: resolve as (value: unknown) => void, reject };
      this.#own.set(reply, call.method);
      void this.#send(this.request(call, reply));
    });
  }

  // --- In -------------------------------------------------------------------

  match(message: unknown, size = 0): boolean {
    if (!Array.isArray(message)) return this.#one(message, (answer) => this.#answer(answer), size);
    // Further items do not answer our requests.
    if (message.length === 0 || message.length > MAX_PENDING_REQUESTS) this.#malformed(message, size);
    else this.#manyAtOnce(message, size);
    return true;
  }

  /** The answers to a batch, `bytes` in all, go out in one frame, when the last of them is there. */
  #manyAtOnce(messages: readonly unknown[], bytes: number): void {
    const asked = messages.filter((message) => isRecord(message) && isRequest(message)).length;
    if (asked > MAX_REQUESTS_AT_ONCE) return void this.#malformed(messages, bytes);
    const size = bytes / messages.length;
    const collect = collectBatch(asked, (answers) => this.#answer(answers));
    for (const message of messages) {
      if (!this.#one(message, collect, size)) this.#connection.publish(message, size);
    }
  }

  /** `false` for a notification that is for the subscribers. */
  #one(message: unknown, answer: Answerer, size: number): boolean {
    if (!isRecord(message)) this.#malformed(message, size);
    else if (isRequest(message)) this.#requested(message as unknown as IncomingRequest, answer);
    else if (typeof message.method !== "string") this.#answered(message, size);
    else return this.#notified(message as unknown as JsonRpcNotification);
    return true;
  }

  /** Reading waits while requests wait for their time slice: that ends in any case, also if no answer is ever read. */
  #requested(request: IncomingRequest, answer: Answerer): void {
    this.#service.serve(request, answer);
    const { worked } = this.#queue;
    if (worked !== undefined) this.#connection.pauseReading(worked);
  }

  #answer(answer: JsonValue | undefined): void {
    if (answer !== undefined) void this.#send(this.#codec.encode(answer));
  }

  #notified(notification: JsonRpcNotification): boolean {
    const { dialect, onNotification } = this.#options;
    const progress = dialect?.progress(notification);
    if (progress !== undefined && this.#progress.notify(progress)) return true;
    const cancelled = dialect?.cancelled(notification);
    if (cancelled !== undefined) {
      this.#service.cancel(cancelled);
      return true;
    }
    const line = dialect?.logLine?.(notification);
    if (line !== undefined) this.#connection.note(line.text, line.level);
    const handled: unknown = onNotification?.(notification, this.#peer);
    onRejection(handled, (thrown) => this.#note("handle a notification", thrown));
    // What the log shows is not lost where no subscriber wants it.
    return line !== undefined && !this.#connection.isSubscribed;
  }

  /** Rejects only the caller whose own callback threw. */
  #failed(token: number, thrown: unknown): void {
    const reply = this.get(token);
    this.#givenUp(token);
    reply?.reject(asError(thrown));
  }

  #answered(message: IncomingMessage, size: number): void {
    const number = numberOf(message.id);
    const reply = number === undefined ? undefined : this.take(number);
    if (reply !== undefined) {
      this.#progress.end(number!, reply);
      this.#lost.settled(number!);
    }
    if (!hasOutcome(message)) {
      const fault = this.#malformed(message, size);
      const why = "it has neither a result nor an error";
      if (number !== undefined) this.#hooks.delete(number);
      reply?.reject(new SidecarProtocolError(this.#connection.path, fault, { why }));
    } else if (reply === undefined) {
      const noted = describeUnmatched(message, this.next);
      if (noted !== undefined) this.#connection.noteDropped(noted.kind, () => noted.what);
      this.#connection.unmatched(message);
    } else if (message.error) {
      this.#hooks.delete(number!);
      reply.reject(replyError(message.error));
    } else reply.resolve(this.#answerOf(number!, message.result!, reply));
  }

  /** A hook that throws fails its caller alone. */
  #answerOf(number: number, result: JsonValue, reply: Reply<unknown>): unknown {
    try {
      return this.#hooks.answered(number, result, reply);
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }

  #malformed(message: unknown, size: number): Malformed {
    return this.#connection.malformed({
      kind: "not_json_rpc",
      bytes: Math.round(size),
      sample: jsonSample(message),
      dropped: true,
    });
  }
}
