/**
 * What the runtime under test says of itself to whoever watches it, one line of JSON a second.
 *
 * @module
 */

/** What happened so far. */
export interface Figures {
  /** SIGKILLs, by row. */
  readonly kills: Record<string, number>;
  /** What was done to processes, by kind. */
  readonly harms: Record<string, number>;
  /** What asks came to, by kind. */
  readonly asks: Record<string, number>;
  /** What tells came to, by kind. */
  readonly tells: Record<string, number>;
  /** Incarnations that got ready after the first. */
  restarts: number;
  /** Messages that have come to nothing yet. */
  open: number;
  /** Milliseconds that the event loop was held at most. */
  lag: number;
}

/** One line. `broke`: what is not as it should be; nothing more counts after that. */
export type Said =
  | { readonly figures: Figures }
  | { readonly broke: string }
  | { readonly over: Figures };

/** None yet. */
export function noFigures(): Figures {
  return { kills: {}, harms: {}, asks: {}, tells: {}, restarts: 0, open: 0, lag: 0 };
}

/** One more of `kind`. */
export function count(counts: Record<string, number>, kind: string): void {
  counts[kind] = (counts[kind] ?? 0) + 1;
}

/** All of them. */
export function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, each) => all + each, 0);
}
