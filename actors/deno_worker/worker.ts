/**
 * The other side of `actors/deno_worker`: a TypeScript file becomes a worker by calling {@linkcode serve}.
 *
 * Nothing of the runtime is loaded here, so that a worker starts fast and needs no permission.
 *
 * @example
 * ```ts ignore
 * // worker.ts
 * import { serve } from "@outrider/outrider/actors/worker";
 *
 * const api = {
 *   add: ({ a, b }: { a: number; b: number }) => a + b,
 *   async *count({ to }: { to: number }) {
 *     for (let n = 1; n <= to; n++) yield n;
 *   },
 * };
 * export type Api = typeof api;
 * await serve(api);
 * ```
 *
 * @module
 */

import { type FromWorker, ITEM_CREDIT, type ToWorker, type WireError } from "./wire.ts";

/** The context of a handler's call, besides the arguments. */
export interface WorkerCall {
  /** Aborts when the caller gives up (timeout, abort, the reader of a stream leaves), and when the worker is to end. */
  readonly signal: AbortSignal;
}

/**
 * The handlers of a worker, by name. A handler takes one value and answers with one, or with an async iterable. Both
 * travel as JSON: values that JSON cannot represent do not arrive as they were sent.
 */
export type WorkerApi = Readonly<Record<string, (args: never, call: WorkerCall) => unknown>>;

/** Options of {@linkcode serve}. */
export interface ServeOptions {
  /**
   * Milliseconds that the process may live on once its stdin has ended; then it ends itself, with code 1, so that none
   * is left behind. `Infinity` for no limit. Default {@linkcode WORKER_LINGER_MS}.
   */
  readonly linger?: number;
}

/** Milliseconds that a worker may live on once its stdin has ended, unless set otherwise. */
export const WORKER_LINGER_MS = 5_000;

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Bytes that may wait to be written before a stream waits for them. */
const HIGH_WATER = 65_536;

/**
 * Answers calls until stdin ends; fulfilled when all handlers have returned.
 *
 * An error thrown by a handler is the answer to its call. An uncaught error ends the process, as ever. stdout belongs
 * to the protocol: from now on `console.log` and its like write to stderr.
 */
export async function serve(api: WorkerApi, options: ServeOptions = {}): Promise<void> {
  const { linger = WORKER_LINGER_MS } = options;
  if (!(typeof linger === "number" && linger >= 0)) {
    throw new TypeError(`Cannot live on for ${String(linger)} ms: it takes a number from 0, or Infinity`);
  }
  redirectConsole();
  const server = new Server(api);
  server.send({ serves: Object.keys(api) });
  await readLines(Deno.stdin.readable, (line) => server.take(JSON.parse(line)));
  exitAfter(linger);
  await server.close();
}

/** Ends the process after `ms`, if it is still there; in parts, as a timer takes no more than 24.8 days. */
function exitAfter(ms: number): void {
  if (ms === Infinity) return;
  const part = Math.min(ms, LONGEST_TIMER_MS);
  const then = () => ms > part ? exitAfter(ms - part) : Deno.exit(1);
  Deno.unrefTimer(setTimeout(then, part));
}

/** One call that is being answered. */
class Running {
  readonly abort = new AbortController();
  #credit = ITEM_CREDIT;
  #granted: PromiseWithResolvers<void> | undefined;

  constructor() {
    this.abort.signal.addEventListener("abort", () => this.#granted?.resolve());
  }

  grant(items: number): void {
    this.#credit += items;
    this.#granted?.resolve();
    this.#granted = undefined;
  }

  /** Waits until one more item may be sent, or none is wanted. */
  async spend(): Promise<void> {
    while (this.#credit === 0 && !this.abort.signal.aborted) {
      await (this.#granted ??= Promise.withResolvers()).promise;
    }
    this.#credit--;
  }
}

class Server {
  readonly #api: WorkerApi;
  readonly #running = new Map<number, Running>();
  readonly #work = new Set<Promise<void>>();
  #unsent = "";
  #sending: Promise<void> | undefined;

  constructor(api: WorkerApi) {
    this.#api = api;
  }

  take(message: ToWorker): void {
    if ("cancel" in message) this.#running.get(message.cancel)?.abort.abort();
    else if ("more" in message) this.#running.get(message.more)?.grant(message.items);
    else {
      const work = this.#answer(message).finally(() => this.#work.delete(work));
      this.#work.add(work);
    }
  }

  /** Until everything has been answered. */
  async close(): Promise<void> {
    for (const { abort } of this.#running.values()) abort.abort();
    await Promise.all(this.#work);
    await this.#sending;
  }

  /** Takes a frame; a promise means that much waits to be written. @throws {TypeError} JSON has no text for it */
  send(frame: FromWorker): Promise<void> | undefined {
    this.#unsent += JSON.stringify(frame) + "\n";
    this.#sending ??= this.#write();
    return this.#unsent.length < HIGH_WATER ? undefined : this.#sending;
  }

  async #write(): Promise<void> {
    await Promise.resolve(); // what is sent in the same turn goes out in one write
    const encoder = new TextEncoder();
    while (this.#unsent !== "") {
      const bytes = encoder.encode(this.#unsent);
      this.#unsent = "";
      for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
    }
    this.#sending = undefined;
  }

  async #answer({ id, call, args, stream = false }: Extract<ToWorker, { call: string }>): Promise<void> {
    const running = new Running();
    if (id !== undefined) this.#running.set(id, running);
    const { signal } = running.abort;
    try {
      const handler = Object.hasOwn(this.#api, call) ? this.#api[call] : undefined;
      if (typeof handler !== "function") {
        throw new TypeError(
          `Cannot call '${call}': the worker serves ${Object.keys(this.#api).join(", ") || "nothing"}`,
        );
      }
      const value = await handler.call(this.#api, args as never, { signal });
      if (isStream(value) !== stream && id !== undefined) {
        throw new TypeError(
          `Cannot ${stream ? "stream" : "call"} '${call}': it ${stream ? "is not a stream" : "is a stream"}`,
        );
      }
      if (id === undefined) return;
      if (isStream(value)) await this.#stream(id, value, running);
      else if (!signal.aborted) this.send({ id, value });
    } catch (thrown) {
      if (id === undefined) console.error(thrown);
      else if (!signal.aborted) this.send({ id, error: wireError(thrown) });
    } finally {
      if (id !== undefined) this.#running.delete(id);
    }
  }

  async #stream(id: number, items: AsyncIterable<unknown>, running: Running): Promise<void> {
    const { signal } = running.abort;
    this.send({ id, open: true });
    let at = 0;
    for await (const item of items) {
      await running.spend();
      if (signal.aborted) return;
      const full = this.send({ id, item, at: at++ });
      if (full !== undefined) await full;
    }
    if (!signal.aborted) this.send({ id, end: true });
  }
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** Never throws, whatever was thrown: an error with unreadable fields, or a value without a text. */
function wireError(thrown: unknown): WireError {
  const text = (read: () => unknown): string | undefined => {
    try {
      const value = read();
      return value === undefined ? undefined : String(value);
    } catch {
      return undefined;
    }
  };
  const given = thrown as Error;
  const isError = text(() => thrown instanceof Error) === "true";
  const message = text(() => isError ? given.message : thrown) ??
    `a value of type ${typeof thrown} that can't be read`;
  const stack = isError ? text(() => given.stack) : undefined;
  return {
    name: (isError && text(() => given.name)) || "Error",
    message,
    ...stack !== undefined && { stack },
  };
}

async function readLines(
  source: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: (line: string) => void,
): Promise<void> {
  let held: string[] = [];
  for await (const text of source.pipeThrough(new TextDecoderStream())) {
    let start = 0;
    for (let end; (end = text.indexOf("\n", start)) >= 0; start = end + 1) {
      held.push(text.slice(start, end));
      const line = held.join("");
      held = [];
      take(line);
    }
    held.push(text.slice(start));
  }
}

/** From now on, whatever `console` prints goes to stderr. */
export function redirectConsole(): void {
  const { error, group } = console;
  for (const name of ["log", "info", "debug", "dir", "dirxml", "table"] as const) console[name] = error;
  // These do not go through `log`, or not in every version of Deno.
  const counts = new Map<string, number>();
  const times = new Map<string, number>();
  const since = (label: string) => `${label}: ${Math.round(performance.now() - (times.get(label) ?? NaN))}ms`;
  const indent = (...label: unknown[]) => {
    if (label.length > 0) error(...label);
    group(); // what follows is indented
  };
  Object.assign(console, {
    clear: () => {},
    group: indent,
    groupCollapsed: indent,
    count: (label = "default") => {
      counts.set(label, (counts.get(label) ?? 0) + 1);
      error(`${label}: ${counts.get(label)}`);
    },
    countReset: (label = "default") => counts.delete(label),
    time: (label = "default") => times.set(label, performance.now()),
    timeLog: (label = "default", ...data: unknown[]) => error(since(label), ...data),
    timeEnd: (label = "default") => {
      error(since(label));
      times.delete(label);
    },
  });
}
