/**
 * Which answer of a Deno worker belongs to which call, and the streams among them.
 */

import {
  codecs,
  type PendingRequest,
  PendingRequests,
  type ReplyCorrelation,
  type SidecarConnection,
  SidecarError,
  UnencodableMessageError,
  type WritableData,
} from "@outrider/outrider/protocol";
import type { JsonValue, Reply } from "@outrider/outrider";
import { SubscriptionLaggedError } from "@outrider/outrider/actor";
import { PullStream } from "../pull_stream.ts";
import { type FromWorker, ITEM_CREDIT, type ToWorker, type WireError } from "./wire.ts";

/** A handler of the worker threw; `cause` has the name, message and stack of its error. */
export class WorkerThrewError extends SidecarError {
  /** Stable, for programs. */
  override readonly code = "worker_threw";
  /** The handler. */
  readonly call: string;

  /** Made by the actor. */
  constructor(path: string, call: string, cause: Error) {
    // Deno's own words name the flag; here the way to it is an option.
    const hint = cause.name === "NotCapable" ? "; the worker has what its option permissions grants" : "";
    super(path, `Cannot do '${call}' in '${path}': ${cause.name}: ${cause.message}${hint}`, { cause });
    this.call = call;
  }
}

/** A call without its whole answer: one value, or a stream of items. */
class OpenCall implements PendingRequest {
  readonly call: string;
  readonly #reply: Reply<unknown>;
  readonly #items: PullStream<unknown> | undefined;
  #isBegun = false;

  /** `items` is where those of a stream go. */
  constructor(call: string, reply: Reply<unknown>, items: PullStream<unknown> | undefined) {
    this.call = call;
    this.#reply = reply;
    this.#items = items;
  }

  get isStream(): boolean {
    return this.#items !== undefined;
  }

  get isOpen(): boolean {
    return this.#isBegun ? !this.#items!.isOver : this.#reply.isOpen;
  }

  get isAwaited(): boolean | undefined {
    return this.isStream ? !this.#isBegun && this.#reply.isOpen : undefined;
  }

  /** The items will follow. */
  begin(): void {
    this.#isBegun = true;
    this.#reply.resolve(this.#items!.readable);
  }

  /** `false`: it is one more than the worker had credit for. */
  push(item: unknown): boolean {
    if (this.#items!.unread >= ITEM_CREDIT) return false;
    void this.#items!.push(item);
    return true;
  }

  /** The whole answer, or the end of its items. */
  resolve(value?: unknown): void {
    if (this.#items === undefined) this.#reply.resolve(value);
    else this.#items.end();
  }

  reject(error: Error): void {
    if (this.#isBegun) this.#items!.fail(error);
    else this.#reply.reject(error);
  }
}

/** Correlates the calls of one worker with its answers. */
export class WorkerCorrelation extends PendingRequests implements ReplyCorrelation {
  readonly #connection: SidecarConnection;
  readonly #served: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(connection: SidecarConnection) {
    super();
    this.#connection = connection;
  }

  /** The module has called `serve`. Never, if the process ends before: then the start fails of that. */
  handshake(): Promise<void> {
    return this.#served.promise;
  }

  frame(message: unknown): WritableData {
    return encode(checked(message));
  }

  request(message: unknown, reply: Reply<unknown>): WritableData {
    const call = checked(message);
    const id = this.next;
    const frame = encode({ ...call, id });
    this.add(new OpenCall(call.call, reply, call.stream === true ? this.#itemsOf(id) : undefined));
    reply.onGivenUp = () => this.#cancel(id);
    return frame;
  }

  match(message: unknown): boolean {
    if (typeof message !== "object" || message === null) return false;
    if ("serves" in message) {
      this.#served.resolve();
      return true;
    }
    const { id } = message as { id?: unknown };
    if (typeof id !== "number" || !Number.isInteger(id) || id < 1) return false;
    const entry = this.get(id);
    if (entry instanceof OpenCall) {
      if (this.#answer(entry, message as Exclude<FromWorker, { serves: unknown }>)) return true;
    } else if (isOfStream(message) && !this.#isToCome(id)) return true; // its reader has left; what was on its way is let go
    this.#connection.unmatched(message);
    return true;
  }

  #isToCome(id: number): boolean {
    return id >= this.next;
  }

  /** Whether `message` is an answer that fits. */
  #answer(entry: OpenCall, message: Exclude<FromWorker, { serves: unknown }>): boolean {
    const { id } = message;
    if ("error" in message) {
      this.take(id);
      entry.reject(new WorkerThrewError(this.#connection.path, entry.call, revived(message.error)));
    } else if (entry.isStream) {
      if ("open" in message) entry.begin();
      else if ("at" in message) this.#item(entry, message);
      else if ("end" in message) {
        this.take(id);
        entry.resolve();
      } else return false;
    } else {
      if (isOfStream(message)) return false;
      this.take(id);
      entry.resolve((message as { value?: unknown }).value);
    }
    return true;
  }

  /** A worker that heeds no credit loses the stream, and fills no memory. */
  #item(entry: OpenCall, { id, item }: { readonly id: number; readonly item?: unknown }): void {
    if (entry.push(item)) return;
    this.#cancel(id);
    entry.reject(new SubscriptionLaggedError(this.#connection.path, ITEM_CREDIT));
  }

  #itemsOf(id: number): PullStream<unknown> {
    let taken = 0;
    return new PullStream({
      capacity: Infinity, // the credit is the bound
      onCancel: () => this.#cancel(id),
      onTaken: () => {
        if (++taken < ITEM_CREDIT / 2) return;
        if (this.get(id) !== undefined) this.#connection.send(encode({ more: id, items: taken }));
        taken = 0;
      },
    });
  }

  #cancel(id: number): void {
    if (this.get(id) === undefined) return;
    this.remove(id);
    this.#connection.send(encode({ cancel: id }));
  }
}

function encode(message: ToWorker): WritableData {
  return codecs.ndjson.encode(message as unknown as JsonValue);
}

function checked(message: unknown): Extract<ToWorker, { call: string }> {
  if (
    typeof message === "object" && message !== null && "call" in message && typeof message.call === "string"
  ) {
    return message as Extract<ToWorker, { call: string }>;
  }
  throw new UnencodableMessageError("deno_worker", {
    reason: "it is a call such as { call: 'add', args: … }",
  });
}

function isOfStream(message: object): boolean {
  return "open" in message || "at" in message || "end" in message;
}

/** Rebuilds an error like the one that was thrown; no other code validates the wire. */
function revived(wire: WireError | null | undefined): Error {
  const error = new Error(typeof wire?.message === "string" ? wire.message : "");
  error.name = typeof wire?.name === "string" ? wire.name : "Error";
  if (typeof wire?.stack === "string") error.stack = wire.stack;
  return error;
}
