/**
 * Answers the requests of a sidecar.
 */

import { asError } from "../../actor/exit.ts";
import { GuardedAbort } from "../../actor/asks/abort.ts";
import type { JsonValue } from "../../process/codecs/json.ts";
import {
  BUSY,
  INTERNAL_ERROR,
  INVALID_REQUEST,
  isJsonRpcId,
  JsonRpcError,
  type JsonRpcHandler,
  type JsonRpcPeer,
  METHOD_NOT_FOUND,
} from "./types.ts";
import { isThenable } from "../../actor/user_value.ts";
import type { JsonRpcId } from "./dialects.ts";
import type { HandlerQueue } from "./handler_queue.ts";

/** Requests of a sidecar that are handled at a time; more are answered with an error. */
export const MAX_HANDLED_AT_ONCE = 256;

/** A request as it came. */
export interface IncomingRequest {
  readonly id: JsonRpcId;
  readonly method: string;
  readonly params?: JsonValue;
}

/** Called once with the answer to a request, and its bytes where they are many; with nothing where none is to be given. */
export type Answerer = (answer: JsonValue | undefined, bytes?: number) => void;

export interface RequestDispatcherOptions {
  readonly handlers: Readonly<Record<string, JsonRpcHandler>>;
  readonly cancelledCode: number | undefined;
  /** The peer whose requests these are. */
  readonly peer: JsonRpcPeer;
  /** Called with the value that a listener of a request's signal threw, or an answer that could not be written. */
  readonly onFault: (thrown: unknown) => void;
  /** Holds work back, see there; whoever writes the answers tells it of them. */
  readonly queue: HandlerQueue;
}

/** A request that is being handled, or waits for it. */
interface Handling {
  readonly request: IncomingRequest;
  readonly abort: GuardedAbort;
  readonly answer: Answerer;
}

/** The requests of one incarnation that are being handled. */
export class RequestDispatcher {
  readonly #options: RequestDispatcherOptions;
  /** By the ids that the sidecar gave them; under one that it gave twice is the latest. */
  readonly #handling = new Map<JsonRpcId, GuardedAbort>();
  readonly #running = new Set<GuardedAbort>();

  constructor(options: RequestDispatcherOptions) {
    this.#options = options;
  }

  /** Handles `request`, now or in its turn. */
  serve(request: IncomingRequest, answer: Answerer): void {
    const { queue, onFault } = this.#options;
    if (queue.isClosed) return;
    const error = this.#refusalOf(request);
    if (error !== undefined) {
      const { id } = request;
      return this.#tried(() => answer(refusal(isJsonRpcId(id) ? id : null, error).answer));
    }
    const abort = new GuardedAbort(onFault);
    const handling = { request, abort, answer };
    this.#handling.set(request.id, abort);
    this.#running.add(abort);
    queue.run(() => this.#handle(handling));
  }

  cancel(id: JsonRpcId): void {
    const handling = this.#handling.get(id);
    if (handling === undefined) return;
    const reason = new DOMException("The sidecar took its request back", "AbortError");
    handling.abort(reason);
  }

  /** Cancels the running handlers, as the sidecar has ended; further answers are dropped. */
  close(error: Error): void {
    this.#options.queue.close();
    for (const running of this.#running) running.abort(error);
  }

  /** Why `request` is not handled. */
  #refusalOf({ id, method }: IncomingRequest): JsonRpcError | undefined {
    if (!isJsonRpcId(id)) {
      return new JsonRpcError(INVALID_REQUEST, "Invalid request: an id is a string, a number or null");
    }
    if (!Object.hasOwn(this.#options.handlers, method)) return unknownMethod(method);
    if (this.#running.size < MAX_HANDLED_AT_ONCE) return undefined;
    return new JsonRpcError(BUSY, `Too many requests at once: ${MAX_HANDLED_AT_ONCE} are being handled`);
  }

  #handle(handling: Handling): void {
    const { request: { id, method, params }, abort } = handling;
    const { handlers, peer, queue } = this.#options;
    const resolved = (value: unknown) => this.#answer(handling, () => plainAnswer(id, value));
    const rejected = (thrown: unknown) => this.#answer(handling, () => refusal(id, thrown));
    if (abort.aborted) return rejected(abort.signal.reason);
    try {
      const handler = handlers[method];
      if (handler === undefined) return rejected(unknownMethod(method));
      const result = handler({ method, params, signal: abort.signal, peer });
      if (!isThenable(result)) return resolved(result);
      new Promise((resolve) => resolve(result)).then(
        (value) => queue.run(() => resolved(value)),
        (thrown) => queue.run(() => rejected(thrown)),
      );
    } catch (thrown) {
      rejected(thrown);
    }
  }

  /** Gives the answer that `make` returns, unless the sidecar took its request back. */
  #answer({ request: { id }, abort, answer }: Handling, make: () => MadeAnswer): void {
    this.#running.delete(abort);
    if (this.#handling.get(id) === abort) this.#handling.delete(id);
    this.#tried(() => {
      const { cancelledCode } = this.#options;
      if (!abort.aborted) {
        const made = make();
        answer(made.answer, made.bytes);
      } else if (cancelledCode === undefined) answer(undefined);
      else answer(refusal(id, new JsonRpcError(cancelledCode, "Request cancelled")).answer);
    });
  }

  #tried(give: () => void): void {
    try {
      give();
    } catch (thrown) {
      this.#options.onFault(thrown);
    }
  }
}

/** An answer, and how large it is about. */
interface MadeAnswer {
  readonly answer: JsonValue;
  readonly bytes: number;
}

function unknownMethod(method: string): JsonRpcError {
  return new JsonRpcError(METHOD_NOT_FOUND, `Method not found: ${method}`);
}

function plainAnswer(id: JsonRpcId, value: unknown): MadeAnswer {
  try {
    const { plain: result, bytes } = plain(value);
    return { answer: { jsonrpc: "2.0", id, result }, bytes };
  } catch (thrown) {
    return refusal(id, thrown);
  }
}

/**
 * Returns `result` as it will be on the wire, so that a value that JSON cannot represent is a failure of its handler.
 * @throws {TypeError}
 */
function plain(result: unknown): { readonly plain: JsonValue; readonly bytes: number } {
  const text = JSON.stringify(result);
  return text === undefined ? { plain: null, bytes: 4 } : { plain: JSON.parse(text), bytes: text.length };
}

function refusal(id: JsonRpcId, thrown: unknown): MadeAnswer {
  try {
    const { plain: error, bytes } = plain(saidOf(thrown));
    return { answer: { jsonrpc: "2.0", id, error }, bytes };
  } catch (unspeakable) {
    // Such as data with a cycle, or a BigInt.
    const error = { code: INTERNAL_ERROR, message: asError(unspeakable).message };
    return { answer: { jsonrpc: "2.0", id, error }, bytes: error.message.length };
  }
}

function saidOf(thrown: unknown): { code: number; message: string; data?: unknown } {
  if (!(thrown instanceof JsonRpcError)) return { code: INTERNAL_ERROR, message: asError(thrown).message };
  const { code, message, data } = thrown;
  return data === undefined ? { code, message } : { code, message, data };
}
