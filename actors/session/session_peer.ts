/**
 * What a session says to a process on its own behalf, past the mailbox: the repeated handshake, and the goodbye.
 */

import { JsonRpcError, type JsonValue } from "@outrider/outrider";
import type { Timers } from "@outrider/outrider/actor";
import type { JsonRpcPeer, SidecarConnection } from "@outrider/outrider/protocol";
import type { JsonRpcMessage } from "./types.ts";

/** The requests of the handshake that is repeated; no answer of them is for the client. */
export class SessionPeer implements JsonRpcPeer {
  readonly #prefix: string;
  readonly #post: (message: JsonRpcMessage) => void;
  readonly #open = new Map<string, PromiseWithResolvers<JsonValue> & { readonly method: string }>();
  readonly #ended = new AbortController();
  readonly note: JsonRpcPeer["note"];
  readonly path: string;
  readonly generation: number;
  readonly clock: Timers;
  #count = 0;

  constructor(connection: SidecarConnection, post: (message: JsonRpcMessage) => void) {
    this.#prefix = `outrider:${connection.generation}:`;
    this.#post = post;
    this.note = (text, level) => connection.note(text, level);
    this.path = connection.path;
    this.generation = connection.generation;
    this.clock = connection.clock;
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  get unanswered(): readonly string[] {
    return [...this.#open.values()].map(({ method }) => method);
  }

  request(method: string, params?: unknown): Promise<JsonValue> {
    this.signal.throwIfAborted();
    const id = this.#prefix + ++this.#count;
    const answer = { ...Promise.withResolvers<JsonValue>(), method };
    this.#open.set(id, answer);
    this.#post({ jsonrpc: "2.0", id, method, ...params !== undefined && { params } });
    return answer.promise;
  }

  notify(method: string, params?: unknown): void {
    this.#post({ jsonrpc: "2.0", method, ...params !== undefined && { params } });
  }

  takes({ id, result, error }: JsonRpcMessage): boolean {
    const answer = typeof id === "string" ? this.#open.get(id) : undefined;
    if (answer === undefined) return false;
    this.#open.delete(id as string);
    if (error) {
      const { code, message, data } = error as { code: number; message: string; data?: JsonValue };
      answer.reject(new JsonRpcError(code, String(message), data));
    } else answer.resolve((result ?? null) as JsonValue);
    return true;
  }

  close(error: Error): void {
    this.#ended.abort(error);
    for (const { promise, reject } of this.#open.values()) {
      promise.catch(() => {});
      reject(error);
    }
    this.#open.clear();
  }
}
