/**
 * Sequences that a terminal obeys instead of showing them, and what it shows of a text that has some. Used by the mask of
 * secrets, and by the search for a line; pure, and linear in the text.
 */

import { PATTERN_REACH } from "./pattern.ts";

/** Maps a part of the shown text to the whole one. */
interface Segment {
  readonly shown: number;
  readonly whole: number;
}

/** A text without its sequences. */
export interface PlainText {
  readonly text: string;
  /** Where in the whole text the character at `place` of {@linkcode PlainText.text} stands. */
  readonly placeOf: (place: number) => number;
}

/** ESC as it is, and as samples, JSON and URLs have it. */
const ESC = String.raw`(?:\x1b|\\x1b|\\u001[bB]|%1[bB])`;
const SEQUENCES = sequencesBehind(ESC);
const RAW_SEQUENCES = sequencesBehind(String.raw`\x1b`);

/** Colours and all else that CSI begins; titles and links, up to BEL or ST; character sets; the short ones. One may be cut by the end. */
function sequencesBehind(escape: string): RegExp {
  return new RegExp(
    [
      String.raw`(?:${escape}\[|\x9b)[0-?]*[ -\/]*(?:[@-~]|$)`,
      String.raw`${escape}\][^\x07\x1b]*(?:\x07|\x1b\\|$)`,
      String.raw`${escape}[(-\/](?:[0-~]|$)`,
      String.raw`${escape}(?:[=>78cDEHM]|$)`,
    ].join("|"),
    "g",
  );
}

/** The rest of a sequence whose beginning was cut off. */
const REST = /^(?:\[[\d;:]*|[\d;:]+)[A-Za-z]/;
/** Where none of these is, as in most texts, there is no sequence. */
// deno-lint-ignore no-control-regex -- they are what is looked for
const HINT = /[\x1b\x9b]|\\x1b|\\u001|%1/;

/** `text` without its sequences, `undefined` where it has none; `startsCut`: the beginning of one may have been cut off. */
export function withoutSequences(text: string, startsCut: boolean): PlainText | undefined {
  const rest = startsCut ? REST.exec(text)?.[0].length ?? 0 : 0;
  if (rest === 0 && !HINT.test(text)) return undefined;
  let shown = "";
  let whole = rest;
  const segments: Segment[] = [];
  const keep = (end: number): void => {
    if (end <= whole) return;
    segments.push({ shown: shown.length, whole });
    shown += text.slice(whole, end);
  };
  for (const { index, 0: { length } } of text.matchAll(SEQUENCES)) {
    keep(index);
    whole = Math.max(whole, index + length);
  }
  if (whole === 0) return undefined;
  keep(text.length);
  return { text: shown, placeOf: (place) => wholePlace(segments, place) };
}

/** Where none of these is, a terminal shows the text as it is. */
// deno-lint-ignore no-control-regex -- they are what is looked for
const RAW_HINT = /[\x07\x08\x1b\x9b]/;

/**
 * Returns a line as a terminal shows it: sequences and bells left out, and what `\b` goes back over overwritten. Of
 * its characters the first {@linkcode PATTERN_REACH} are read: millions of sequences would hold the event loop for seconds.
 */
export function shownText(line: string): string {
  const read = line.length > PATTERN_REACH ? line.slice(0, PATTERN_REACH) : line;
  if (!RAW_HINT.test(read)) return read;
  const text = read.replace(RAW_SEQUENCES, "").replaceAll("\x07", "");
  if (!text.includes("\b")) return text;
  const cells: string[] = [];
  let at = 0;
  for (const char of text) {
    if (char === "\b") at = Math.max(0, at - 1);
    else cells[at++] = char;
  }
  return cells.join("");
}

function wholePlace(segments: readonly Segment[], place: number): number {
  let [low, high] = [0, segments.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (segments[middle]!.shown <= place) low = middle;
    else high = middle - 1;
  }
  const { shown, whole } = segments[low]!;
  return whole + place - shown;
}
