/**
 * What an import finds on its way: faults, which end it, and notes, which are printed beside the manifest.
 */

import { type Fault, ManifestError } from "../manifest_errors.ts";
import { manifestFileError } from "../read.ts";
import type { ImportNote } from "./format.ts";
import { pathText } from "../../text/words.ts";

/** A path in a file: its keys and indexes; in a file of lines, a name or the number of a line. */
export type ImportPath = readonly PropertyKey[];

/** How much is read of a file, in characters: its aliases may say the same again and again. */
const MOST_READ = 10_000_000;

/** Collects faults and notes, each with its line. */
export class ImportReport {
  /** The absolute path of the file. */
  readonly file: string;
  readonly #lineOf: (path: ImportPath) => number | undefined;
  readonly #nameOf: (path: ImportPath) => string;
  readonly #faults: Fault[] = [];
  #read = 0;
  readonly #notes: ImportNote[] = [];

  /** `lineOf` finds where a path is, or the nearest thing around it; `nameOf` says how the file's users write it. */
  constructor(
    file: string,
    lineOf: (path: ImportPath) => number | undefined,
    nameOf: (path: ImportPath) => string = pathText,
  ) {
    this.file = file;
    this.#lineOf = lineOf;
    // A line has no name.
    this.#nameOf = (path) => path.length === 1 && typeof path[0] === "number" ? "" : nameOf(path);
  }

  /** All notes, in the order of their lines; those about the whole file last. */
  get notes(): readonly ImportNote[] {
    return this.#notes.toSorted((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity) || 0);
  }

  /** Counts something that was read, of so many characters. @throws {ManifestError} it is too much */
  count(characters: number): void {
    this.#read += characters + 8;
    if (this.#read <= MOST_READ) return;
    const message = `what its aliases come to is more than ${MOST_READ} characters`;
    throw manifestFileError("manifest_invalid", this.file, message);
  }

  /** Something of the file is not in the manifest. */
  leftOut(path: ImportPath, why: string): void {
    this.#note({ line: this.#line(path), text: this.#said(path, why) });
  }

  /** Something of the file is in the manifest in another form, or means something else there. */
  changed(path: ImportPath, how: string): void {
    this.#note({ line: this.#line(path), text: this.#said(path, how), isTaken: true });
  }

  /** Something of the file can't be what it is. */
  fault(path: ImportPath, message: string, hint?: string): void {
    this.count(message.length);
    const line = this.#line(path);
    const column = line === undefined ? undefined : 1;
    this.#faults.push({ path: this.#nameOf(path), line, column, message, hint });
  }

  /** @throws {ManifestError} with all faults, if there are any */
  throwFaults(): void {
    if (this.#faults.length === 0) return;
    const faults = this.#faults.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
    throw new ManifestError("manifest_invalid", { file: this.file, faults });
  }

  #note(note: ImportNote): void {
    this.count(note.text.length);
    this.#notes.push(note);
  }

  #line(path: ImportPath): number | undefined {
    return path.length === 0 ? undefined : this.#lineOf(path);
  }

  #said(path: ImportPath, text: string): string {
    const name = this.#nameOf(path);
    return name === "" ? text : `${name}: ${text}`;
  }
}
