/**
 * Why something ended or did not start, in the words of the terminal.
 *
 * Sidecars are known here by the codes of their errors only: how they are made
 * is not this layer's to know.
 *
 * @module
 */

import { GaveUpError, StartError } from "../supervision/errors.ts";
import { printable } from "./words.ts";

/** What is known of a process that ended; a sidecar's error has it. */
interface ProcessEnd {
  readonly path: string;
  readonly code: string;
  readonly exitCode: number;
  readonly signal: string | undefined;
  readonly lastWords: string | undefined;
}

/** The cause of a crash; a process's own words are worth more than ours. */
export function crash(cause: Error): string {
  if (!isProcessEnd(cause)) return printable(cause.message);
  const how = cause.signal ?? `exit code ${cause.exitCode}`;
  return cause.lastWords === undefined ? how : `${how}, last words: ${printable(cause.lastWords)}`;
}

/** Why a start failed; of a supervisor, only which child it was: that one has had its own line. */
export function failure(cause: Error, path: string): string {
  if (!(cause instanceof StartError) || cause.path === path) return crash(cause);
  return `because of ${cause.path}; what had started is stopped again`;
}

/** Why the tree `name` did not start, or ended: one sentence that stands alone, with the child at fault. */
export function verdict(cause: Error, name: string): string {
  const root = innermost(cause);
  if (cause instanceof StartError) return `Cannot start '${named(cause.path, name)}': ${crash(root)}`;
  if (!(cause instanceof GaveUpError)) return printable(cause.message);
  const start = `Cannot keep '${named(cause.path, name)}' running: too many restarts`;
  if (root instanceof GaveUpError) return start;
  const last = lastChild(cause);
  return `${start}; the last failure${last === undefined ? "" : ` was of ${last}`}: ${crash(root)}`;
}

/** What is behind errors that only pass on another's. */
function innermost(error: Error): Error {
  const passesOn = error instanceof StartError || error instanceof GaveUpError;
  return passesOn && error.cause instanceof Error ? innermost(error.cause) : error;
}

function lastChild(error: Error): string | undefined {
  const root = innermost(error) as Partial<ProcessEnd>;
  if (typeof root.path === "string") return root.path;
  return error.cause instanceof StartError ? error.cause.path : undefined;
}

function named(path: string, name: string): string {
  return path === "/" ? name : path;
}

function isProcessEnd(cause: Error): cause is Error & ProcessEnd {
  return (cause as Partial<ProcessEnd>).code === "sidecar_exited";
}
