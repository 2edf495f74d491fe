/**
 * The faults of a manifest: one {@link Fault} each, all of them in one {@link ManifestError}.
 */

import { basename } from "../permissions/path.ts";
import { visible } from "../text/printable.ts";
import type { NamedProgram } from "./resolve/programs.ts";
import { OutriderError } from "../outrider_error.ts";

/**
 * The stable codes of a {@link ManifestError}: `manifest_not_found` (no such file), `manifest_unreadable` (a folder,
 * or the system refuses), `manifest_permission_missing` (Deno refuses; `missingFlag` helps), `manifest_too_large`,
 * `manifest_not_text` (binary, or not UTF-8), `manifest_empty`, `manifest_import_failed` (a module that throws) and
 * `manifest_invalid` (read, but wrong; see the faults).
 */
export type ManifestErrorCode =
  | "manifest_not_found"
  | "manifest_unreadable"
  | "manifest_permission_missing"
  | "manifest_too_large"
  | "manifest_not_text"
  | "manifest_empty"
  | "manifest_import_failed"
  | "manifest_invalid";

/** One thing that is wrong in a manifest. */
export interface Fault {
  /** Where, as one would write it in TypeScript: `children[1].backoff.factor`; `""` is the whole manifest. */
  readonly path: string;
  /** The line in the file, from 1; undefined for a module, or when the fault has no one place. */
  readonly line: number | undefined;
  /** The column in the line, from 1, in UTF-16 units as editors count; undefined like `line`. */
  readonly column: number | undefined;
  /** The fault, in plain words. */
  readonly message: string;
  /** The way out, if one is known. */
  readonly hint?: string | undefined;
}

/** How many faults a {@link ManifestError} spells out in its message; `faults` holds all. */
export const MAX_SHOWN_FAULTS = 50;

/**
 * A manifest that can't be used.
 *
 * Its message lists the faults, one on each line, as `outrider.json:12:7  children[0].comand  unknown key; did you
 * mean "command"?`. Tell errors apart by `code`, never by their text.
 */
export class ManifestError extends OutriderError {
  /** The kind of failure, stable over versions. */
  readonly code: ManifestErrorCode;
  /** The absolute path of the manifest. */
  readonly file: string;
  /** Everything found, in the order of the file; never empty. */
  readonly faults: readonly Fault[];
  /** For `manifest_invalid`: the programs that it names all the same. */
  readonly programs: readonly NamedProgram[];
  /** For `manifest_permission_missing`: the flag to add to `deno run`. */
  readonly missingFlag: string | undefined;

  /** Made by `load`, `parse` and `resolve`. */
  constructor(
    code: ManifestErrorCode,
    details: {
      readonly file: string;
      readonly faults: readonly Fault[];
      readonly programs?: readonly NamedProgram[];
      readonly missingFlag?: string;
      readonly cause?: unknown;
      /** What the file is, where it is another tool's. */
      readonly kind?: string;
    },
  ) {
    super(
      summary(code, details),
      details.cause === undefined ? {} : { cause: details.cause },
    );
    this.code = code;
    this.file = details.file;
    this.faults = details.faults;
    this.programs = details.programs ?? [];
    this.missingFlag = details.missingFlag;
  }
}

/** A fault as one line of text: place, path, message and hint. */
export function faultLine(file: string, { path, line, column, message, hint }: Fault): string {
  const place = line === undefined ? basename(file) : `${basename(file)}:${line}:${column ?? 1}`;
  return [place, path, hint === undefined ? message : `${message}; ${hint}`].filter((part) => part !== "")
    .join("  ");
}

function summary(
  code: ManifestErrorCode,
  { file, faults, kind = "manifest" }: ConstructorParameters<typeof ManifestError>[1],
): string {
  const [only] = faults;
  if (code !== "manifest_invalid") {
    const said = only === undefined
      ? code
      : only.hint === undefined
      ? only.message
      : `${only.message}; ${only.hint}`;
    return visible(`Cannot read manifest ${file}: ${said}`);
  }
  const lines = faults.slice(0, MAX_SHOWN_FAULTS).map((fault) => visible(`  ${faultLine(file, fault)}`));
  if (faults.length > lines.length) lines.push(`  and ${faults.length - lines.length} more`);
  const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
  return `${visible(`Cannot use ${kind} ${file}: ${count}`)}\n${lines.join("\n")}`;
}
