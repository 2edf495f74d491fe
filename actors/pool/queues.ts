/**
 * What waits in a pool for a copy: one line for all copies, or one for each with the messages of its keys.
 *
 * @module
 */

import { type Copy, isWanted, type Item } from "./copy.ts";
import { leastBusy, nextInTurn, rendezvous } from "./routing.ts";

/** Messages that wait for one copy by their keys before those behind them wait, too, whatever their keys. */
export const KEYED_WAITING = 64;

/** What a line needs of its pool. */
export interface LineOptions {
  /** The copies, in the order of their turns. */
  readonly copies: () => readonly Copy[];
  /** Gives a message to a copy. */
  readonly hand: (item: Item, copy: Copy) => void;
}

/** Messages on their way to a copy. */
export interface Line {
  /** Messages that wait. */
  readonly size: number;
  /** Whether the next message has to stay in the mailbox. */
  readonly full: boolean;
  /** A message has come, or has come back from a copy that had not handled it. */
  add(item: Item): void;
  /** Something has changed: hands over whatever can be. */
  pump(): void;
  /** A message that a copy had is done with. */
  done(item: Item): void;
  /** Takes a waiting message out that nobody wants any more. */
  drop(item: Item): void;
  /** Takes all out that wait, in order. */
  takeAll(): readonly Item[];
}

/** Any copy can have any message. */
export class SharedLine implements Line {
  readonly #options: LineOptions;
  readonly #choose: typeof nextInTurn;
  #waiting: Item[] = [];
  #last: Copy | undefined;

  constructor(by: "round-robin" | "least-busy", options: LineOptions) {
    this.#options = options;
    this.#choose = by === "round-robin" ? nextInTurn : leastBusy;
  }

  get size(): number {
    return this.#waiting.length;
  }

  get full(): boolean {
    return this.#waiting.length > 0;
  }

  add(item: Item): void {
    if (isWanted(item)) insert(this.#waiting, item);
  }

  pump(): void {
    while (this.#waiting.length > 0) {
      const copies = this.#options.copies();
      const last = this.#last === undefined ? -1 : copies.indexOf(this.#last);
      const copy = copies[this.#choose(copies.map(candidate), last)];
      if (copy === undefined) return;
      this.#last = copy;
      this.#options.hand(this.#waiting.shift()!, copy);
    }
  }

  done(): void {}

  drop(item: Item): void {
    remove(this.#waiting, item);
  }

  takeAll(): readonly Item[] {
    return this.#waiting.splice(0);
  }
}

/** Which copy has a key, as long as any message of it waits or is unanswered. */
interface Holding {
  copy: Copy;
  count: number;
}

/** Each message is for the copy that has its key. */
export class KeyedLine implements Line {
  readonly #options: LineOptions;
  readonly #keys = new Map<string, Holding>();
  /** Messages for which there is no copy at all. */
  #homeless: Item[] = [];

  constructor(options: LineOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#options.copies().reduce((sum, { waiting }) => sum + waiting.length, this.#homeless.length);
  }

  get full(): boolean {
    return this.#homeless.length > 0 ||
      this.#options.copies().some(({ waiting }) => waiting.length >= KEYED_WAITING);
  }

  add(item: Item): void {
    if (!isWanted(item)) return;
    const holding = this.#keys.get(item.key) ?? this.#choose(item.key);
    if (holding === undefined) return insert(this.#homeless, item);
    holding.count++;
    insert(holding.copy.waiting, item);
  }

  pump(): void {
    const copies = this.#options.copies();
    for (const copy of copies) if (copy.state === "gone") this.#disperse(copy);
    if (this.#homeless.length > 0 && copies.some(isHome)) {
      for (const item of this.#homeless.splice(0)) this.add(item);
    }
    for (const copy of copies) {
      while (copy.waiting.length > 0 && copy.hasRoom) this.#options.hand(copy.waiting.shift()!, copy);
    }
  }

  done({ key }: Item): void {
    const holding = this.#keys.get(key);
    if (holding !== undefined && --holding.count === 0) this.#keys.delete(key);
  }

  drop(item: Item): void {
    const holding = this.#keys.get(item.key);
    if (holding !== undefined && remove(holding.copy.waiting, item)) this.done(item);
    else remove(this.#homeless, item);
  }

  takeAll(): readonly Item[] {
    const all = [
      ...this.#homeless.splice(0),
      ...this.#options.copies().flatMap(({ waiting }) => waiting.splice(0)),
    ];
    for (const item of all) this.done(item);
    return all.sort((a, b) => a.number - b.number);
  }

  #choose(key: string): Holding | undefined {
    const homes = this.#options.copies().filter(isHome);
    const copy = homes[rendezvous(homes.map(({ id }) => id), key)];
    if (copy === undefined) return undefined;
    const holding = { copy, count: 0 };
    this.#keys.set(key, holding);
    return holding;
  }

  /** The keys of a copy that has ended for good go to others; those of which it had any, once that is settled. */
  #disperse(copy: Copy): void {
    const items = copy.waiting.splice(0);
    for (const item of items) this.done(item);
    for (const item of items) this.add(item);
  }
}

/** Whether keys may be given to it. */
function isHome({ state, member }: Copy): boolean {
  return state !== "gone" && member;
}

function candidate({ hasRoom, load }: Copy): { hasRoom: boolean; load: number } {
  return { hasRoom, load };
}

/** Behind those that came before it: one that comes back goes to where it was. */
function insert(line: Item[], item: Item): void {
  let at = line.length;
  while (at > 0 && line[at - 1]!.number > item.number) at--;
  line.splice(at, 0, item);
}

function remove(line: Item[], item: Item): boolean {
  const at = line.indexOf(item);
  if (at < 0) return false;
  line.splice(at, 1);
  return true;
}
