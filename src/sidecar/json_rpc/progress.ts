/**
 * Passes progress, and the arrival of replies, on to the callers of requests. Used by the correlation; tokens are the
 * numbers of requests.
 */

import type { Reply } from "../../actor/asks/options.ts";
import { asError } from "../../actor/exit.ts";
import { onRejection } from "../../actor/user_value.ts";
import { numberOf } from "./answer.ts";
import type { JsonRpcProgress } from "./dialects.ts";
import type { JsonRpcCall } from "./types.ts";

/** A caller that is told of more than the reply. */
interface Caller extends Pick<JsonRpcCall, "onProgress" | "onReply"> {
  readonly reportProgress: Reply<unknown>["reportProgress"];
  /** Whether its timeout waits for the end of something. */
  isHeld: boolean;
}

/** Works of the sidecar's own that are known to be under way, at most. */
const MAX_UNDER_WAY = 1_024;

/** Whether progress is to be asked for. */
export function wantsProgress(call: JsonRpcCall, reply: Reply<unknown>): boolean {
  return call.onProgress !== undefined || reply.reportProgress !== undefined;
}

export class ProgressCallers {
  readonly #callers = new Map<number, Caller>();
  readonly #onFailed: (token: number, thrown: unknown) => void;
  /** The tokens of the sidecar's own works. */
  readonly #underWay = new Set<unknown>();

  /** `onFailed` gets what a callback threw. */
  constructor(onFailed: (token: number, thrown: unknown) => void) {
    this.#onFailed = onFailed;
  }

  add(token: number, call: JsonRpcCall, { reportProgress }: Reply<unknown>): void {
    const { onProgress, onReply } = call;
    if (onProgress === undefined && onReply === undefined && reportProgress === undefined) return;
    const caller: Caller = { onProgress, onReply, reportProgress, isHeld: false };
    this.#callers.set(token, caller);
    if (this.#underWay.size > 0) report(caller, true);
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
      const handled: unknown = onReply();
      onRejection(handled, (thrown) => this.#onFailed(token, thrown));
    } catch (thrown) {
      reply.reject(asError(thrown));
    }
  }

  /** The sidecar has ended: the end of nothing will be reported any more. */
  clear(): void {
    for (const caller of this.#callers.values()) if (caller.isHeld) report(caller, false);
    this.#callers.clear();
    this.#underWay.clear();
  }

  /**
   * Notifies the caller under that token; `false`: there is none. A token that is not a number is the sidecar's own:
   * it is at work on something that any request may wait for.
   */
  notify({ token, value, isUnderWay = false }: JsonRpcProgress): boolean {
    const number = numberOf(token);
    if (number === undefined) {
      if (!isUnderWay) this.#underWay.delete(token);
      else if (this.#underWay.size < MAX_UNDER_WAY) this.#underWay.add(token);
      for (const caller of this.#callers.values()) report(caller, this.#underWay.size > 0);
      return false;
    }
    const caller = this.#callers.get(number);
    if (caller === undefined) return false;
    const { onProgress, reportProgress } = caller;
    if (onProgress === undefined && reportProgress === undefined) return false;
    report(caller, isUnderWay);
    try {
      const handled: unknown = onProgress?.(value);
      onRejection(handled, (thrown) => this.#onFailed(number, thrown));
    } catch (thrown) {
      this.#onFailed(number, thrown);
    }
    return true;
  }
}

function report(caller: Caller, isUnderWay: boolean): void {
  caller.isHeld = isUnderWay;
  caller.reportProgress?.(isUnderWay);
}
