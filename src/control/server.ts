/**
 * Answers those who connect to a control socket.
 *
 * Nothing that a client does holds up the tree or grows without bound: a connection has at most one status on its way,
 * what takes time is counted over all connections, and one that does not read, or has nothing to say, is closed.
 * A request goes on when its client is gone.
 *
 * @module
 */

import { sleep, systemClock } from "../actor/clock.ts";
import type { Clock } from "../actor/clock.ts";
import { asError } from "../actor/exit.ts";
import { linesOf, LineTooLongError } from "./lines.ts";
import { Operator, Refusal } from "./operator.ts";
import type { ControlledTree } from "./operator.ts";
import {
  CLIENT_IDLE_MS,
  MAX_CLIENTS,
  MAX_PENDING,
  MAX_REQUEST_BYTES,
  REPLY_WITHIN_MS,
  requestSchema,
} from "./protocol.ts";
import type { ReplyLine, RequestId, RequestLine } from "./protocol.ts";
import type { ControlSocket } from "./socket.ts";

/** Milliseconds until the next try where a connection could not be taken: no file descriptor was left. */
export const ACCEPT_RETRY_MS = 100;
/** Milliseconds that {@linkcode ControlServer.close} gives replies that are on their way. */
export const CLOSE_WITHIN_MS = 1_000;

const encoder = new TextEncoder();

/** Options of a {@linkcode ControlServer}. */
export interface ControlServerOptions {
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/**
 * Serves one tree at one socket.
 *
 * @example
 * ```ts
 * import { actor, control, ControlServer, ControlSocket, start, supervisor } from "@outrider/outrider";
 *
 * const root = supervisor("app", [actor("ann", () => ({ receive() {} }))]);
 * const system = await start(root);
 * const folder = await Deno.makeTempDir();
 * const socket = await ControlSocket.bind(`${folder}/app.sock`);
 * const server = new ControlServer(socket, { system, root, stop: () => void system.stop() });
 *
 * const { children } = await control(socket.path, { method: "status" });
 * console.log(children[0]?.state); // running
 * await control(socket.path, { method: "stop" });
 * await server.close();
 * await Deno.remove(folder);
 * ```
 */
export class ControlServer {
  readonly #socket: ControlSocket;
  readonly #operator: Operator;
  readonly #clock: Clock;
  readonly #clients = new Set<Client>();
  readonly #accepting: Promise<void>;
  readonly #over = new AbortController();
  #pending = 0;

  /** Takes connections at once. The socket is closed with the server. */
  constructor(
    socket: ControlSocket,
    tree: ControlledTree,
    { clock = systemClock }: ControlServerOptions = {},
  ) {
    this.#socket = socket;
    this.#clock = clock;
    this.#operator = new Operator(tree);
    this.#accepting = this.#accept();
  }

  /** Removes the socket, lets the replies that are due be written, and closes all connections. Never rejects. */
  async close(): Promise<void> {
    this.#socket.close();
    this.#over.abort();
    await this.#accepting;
    const written = new AbortController();
    const replies = Promise.all([...this.#clients].map((client) => client.settled()));
    await Promise.race([replies, sleep(this.#clock, CLOSE_WITHIN_MS, written.signal)]);
    written.abort();
    for (const client of this.#clients) client.close();
    await this.#operator.close();
  }

  async #accept(): Promise<void> {
    while (!this.#socket.closed) {
      try {
        const connection = await this.#socket.accept();
        const client = new Client(connection, this.#clock, (request) => this.#answer(request));
        if (this.#clients.size >= MAX_CLIENTS) {
          // What is written first fits into the connection's own buffer.
          void client.refuse(new Refusal("busy", `Cannot take more than ${MAX_CLIENTS} connections`));
          continue;
        }
        this.#clients.add(client);
        void client.serve().then(() => this.#clients.delete(client));
      } catch {
        // Closed; or no descriptor is left, which must not end a tree.
        await sleep(this.#clock, ACCEPT_RETRY_MS, this.#over.signal);
      }
    }
  }

  /** A reply at once, or one to come: as a function, so that it is not waited for. */
  #answer(request: RequestLine): ReplyLine | (() => Promise<ReplyLine>) {
    const { id } = request;
    if (request.method === "status") return { id, result: this.#operator.status() };
    if (this.#pending >= MAX_PENDING) {
      return failed(id, new Refusal("busy", `Cannot take more than ${MAX_PENDING} requests at a time`));
    }
    this.#pending++;
    return async () => {
      try {
        return { id, result: await this.#operator.perform(request) };
      } catch (thrown) {
        return failed(id, thrown);
      } finally {
        this.#pending--;
      }
    };
  }
}

type Answer = (request: RequestLine) => ReplyLine | (() => Promise<ReplyLine>);

/** One connection. */
class Client {
  readonly #connection: Deno.UnixConn;
  readonly #clock: Clock;
  readonly #answer: Answer;
  /** The requests whose replies are not written yet. */
  readonly #due = new Set<Promise<void>>();
  #writing: Promise<void> = Promise.resolve();
  #idleTimer: unknown;
  #closed = false;

  constructor(connection: Deno.UnixConn, clock: Clock, answer: Answer) {
    this.#connection = connection;
    this.#clock = clock;
    this.#answer = answer;
  }

  /** Takes requests until the client has no more, and all are answered. Never rejects. */
  async serve(): Promise<void> {
    this.#waitIdly();
    try {
      for await (const line of linesOf(this.#connection, MAX_REQUEST_BYTES)) {
        this.#waitIdly();
        await this.#take(line);
      }
    } catch (error) {
      // Whatever else ends a connection, its client knows; a line without end is told before.
      if (error instanceof LineTooLongError) {
        await this.#write(
          failed(
            null,
            new Refusal("too_long", `Cannot take a request of more than ${MAX_REQUEST_BYTES} bytes`),
          ),
        );
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
    await this.#write(failed(null, refusal));
    this.close();
  }

  /** Fulfilled when all replies are written, or can't be. */
  async settled(): Promise<void> {
    while (this.#due.size > 0) await Promise.all(this.#due);
    await this.#writing;
  }

  close(): void {
    this.#clock.clearTimeout(this.#idleTimer);
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }

  /** A reply at hand is written before the next request is read; what takes time does not hold up what does not. */
  async #take(line: string): Promise<void> {
    const request = read(line);
    if ("error" in request) return await this.#write(request);
    let reply: ReturnType<Answer>;
    try {
      reply = this.#answer(request);
    } catch (thrown) {
      reply = failed(request.id, thrown);
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
    if (this.#closed) return;
    const timer = this.#clock.setTimeout(() => this.close(), REPLY_WITHIN_MS);
    try {
      for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
    } catch {
      // The client is gone, or was too slow. What it asked for is done all the same.
      this.close();
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }

  #waitIdly(): void {
    this.#clock.clearTimeout(this.#idleTimer);
    if (this.#closed) return;
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
    return failed(
      null,
      new Refusal("bad_request", "Cannot read the request: it is not one JSON object a line"),
    );
  }
  const { success, data, error } = requestSchema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  const where = issue?.path.join(".") ?? "";
  const what = where === "" ? issue?.message : `${where}: ${issue?.message}`;
  return failed(idOf(value), new Refusal("bad_request", `Cannot take the request: ${what}`));
}

/** So that the client can tell which of its requests it was. */
function idOf(value: unknown): RequestId | null {
  const id = typeof value === "object" && value !== null && "id" in value ? value.id : undefined;
  return typeof id === "number" || (typeof id === "string" && id.length <= 64) ? id : null;
}

function failed(id: RequestId | null, thrown: unknown): ReplyLine & { error: unknown } {
  const { message } = asError(thrown);
  return { id, error: { code: thrown instanceof Refusal ? thrown.code : "internal", message } };
}
