/**
 * Passes progress on to the callers of requests. Used by the correlation; tokens are the numbers of requests.
 */

import { onRejection } from "../../actor/user_value.ts";
import type { JsonValue } from "../../process/codecs/json.ts";
import { numberOf } from "./answer.ts";

export class ProgressCallers {
  readonly #callers = new Map<number, (progress: JsonValue) => void>();
  readonly #onFailed: (token: number, thrown: unknown) => void;

  /** `onFailed` gets what a callback threw. */
  constructor(onFailed: (token: number, thrown: unknown) => void) {
    this.#onFailed = onFailed;
  }

  add(token: number, caller: (progress: JsonValue) => void): void {
    this.#callers.set(token, caller);
  }

  delete(token: number): void {
    this.#callers.delete(token);
  }

  clear(): void {
    this.#callers.clear();
  }

  /** Notifies the caller under that token; `false`: there is none. */
  notify({ token, value }: { readonly token: unknown; readonly value: JsonValue }): boolean {
    const number = numberOf(token);
    const caller = number === undefined ? undefined : this.#callers.get(number);
    if (caller === undefined) return false;
    try {
      const handled: unknown = caller(value);
      onRejection(handled, (thrown) => this.#onFailed(number!, thrown));
    } catch (thrown) {
      this.#onFailed(number!, thrown);
    }
    return true;
  }
}
