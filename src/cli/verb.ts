/**
 * The verbs of the command line, and the parsing of their arguments.
 *
 * @module
 */

import { parseArgs, type ParseArgsConfig } from "node:util";
import { sleep, systemClock } from "../time/clock.ts";
import { quantityOf } from "../options/units.ts";
import { LineOutput } from "../report/output.ts";
import { visible, visibleLine } from "../text/printable.ts";
import { nearestKey } from "../text/words.ts";
import { OutriderError } from "../outrider_error.ts";

/** A wrong command line; its message is for the user. */
export class UsageError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "usage";
}

/** Does what a verb does. @throws {UsageError} */
export type Verb = (args: readonly string[]) => Promise<ExitCode>;

/** What to say where FILE is missing. */
export const FILE = "FILE is missing, the manifest to use";
/** What to say where CHILD is missing. */
export const CHILD = "CHILD is missing, its path, such as workers/w1";

/** Reads options and exactly one FILE. @throws {UsageError} */
export function readFileArgs<Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: Options,
): {
  file: string;
  values: ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true }>>["values"];
} {
  const { values, positionals } = readArgs(args, options, [FILE]);
  const [file, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`Cannot use more than one FILE: ${positionals.join(", ")}`);
  return { file, values };
}

/** Reads options and arguments; `needed` has, for each argument that must be there, what to say else. @throws {UsageError} */
export function readArgs<
  Options extends NonNullable<ParseArgsConfig["options"]>,
  const Needed extends readonly string[] = [],
>(
  args: readonly string[],
  options: Options,
  needed?: Needed,
): {
  values: ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true }>>["values"];
  positionals: [...{ -readonly [Index in keyof Needed]: string }, ...string[]];
} {
  const { values, positionals } = parsed(args, options);
  const missing = needed?.[positionals.length];
  if (missing !== undefined) throw new UsageError(`Cannot go on: ${missing}`);
  return { values, positionals: positionals as never };
}

function parsed<Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: Options,
): ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // node:util has codes for a user's mistakes; any other error is ours.
    if (!String((error as { code?: string }).code).startsWith("ERR_PARSE_ARGS_")) throw error;
    throw new UsageError(whatIsWrong(args, options));
  }
}

/** In our own words: those of node:util are about programs that take options as positional arguments. */
function whatIsWrong(
  args: readonly string[],
  options: NonNullable<ParseArgsConfig["options"]>,
): string {
  const known = Object.keys(options);
  const isFlag = (name: string) => options[name]?.type === "boolean";
  const { tokens } = parseArgs({ args: [...args], strict: false, allowPositionals: true, tokens: true });
  const given = tokens.flatMap((token) => token.kind === "option" ? [token] : []);
  const shorts = Object.values(options).map(({ short }) => short);
  const unknown = given.find(({ name }) => !known.includes(name) && !shorts.includes(name));
  if (unknown === undefined) {
    const [flags, valued] = [known.filter(isFlag), known.filter((name) => !isFlag(name))]
      .map((names) => names.map((name) => `--${name}`));
    const needs = valued!.length === 1 ? `${valued![0]} needs` : `each of ${valued!.join(", ")} needs`;
    return `Cannot read the options: ${needs} a value${
      flags!.length === 0 ? "" : `, and ${flags!.join(", ")} none`
    }`;
  }
  const near = nearestKey(unknown.name, known);
  const hint = near === undefined ? "" : `; did you mean --${near}?`;
  return `Cannot use ${unknown.rawName}: there is no such option${hint}`;
}

/** The error for a child that is not among `paths`; it names the one that was probably meant. */
export function unknownChild(path: string, paths: readonly string[]): UsageError {
  // The last part alone is often all that one remembers.
  const near = paths.find((known) => known.endsWith(`/${path}`)) ?? nearestKey(path, paths);
  const hint = near === undefined ? `children are ${some(paths)}` : `did you mean '${near}'?`;
  return new UsageError(`Cannot find the child '${path}': ${hint}`);
}

function some(paths: readonly string[]): string {
  const shown = paths.slice(0, 10).join(", ");
  return paths.length > 10 ? `${shown} and ${paths.length - 10} more` : shown;
}

/** One of a few values. @throws {UsageError} */
export function parseOneOf<Value extends string>(
  option: string,
  value: string,
  values: readonly Value[],
): Value {
  const found = values.find((known) => known === value);
  if (found === undefined) {
    throw new UsageError(`Cannot use ${option} ${value}: it takes ${values.join(", ")}`);
  }
  return found;
}

/** Milliseconds. @throws {UsageError} */
export function parseTime(option: string, text: string): number {
  const ms = quantityOf(text, "duration", { min: 1 });
  if (typeof ms === "number") return ms;
  throw new UsageError(`Cannot use ${option} ${text}: it takes a time with a unit, such as 10s`);
}

/** Milliseconds that the end of a run waits for a stalled reader of standard error. */
export const PRINT_WAIT_MS = 1_000;

/** Writes lines to standard output, each of them one, whatever is in it. */
export function print(...lines: readonly string[]): void {
  for (const line of lines) console.log(visible(line));
}

/** {@linkcode printErrors}, where nothing is a sidecar's own line: a tab is shown, too. */
export async function printErrorsEscaped(...lines: readonly string[]): Promise<void> {
  await printErrors(...lines.map(visible));
}

/**
 * Writes lines to standard error, escaping all unprintable characters but tabs, which a sidecar's output has; a
 * reader that is gone or stalls does not keep the process from its exit code.
 */
export async function printErrors(...lines: readonly string[]): Promise<void> {
  const output = new LineOutput(Deno.stderr);
  for (const line of lines) void output.line(visibleLine(line));
  const written = new AbortController();
  await Promise.race([output.flush(), sleep(systemClock, PRINT_WAIT_MS, written.signal)]);
  written.abort();
}

/** The exit codes of the process. */
export const EXIT = {
  /** Stopped as asked, or every child has ended for good; for other verbs: done. */
  OK: 0,
  /**
   * The tree gave up, or could not start; a request had no answer, or was refused; of `ask`, `call` and `pipe`, a
   * sidecar ended before it answered.
   */
  FAILED: 1,
  /** A bad manifest, or a wrong command line. */
  USAGE: 2,
  /** A permission is missing, or more is granted than a strict manifest allows. */
  PERMISSION: 3,
  /** Of `ask` and `call`: the sidecar answered with an error. */
  REFUSED: 4,
  /** Of `ask` and `call`: no answer in time. */
  TIMEOUT: 5,
  /**
   * Ended by force, by a second signal; of `ask`, `call` and `pipe`, by a first one before all was answered: 128 +
   * SIGINT.
   */
  FORCED: 130,
} as const;

/** An exit code. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Writes to standard error: `lines`, or, as data, the error as one line. */
export async function reportError(
  error: Error,
  { json, lines }: { readonly json: boolean; readonly lines: readonly string[] },
): Promise<void> {
  await printErrors(...(json ? [(await import("../log.ts")).errorLine(error)] : lines));
}

/** `outrider`, or the file name of an executable. */
export function commandName(): string {
  return Deno.build.standalone ? Deno.execPath().split(/[\\/]/).at(-1)! : "outrider";
}
