/**
 * What is found while a client's file is read: faults, which end it, and notes, each with its line.
 */

import { type Fault, ManifestError } from "../manifest_errors.ts";
import type { Source } from "../source.ts";
import { pathText } from "../../text/words.ts";
import type { McpClientNote } from "./types.ts";

/** The error for the faults of a client's file. */
export function mcpClientError(file: string, faults: readonly Fault[]): ManifestError {
  return new ManifestError("manifest_invalid", { file, faults, kind: "MCP client configuration" });
}

/** Collects faults and notes by where they are in the value. */
export class McpClientFindings {
  readonly #file: string;
  readonly #source: Source;
  readonly #faults: Fault[] = [];
  readonly #notes: McpClientNote[] = [];

  /** `source` has been read. */
  constructor(file: string, source: Source) {
    this.#file = file;
    this.#source = source;
  }

  /** Adds a fault at `path`. */
  fault(path: readonly PropertyKey[], message: string, hint?: string): void {
    const { line, column } = this.#source.locate(path, "value");
    this.#faults.push({ path: pathText(path), line, column, message, hint });
  }

  /** Adds what is left out, or, with `isTaken`, what has another form. */
  note(path: readonly PropertyKey[], text: string, { isTaken = false } = {}): void {
    this.#notes.push({ line: this.line(path), text, ...(isTaken && { isTaken }) });
  }

  /** The line of a key. */
  line(path: readonly PropertyKey[]): number {
    return this.#source.locate(path, "key").line;
  }

  /** The notes, in the order of the file. @throws {ManifestError} if there was a fault, with all of them */
  notes(): readonly McpClientNote[] {
    if (this.#faults.length > 0) {
      const faults = this.#faults.toSorted((a, b) =>
        (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
      );
      throw mcpClientError(this.#file, faults);
    }
    return this.#notes.toSorted((a, b) => a.line - b.line);
  }
}
