/**
 * What the catalogue of errors says of one code.
 *
 * Hold in mind: each group of the catalogue is a record over a union of codes, so the compiler finds a code that has
 * no entry; a test finds those that are in no union.
 *
 * @module
 */

/** One code, explained. */
export interface ExplainedCode {
  /** The classes whose errors have it. */
  readonly classes: readonly string[];
  /** What happened, and to whom, in a sentence or two. */
  readonly what: string;
  /** What it likely comes from. */
  readonly causes: readonly string[];
  /** What to do about it. */
  readonly remedy: string;
  /** A message as it is told. */
  readonly example: string;
  /** Fields of the error that help, beside `code`, `message` and `cause`. */
  readonly fields?: readonly string[];
}

/** A part of the catalogue. */
export interface CatalogueSection {
  /** Its heading. */
  readonly title: string;
  /** What its errors are about, and where they are met. */
  readonly about: string;
  /** By code. */
  readonly codes: Readonly<Record<string, ExplainedCode>>;
}
