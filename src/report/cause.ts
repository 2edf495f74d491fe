/**
 * Why something ended or did not start, in the words of the terminal.
 *
 * Sidecars are known here by the codes of their errors only: how they are made
 * is not this layer's to know.
 */

import { causesOf, errorMessage, innerMessage, isError, readField } from "../actor/user_value.ts";
import {
  DependencyFailedError,
  GaveUpError,
  StartError,
  whyNotStarted,
} from "../supervision/supervision_errors.ts";
import { visible } from "../text/printable.ts";
import { formatDuration, printableLine } from "../text/words.ts";

/** The end of a process, from the error of its sidecar. */
interface ProcessEnd {
  readonly exitCode: number;
  readonly signal: string | undefined;
  readonly lastWords: string | undefined;
}

/** The cause of a crash; a process's own words are worth more than ours. */
export function crashText(cause: Error): string {
  const end = processEndOf(cause);
  if (end === undefined) return visible(printableLine(innerMessage(cause)));
  const how = statusText({ code: end.exitCode, signal: end.signal });
  return end.lastWords === undefined ? how : `${how}, last words: ${printableLine(end.lastWords)}`;
}

/** How a process ended: `exit code 3`, or its signal. */
function statusText(
  { code, signal }: { readonly code: number; readonly signal?: string | undefined },
): string {
  return signal === undefined ? `exit code ${code}` : visible(printableLine(signal));
}

/** How a process ended that is a success without code 0, as `exit code 3, a success`; else `undefined`. */
export function successText(
  { code = 0, signal }: { readonly code?: number | undefined; readonly signal?: string | undefined },
): string | undefined {
  return code === 0 && signal === undefined ? undefined : `${statusText({ code, signal })}, a success`;
}

/** Why a start failed; of a supervisor, only which child it was: that one has had its own line. */
export function startFailureText(cause: Error, path: string): string {
  if (!(cause instanceof StartError) || cause.path === path) return whyFailed(cause);
  const root = innermost(cause);
  const after = root instanceof DependencyFailedError ? `, which starts after ${root.dependency}` : "";
  return `because of ${cause.path}${after}; what had started is stopped again`;
}

/** Why the tree `name` did not start, or ended: one sentence that stands alone, with the child at fault. */
export function outcomeText(cause: Error, name: string): string {
  const root = innermost(cause);
  if (cause instanceof StartError) {
    return `Cannot start '${named(cause.path, name)}': ${whyFailed(root)}`;
  }
  if (!(cause instanceof GaveUpError)) return visible(printableLine(errorMessage(cause)));
  const start = `Cannot keep '${named(cause.path, name)}' running: too many restarts`;
  if (root instanceof GaveUpError) return start;
  const last = lastChild(cause);
  const whose = last === undefined || last === cause.path ? "" : ` was of ${last}`;
  return `${start}; the last failure${whose}: ${crashText(root)}`;
}

/** Why a start failed, where it stands which child's it was. */
function whyFailed(cause: Error): string {
  return processEndOf(cause) === undefined ? visible(printableLine(whyNotStarted(cause))) : crashText(cause);
}

/** Unwraps errors that only pass on another's message. */
function innermost(error: Error): Error {
  let last = error;
  for (last of causesOf(error)) if (!(last instanceof StartError || last instanceof GaveUpError)) break;
  return last;
}

function lastChild(error: Error): string | undefined {
  const path = readField(innermost(error), "path");
  if (typeof path === "string") return path;
  const cause = readField(error, "cause");
  return isError(cause) && cause instanceof StartError ? cause.path : undefined;
}

function named(path: string, name: string): string {
  return path === "/" ? name : path;
}

/** Reads the process's end from a sidecar's error; an error of a user may have the same code with other fields. */
function processEndOf(cause: Error): ProcessEnd | undefined {
  const [code, exitCode, signal, lastWords] = ["code", "exitCode", "signal", "lastWords"]
    .map((name) => readField(cause, name));
  if (code !== "sidecar_exited" || typeof exitCode !== "number") return undefined;
  return { exitCode, signal: textIn(signal), lastWords: textIn(lastWords) };
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The part of a run's guarantees that is reported. */
export interface ReportedGuarantees {
  /** How far a stop reaches. */
  readonly stop: "tree" | "process";
  /** The mechanism that ends the processes if the runtime is killed by SIGKILL. */
  readonly hostDeath: "guard" | "sweep" | "eof";
}

const STOP = {
  tree: "a stop ends each sidecar and all that it has started",
  process: "a stop ends the sidecars, but not what they have started",
} as const;

const HOST_DEATH = {
  guard: "if Outrider is killed, a guardian ends all within a second",
  sweep: "if Outrider is killed, their stdin ends where it is a pipe, and the next start ends who is left",
  eof: "if Outrider is killed, their stdin ends where it is a pipe, and nothing more",
} as const;

/** Each guarantee as a sentence without its period. */
export function guaranteeSentences({ stop, hostDeath }: ReportedGuarantees): readonly string[] {
  return [STOP[stop], HOST_DEATH[hostDeath]];
}

/** Says what held a sidecar's pipes when it had ended, and what ends that where a stop reaches the program alone. */
export function heldPipesText(waited: number, stop: ReportedGuarantees["stop"] | undefined): string {
  const more = "; the flags that 'outrider permissions FILE --contain' prints let a stop end that, too";
  return `by a process it left behind; closed after ${formatDuration(waited)}${
    stop === "process" ? more : ""
  }`;
}
