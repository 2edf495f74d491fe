/**
 * Which reply belongs to which request.
 *
 * Each way of pairing is a class on top of {@linkcode PendingRequests}. In order (`in_order.ts`), the next reply belongs to
 * the lowest number; by id (`by_id.ts`), the number travels in the message; `json_rpc/correlation.ts` is the third. Where
 * replies have many frames, each is a stream (see `reply_stream.ts`).
 */

import type { Codec } from "../../process/codecs/codec.ts";
import type { Reply } from "../../actor/asks/options.ts";
import type { WritableData } from "../../process/pipes/stdin.ts";
import { SidecarSchemaError } from "../messages/message_errors.ts";
import type { ReplyCorrelation, SidecarConnection } from "../protocol.ts";
import { type PendingRequest, PendingRequests } from "./pending_requests.ts";
import { ReplyStream, type Until } from "./reply_stream.ts";
import type { MessageCheck } from "../messages/message_check.ts";

export interface CorrelationOptions {
  // deno-lint-ignore no-explicit-any -- see Protocol.codec
  readonly codec: Codec<any, any>;
  /** Where replies have many frames: which one is the last. */
  readonly until?: Until | undefined;
  /** Looks at each frame of a reply. */
  readonly check?: MessageCheck | undefined;
  /** Whether an abandoned request makes room for another at once, where its late reply is recognised and not awaited. */
  readonly bounded?: boolean;
}

/** Pairs by order or by id: one reply may have many frames, and each frame may have a schema. */
export abstract class Correlation extends PendingRequests implements ReplyCorrelation {
  protected readonly codec: CorrelationOptions["codec"];
  protected readonly connection: SidecarConnection;
  /** Bytes of the frame that is being matched. */
  protected bytes = 0;
  readonly #until: Until | undefined;
  readonly #check: MessageCheck | undefined;

  constructor(connection: SidecarConnection, { codec, until, check }: CorrelationOptions) {
    super();
    this.connection = connection;
    this.codec = codec;
    this.#until = until;
    this.#check = check;
  }

  abstract request(message: unknown, reply: Reply<unknown>): WritableData;
  abstract match(message: unknown, size?: number): boolean;

  frame(message: unknown): WritableData {
    return this.codec.encode(message);
  }

  /** Puts a request on the account, under the next number. */
  protected await(reply: Reply<unknown>): PendingRequest {
    const entry = this.#until === undefined
      ? reply
      : new ReplyStream(this.connection.path, reply, this.#until);
    this.add(entry);
    return entry;
  }

  /** Gives `message` to request `number`, if it is on the account. */
  protected answer(number: number, message: unknown): boolean {
    return this.#check === undefined || this.get(number)?.isOwn
      ? this.#give(number, message)
      : this.#checked(number, message);
  }

  #checked(number: number, message: unknown): boolean {
    let checked: unknown;
    try {
      checked = this.#check!(message);
    } catch (error) {
      if (!(error instanceof SidecarSchemaError)) throw error;
      if (this.get(number) === undefined) return false;
      this.refuse(number, error);
      return true;
    }
    return this.#give(number, checked);
  }

  #give(number: number, message: unknown): boolean {
    const reply = this.#until === undefined ? this.take(number) : this.get(number);
    if (reply === undefined) return false;
    if (!(reply instanceof ReplyStream)) {
      reply.resolve(message);
      return true;
    }
    const { over, room } = reply.take(message, this.bytes);
    if (over) this.take(number);
    else if (room !== undefined) this.connection.pauseReading(room);
    return true;
  }

  protected refuse(number: number, error: Error): void {
    this.take(number)?.reject(error);
  }
}
