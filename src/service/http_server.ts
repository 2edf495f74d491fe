/**
 * Answers one small question a connection over HTTP, whatever clients do.
 *
 * Not `Deno.serve`: that takes connections without bound and without a deadline, and ends where no file descriptor is
 * left. The invariant: a connection is closed {@linkcode EXCHANGE_MS} after it began, at most {@linkcode MAX_CONNECTIONS}
 * are open, of which the oldest makes room for a new one, and of a request {@linkcode MAX_HEAD} bytes are kept.
 */

import { type Clock, sleep, systemClock } from "../time/clock.ts";
import { type HttpAnswer, httpAnswerBytes, type HttpHead, httpHeadEnd, readHttpHead } from "./http_text.ts";

/** Connections at a time. */
export const MAX_CONNECTIONS = 32;
/** Milliseconds for a request and its answer. */
export const EXCHANGE_MS = 5_000;
/** Bytes of the head of a request. */
export const MAX_HEAD = 8_192;
/** Bytes of a body that are read, and thrown away, so that the answer is not lost to a client that still sends. */
const MAX_BODY = 65_536;
/** Milliseconds until the next try where a connection could not be taken: no file descriptor was left. */
const ACCEPT_RETRY_MS = 100;

/** Listens until it is closed. */
export class HttpServer implements Disposable {
  readonly #listener: Deno.TcpListener;
  readonly #answer: (head: HttpHead) => HttpAnswer;
  readonly #clock: Clock;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #over = new AbortController();
  /** Where it listens. */
  readonly address: { readonly hostname: string; readonly port: number };

  /** @throws the system's error where it can't listen */
  constructor(
    address: { readonly hostname: string; readonly port: number },
    answer: (head: HttpHead) => HttpAnswer,
    clock: Clock = systemClock,
  ) {
    this.#listener = Deno.listen(address);
    this.#answer = answer;
    this.#clock = clock;
    const { hostname, port } = this.#listener.addr as Deno.NetAddr;
    this.address = { hostname, port };
    this.#listener.unref();
    void this.#accept();
  }

  /** Ends at once, whatever clients have open. */
  [Symbol.dispose](): void {
    this.#over.abort();
    this.#listener.close();
    for (const connection of this.#open) this.#close(connection);
  }

  async #accept(): Promise<void> {
    while (!this.#over.signal.aborted) {
      try {
        const connection = await this.#listener.accept();
        if (this.#over.signal.aborted) return connection.close();
        this.#open.add(connection);
        // A client that asks has its answer in a moment: the oldest is one that only holds its place.
        if (this.#open.size > MAX_CONNECTIONS) this.#close(this.#open.values().next().value!);
        void this.#serve(connection);
      } catch {
        // Closed; or no descriptor is left, which must not end a tree.
        await sleep(this.#clock, ACCEPT_RETRY_MS, this.#over.signal);
      }
    }
  }

  async #serve(connection: Deno.TcpConn): Promise<void> {
    const deadline = this.#clock.setTimeout(() => this.#close(connection), EXCHANGE_MS);
    try {
      const text = await readHead(connection);
      if (text === undefined) return;
      const head = readHttpHead(text);
      const answer = text.length >= MAX_HEAD ? TOO_LONG : head === undefined ? NOT_READ : this.#answer(head);
      const bytes = httpAnswerBytes(answer, head?.method);
      for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
      await connection.closeWrite();
      await readAway(connection);
    } catch {
      // Its client is gone, or it was closed here.
    } finally {
      this.#clock.clearTimeout(deadline);
      this.#close(connection);
    }
  }

  #close(connection: Deno.TcpConn): void {
    if (this.#open.delete(connection)) connection.close();
  }
}

/** A character a byte: of what is no text the length stays the same. */
const latin1 = new TextDecoder("latin1");
const NOT_READ: HttpAnswer = { status: 400, text: "Not a request of HTTP/1.1\n" };
const TOO_LONG: HttpAnswer = { status: 431, text: `The head of a request has at most ${MAX_HEAD} bytes\n` };

/** The head of a request, of {@linkcode MAX_HEAD} where it is longer; `undefined`: its client is gone before. */
async function readHead(connection: Deno.TcpConn): Promise<string | undefined> {
  const bytes = new Uint8Array(MAX_HEAD);
  for (let size = 0; size < MAX_HEAD;) {
    const count = await connection.read(bytes.subarray(size));
    if (count === null) return undefined;
    size += count;
    const text = latin1.decode(bytes.subarray(0, size));
    const end = httpHeadEnd(text);
    if (end >= 0) return text.slice(0, end);
  }
  return latin1.decode(bytes);
}

/** Bytes that are left unread have the system end the connection at once, and the answer with it. */
async function readAway(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(MAX_HEAD);
  for (let size = 0; size < MAX_BODY;) {
    const count = await connection.read(buffer);
    if (count === null) return;
    size += count;
  }
}
