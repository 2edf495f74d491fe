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
import { UnencodableMessageError } from "../../process/process_errors.ts";
import type { Codec } from "../../process/codecs/codec.ts";
import type { JsonValue } from "../../process/codecs/json.ts";
import type { Reply } from "../../actor/asks/ask.ts";
import type { WritableData } from "../../process/pipes/stdin.ts";
import { MAX_PENDING_REQUESTS, PendingRequests } from "./pending_requests.ts";
import { SidecarSchemaError } from "../sidecar_errors.ts";
import type { PairingWay, ReplyCorrelation, SidecarConnection } from "../protocol.ts";
import { ReplyStream, type Until } from "./reply_stream.ts";
import type { MessageCheck } from "../message_check.ts";

/** Options of a reply correlation. */
export interface CorrelationOptions {
  /** How the messages become frames. */
  // deno-lint-ignore no-explicit-any -- see Protocol.codec
  readonly codec: Codec<any, any>;
  /** Where replies have many frames: which one is the last. */
  readonly until?: Until | undefined;
  /** Looks at each frame of a reply. */
  readonly check?: MessageCheck | undefined;
  /** Whether an abandoned request makes room for another at once, where its late reply can be recognised. */
  readonly bounded?: boolean;
}

/** The pairing for `way` on `line`. */
export function createCorrelation(
  way: PairingWay,
  connection: SidecarConnection,
  options: CorrelationOptions,
): ReplyCorrelation {
  if (way === "none") return new NoCorrelation(options);
  return way === "in-order"
    ? new InOrderCorrelation(connection, options)
    : new IdCorrelation(connection, { ...options, field: way.id });
}

/** Everything that both ways have in common. */
abstract class Correlation implements ReplyCorrelation {
  protected readonly pending: PendingRequests = new PendingRequests();
  protected readonly codec: CorrelationOptions["codec"];
  protected readonly connection: SidecarConnection;
  /** Bytes of the frame that is being matched. */
  protected bytes = 0;
  readonly #until: Until | undefined;
  readonly #check: MessageCheck | undefined;

  constructor(connection: SidecarConnection, { codec, until, check }: CorrelationOptions) {
    this.connection = connection;
    this.codec = codec;
    this.#until = until;
    this.#check = check;
  }

  get size(): number {
    return this.pending.size;
  }

  get isFull(): boolean {
    return this.pending.size >= MAX_PENDING_REQUESTS;
  }

  get isAwaited(): boolean {
    return this.pending.some((reply) => reply instanceof ReplyStream ? reply.isAwaited : reply.isOpen);
  }

  get hasPending(): boolean {
    return this.pending.some((reply) => reply.isOpen);
  }

  below(n: number): Promise<void> {
    return this.pending.below(n);
  }

  onStdoutClosed(why: () => Error): void {
    for (const reply of this.pending.takeAll()) {
      if (reply instanceof ReplyStream) reply.fail(why());
      else if (reply.isOpen) reply.reject(why());
    }
  }

  frame(message: unknown): WritableData {
    return this.codec.encode(message);
  }

  abstract request(message: unknown, reply: Reply<unknown>): WritableData;
  abstract match(message: unknown, size?: number): boolean;
  abstract lost(why: () => Error): void;

  withdraw(): void {
    this.pending.withdraw();
  }

  close(why: () => Error): void {
    if (this.#until === undefined) return; // the cell notifies the caller
    for (const reply of this.pending.all()) {
      if (reply instanceof ReplyStream && !reply.isAwaited) reply.fail(why());
    }
  }

  /** Puts a request on the account, under the next number. */
  protected add(reply: Reply<unknown>): void {
    this.pending.add(
      this.#until === undefined ? reply : new ReplyStream(this.connection.path, reply, this.#until),
    );
  }

  /** Gives `message` to request `number`, if it is on the account. */
  protected answer(number: number, message: unknown): boolean {
    return this.#check === undefined ? this.#give(number, message) : this.#checked(number, message);
  }

  #checked(number: number, message: unknown): boolean {
    let checked: unknown;
    try {
      checked = this.#check!(message);
    } catch (error) {
      if (!(error instanceof SidecarSchemaError)) throw error;
      if (this.pending.get(number) === undefined) return false;
      this.refuse(number, error);
      return true;
    }
    return this.#give(number, checked);
  }

  #give(number: number, message: unknown): boolean {
    const reply = this.#until === undefined ? this.pending.take(number) : this.pending.get(number);
    if (reply === undefined) return false;
    if (!(reply instanceof ReplyStream)) {
      reply.resolve(message);
      return true;
    }
    const { over, room } = reply.take(message, this.bytes);
    if (over) this.pending.take(number);
    else if (room !== undefined) this.connection.pauseReading(room);
    return true;
  }

  /** Refuses request `number`. */
  protected refuse(number: number, error: Error): void {
    const reply = this.pending.take(number);
    if (reply instanceof ReplyStream) reply.fail(error);
    else reply?.reject(error);
  }
}

/** The n-th reply answers the n-th request. */
export class InOrderCorrelation extends Correlation {
  override request(message: unknown, reply: Reply<unknown>): WritableData {
    const frame = this.frame(message);
    if (frame.length === 0) {
      throw new UnencodableMessageError(this.codec.name, { reason: "an empty frame asks nothing; tell it" });
    }
    this.add(reply);
    return frame;
  }

  override match(message: unknown, size = 0): boolean {
    this.bytes = size;
    return this.pending.size > 0 && this.answer(this.pending.oldest, message);
  }

  override lost(why: () => Error): void {
    if (this.pending.size > 0) this.refuse(this.pending.oldest, why());
  }
}

/** The field `id` of a reply is that of its request; numbers are ours, whatever `id` the caller's message has. */
export class IdCorrelation extends Correlation {
  readonly #field: string;
  readonly #isBounded: boolean;
  /** The original ids of the callers' messages, where they had one. */
  readonly #ids = new Map<number, unknown>();

  constructor(connection: SidecarConnection, options: CorrelationOptions & { readonly field: string }) {
    super(connection, options);
    this.#field = options.field;
    this.#isBounded = options.bounded ?? false;
    this.pending.onRemoved = (number) => this.#ids.delete(number);
  }

  override get isFull(): boolean {
    if (super.isFull) this.pending.sweep();
    return super.isFull;
  }

  override request(message: unknown, reply: Reply<unknown>): WritableData {
    const number = this.pending.next;
    const frame = this.#numbered(message, number);
    this.add(reply);
    this.pending.sweepSometimes();
    if (this.#isBounded) {
      const remove = () => this.pending.remove(number);
      reply.onGivenUp = remove;
      const entry = this.pending.get(number);
      if (entry instanceof ReplyStream) entry.onCancel = remove;
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
      if (this.pending.get(number) === undefined) this.#ids.delete(number);
      return true;
    }
    if (this.answer(number, message)) return true;
    if (number <= 0 || number >= this.pending.next) return false;
    this.connection.unmatched(message); // answered before, or given up and forgotten
    return true;
  }

  override withdraw(): void {
    super.withdraw();
    this.#ids.delete(this.pending.next);
  }

  override lost(): void {
    // The lost part would have named the request that it answered.
  }

  #numbered(message: unknown, number: number): WritableData {
    if (typeof message !== "object" || message === null || Array.isArray(message)) {
      throw new UnencodableMessageError(this.codec.name, {
        reason: `a request is an object, to carry its ${this.#field}`,
      });
    }
    // A value with its own `toJSON` may produce anything: check its output.
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
class NoCorrelation implements ReplyCorrelation {
  readonly size = 0;
  readonly isFull = false;
  readonly hasPending = false;
  readonly isAwaited = false;
  readonly #codec: CorrelationOptions["codec"];

  constructor({ codec }: CorrelationOptions) {
    this.#codec = codec;
  }

  frame(message: unknown): WritableData {
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

  onStdoutClosed(): void {}

  below(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {}
}
