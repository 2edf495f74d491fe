/**
 * What all verbs have: their arguments, exit codes, and lines on both outputs.
 */

import { sleep, systemClock } from "../time/clock.ts";
import { quantityOf } from "../options/units.ts";
import { visible, visibleLine } from "../text/printable.ts";
import { nearestKey } from "../text/words.ts";
import { OutriderError } from "../outrider_error.ts";
import {
  DEFAULT_FILES,
  defaultFile,
  type OptionKinds,
  type OptionValues,
  parseArguments,
  requireDefaultFile,
  withFile,
} from "./arguments.ts";

/** A wrong command line; its message is for the user. */
export class UsageError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "usage";
}

/** Does what a verb does. @throws {UsageError} */
export type Verb = (args: readonly string[]) => Promise<ExitCode>;

/** What to say where FILE is missing. */
export const FILE = `there is no ${DEFAULT_FILES.join(" or ")} here; name FILE first`;
/** What to say where CHILD is missing. */
export const CHILD = "CHILD is missing, its path, such as workers/w1";

/** Reads options and one FILE; left out, it is the manifest of this folder. @throws {UsageError} */
export function readFileArgs<const Options extends OptionKinds>(
  args: readonly string[],
  options: Options,
): { file: string; values: OptionValues<Options> } {
  const { values, positionals } = readArgs(args, options);
  const [file = defaultFile(), ...more] = positionals;
  if (file === undefined) throw missingArgument(FILE);
  if (more.length > 0) throw new UsageError(`Cannot use more than one FILE: ${positionals.join(", ")}`);
  return { file, values };
}

/**
 * Reads options and arguments; `needed` has, for each argument that must be there, what to say else. Where the first of
 * these is FILE, it may be left out: then it is the manifest of this folder.
 *
 * @throws {UsageError}
 */
export function readArgs<const Options extends OptionKinds, const Needed extends readonly string[] = []>(
  args: readonly string[],
  options: Options,
  needed?: Needed,
): {
  values: OptionValues<Options>;
  positionals: [...{ -readonly [Index in keyof Needed]: string }, ...string[]];
} {
  const { values, positionals: written, unknown, isWrong } = parseArguments(args, options);
  const positionals = needed?.[0] === FILE ? withFile(written) : written;
  if (unknown !== undefined) {
    const near = nearestKey(unknown.name, Object.keys(options));
    const hint = near === undefined ? "" : `; did you mean --${near}?`;
    throw new UsageError(`Cannot use ${unknown.written}: there is no such option${hint}`);
  }
  if (isWrong) throw new UsageError(`Cannot read the options: ${whichTakeValues(options)}`);
  const missing = needed?.[positionals.length];
  if (missing !== undefined) throw missingArgument(missing);
  return { values, positionals: positionals as never };
}

/** A FILE that may only not be looked for is asked for with its flag. @throws {PermissionsMissingError} */
function missingArgument(missing: string): UsageError {
  if (missing === FILE) requireDefaultFile();
  return new UsageError(`Cannot go on: ${missing}`);
}

/** Whether they ask what a verb does; behind `--` they are those of a program. */
export function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? undefined : end).some((arg) => arg === "--help" || arg === "-h");
}

function whichTakeValues(options: OptionKinds): string {
  const [flags, valued] = [true, false].map((isFlag) =>
    Object.keys(options).filter((name) => (options[name]!.type === "boolean") === isFlag).map((name) =>
      `--${name}`
    )
  ) as [string[], string[]];
  if (valued.length === 0) return `${flags.join(", ")} takes no value`;
  const needs = valued.length === 1 ? `${valued[0]} needs` : `each of ${valued.join(", ")} needs`;
  return `${needs} a value${flags.length === 0 ? "" : `, and ${flags.join(", ")} none`}`;
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
  const { LineOutput } = await import("../report/output/output.ts");
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
