/**
 * The queues of a pool: one for all copies, or one for each with the messages of its keys.
 */

import { isWanted, type PoolCopy, type PoolMessage } from "./copy.ts";
import { leastBusy, nextInTurn, rendezvous } from "./routing.ts";

/** Messages that wait for one copy by their keys before those behind them wait, too, whatever their keys. */
export const MAX_KEYED_WAITING = 64;

/** The parts of the pool that a queue needs. */
export interface PoolQueueOptions {
  /** The copies, in the order of their turns. */
  readonly copies: () => readonly PoolCopy[];
  /** Gives a message to a copy. */
  readonly dispatch: (item: PoolMessage, copy: PoolCopy) => void;
}

/** Messages on their way to a copy. */
export interface PoolQueue {
  /** Messages that wait. */
  readonly size: number;
  /** Whether the next message has to stay in the mailbox. */
  readonly isFull: boolean;
  /** A message has come, or has come back from a copy that had not handled it. */
  add(item: PoolMessage): void;
  /** Something has changed: hands over whatever can be. */
  pump(): void;
  /** A message that a copy had is done with. */
  done(item: PoolMessage): void;
  /** Removes a waiting message whose sender has given up. */
  drop(item: PoolMessage): void;
  /** Takes all out that wait, in order. */
  takeAll(): readonly PoolMessage[];
}

/** Any copy can have any message. */
export class SharedQueue implements PoolQueue {
  readonly #options: PoolQueueOptions;
  readonly #choose: typeof nextInTurn;
  #waiting: PoolMessage[] = [];
  #last: PoolCopy | undefined;

  constructor(by: "round-robin" | "least-busy", options: PoolQueueOptions) {
    this.#options = options;
    this.#choose = by === "round-robin" ? nextInTurn : leastBusy;
  }

  get size(): number {
    return this.#waiting.length;
  }

  get isFull(): boolean {
    return this.#waiting.length > 0;
  }

  add(item: PoolMessage): void {
    if (isWanted(item)) insert(this.#waiting, item);
  }

  pump(): void {
    while (this.#waiting.length > 0) {
      const copies = this.#options.copies();
      const last = this.#last === undefined ? -1 : copies.indexOf(this.#last);
      const copy = copies[this.#choose(copies.map(candidate), last)];
      if (copy === undefined) return;
      this.#last = copy;
      this.#options.dispatch(this.#waiting.shift()!, copy);
    }
  }

  done(): void {}

  drop(item: PoolMessage): void {
    remove(this.#waiting, item);
  }

  takeAll(): readonly PoolMessage[] {
    return this.#waiting.splice(0);
  }
}

/** Which copy has a key, as long as any message of it waits or is unanswered. */
interface KeyAssignment {
  copy: PoolCopy;
  count: number;
}

/** Each message is for the copy that has its key. */
export class KeyedQueue implements PoolQueue {
  readonly #options: PoolQueueOptions;
  readonly #keys = new Map<string, KeyAssignment>();
  /** Messages without any copy to go to. */
  #unassigned: PoolMessage[] = [];

  constructor(options: PoolQueueOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#options.copies().reduce((sum, { waiting }) => sum + waiting.length, this.#unassigned.length);
  }

  get isFull(): boolean {
    return this.#unassigned.length > 0 ||
      this.#options.copies().some(({ waiting }) => waiting.length >= MAX_KEYED_WAITING);
  }

  add(item: PoolMessage): void {
    if (!isWanted(item)) return;
    const assignment = this.#keys.get(item.key) ?? this.#choose(item.key);
    if (assignment === undefined) return insert(this.#unassigned, item);
    assignment.count++;
    insert(assignment.copy.waiting, item);
  }

  pump(): void {
    const copies = this.#options.copies();
    for (const copy of copies) if (copy.state === "gone") this.#rebalance(copy);
    if (this.#unassigned.length > 0 && copies.some(takesKeys)) {
      for (const item of this.#unassigned.splice(0)) this.add(item);
    }
    for (const copy of copies) {
      while (copy.waiting.length > 0 && copy.hasRoom) this.#options.dispatch(copy.waiting.shift()!, copy);
    }
  }

  done({ key }: PoolMessage): void {
    const assignment = this.#keys.get(key);
    if (assignment !== undefined && --assignment.count === 0) this.#keys.delete(key);
  }

  drop(item: PoolMessage): void {
    const assignment = this.#keys.get(item.key);
    if (assignment !== undefined && remove(assignment.copy.waiting, item)) this.done(item);
    else remove(this.#unassigned, item);
  }

  takeAll(): readonly PoolMessage[] {
    const all = [
      ...this.#unassigned.splice(0),
      ...this.#options.copies().flatMap(({ waiting }) => waiting.splice(0)),
    ];
    for (const item of all) this.done(item);
    return all.sort((a, b) => a.number - b.number);
  }

  #choose(key: string): KeyAssignment | undefined {
    const homes = this.#options.copies().filter(takesKeys);
    const copy = homes[rendezvous(homes.map(({ id }) => id), key)];
    if (copy === undefined) return undefined;
    const assignment = { copy, count: 0 };
    this.#keys.set(key, assignment);
    return assignment;
  }

  /** The keys of a copy that has ended for good go to others; those of which it had any, once that is settled. */
  #rebalance(copy: PoolCopy): void {
    const items = copy.waiting.splice(0);
    for (const item of items) this.done(item);
    for (const item of items) this.add(item);
  }
}

/** Whether keys may be given to it. */
function takesKeys({ state, isMember }: PoolCopy): boolean {
  return state !== "gone" && isMember;
}

function candidate({ hasRoom, load }: PoolCopy): { hasRoom: boolean; load: number } {
  return { hasRoom, load };
}

/** Behind those that came before it: one that comes back goes to where it was. */
function insert(line: PoolMessage[], item: PoolMessage): void {
  let at = line.length;
  while (at > 0 && line[at - 1]!.number > item.number) at--;
  line.splice(at, 0, item);
}

function remove(line: PoolMessage[], item: PoolMessage): boolean {
  const at = line.indexOf(item);
  if (at < 0) return false;
  line.splice(at, 1);
  return true;
}
