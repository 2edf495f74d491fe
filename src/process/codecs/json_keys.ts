/**
 * Weighs the keys of a JSON text, for `json_shape.ts`.
 *
 * The engine keeps the shapes of objects, key after key, as a tree. A key that it has seen behind the same keys costs it
 * nothing; another one is a new branch, for which it copies the keys before it. So this remembers the paths through that
 * tree which a text has taken, by their hashes. Two paths with one hash would make one of them free: the hash differs in
 * each process, so that no text can be crafted for it.
 */

const NEW_WEIGHT = 20;
/** The weight of a number as a key: it is not a step in the tree, and looked up in a table. */
const NUMBER_WEIGHT = 20;
/** The most digits of a number; one with more is a name. */
const NUMBER_DIGITS = 10;
/** The weight of each key before a new one, where these were known: they are copied. */
const COPIED_WEIGHT = 4;
/** The bits of the number of paths that are remembered; where two fall on one slot, the later one counts. */
const SLOTS_BITS = 16;

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
/** Odd, so that multiplying by it is reversible. */
const MULTIPLIER = crypto.getRandomValues(new Int32Array(1))[0]! | 1;
const SEED = crypto.getRandomValues(new Int32Array(1))[0]!;

/** Weighs the keys of one text at a time. */
export class KeyWeights {
  readonly #ways = new Int32Array(1 << SLOTS_BITS);
  /** The number of keys before the last one of each path: few paths have one hash, and fewer this as well. */
  readonly #lengths = new Int32Array(1 << SLOTS_BITS);
  /** By depth: the path through the keys of the object so far, their number, and whether the last one was new. */
  readonly #way: Int32Array;
  readonly #count: Int32Array;
  readonly #isNew: Uint8Array;

  /** `depth` is the most objects within one another. */
  constructor(depth: number) {
    this.#way = new Int32Array(depth);
    this.#count = new Int32Array(depth);
    this.#isNew = new Uint8Array(depth);
  }

  begin(): void {
    this.#ways.fill(0);
  }

  open(depth: number): void {
    this.#way[depth] = SEED;
    this.#count[depth] = 0;
    this.#isNew[depth] = 0;
  }

  /** Returns the weight of the key whose opening quote is at `at`. */
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
    if (this.#ways[slot] === hash && this.#lengths[slot] === before) {
      this.#isNew[depth] = 0;
      return 0;
    }
    this.#ways[slot] = hash;
    this.#lengths[slot] = before;
    const copied = this.#isNew[depth] === 1 ? 0 : before * COPIED_WEIGHT;
    this.#isNew[depth] = 1;
    return NEW_WEIGHT + copied;
  }
}

function mixed(hash: number, unit: number): number {
  const next = Math.imul(hash ^ unit, MULTIPLIER);
  return next ^ (next >>> 15);
}
