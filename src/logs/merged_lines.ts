/**
 * Merges by time what is in order in itself: what memory has of many children, and what is read of files.
 */

import { eventLoop } from "../time/next_turn.ts";

/** Milliseconds after which the event loop has its turn. */
const TURN_MS = 10;
/** Items that are merged at a time. */
const CHUNK = 256;

/** Something that came at a time, in milliseconds since 1970. */
export interface Timed {
  readonly at: number;
}

/** Gives the event loop its turn now and then in work that takes longer than a turn. */
export class Turns {
  #at = performance.now();

  /** Resolves at once, or in the next turn. */
  async next(): Promise<void> {
    if (performance.now() - this.#at < TURN_MS) return;
    await new Promise<void>((resolve) => eventLoop.setImmediate(resolve));
    this.#at = performance.now();
  }
}

interface Cursor<Item extends Timed> {
  batch: readonly Item[];
  index: number;
  /** Of what came at the same time, the first source is first. */
  readonly order: number;
  readonly more: Iterator<readonly Item[]> | AsyncIterator<readonly Item[]>;
}

/** Merges sources, each of which gives its items in lists; none of these is empty. */
export async function* mergeByTime<Item extends Timed>(
  sources: readonly (Iterable<readonly Item[]> | AsyncGenerator<readonly Item[]>)[],
): AsyncGenerator<readonly Item[]> {
  const heap: Cursor<Item>[] = [];
  const turns = new Turns();
  try {
    for (const [order, source] of sources.entries()) {
      const more = Symbol.asyncIterator in source ? source : source[Symbol.iterator]();
      const cursor: Cursor<Item> = { batch: [], index: 0, order, more };
      if (await advance(cursor)) heap.push(cursor);
      await turns.next();
    }
    for (let index = heap.length >> 1; index-- > 0;) siftDown(heap, index);
    for (let chunk: Item[] = []; heap.length > 0;) {
      const first = heap[0]!;
      chunk.push(first.batch[first.index++]!);
      const goesOn = first.index < first.batch.length || advance(first);
      // Of what is at hand, the next list costs no turn of its own.
      if (goesOn !== true && !await goesOn) {
        const last = heap.pop()!;
        if (heap.length > 0) heap[0] = last;
      }
      siftDown(heap, 0);
      if (chunk.length < CHUNK && heap.length > 0) continue;
      yield chunk;
      chunk = [];
      await turns.next();
    }
  } finally {
    for (const source of sources) if (Symbol.asyncIterator in source) await source.return(undefined);
  }
}

/** Goes on with the next list; `false` where there is none. */
function advance<Item extends Timed>(cursor: Cursor<Item>): boolean | Promise<boolean> {
  const take = ({ done, value }: IteratorResult<readonly Item[]>) => {
    if (done) return false;
    cursor.batch = value;
    cursor.index = 0;
    return true;
  };
  const next = cursor.more.next();
  return next instanceof Promise ? next.then(take) : take(next);
}

/** Moves a cursor down until nothing below it is earlier. */
function siftDown<Item extends Timed>(heap: Cursor<Item>[], index: number): void {
  const cursor = heap[index];
  if (cursor === undefined) return;
  for (;;) {
    let least = 2 * index + 1;
    if (least >= heap.length) break;
    if (least + 1 < heap.length && isBefore(heap[least + 1]!, heap[least]!)) least++;
    if (!isBefore(heap[least]!, cursor)) break;
    heap[index] = heap[least]!;
    index = least;
  }
  heap[index] = cursor;
}

function isBefore<Item extends Timed>(one: Cursor<Item>, other: Cursor<Item>): boolean {
  const [a, b] = [one.batch[one.index]!.at, other.batch[other.index]!.at];
  return a < b || (a === b && one.order < other.order);
}
