/**
 * The catalogue's entry of one error code.
 *
 * Each group of the catalogue is a record over a union of codes, so the compiler finds a code that has
 * no entry; a test finds those that are in no union.
 *
 * @module
 */

/** One code, explained. */
export interface ExplainedCode {
  /** The classes whose errors have it. */
  readonly classes: readonly string[];
  /** The meaning of the error, in a sentence or two. */
  readonly what: string;
  /** Its likely causes. */
  readonly causes: readonly string[];
  /** The way out. */
  readonly remedy: string;
  /** An example of its message. */
  readonly example: string;
  /** Fields of the error that help, beside `code`, `message` and `cause`. */
  readonly fields?: readonly string[];
}

/** A part of the catalogue. */
export interface CatalogueSection {
  /** Its heading. */
  readonly title: string;
  /** The subject of its errors, and where they occur. */
  readonly about: string;
  /** By code. */
  readonly codes: Readonly<Record<string, ExplainedCode>>;
}
