/**
 * The level of logs and the resources that a client of MCP has asked for, so that a new process hears of them again.
 */

import { JsonRpcError } from "@outrider/outrider";
import type { JsonRpcPeer } from "@outrider/outrider/protocol";
import { fields, type JsonObject } from "../session/fields.ts";

/** The levels of logs that leave warnings out. */
const ABOVE_WARNING: readonly unknown[] = ["error", "critical", "alert", "emergency"];

export class McpSubscriptions {
  #level: JsonObject | undefined;
  readonly #subscribed = new Map<unknown, JsonObject>();

  /** The server has answered that request with a result. */
  settled({ method, params }: { readonly method?: string | undefined; readonly params?: unknown }): void {
    const said = fields(params);
    if (method === "logging/setLevel") this.#level = said;
    else if (method === "resources/subscribe") this.#subscribed.set(said.uri, said);
    else if (method === "resources/unsubscribe") this.#subscribed.delete(said.uri);
  }

  /** Asks a new process for the same. Returns what it refuses. */
  async restore(server: JsonRpcPeer): Promise<readonly string[]> {
    const refused: string[] = [];
    const again = async (method: string, params: JsonObject) => {
      try {
        await server.request(method, params);
      } catch (error) {
        if (!(error instanceof JsonRpcError)) throw error;
        refused.push(`${method} (${error.message})`);
      }
    };
    if (this.#level !== undefined) await again("logging/setLevel", this.#level);
    for (const params of this.#subscribed.values()) await again("resources/subscribe", params);
    return refused;
  }

  /** Whether the client wants warnings: all that a server may say, unless it has set a level above. */
  get hasWarnings(): boolean {
    return !ABOVE_WARNING.includes(this.#level?.level);
  }

  clear(): void {
    this.#level = undefined;
    this.#subscribed.clear();
  }
}
