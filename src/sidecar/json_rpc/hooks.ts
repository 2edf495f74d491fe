/**
 * What the maker of a protocol on JSON-RPC has to say of each message of one conversation.
 *
 * Used by the correlation. A hook that throws costs the message that it looked at.
 */

import type { JsonValue } from "../../process/codecs/json.ts";
import type { Reply } from "../../actor/asks/options.ts";
import { onRejection } from "../../actor/user_value.ts";
import type { JsonRpcCall, JsonRpcOptions, JsonRpcPeer } from "./types.ts";

export class ConversationHooks {
  readonly #options: JsonRpcOptions;
  readonly #peer: JsonRpcPeer;
  /** The requests without an answer, by number; only where a hook wants to know what is answered. */
  readonly #asked = new Map<number, JsonRpcCall>();

  constructor(options: JsonRpcOptions, peer: JsonRpcPeer) {
    this.#options = options;
    this.#peer = peer;
  }

  /** Settles a request without the sidecar, if a hook does. */
  settles(call: JsonRpcCall, reply: Reply<unknown>): boolean {
    const { known, refuse } = this.#options;
    const answer = known?.(call, this.#peer);
    if (answer !== undefined) {
      reply.resolve(answer);
      return true;
    }
    const refused = refuse?.(call, this.#peer);
    if (refused === undefined) return false;
    reply.reject(refused);
    return true;
  }

  /** The notification that is written for `call`, a copy of `told`; `undefined`: none is. */
  told(call: JsonRpcCall, told: unknown): JsonRpcCall | undefined {
    const { outgoing } = this.#options;
    return outgoing === undefined ? call : outgoing(told as JsonRpcCall, this.#peer);
  }

  /** The request that is written under `number`; `isOwn`: it is the peer's, not a caller's. */
  asked(number: number, call: JsonRpcCall, { isOwn }: { readonly isOwn: boolean }): JsonRpcCall {
    const { outgoing, answered } = this.#options;
    if (answered !== undefined && !isOwn) this.#asked.set(number, call);
    return outgoing?.(call, this.#peer) ?? call;
  }

  /** The answer that the caller of request `number` gets. */
  answered(number: number, result: JsonValue, reply: Reply<unknown>): unknown {
    const call = this.#asked.get(number);
    if (call === undefined) return result;
    this.#asked.delete(number);
    return this.#options.answered!(result, call, this.#peer, () => reply.isOpen) ?? result;
  }

  /** The messages that were never written, at the end, which goes on: `onFault` gets what the hook throws. */
  unsent(messages: readonly unknown[], onFault: (thrown: unknown) => void): void {
    try {
      const handled: unknown = this.#options.unsent?.(messages, this.#peer);
      onRejection(handled, onFault);
    } catch (thrown) {
      onFault(thrown);
    }
  }

  /** Nothing more is to be said of request `number`. */
  delete(number: number): void {
    this.#asked.delete(number);
  }
}
