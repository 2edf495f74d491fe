/** The account of the requests of one server that the client of its session has. Used by the correlation. */

import type { JsonRpcId } from "@outrider/outrider/protocol";
import { ofGeneration } from "./generation_ids.ts";

/** Requests of the server that may be with the client at a time. */
export const MAX_SERVER_REQUESTS = 1_024;

export class ServerRequests {
  readonly #generation: number;
  /** The ids of the server, by those that the client knows. */
  readonly #ids = new Map<string, JsonRpcId>();

  constructor(generation: number) {
    this.#generation = generation;
  }

  /** Whether the client can take no more of them. */
  get isFull(): boolean {
    return this.#ids.size >= MAX_SERVER_REQUESTS;
  }

  /** The server asks by this id. Returns the one that the client is to know. */
  add(id: JsonRpcId): string {
    const known = ofGeneration(this.#generation, id);
    this.#ids.set(known, id);
    return known;
  }

  /** The server takes its request back. Returns the id that the client knows; `undefined`: it has no such request. */
  cancel(id: JsonRpcId): string | undefined {
    const known = ofGeneration(this.#generation, id);
    return this.#ids.delete(known) ? known : undefined;
  }

  /** The client answers. Returns the server's id; `undefined`: it is not of this server, or not asked any more. */
  take(known: string): JsonRpcId | undefined {
    const id = this.#ids.get(known);
    this.#ids.delete(known);
    return id;
  }

  /** The server has ended. Returns the ids that the client knows. */
  takeAll(): readonly string[] {
    const known = [...this.#ids.keys()];
    this.#ids.clear();
    return known;
  }
}
