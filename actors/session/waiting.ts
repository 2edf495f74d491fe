/**
 * The notifications of a session's client that no process has yet. A child that is held, as it is stopped by hand or in
 * quarantine, takes none and drops those that wait: what the next process hears in its handshake is not lost with them.
 */

import { ActorStoppedError } from "@outrider/outrider";
import type { JsonRpcMessage, SessionClient, SessionMemory, SessionRef } from "./types.ts";

export class WaitingNotifications {
  readonly #memory: SessionMemory;
  /** In order. */
  readonly #waiting = new Set<JsonRpcMessage>();
  /** Those that the memory has taken. */
  readonly #kept = new WeakSet<JsonRpcMessage>();
  /** Who has said a notification, as it may wait longer than that client is there. */
  readonly #authors = new WeakMap<JsonRpcMessage, SessionClient>();

  constructor(memory: SessionMemory) {
    this.#memory = memory;
  }

  /** Sends it. Rejects where it is lost. */
  tell(ref: SessionRef, message: JsonRpcMessage, author: SessionClient): void | Promise<void> {
    this.#authors.set(message, author);
    this.#waiting.add(message);
    return ref.tell(message)?.catch((error) => {
      if (!(error instanceof ActorStoppedError && this.#keep(message))) throw error;
    });
  }

  /** The child is held. */
  keepAll(): void {
    for (const message of this.#waiting) this.#keep(message);
  }

  #keep(message: JsonRpcMessage): boolean {
    if (this.#waiting.delete(message) && this.#memory.missed?.(message) === true) this.#kept.add(message);
    return this.#kept.has(message);
  }

  /** A process gets that notification, unless it is not of `client`: `false`. */
  framed(message: JsonRpcMessage, client: SessionClient | undefined): boolean {
    if (this.#waiting.has(message)) {
      // What was to come before it was dropped by the mailbox.
      for (const earlier of this.#waiting) {
        this.#waiting.delete(earlier);
        if (earlier === message) break;
      }
    }
    const author = this.#authors.get(message);
    return author === undefined || author === client;
  }

  /** The client has gone. */
  clear(): void {
    this.#waiting.clear();
  }
}
