/**
 * What the keys of a JSON text weigh, `json_shape.ts` uses it.
 *
 * The engine keeps the shapes of objects, key after key, as a tree. A key that it has had behind the same
 * keys costs it nothing; another one is a new branch, for which it copies what stands before it. So this remembers the
 * ways through that tree which a text has taken, by their hashes. Two ways with one hash would make one of them free: the
 * hash is another one in each process, so that no text can be made for it.
 *
 * @module
 */

/** What a key weighs that has not been at that place before. */
const NEW_WEIGHT = 20;
/** What a number as a key weighs: it is not a step in the tree, and looked for in a table. */
const NUMBER_WEIGHT = 20;
/** A number with more digits is a name. */
const NUMBER_DIGITS = 10;
/** What each key before it weighs, where these have been there before: they are copied. */
const COPIED_WEIGHT = 4;
/** Ways that are remembered; where two fall on one slot, the later one counts. */
const SLOTS_BITS = 16;

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
/** Odd, so that multiplying by it loses nothing. */
const MULTIPLIER = crypto.getRandomValues(new Int32Array(1))[0]! | 1;
const SEED = crypto.getRandomValues(new Int32Array(1))[0]!;

/** Weighs the keys of one text at a time. */
export class KeyWeights {
  readonly #ways = new Int32Array(1 << SLOTS_BITS);
  /** By depth: the way through the keys of the object so far, how many they are, and whether the last one was new. */
  readonly #way: Int32Array;
  readonly #count: Int32Array;
  readonly #isNew: Uint8Array;

  /** For texts of no more than so many objects within one another. */
  constructor(depth: number) {
    this.#way = new Int32Array(depth);
    this.#count = new Int32Array(depth);
    this.#isNew = new Uint8Array(depth);
  }

  /** Another text begins. */
  begin(): void {
    this.#ways.fill(0);
  }

  /** An object begins at this depth. */
  open(depth: number): void {
    this.#way[depth] = SEED;
    this.#count[depth] = 0;
    this.#isNew[depth] = 0;
  }

  /** What the key weighs whose opening quote is at `at`. */
  weigh(text: string, at: number, depth: number): number {
    let hash = this.#way[depth]!;
    const from = at + 1;
    let isNumber = true;
    for (let char; (char = text.charCodeAt(++at)) !== QUOTE;) {
      if (char < 0x30 || char > 0x39) isNumber = false;
      if (char === BACKSLASH) hash = mixed(hash, text.charCodeAt(at++));
      hash = mixed(hash, text.charCodeAt(at));
    }
    if (isNumber && at > from && at - from <= NUMBER_DIGITS) return NUMBER_WEIGHT;
    hash = mixed(hash, QUOTE);
    const before = this.#count[depth]!++;
    this.#way[depth] = hash;
    const slot = (hash ^ (hash >>> SLOTS_BITS)) & ((1 << SLOTS_BITS) - 1);
    if (this.#ways[slot] === hash) {
      this.#isNew[depth] = 0;
      return 0;
    }
    this.#ways[slot] = hash;
    const copied = this.#isNew[depth] === 1 ? 0 : before * COPIED_WEIGHT;
    this.#isNew[depth] = 1;
    return NEW_WEIGHT + copied;
  }
}

function mixed(hash: number, unit: number): number {
  const next = Math.imul(hash ^ unit, MULTIPLIER);
  return next ^ (next >>> 15);
}
