/**
 * One client of a control socket: its requests in, its replies out.
 *
 * It reads no further while a reply at hand waits to be written, so that it never holds more than one. Of a client that
 * closes its half, what is due is still written, and its streams end: it may as well be gone.
 */

import type { Clock } from "../time/clock.ts";
import { asError } from "../actor/exit.ts";
import { LineTooLongError, readLines } from "./lines.ts";
import { Refusal } from "./commands.ts";
import { type ItemSource, ItemStream } from "./stream.ts";
import {
  CLIENT_IDLE_MS,
  type CreditLine,
  isRequestId,
  MAX_ASKS,
  MAX_REPLY_BYTES,
  MAX_REQUEST_BYTES,
  MAX_STREAMS,
  REPLY_WITHIN_MS,
  type ReplyLine,
  type RequestId,
  type ServerLine,
} from "./protocol.ts";

const encoder = new TextEncoder();

/** How a request is answered: at once; by a reply to come, as a function, so that it is not waited for; or by items. */
export type Answering =
  | ReplyLine
  | (() => Promise<ReplyLine>)
  | { readonly id: RequestId; readonly credit: number; readonly isAsk: boolean; readonly items: ItemSource };

export class ControlConnection {
  readonly #connection: Deno.UnixConn;
  readonly #clock: Clock;
  readonly #answer: (request: unknown) => Answering;
  /** Requests whose replies are not written yet. */
  readonly #due = new Set<Promise<void>>();
  readonly #streams = new Map<RequestId, { readonly stream: ItemStream; readonly isAsk: boolean }>();
  #writing: Promise<void> = Promise.resolve();
  #idleTimer: unknown;
  #isClosed = false;

  constructor(connection: Deno.UnixConn, clock: Clock, answer: (request: unknown) => Answering) {
    this.#connection = connection;
    this.#clock = clock;
    this.#answer = answer;
  }

  /** Takes requests until the client has no more, and all are answered. Never rejects. */
  async serve(): Promise<void> {
    this.#waitIdly();
    try {
      for await (const line of readLines(this.#connection, MAX_REQUEST_BYTES)) {
        this.#waitIdly();
        await this.#take(line);
      }
    } catch (error) {
      // The client knows of any other end of the connection; a line without end is reported first.
      if (error instanceof LineTooLongError) {
        const message = `Cannot take a request of more than ${MAX_REQUEST_BYTES} bytes`;
        await this.#write(failureReply(null, new Refusal("too_long", message)));
      }
    }
    this.#cancelStreams();
    // It may have closed its own half only: `nc`, say, at the end of its input.
    await this.settled();
    this.close();
    // Before Deno 2.9 a write goes on after its connection was closed, until the other side is gone.
    await this.#writing;
  }

  /** Says no, and closes. Never rejects. */
  async refuse(refusal: Refusal): Promise<void> {
    await this.#write(failureReply(null, refusal));
    this.close();
  }

  /** Fulfilled when all replies are written, or can't be. */
  async settled(): Promise<void> {
    while (this.#due.size > 0) await Promise.all(this.#due);
    await this.#writing;
  }

  close(): void {
    this.#clock.clearTimeout(this.#idleTimer);
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelStreams();
    this.#connection.close();
  }

  /** Writes an immediate reply before it reads the next request; a slow request does not delay a fast one. */
  async #take(line: string): Promise<void> {
    const value = read(line);
    if (value === undefined) {
      const message = "Cannot read the request: it is not one JSON object a line";
      return await this.#write(failureReply(null, new Refusal("bad_request", message)));
    }
    if (isCredit(value)) return this.#onCredit(value);
    let answering: Answering;
    try {
      answering = this.#answer(value);
    } catch (thrown) {
      answering = failureReply(idOf(value), thrown);
    }
    if (typeof answering === "function") return this.#keep(answering());
    if (!("items" in answering)) return await this.#write(answering);
    const { id, credit, isAsk, items } = answering;
    const refusal = this.#whyNoStream(id, isAsk);
    if (refusal !== undefined) return await this.#write(failureReply(id, refusal));
    const stream = new ItemStream(id, credit);
    this.#streams.set(id, { stream, isAsk });
    const running = stream.run(items, (line) => this.#write(line));
    this.#keep(
      running.catch((thrown) => failureReply(id, thrown)).finally(() => void this.#streams.delete(id)),
    );
  }

  #keep(reply: Promise<ReplyLine>): void {
    const due: Promise<void> = reply.then((reply) => this.#write(reply)).finally(() => this.#due.delete(due));
    this.#due.add(due);
  }

  #whyNoStream(id: RequestId, isAsk: boolean): Refusal | undefined {
    if (this.#streams.has(id)) {
      return new Refusal("bad_request", `Cannot take the request: id: another stream has the id ${id}`);
    }
    const limit = isAsk ? MAX_ASKS : MAX_STREAMS;
    const count = [...this.#streams.values()].filter((one) => one.isAsk === isAsk).length;
    if (count < limit) return undefined;
    return new Refusal("busy", `Cannot take more than ${limit} ${isAsk ? "asks" : "streams"} at a time`);
  }

  #onCredit(line: CreditLine): void {
    // One that has ended since is no fault.
    const stream = this.#streams.get(line.id)?.stream;
    if (line.method === "cancel") stream?.cancel();
    else stream?.give(line.items);
  }

  #cancelStreams(): void {
    for (const { stream } of this.#streams.values()) stream.cancel();
  }

  #write(line: ServerLine): Promise<void> {
    return this.#writing = this.#writing.then(() => this.#send(encoded(line)));
  }

  async #send(bytes: Uint8Array): Promise<void> {
    if (this.#isClosed) return;
    const timer = this.#clock.setTimeout(() => this.close(), REPLY_WITHIN_MS);
    try {
      for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
    } catch {
      // The client is gone, or was too slow. Its request is carried out all the same.
      this.close();
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }

  #waitIdly(): void {
    this.#clock.clearTimeout(this.#idleTimer);
    if (this.#isClosed) return;
    this.#idleTimer = this.#clock.setTimeout(() => {
      if (this.#due.size > 0) this.#waitIdly();
      else this.close();
    }, CLIENT_IDLE_MS);
  }
}

/** A line as bytes; in place of one that no client takes, why it is not sent. */
function encoded(line: ServerLine): Uint8Array {
  const bytes = encoder.encode(`${JSON.stringify(line)}\n`);
  if (bytes.length <= MAX_REPLY_BYTES) return bytes;
  const message = `Cannot send a reply of more than ${MAX_REPLY_BYTES} bytes over the control socket`;
  return encoder.encode(`${JSON.stringify(failureReply(line.id, new Refusal("too_long", message)))}\n`);
}

/** The value of a line; `undefined`: it is not JSON. */
function read(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isCredit(value: unknown): value is CreditLine {
  const { id, method, items } = (value ?? {}) as { id?: unknown; method?: unknown; items?: unknown };
  if (!isRequestId(id)) return false;
  return method === "cancel" || (method === "credit" && Number.isSafeInteger(items) && (items as number) > 0);
}

function idOf(value: unknown): RequestId | null {
  const id = typeof value === "object" && value !== null && "id" in value ? value.id : undefined;
  return isRequestId(id) ? id : null;
}

/** The reply that says no. */
export function failureReply(id: RequestId | null, thrown: unknown): ReplyLine & { error: unknown } {
  const { message } = asError(thrown);
  if (!(thrown instanceof Refusal)) return { id, error: { code: "internal", message } };
  const { code, data } = thrown;
  return { id, error: { code, message, ...data !== undefined && { data } } };
}
