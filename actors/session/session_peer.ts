/**
 * What a session says to a process on its own behalf, past the mailbox: the repeated handshake, and the goodbye; no answer
 * of it is for the client.
 */

import { JsonRpcError, type JsonValue } from "@outrider/outrider";
import type { Timers } from "@outrider/outrider/actor";
import type { JsonRpcPeer, SendOptions, SidecarConnection } from "@outrider/outrider/protocol";
import { properError } from "./answer.ts";
import type { JsonRpcMessage } from "./types.ts";

type Post = (message: JsonRpcMessage, options?: SendOptions) => void | Promise<void>;

/** See the module. */
export class SessionPeer implements JsonRpcPeer {
  readonly #prefix: string;
  readonly #post: Post;
  readonly #open = new Map<string, PromiseWithResolvers<JsonValue> & { readonly method: string }>();
  readonly #ended = new AbortController();
  readonly note: JsonRpcPeer["note"];
  readonly path: string;
  readonly generation: number;
  readonly clock: Timers;
  #count = 0;

  constructor(connection: SidecarConnection, post: Post) {
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
    void this.#post({ jsonrpc: "2.0", id, method, ...params !== undefined && { params } });
    return answer.promise;
  }

  notify(method: string, params?: unknown): void | Promise<void> {
    return this.#post({ jsonrpc: "2.0", method, ...params !== undefined && { params } }, { isAlone: true });
  }

  takes({ id, result, error }: JsonRpcMessage): boolean {
    const answer = typeof id === "string" ? this.#open.get(id) : undefined;
    if (answer === undefined) return false;
    this.#open.delete(id as string);
    if (error) {
      const { code, message, data } = properError(error);
      answer.reject(new JsonRpcError(code, message, data));
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
