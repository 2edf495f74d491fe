/**
 * Which reply belongs to which request: by a number in a field, or by their order.
 *
 * Requests are numbered. By id, the number travels in a field of the request and
 * comes back in the reply; in order, the next reply belongs to the lowest number.
 * A request that was given up keeps its number: its late reply must not be taken
 * for another's. Where replies have many frames, each is a stream (see `reply_stream.ts`).
 *
 * @module
 */

import { codecs } from "../../process/codecs/codecs.ts";
import { UnencodableMessageError } from "../../process/errors.ts";
import type { Codec } from "../../process/codecs/codec.ts";
import type { JsonValue } from "../../process/codecs/json.ts";
import type { Reply } from "../../actor/asks/ask.ts";
import type { Writable } from "../../process/pipes/stdin.ts";
import { Account, MAX_UNANSWERED } from "./pending_requests.ts";
import { SidecarSchemaError } from "../errors.ts";
import type { Line, Pairing, PairingWay } from "../protocol.ts";
import { ReplyStream, type Until } from "./reply_stream.ts";
import type { Check } from "../message_check.ts";

/** What a pairing is made with. */
export interface PairingOptions {
  /** How the messages become frames. */
  // deno-lint-ignore no-explicit-any -- see Protocol.codec
  readonly codec: Codec<any, any>;
  /** Where replies have many frames: which one is the last. */
  readonly until?: Until | undefined;
  /** Looks at each frame of a reply. */
  readonly check?: Check | undefined;
  /** Whether a request that was given up makes room for another at once, where its late reply can be told apart. */
  readonly bounded?: boolean;
}

/** The pairing for `way` on `line`. */
export function pairingOf(way: PairingWay, line: Line, options: PairingOptions): Pairing {
  if (way === "none") return new Unpaired(options);
  return way === "in-order" ? new InOrder(line, options) : new ById(line, { ...options, field: way.id });
}

/** Everything that both ways have in common. */
abstract class Paired implements Pairing {
  protected readonly account: Account = new Account();
  protected readonly codec: PairingOptions["codec"];
  protected readonly line: Line;
  /** Bytes of the frame that is being matched. */
  protected bytes = 0;
  readonly #until: Until | undefined;
  readonly #check: Check | undefined;

  constructor(line: Line, { codec, until, check }: PairingOptions) {
    this.line = line;
    this.codec = codec;
    this.#until = until;
    this.#check = check;
  }

  get size(): number {
    return this.account.size;
  }

  get full(): boolean {
    return this.account.size >= MAX_UNANSWERED;
  }

  get awaited(): boolean {
    return this.account.some((reply) => reply instanceof ReplyStream ? reply.awaited : reply.open);
  }

  get owes(): boolean {
    return this.account.some((reply) => reply.open);
  }

  below(n: number): Promise<void> {
    return this.account.below(n);
  }

  mute(why: () => Error): void {
    for (const reply of this.account.takeAll()) {
      if (reply instanceof ReplyStream) reply.fail(why());
      else if (reply.open) reply.reject(why());
    }
  }

  frame(message: unknown): Writable {
    return this.codec.encode(message);
  }

  abstract request(message: unknown, reply: Reply<unknown>): Writable;
  abstract match(message: unknown, size?: number): boolean;
  abstract lost(why: () => Error): void;

  withdraw(): void {
    this.account.withdraw();
  }

  close(why: () => Error): void {
    if (this.#until === undefined) return; // whoever waits for a reply is told by the cell
    for (const reply of this.account.all()) {
      if (reply instanceof ReplyStream && !reply.awaited) reply.fail(why());
    }
  }

  /** Puts a request on the account, under the next number. */
  protected add(reply: Reply<unknown>): void {
    this.account.add(this.#until === undefined ? reply : new ReplyStream(this.line.path, reply, this.#until));
  }

  /** Gives `message` to request `number`, if it is on the account. */
  protected answer(number: number, message: unknown): boolean {
    return this.#check === undefined ? this.#give(number, message) : this.#checked(number, message);
  }

  #checked(number: number, message: unknown): boolean {
    let fit: unknown;
    try {
      fit = this.#check!(message);
    } catch (error) {
      if (!(error instanceof SidecarSchemaError)) throw error;
      if (this.account.get(number) === undefined) return false;
      this.refuse(number, error);
      return true;
    }
    return this.#give(number, fit);
  }

  #give(number: number, message: unknown): boolean {
    const reply = this.#until === undefined ? this.account.take(number) : this.account.get(number);
    if (reply === undefined) return false;
    if (!(reply instanceof ReplyStream)) {
      reply.resolve(message);
      return true;
    }
    const { over, room } = reply.take(message, this.bytes);
    if (over) this.account.take(number);
    else if (room !== undefined) this.line.hold(room);
    return true;
  }

  /** Refuses request `number`. */
  protected refuse(number: number, error: Error): void {
    const reply = this.account.take(number);
    if (reply instanceof ReplyStream) reply.fail(error);
    else reply?.reject(error);
  }
}

/** The n-th reply answers the n-th request. */
export class InOrder extends Paired {
  override request(message: unknown, reply: Reply<unknown>): Writable {
    const frame = this.frame(message);
    if (frame.length === 0) {
      throw new UnencodableMessageError(this.codec.name, { reason: "an empty frame asks nothing; tell it" });
    }
    this.add(reply);
    return frame;
  }

  override match(message: unknown, size = 0): boolean {
    this.bytes = size;
    return this.account.size > 0 && this.answer(this.account.oldest, message);
  }

  override lost(why: () => Error): void {
    if (this.account.size > 0) this.refuse(this.account.oldest, why());
  }
}

/** The field `id` of a reply is that of its request; numbers are ours, whatever `id` the caller's message has. */
export class ById extends Paired {
  readonly #field: string;
  readonly #bounded: boolean;
  /** What stood in the field of the caller's message, where something did. */
  readonly #ids = new Map<number, unknown>();

  constructor(line: Line, options: PairingOptions & { readonly field: string }) {
    super(line, options);
    this.#field = options.field;
    this.#bounded = options.bounded ?? false;
    this.account.onForgotten = (number) => this.#ids.delete(number);
  }

  override get full(): boolean {
    if (super.full) this.account.sweep();
    return super.full;
  }

  override request(message: unknown, reply: Reply<unknown>): Writable {
    const number = this.account.next;
    const frame = this.#numbered(message, number);
    this.add(reply);
    this.account.sweepSometimes();
    if (this.#bounded) {
      const forget = () => this.account.forget(number);
      reply.onGivenUp = forget;
      const entry = this.account.get(number);
      if (entry instanceof ReplyStream) entry.onLeft = forget;
    }
    return frame;
  }

  override match(message: unknown, size = 0): boolean {
    this.bytes = size;
    if (typeof message !== "object" || message === null) return false;
    const number = (message as Record<string, unknown>)[this.#field];
    if (typeof number !== "number" || !Number.isInteger(number)) return false;
    if (this.#ids.size > 0 && this.#ids.has(number)) {
      (message as Record<string, unknown>)[this.#field] = this.#ids.get(number);
      this.answer(number, message);
      if (this.account.get(number) === undefined) this.#ids.delete(number);
      return true;
    }
    if (this.answer(number, message)) return true;
    if (number <= 0 || number >= this.account.next) return false;
    this.line.unclaimed(message); // answered before, or given up and forgotten
    return true;
  }

  override withdraw(): void {
    super.withdraw();
    this.#ids.delete(this.account.next);
  }

  override lost(): void {
    // Which request it answered, if any, is in what was lost.
  }

  #numbered(message: unknown, number: number): Writable {
    if (typeof message !== "object" || message === null || Array.isArray(message)) {
      throw new UnencodableMessageError(this.codec.name, {
        reason: `a request is an object, to carry its ${this.#field}`,
      });
    }
    // What writes itself may write anything: look at what it writes.
    if ("toJSON" in message && typeof message.toJSON === "function") {
      return this.#numbered(JSON.parse(jsonText(message)), number);
    }
    const field = this.#field;
    const own = Object.hasOwn(message, field) ? (message as Record<string, JsonValue>)[field] : undefined;
    // The number comes last: a copy that begins as the message does takes half the time of one that does not.
    const frame = this.frame(field === "id" ? { ...message, id: number } : { ...message, [field]: number });
    if (own !== undefined) this.#ids.set(number, own);
    return frame;
  }
}

/** @throws {UnencodableMessageError} JSON has no text for it */
function jsonText(message: object): string {
  return codecs.ndjson.encode(message as JsonValue) as string;
}

/** No reply belongs to anything. */
class Unpaired implements Pairing {
  readonly size = 0;
  readonly full = false;
  readonly owes = false;
  readonly awaited = false;
  readonly #codec: PairingOptions["codec"];

  constructor({ codec }: PairingOptions) {
    this.#codec = codec;
  }

  frame(message: unknown): Writable {
    return this.#codec.encode(message);
  }

  request(): never {
    throw new TypeError(`Cannot pair a reply: ${this.#codec.name} has none`);
  }

  withdraw(): void {}

  match(): boolean {
    return false;
  }

  lost(): void {}

  mute(): void {}

  below(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {}
}
