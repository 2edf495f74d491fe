/**
 * Which reply belongs to which request.
 *
 * Requests are numbered. With `ndjson` the number travels in the field `id` and
 * comes back in the reply; with `lines` replies come in the order of the
 * requests, so the next reply belongs to the lowest number. A request that was
 * given up keeps its number: its late reply must not be taken for another's.
 *
 * @module
 */

import { codecs, UnencodableMessageError } from "@outrider/outrider";
import type { JsonValue, Reply } from "@outrider/outrider";

/** Requests without an answer that are kept account of. */
export const MAX_UNANSWERED = 65_536;

/** What pairing makes of a message from the sidecar. */
export type Matched =
  /** Handed to whom it answers, be it that he has given up. */
  | "reply"
  /** It answers a request that is not known any more: answered before, or given up and forgotten. */
  | "late"
  /** It answers nothing. */
  | "unasked";

/** The pairing of one incarnation. */
export interface Pairing {
  /** The frame for a message nobody waits for. @throws {UnencodableMessageError} */
  frame(message: unknown): string | Uint8Array;
  /** The frame for a request; its answer goes to `reply`. @throws {UnencodableMessageError} */
  request(message: unknown, reply: Reply<unknown>): string | Uint8Array;
  /** Takes the last request back: it could not be sent. */
  withdraw(): void;
  /** Answers the request that `message` belongs to, if there is one. */
  match(message: unknown): Matched;
  /** A frame was lost that may have been a reply; `why` is called if it was one. */
  lost(why: () => Error): void;
  /** Whether no more requests can be kept account of. */
  readonly full: boolean;
  /** Fulfilled when every request has its reply. */
  answered(): Promise<void>;
}

/** Slots to begin with; always a power of two. */
const FEWEST_SLOTS = 64;

/**
 * Replies by number, each in the slot that the low bits of its number name.
 *
 * It is no `Map`: V8's leaves an old table behind after every few hundred that passed through, and each keeps the next
 * one, and all that was in it, alive until a full garbage collection.
 */
abstract class Numbered implements Pairing {
  /** The number that the next request gets; its slot is free. */
  protected next = 1;
  /** Requests without an answer. */
  protected size = 0;
  #latest = 0;
  #replies: (Reply<unknown> | undefined)[] = new Array(FEWEST_SLOTS).fill(undefined);
  #numbers: number[] = new Array(FEWEST_SLOTS).fill(0);
  #answered: PromiseWithResolvers<void> | undefined;

  get full(): boolean {
    return this.size >= MAX_UNANSWERED;
  }

  withdraw(): void {
    this.next = this.#latest;
    this.take(this.#latest);
  }

  abstract frame(message: unknown): string;
  abstract request(message: unknown, reply: Reply<unknown>): string;
  abstract match(message: unknown): Matched;
  abstract lost(why: () => Error): void;

  answered(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    this.#answered ??= Promise.withResolvers();
    return this.#answered.promise;
  }

  /** Puts a request on the account, as number `next`. A slot still in use is passed over later, with its number. */
  protected add(reply: Reply<unknown>): void {
    const slot = this.next & (this.#replies.length - 1);
    this.#replies[slot] = reply;
    this.#numbers[slot] = this.#latest = this.next;
    this.size++;
    if (this.size === this.#replies.length) this.#grow();
    const mask = this.#replies.length - 1;
    do this.next++; while (this.#replies[this.next & mask] !== undefined);
  }

  /** Takes request `number` off the account. */
  protected take(number: number): Reply<unknown> | undefined {
    const slot = number & (this.#replies.length - 1);
    const reply = this.#replies[slot];
    if (reply === undefined || this.#numbers[slot] !== number) return undefined;
    this.#replies[slot] = undefined;
    this.size--;
    if (this.size === 0) {
      this.#answered?.resolve();
      this.#answered = undefined;
    }
    return reply;
  }

  /** The numbers of requests that nobody waits for any more. */
  protected givenUp(): number[] {
    return this.#numbers.filter((_, slot) => this.#replies[slot]?.open === false);
  }

  #grow(): void {
    const [replies, numbers] = [this.#replies, this.#numbers];
    const mask = replies.length * 2 - 1;
    this.#replies = new Array(mask + 1).fill(undefined);
    this.#numbers = new Array(mask + 1).fill(0);
    for (const [slot, number] of numbers.entries()) {
      this.#replies[number & mask] = replies[slot];
      this.#numbers[number & mask] = number;
    }
  }
}

/** The n-th reply answers the n-th request. */
export class InOrder extends Numbered {
  #oldest = 1;

  override frame(message: unknown): string {
    return codecs.lines.encode(message as string) as string;
  }

  override request(message: unknown, reply: Reply<unknown>): string {
    const frame = this.frame(message);
    this.add(reply);
    return frame;
  }

  override match(message: unknown): Matched {
    if (this.size === 0) return "unasked";
    this.take(this.#oldest++)!.resolve(message);
    return "reply";
  }

  override lost(why: () => Error): void {
    if (this.size > 0) this.take(this.#oldest++)!.reject(why());
  }
}

/** The field `id` of a reply is that of its request; numbers are ours, whatever `id` the caller's message has. */
export class ById extends Numbered {
  readonly #ids = new Map<number, JsonValue>();
  #sweepAt = 1_024;

  override get full(): boolean {
    if (super.full) this.#sweep();
    return super.full;
  }

  override frame(message: unknown): string {
    return codecs.ndjson.encode(message as JsonValue) as string;
  }

  override request(message: unknown, reply: Reply<unknown>): string {
    const frame = this.#numbered(message, this.next);
    this.add(reply);
    if (this.size >= this.#sweepAt) this.#sweep();
    return frame;
  }

  override match(message: unknown): Matched {
    if (typeof message !== "object" || message === null) return "unasked";
    const number = (message as { id?: unknown }).id;
    if (typeof number !== "number" || !Number.isInteger(number)) return "unasked";
    const reply = this.take(number);
    if (reply === undefined) return number > 0 && number < this.next ? "late" : "unasked";
    if (this.#ids.size > 0 && this.#ids.has(number)) {
      (message as { id: JsonValue }).id = this.#ids.get(number)!;
      this.#ids.delete(number);
    }
    reply.resolve(message);
    return "reply";
  }

  override withdraw(): void {
    super.withdraw();
    this.#ids.delete(this.next);
  }

  override lost(): void {
    // Which request it answered, if any, is in what was lost.
  }

  #numbered(message: unknown, number: number): string {
    if (typeof message !== "object" || message === null || Array.isArray(message)) {
      throw new UnencodableMessageError("ndjson", { reason: "a request is a JSON object, to carry its id" });
    }
    // What writes itself may write anything: look at what it writes.
    if ("toJSON" in message) return this.#numbered(JSON.parse(this.frame(message)), number);
    // An object made and written as a whole takes less time than a number spliced into the text.
    if (!Object.hasOwn(message, "id")) return this.frame({ id: number, ...message });
    const frame = this.frame({ ...message, id: number });
    this.#ids.set(number, (message as { id: JsonValue }).id);
    return frame;
  }

  /** Forgets requests that were given up: their late replies are known by their numbers. */
  #sweep(): void {
    for (const number of this.givenUp()) {
      this.take(number);
      this.#ids.delete(number);
    }
    this.#sweepAt = Math.max(1_024, this.size * 2);
  }
}
