/**
 * Replies that end at a mark which we ask for: behind each line goes a further one that has the program print it.
 *
 * For interpreters, which say neither where a reply ends nor whose it is. A mark is unique, so the reply to a request
 * that was given up is known by its own mark and never taken for another's. What is told has a mark, too: what it prints
 * belongs to no request.
 */

import { UnencodableMessageError } from "../../process/pipes/pipe_errors.ts";
import type { Reply } from "../../actor/asks/options.ts";
import type { WritableData } from "../../process/pipes/stdin.ts";
import type { SidecarConnection } from "../protocol.ts";
import { SidecarProtocolError } from "../sidecar_errors.ts";
import { sampleOf } from "../../process/framing/framing.ts";
import type { CorrelationOptions } from "./correlation.ts";
import { InOrderCorrelation } from "./in_order.ts";
import type { PendingRequest } from "./pending_requests.ts";

export interface MarkedCorrelationOptions extends CorrelationOptions {
  /** The line that asks for a mark, with `{mark}` in it. */
  readonly mark: string;
}

/** Stands for a line that was told: what comes before its mark is for the subscribers. */
const TOLD: PendingRequest = { isOpen: false, isOwn: true, resolve() {}, reject() {} };

/** Requests are answered one after the other; each reply ends with its mark, and its lines are handed on as they come. */
export class MarkedCorrelation extends InOrderCorrelation {
  readonly #line: string;
  /** What each mark begins with; its number follows. */
  readonly #prefix = `outrider-${crypto.randomUUID().slice(0, 8)}-`;

  constructor(connection: SidecarConnection, options: MarkedCorrelationOptions) {
    super(connection, options);
    this.#line = options.mark;
  }

  override request(message: unknown, reply: Reply<unknown>): WritableData {
    const frame = this.#marked(message);
    this.await(reply);
    return frame;
  }

  override frame(message: unknown): WritableData {
    if (this.isFull) return super.frame(message); // no mark of so many has come
    const frame = this.#marked(message);
    this.add(TOLD);
    return frame;
  }

  override match(message: unknown, size = 0): boolean {
    const line = message as string;
    const at = line.lastIndexOf(this.#prefix);
    if (at < 0) return this.#take(line, size);
    const number = Number(line.slice(at + this.#prefix.length).trimEnd());
    if (!Number.isInteger(number)) return this.#take(line, size);
    const sent = this.#lineFor(number);
    // A program that echoes its input shows the line itself first.
    if (sent.length > line.length - at && line.trimEnd().endsWith(sent)) return true;
    this.#end(number, line.slice(0, at), size);
    return true;
  }

  /** It stays on the account until its mark comes. */
  protected override refuse(number: number, error: Error): void {
    this.get(number)?.reject(error);
  }

  /** The reply to request `number` is complete, with `rest` before the mark. */
  protected settle(number: number, rest: string): void {
    if (rest !== "") this.answer(number, rest);
    this.take(number)?.resolve(undefined);
  }

  /** Whose the lines are that came is unknown. */
  protected discard(): void {}

  #take(line: string, size: number): boolean {
    return this.get(this.oldest) !== TOLD && super.match(line, size);
  }

  /** The mark of request `number` has come, behind `rest`. */
  #end(number: number, rest: string, size: number): void {
    const ended = this.get(number);
    if (ended === undefined) return; // lost by then, see below
    const isClear = this.oldest === number;
    // What came since an older request belongs to that or to this one.
    while (this.oldest < number) this.#lose(this.oldest, rest);
    if (!isClear) return this.#lose(number, rest);
    this.bytes = size;
    if (ended !== TOLD) return this.settle(number, rest);
    this.take(number);
    if (rest !== "") this.connection.publish(rest, size);
  }

  #lose(number: number, rest: string): void {
    this.discard();
    const reply = this.take(number);
    if (!reply?.isOpen) return;
    const fault = { kind: "stray", bytes: rest.length, sample: sampleOf(rest), dropped: true } as const;
    const why = "the mark at the end of an earlier reply did not come";
    reply.reject(new SidecarProtocolError(this.connection.path, fault, { why }));
  }

  /** The line of `message`, and that which asks for the next mark. */
  #marked(message: unknown): string {
    const frame = this.codec.encode(message);
    if (typeof frame === "string") return `${frame}${this.#lineFor(this.next)}\n`;
    throw new UnencodableMessageError(this.codec.name, { reason: "a mark needs lines of text" });
  }

  #lineFor(number: number): string {
    return this.#line.replaceAll("{mark}", `${this.#prefix}${number}`);
  }
}
