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
  JsonRpcError,
  type JsonRpcHandler,
  type JsonRpcPeer,
  METHOD_NOT_FOUND,
} from "./types.ts";
import type { JsonRpcId } from "./dialects.ts";

/** Requests of a sidecar that are handled at a time; more are answered with an error. */
export const MAX_HANDLED_AT_ONCE = 256;

/** A request as it came. */
export interface IncomingRequest {
  readonly id: JsonRpcId;
  readonly method: string;
  readonly params?: JsonValue;
}

export interface RequestDispatcherOptions {
  readonly handlers: Readonly<Record<string, JsonRpcHandler>>;
  readonly cancelledCode: number | undefined;
  /** The peer whose requests these are. */
  readonly peer: JsonRpcPeer;
  /** Called with the value that a listener of a request's signal threw. */
  readonly onFault: (thrown: unknown) => void;
}

/** The requests of one incarnation that are being handled. */
export class RequestDispatcher {
  readonly #options: RequestDispatcherOptions;
  /** By the ids that the sidecar gave them; under one that it gave twice is the latest. */
  readonly #handling = new Map<JsonRpcId, GuardedAbort>();
  readonly #running = new Set<GuardedAbort>();
  #isClosed = false;

  constructor(options: RequestDispatcherOptions) {
    this.#options = options;
  }

  /** Handles `request`; `answer` is called once, with nothing where no answer is to be given. */
  serve(request: IncomingRequest, answer: (answer: JsonValue | undefined) => void): void {
    this.#serve(request).then((told) => answer(this.#isClosed ? undefined : told))
      .catch((thrown) => this.#options.onFault(thrown));
  }

  cancel(id: JsonRpcId): void {
    const handling = this.#handling.get(id);
    if (handling === undefined) return;
    const reason = new DOMException("The sidecar took its request back", "AbortError");
    handling.abort(reason);
  }

  /** Cancels the running handlers, as the sidecar has ended; further answers are dropped. */
  close(error: Error): void {
    this.#isClosed = true;
    for (const running of this.#running) running.abort(error);
  }

  async #serve({ id, method, params }: IncomingRequest): Promise<JsonValue | undefined> {
    const { handlers, cancelledCode, peer } = this.#options;
    if (typeof id !== "string" && typeof id !== "number" && id !== null) {
      return refusal(
        null,
        new JsonRpcError(INVALID_REQUEST, "Invalid request: an id is a string, a number or null"),
      );
    }
    const unknown = () => refusal(id, new JsonRpcError(METHOD_NOT_FOUND, `Method not found: ${method}`));
    if (!Object.hasOwn(handlers, method)) return unknown();
    if (this.#running.size >= MAX_HANDLED_AT_ONCE) {
      return refusal(
        id,
        new JsonRpcError(BUSY, `Too many requests at once: ${MAX_HANDLED_AT_ONCE} are being handled`),
      );
    }
    const abort = new GuardedAbort(this.#options.onFault);
    this.#handling.set(id, abort);
    this.#running.add(abort);
    try {
      const handler = handlers[method];
      if (handler === undefined) return unknown();
      const result = await handler({ method, params, signal: abort.signal, peer });
      if (!abort.aborted) return { jsonrpc: "2.0", id, result: plain(result) };
    } catch (thrown) {
      if (!abort.aborted) return refusal(id, thrown);
    } finally {
      this.#running.delete(abort);
      if (this.#handling.get(id) === abort) this.#handling.delete(id);
    }
    if (cancelledCode === undefined) return undefined;
    return refusal(id, new JsonRpcError(cancelledCode, "Request cancelled"));
  }
}

/**
 * Returns `result` as it will be on the wire, so that a value that JSON cannot represent is a failure of its handler.
 * @throws {TypeError}
 */
function plain(result: unknown): JsonValue {
  const text = JSON.stringify(result);
  return text === undefined ? null : JSON.parse(text);
}

function refusal(id: JsonRpcId, thrown: unknown): JsonValue {
  try {
    return { jsonrpc: "2.0", id, error: plain(saidOf(thrown)) };
  } catch (unspeakable) {
    // Such as data with a cycle, or a BigInt.
    return { jsonrpc: "2.0", id, error: { code: INTERNAL_ERROR, message: asError(unspeakable).message } };
  }
}

function saidOf(thrown: unknown): { code: number; message: string; data?: unknown } {
  if (!(thrown instanceof JsonRpcError)) return { code: INTERNAL_ERROR, message: asError(thrown).message };
  const { code, message, data } = thrown;
  return data === undefined ? { code, message } : { code, message, data };
}
