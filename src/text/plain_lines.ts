/**
 * Finds lines that need no look at their characters: printable ASCII and tabs alone.
 *
 * Used where output is read in batches. Four bytes are looked at together; one by one only where a byte is below 0x20,
 * such as each newline, or above 0x7e.
 */

const LF = 0x0a;
const TAB = 0x09;
const [LESS, GREATER] = [0x3c, 0x3e];
/** The length of a priority, `<3>`. */
const PRIORITY = 3;

/** Plain lines at the beginning of some bytes. */
export interface PlainRun {
  /** Where they end: behind a newline, or where the search began. */
  end: number;
  count: number;
  /** What is behind them is the beginning of one more plain line, of at most `cap` bytes so far. */
  isOpen: boolean;
}

/**
 * Finds how far `bytes` from `from` on are plain lines: whole ones, each of at most `cap` bytes, none with a priority
 * (`<3>`) at its beginning. `from` is the beginning of a line. The result is valid until the next call.
 */
export function findPlainLines(bytes: Uint8Array, from: number, cap: number): PlainRun {
  const { length, byteOffset, buffer } = bytes;
  const words = new Uint32Array(buffer, 0, buffer.byteLength >> 2);
  const end = byteOffset + length;
  run.count = 0;
  run.isOpen = true;
  let start = from;
  for (let at = from; at < length;) {
    if (at === start && bytes[at] === LESS && mayBePriority(bytes, at)) {
      run.isOpen = false;
      break;
    }
    let place = byteOffset + at;
    if ((place & 3) === 0) {
      while (place + 4 <= end && isPlain(words[place >> 2]!)) place += 4;
      at = place - byteOffset;
      if (at === length) break;
    }
    const byte = bytes[at++]!;
    if (byte === LF && at - start - 1 <= cap) {
      run.count++;
      start = at;
    } else if ((byte < 0x20 && byte !== TAB) || byte > 0x7e) {
      run.isOpen = false;
      break;
    }
  }
  run.end = start;
  if (length - start > cap) run.isOpen = false;
  return run;
}

const run: PlainRun = { end: 0, count: 0, isOpen: false };

/** Whether each of four bytes is from 0x20 to 0x7e. */
function isPlain(word: number): boolean {
  return (((word - 0x20202020) & ~word | word + 0x01010101 | word) & 0x80808080) === 0;
}

/** Whether the line that begins with `<` at `at` has a priority, as far as is known. */
function mayBePriority(bytes: Uint8Array, at: number): boolean {
  const end = at + PRIORITY - 1;
  return end >= bytes.length || bytes[end] === GREATER;
}
