/**
 * Times, sizes and untrusted text in the words of the terminal.
 *
 * @module
 */

import { visibleLine } from "../text/printable.ts";

/** Milliseconds as one reads them: `<1 ms`, `12 ms`, `1.25 s`, `3 min`, `2 h`. */
export function duration(ms: number): string {
  if (ms === 0) return "0 ms";
  if (ms < 1) return "<1 ms";
  // Compared as rounded: there is no `1000 ms`, and no `120 min`.
  if (Math.round(ms) < 1_000) return `${Math.round(ms)} ms`;
  if (round(ms / 1_000, 2) < 120) return `${round(ms / 1_000, 2)} s`;
  if (round(ms / 60_000, 1) < 120) return `${round(ms / 60_000, 1)} min`;
  return `${round(ms / 3_600_000, 1)} h`;
}

/** `3 sidecars`, `1 sidecar`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** Text of a sidecar, safe for a terminal: colours are taken out, tabs stay, all else that is not printed is shown. */
export function printable(text: string): string {
  // Not node:util's stripVTControlCharacters: it takes text for a sequence, up to the next BEL, and loses it.
  return visibleLine(text.replace(COLOURS, ""));
}

// deno-lint-ignore no-control-regex -- they are what must not reach a terminal
const COLOURS = /\x1b\[[\d;:]*m/g;

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
