/**
 * Requests to a runtime, over its control socket.
 */

import { type DurationInput, durationOption } from "../options/units.ts";
import { shapeOf } from "../process/codecs/json_shape.ts";
import { readLines } from "./lines.ts";
import { connect } from "./connect.ts";
import { asReply } from "./messages.ts";
import { type ControlRequest, MAX_REPLY_BYTES, type ReplyError, type ServerLine } from "./protocol.ts";
import { AnswerTime } from "./answer_time.ts";
import { badReply, type ControlError, noAnswer, refusedError } from "./control_errors.ts";
import { type ControlResults, resultOf } from "./results.ts";
import { checkedPath, checkServer } from "./socket.ts";
import { locateToConnect } from "./socket_place.ts";

/** Milliseconds for an answer, if not said otherwise. */
export const DEFAULT_CONTROL_TIMEOUT_MS = 5_000;

/** Options of {@linkcode control}. */
export interface ControlOptions {
  /** Milliseconds for the answer; of a restart or a stop, the runtime goes on after that. Default: 5 s. */
  readonly timeout?: DurationInput | undefined;
}

/**
 * Sends one request to the runtime that listens at the socket `path`, and gives its answer.
 *
 * @throws {OptionError} a timeout that is not a time
 * @throws {ControlError} `unsupported`, `bad_path`, `not_private`, `unreachable`, `no_answer`, `bad_reply`, `refused`
 * @throws {Deno.errors.NotCapable} see `socketPermissions`
 *
 * @example
 * ```ts
 * import { control, ControlError } from "@outrider/outrider/control";
 *
 * try {
 *   const { children } = await control("/run/user/1000/app.sock", { method: "status" });
 *   for (const { path, state } of children) console.log(path, state);
 * } catch (error) {
 *   if (!(error instanceof ControlError)) throw error;
 *   console.log(error.code); // unreachable: nothing listens there
 * }
 * ```
 */
export async function control<Request extends ControlRequest>(
  path: string,
  request: Request,
  options: ControlOptions = {},
): Promise<ControlResults[Request["method"]]> {
  const client = await ControlClient.open(path, options);
  try {
    return await client.request(request);
  } finally {
    client.close();
  }
}

/** What a line that belongs to an open request is given to. */
interface OpenRequest {
  readonly onLine: (line: ServerLine) => void;
  readonly onEnd: (error: ControlError) => void;
}

/** Options of {@linkcode ControlClient.stream}. */
export interface StreamOptions {
  /** Items that may be on their way or wait here. Default 256. */
  readonly credit?: number;
  /** Ends it quietly. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for all of it. Default: none. */
  readonly timeout?: number;
}

/** Items that wait for their reader, at most, if not said otherwise: the credit that a stream has. */
const DEFAULT_CREDIT = 256;

/**
 * A connection to the runtime that listens at a socket, for requests one beside the other, and for streams.
 *
 * Used by `control`, and by the verbs of the command line. The invariant: a stream has no more items on their way than
 * its credit, which is renewed as they are read.
 */
export class ControlClient {
  /** Of the socket, absolute. */
  readonly path: string;
  readonly #closed = Promise.withResolvers<void>();
  /** Fulfilled when the connection has ended, by whichever side. */
  readonly closed: Promise<void> = this.#closed.promise;
  readonly #connection: Deno.UnixConn;
  readonly #timeout: number;
  readonly #time: AnswerTime;
  readonly #open = new Map<number, OpenRequest>();
  #ids = 0;
  #writing: Promise<void> = Promise.resolve();
  #failure: ControlError | undefined;

  private constructor(
    path: string,
    connection: Deno.UnixConn,
    { timeout, time }: { readonly timeout: number; readonly time: AnswerTime },
  ) {
    this.path = path;
    this.#connection = connection;
    this.#timeout = timeout;
    this.#time = time;
    void this.#read();
  }

  /**
   * Connects; `timeout` is for that, and for the reply of each request.
   *
   * @throws {OptionError | ControlError} see {@linkcode control}
   */
  static async open(path: string, options: ControlOptions = {}): Promise<ControlClient> {
    const timeout = durationOption("timeout", options.timeout, DEFAULT_CONTROL_TIMEOUT_MS);
    checkedPath(path);
    const file = checkedPath(locateToConnect(path).socket);
    checkServer(file);
    const time = new AnswerTime(file);
    let isLate = false;
    const connecting = connect(file).then((connection) => {
      // Too late for the caller: nothing else would close it.
      if (isLate) connection.close();
      return connection;
    });
    try {
      return new ControlClient(file, await time.within(connecting, timeout), { timeout, time });
    } catch (error) {
      isLate = true;
      throw error;
    }
  }

  /**
   * Waits for no answer beyond `end`, as `performance.now()` has it, whatever a request says; errors say then that it took
   * longer than `whole` ms. A stream without a time of its own goes on.
   */
  endAt(end: number, whole: number): void {
    this.#time.endAt(end, whole);
  }

  /** Waits until the connection has ended, for `timeout` ms at most. @throws {ControlError} `no_answer` */
  async untilClosed(timeout: number): Promise<void> {
    await this.#time.within(this.closed, timeout);
  }

  /** Sends a request, and waits for its result; `timeout` is in ms. @throws {ControlError} */
  async request<Request extends ControlRequest>(
    request: Request,
    timeout?: number,
  ): Promise<ControlResults[Request["method"]]> {
    const result = await this.call(request, timeout);
    return await resultOf(result, this.path, request.method) as ControlResults[Request["method"]];
  }

  /** The same for any method; the result is as the runtime gave it. @throws {ControlError} */
  async call(request: { readonly method: string }, timeout: number = this.#timeout): Promise<unknown> {
    const reply = Promise.withResolvers<unknown>();
    reply.promise.catch(() => {}); // also where it is late
    const id = await this.#send(request, {
      onLine: (line) => {
        if ("error" in line) reply.reject(refusedError(line.error));
        else if ("result" in line) reply.resolve(line.result);
      },
      onEnd: (error) => reply.reject(error),
    });
    try {
      return await this.#time.within(reply.promise, timeout);
    } finally {
      this.#open.delete(id);
    }
  }

  /**
   * The items of a stream, as they come; its return value is the result. Leaving the loop, or an abort of `signal`,
   * cancels it.
   *
   * @throws {ControlError} `refused`; `no_answer`: the connection has ended before the stream
   */
  async *stream<Item>(
    request: { readonly method: string },
    { credit = DEFAULT_CREDIT, signal, timeout = Infinity }: StreamOptions = {},
  ): AsyncGenerator<Item, unknown> {
    const lines: ServerLine[] = [];
    let failure: ControlError | undefined;
    let news = Promise.withResolvers<void>();
    const wake = () => news.resolve();
    const id = await this.#send({ ...request, credit }, {
      onLine: (line) => {
        lines.push(line);
        wake();
      },
      onEnd: (error) => {
        failure = error;
        wake();
      },
    });
    signal?.addEventListener("abort", wake, { once: true });
    const stopTime = timeout === Infinity ? undefined : this.#time.onLate(timeout, () => {
      failure ??= this.#time.error(timeout);
      wake();
    });
    let isOver = false;
    try {
      for (let read = 0;;) {
        const line = lines.shift();
        if (line === undefined) {
          if (signal?.aborted) return undefined;
          if (failure !== undefined) throw failure;
          await news.promise;
          news = Promise.withResolvers();
        } else if ("item" in line) {
          yield line.item as Item;
          if (++read < credit / 2) continue;
          await this.#write({ id, method: "credit", items: read });
          read = 0;
        } else {
          isOver = true;
          if ("error" in line) throw refusedError(line.error);
          return line.result;
        }
      }
    } finally {
      signal?.removeEventListener("abort", wake);
      stopTime?.();
      this.#open.delete(id);
      if (!isOver && this.#failure === undefined) await this.#write({ id, method: "cancel" }).catch(() => {});
    }
  }

  /** Closes the connection; what waits fails. */
  close(): void {
    this.#end(noAnswer(this.path, "the connection was closed"));
  }

  async #send(
    request: { readonly method: string; readonly credit?: number },
    open: OpenRequest,
  ): Promise<number> {
    const id = ++this.#ids;
    if (this.#failure !== undefined) throw this.#failure;
    this.#open.set(id, open);
    await this.#write({ id, ...request });
    return id;
  }

  #write(line: unknown): Promise<void> {
    const bytes = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
    const written = this.#writing.then(async () => {
      try {
        for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
      } catch (error) {
        // What it has said before is read first: why it closes, say.
        if (this.#failure === undefined) await this.closed;
        throw this.#failure ?? noAnswer(this.path, "the connection broke", error);
      }
    });
    this.#writing = written.catch(() => {});
    return written;
  }

  async #read(): Promise<void> {
    try {
      for await (const text of readLines(this.#connection, MAX_REPLY_BYTES)) {
        const line = asReply(jsonOf(text));
        if (line === undefined) return this.#end(badReply(this.path));
        // Of no request: it says why it closes.
        if (line.id === null) return this.#end(refusedError((line as { error: ReplyError }).error));
        this.#open.get(line.id as number)?.onLine(line);
      }
      this.#end(noAnswer(this.path, "it ended before it did"));
    } catch (error) {
      this.#end(noAnswer(this.path, "the connection broke", error));
    } finally {
      this.#closed.resolve();
    }
  }

  #end(failure: ControlError): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    for (const { onEnd } of this.#open.values()) onEnd(failure);
    this.#connection.close();
  }
}

/** `undefined` also for a text that would take longer to parse than any runtime's answer. */
function jsonOf(line: string): unknown {
  return shapeOf(line) === "json" ? JSON.parse(line) : undefined;
}
