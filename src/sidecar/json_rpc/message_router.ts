/**
 * Routes what a sidecar sends in a JSON-RPC conversation, one message or a batch of them: its requests go to
 * `handlers.ts`, its notifications to the dialect and the subscribers, its replies back to the correlation.
 *
 * Used by the correlation, one for each incarnation.
 */

import { onRejection } from "../../actor/user_value.ts";
import type { JsonValue } from "../../process/codecs/json.ts";
import type { Malformed } from "../../process/framing/framing.ts";
import { MAX_PENDING_REQUESTS } from "../replies/pending_requests.ts";
import type { SidecarConnection } from "../protocol.ts";
import { collectBatch } from "./batch.ts";
import type { JsonRpcNotification } from "./dialects.ts";
import { HandlerQueue } from "./handler_queue.ts";
import { type Answerer, type IncomingRequest, RequestDispatcher } from "./handlers.ts";
import { jsonSample } from "./json_sample.ts";
import type { ProgressCallers } from "./progress.ts";
import { type IncomingMessage, isRecord, isRequest, type JsonRpcOptions, type JsonRpcPeer } from "./types.ts";

/** Requests that a batch of the sidecar may have: all of them are answered in one frame. */
export const MAX_REQUESTS_AT_ONCE = 1_024;

export interface MessageRouterOptions
  extends Pick<JsonRpcOptions, "dialect" | "handlers" | "onNotification"> {
  /** The peer whose messages these are. */
  readonly peer: JsonRpcPeer;
  readonly progress: ProgressCallers;
  /** Called with each message that is neither a request nor a notification. */
  readonly onReply: (message: IncomingMessage, size: number) => void;
  /** Sends the answer to a request, or to a batch of them. */
  readonly send: (answer: JsonValue) => void;
  /** Called with what could not be done, and the value that was thrown. */
  readonly onFault: (what: string, thrown: unknown) => void;
}

export class MessageRouter {
  /** Holds back the work of requests; the caller that sends frames tells it of a full pipe. */
  readonly queue = new HandlerQueue();
  readonly #connection: SidecarConnection;
  readonly #options: MessageRouterOptions;
  readonly #service: RequestDispatcher;

  constructor(connection: SidecarConnection, options: MessageRouterOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#service = new RequestDispatcher({
      handlers: options.handlers ?? {},
      cancelledCode: options.dialect?.cancelledCode,
      peer: options.peer,
      onFault: (thrown) => options.onFault("handle a request of the sidecar", thrown),
      queue: this.queue,
    });
  }

  /** Takes a message or a batch; `false` for a notification that is for the subscribers. */
  match(message: unknown, size: number): boolean {
    if (!Array.isArray(message)) return this.#one(message, this.#answer, size);
    // Further items do not answer our requests.
    if (message.length === 0 || message.length > MAX_PENDING_REQUESTS) this.malformed(message, size);
    else this.#manyAtOnce(message, size);
    return true;
  }

  /** Reports that `message`, of `size` bytes, is not JSON-RPC. */
  malformed(message: unknown, size: number): Malformed {
    return this.#connection.malformed({
      kind: "not_json_rpc",
      bytes: Math.round(size),
      sample: jsonSample(message),
      dropped: true,
    });
  }

  /** Cancels the running handlers with `error`, as the sidecar has ended. */
  close(error: Error): void {
    this.#service.close(error);
  }

  /** The answers to a batch, `bytes` in all, go out in one frame, when the last of them is there. */
  #manyAtOnce(messages: readonly unknown[], bytes: number): void {
    const asked = messages.filter((message) => isRecord(message) && isRequest(message)).length;
    if (asked > MAX_REQUESTS_AT_ONCE) return void this.malformed(messages, bytes);
    const size = bytes / messages.length;
    const collect = collectBatch(asked, this.#options.send);
    for (const message of messages) {
      if (!this.#one(message, collect, size)) this.#connection.publish(message, size);
    }
  }

  /** `false` for a notification that is for the subscribers. */
  #one(message: unknown, answer: Answerer, size: number): boolean {
    if (!isRecord(message)) this.malformed(message, size);
    else if (isRequest(message)) this.#requested(message as unknown as IncomingRequest, answer);
    else if (typeof message.method !== "string") this.#options.onReply(message, size);
    else return this.#notified(message as unknown as JsonRpcNotification);
    return true;
  }

  /** Reading waits while requests wait for their time slice: that ends in any case, also if no answer is ever read. */
  #requested(request: IncomingRequest, answer: Answerer): void {
    this.#service.serve(request, answer);
    const { worked } = this.queue;
    if (worked !== undefined) this.#connection.pauseReading(worked);
  }

  readonly #answer: Answerer = (answer) => {
    if (answer !== undefined) this.#options.send(answer);
  };

  #notified(notification: JsonRpcNotification): boolean {
    const { dialect, onNotification, peer, progress, onFault } = this.#options;
    const reported = dialect?.progress(notification);
    if (reported !== undefined && progress.notify(reported)) return true;
    const cancelled = dialect?.cancelled(notification);
    if (cancelled !== undefined) {
      this.#service.cancel(cancelled);
      return true;
    }
    const line = dialect?.logLine?.(notification);
    if (line !== undefined) this.#connection.note(line.text, line.level);
    const handled: unknown = onNotification?.(notification, peer);
    onRejection(handled, (thrown) => onFault("handle a notification", thrown));
    // What the log shows is not lost where no subscriber wants it.
    return line !== undefined && !this.#connection.isSubscribed;
  }
}
