/**
 * One client of a control socket: its requests in, its replies out.
 *
 * It reads no further while a reply at hand waits to be written, so that it never holds more than one. Of a client that
 * closes its half, what is due is still written.
 */

import type { Clock } from "../time/clock.ts";
import { asError } from "../actor/exit.ts";
import { LineTooLongError, readLines } from "./lines.ts";
import { Refusal } from "./commands.ts";
import { asRequest, isRequestId } from "./messages.ts";
import {
  CLIENT_IDLE_MS,
  MAX_REQUEST_BYTES,
  REPLY_WITHIN_MS,
  type ReplyLine,
  type RequestId,
  type RequestLine,
} from "./protocol.ts";

const encoder = new TextEncoder();

/** A reply at once, or one to come: as a function, so that it is not waited for. */
export type ReplyOrPending = (request: RequestLine) => ReplyLine | (() => Promise<ReplyLine>);

export class ControlConnection {
  readonly #connection: Deno.UnixConn;
  readonly #clock: Clock;
  readonly #answer: ReplyOrPending;
  /** Requests whose replies are not written yet. */
  readonly #due = new Set<Promise<void>>();
  #writing: Promise<void> = Promise.resolve();
  #idleTimer: unknown;
  #isClosed = false;

  constructor(connection: Deno.UnixConn, clock: Clock, answer: ReplyOrPending) {
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
    this.#connection.close();
  }

  /** Writes an immediate reply before it reads the next request; a slow request does not delay a fast one. */
  async #take(line: string): Promise<void> {
    const request = read(line);
    if ("error" in request) return await this.#write(request);
    let reply: ReturnType<ReplyOrPending>;
    try {
      reply = this.#answer(request);
    } catch (thrown) {
      reply = failureReply(request.id, thrown);
    }
    if (typeof reply !== "function") return await this.#write(reply);
    const due: Promise<void> = reply().then((reply) => this.#write(reply)).finally(() =>
      this.#due.delete(due)
    );
    this.#due.add(due);
  }

  #write(reply: ReplyLine): Promise<void> {
    return this.#writing = this.#writing.then(() => this.#send(encoder.encode(`${JSON.stringify(reply)}\n`)));
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

function read(line: string): RequestLine | (ReplyLine & { error: unknown }) {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    const message = "Cannot read the request: it is not one JSON object a line";
    return failureReply(null, new Refusal("bad_request", message));
  }
  const request = asRequest(value);
  if (!("wrong" in request)) return request;
  return failureReply(idOf(value), new Refusal("bad_request", `Cannot take the request: ${request.wrong}`));
}

function idOf(value: unknown): RequestId | null {
  const id = typeof value === "object" && value !== null && "id" in value ? value.id : undefined;
  return isRequestId(id) ? id : null;
}

/** The reply that says no. */
export function failureReply(id: RequestId | null, thrown: unknown): ReplyLine & { error: unknown } {
  const { message } = asError(thrown);
  return { id, error: { code: thrown instanceof Refusal ? thrown.code : "internal", message } };
}
