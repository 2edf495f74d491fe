/**
 * Passes progress, and the arrival of replies, on to the callers of requests. Used by the correlation; tokens are the
 * numbers of requests.
 */

import type { Reply } from "../../actor/asks/options.ts";
import { asError } from "../../actor/exit.ts";
import { onRejection } from "../../actor/user_value.ts";
import type { JsonValue } from "../../process/codecs/json.ts";
import { numberOf } from "./answer.ts";
import type { JsonRpcCall } from "./types.ts";

/** What a caller is told before the reply. */
interface Caller extends Pick<JsonRpcCall, "onProgress" | "onReply"> {
  readonly reportProgress: Reply<unknown>["reportProgress"];
}

/** Whether progress is to be asked for. */
export function wantsProgress(call: JsonRpcCall, reply: Reply<unknown>): boolean {
  return call.onProgress !== undefined || reply.reportProgress !== undefined;
}

export class ProgressCallers {
  readonly #callers = new Map<number, Caller>();
  readonly #onFailed: (token: number, thrown: unknown) => void;

  /** `onFailed` gets what a callback threw. */
  constructor(onFailed: (token: number, thrown: unknown) => void) {
    this.#onFailed = onFailed;
  }

  add(token: number, call: JsonRpcCall, { reportProgress }: Reply<unknown>): void {
    const { onProgress, onReply } = call;
    if (onProgress === undefined && onReply === undefined && reportProgress === undefined) return;
    this.#callers.set(token, { onProgress, onReply, reportProgress });
  }

  delete(token: number): void {
    this.#callers.delete(token);
  }

  /** `reply`, to the request under that token, has come. */
  end(token: number, reply: Reply<unknown>): void {
    const onReply = this.#callers.get(token)?.onReply;
    this.#callers.delete(token);
    if (onReply === undefined || !reply.isOpen) return;
    try {
      onReply();
    } catch (thrown) {
      reply.reject(asError(thrown));
    }
  }

  clear(): void {
    this.#callers.clear();
  }

  /**
   * Notifies the caller under that token; `false`: there is none. A token that is not a number is the sidecar's own:
   * it is at work on something that any request may wait for.
   */
  notify({ token, value }: { readonly token: unknown; readonly value: JsonValue }): boolean {
    const number = numberOf(token);
    if (number === undefined) {
      for (const { reportProgress } of this.#callers.values()) reportProgress?.();
      return false;
    }
    const caller = this.#callers.get(number);
    if (caller === undefined) return false;
    const { onProgress, reportProgress } = caller;
    if (onProgress === undefined && reportProgress === undefined) return false;
    reportProgress?.();
    try {
      const handled: unknown = onProgress?.(value);
      onRejection(handled, (thrown) => this.#onFailed(number, thrown));
    } catch (thrown) {
      this.#onFailed(number, thrown);
    }
    return true;
  }
}
