/**
 * The account of the client's requests at one process: by number, as with every pairing, and by id, which is the client's
 * own and another on the wire where a late answer could be taken for its own. Used by the correlation of sessions.
 *
 * A request that stands as long as the session is not on it: the process owes no answer, and is not busy with it.
 */

import type { Reply } from "@outrider/outrider";
import { type JsonRpcId, LostReplies, type Malformed, PendingRequests } from "@outrider/outrider/protocol";
import { LateIds } from "./late_ids.ts";
import { lostAnswer } from "./lost_answer.ts";
import type { Session } from "./session.ts";
import type { SessionRequest } from "./types.ts";

export class RequestAccount extends PendingRequests {
  readonly #session: Pick<Session, "pendingOf">;
  readonly #numbers = new Map<JsonRpcId, number>();
  readonly #ids = new Map<number, JsonRpcId>();
  readonly #late: LateIds;
  readonly #lost = new LostReplies((number, why) => this.#fail(number, why));
  /** Whether the last request that began is on the account. */
  #hasLast = false;

  constructor(session: Pick<Session, "pendingOf">, generation: number) {
    super();
    this.#session = session;
    this.#late = new LateIds(`outrider:again:${generation}:`);
    this.onRemoved = (number) => {
      this.#forgetId(number);
      this.#lost.settled(number);
    };
  }

  /** The id on the wire of a request that the client calls `id`. */
  wireIdOf(id: JsonRpcId): JsonRpcId {
    return this.#late.forWire(id);
  }

  /** A request of the client is framed. Returns its number; 0: it stands, and has none. */
  begin(id: JsonRpcId, reply: Reply<unknown>, isStanding: boolean): number {
    this.#hasLast = !isStanding;
    if (isStanding) return 0;
    this.sweepSometimes();
    const number = this.next;
    this.#numbers.set(id, number);
    this.#ids.set(number, id);
    this.add(reply);
    return number;
  }

  override withdraw(): void {
    if (!this.#hasLast) return;
    super.withdraw();
    this.#forgetId(this.next);
  }

  /** The client waits no more for request `number`, unless that was withdrawn or answered. */
  givenUp(number: number, reply: Reply<unknown>): void {
    if (this.get(number) === reply) this.#lost.settled(number);
  }

  /** The process is not at request `number` any more, which was given up. */
  forgetGivenUp(number: number, reply: Reply<unknown>): void {
    if (this.get(number) === reply) this.forget(number);
  }

  /** The process need not answer the request that the client has called `id`, and may. */
  mayAnswerLate(id: JsonRpcId): void {
    this.#late.add(id);
  }

  /** What an answer with the id `wireId` is to: the request, if the client waits for it, and its number on the account. */
  answeredBy(wireId: JsonRpcId): { readonly request?: SessionRequest; readonly number?: number } {
    const id = this.#late.ofAnswer(wireId);
    if (id === undefined) return {};
    const request = this.#session.pendingOf(id);
    const number = this.#numbers.get(request?.message.id ?? id);
    return { ...request && { request }, ...number !== undefined && { number } };
  }

  /** A reply that is known to be lost fails its request at once: some clients know no timeout. */
  override lost(why: () => Error, fault: Malformed): void {
    const lost = lostAnswer(fault);
    if (lost === undefined) return;
    if (lost.id === undefined) return this.#lost.add(why, this.awaited());
    const { number } = this.answeredBy(lost.id);
    if (number !== undefined) this.#fail(number, why);
  }

  #fail(number: number, why: () => Error): void {
    this.remove(number)?.reject(why());
  }

  #forgetId(number: number): void {
    const id = this.#ids.get(number);
    if (id === undefined) return;
    this.#ids.delete(number);
    if (this.#numbers.get(id) === number) this.#numbers.delete(id);
  }
}
