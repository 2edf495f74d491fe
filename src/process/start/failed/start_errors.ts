/**
 * Explains as a typed error why a command could not be started: from the error of Deno's start, or, where something else was
 * started that was to run it, from the end of that. Used by `spawn.ts`.
 */

import { findProgram, foldersOf, ifThere, searchPath } from "../../../permissions/find_program.ts";
import { isPath, mayRead, resolveProgram } from "../../../permissions/permit.ts";
import { hasIdentity, launcherProgram } from "../../../options/launcher.ts";
import type { Command } from "../../command.ts";
import {
  IdentityError,
  NOT_FOR_THIS_MACHINE,
  type ProcessError,
  ProgramNotExecutableError,
  ProgramNotFoundError,
  SystemRefusedError,
  WorkingDirectoryError,
} from "../../process_errors.ts";
import type { NotRunnable } from "../runnable.ts";
import { permissionMissing } from "../start_permissions.ts";
import { isRefusedByLauncher, type ProcessOutcome, wasReadByShell } from "./unstarted.ts";
import { whyDenied, whyReadByShell, whyUnrunnable } from "./unrunnable.ts";

/** A command that was started, with its whole environment. */
export interface StartedCommand {
  readonly command: Command;
  readonly env: Record<string, string>;
}

/** Creates the typed error for an error of a start; one that is not of the system is returned as it is. */
export function explainStart(error: unknown, started: StartedCommand): unknown {
  const { command } = started;
  const { cwd } = command;
  const [program = command.program] = launcherProgram(command);
  if (error instanceof Deno.errors.NotCapable) {
    return permissionMissing(program, [{ name: "run", value: resolveProgram(program, cwd) }], error);
  }
  const place = placeOf(program, started);
  const why = place && whyUnrunnable(place);
  if (error instanceof Deno.errors.PermissionDenied) {
    if (why === undefined && hasIdentity(command)) {
      return new IdentityError(program, { ...command, why: whyRefused(error), cause: error });
    }
    return new ProgramNotExecutableError(program, { cause: error, why: why ?? whyDenied(place) });
  }
  if (isFormatFault(error)) {
    const text = place && whyReadByShell(place);
    return new ProgramNotExecutableError(program, {
      cause: error,
      why: why ?? text ?? NOT_FOR_THIS_MACHINE,
    });
  }
  // A TypeError is about the command itself: a byte 0 in an argument, say.
  if (!(error instanceof Deno.errors.NotFound)) {
    const isSystems = error instanceof Error && "code" in error && !(error instanceof TypeError);
    return isSystems ? new SystemRefusedError(program, { cause: error }) : error;
  }
  // The system reports a missing program and a missing folder alike: check the folder, if that is permitted.
  const folder = cwd === undefined ? "there" : look(cwd);
  if (cwd !== undefined && folder === "missing") {
    return new WorkingDirectoryError(program, { cwd, cause: error });
  }
  if (why !== undefined) return new ProgramNotExecutableError(program, { cause: error, why });
  const file = isPath(program) ? resolveProgram(program, cwd) : undefined;
  return new ProgramNotFoundError(program, {
    searched: placesSearched(program, started),
    ...(file !== undefined && !mayRead(file) ? { uncheckedFile: file } : {}),
    ...(folder === "unchecked" && cwd !== undefined ? { uncheckedCwd: cwd } : {}),
    cause: error,
  });
}

/** Whether the system does not know the format of the file. */
function isFormatFault(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "ENOEXEC";
}

/** Returns the file of `program`, where it is known to be there. */
function placeOf(program: string, { command: { cwd }, env }: StartedCommand): string | undefined {
  if (program === "") return undefined;
  const found = findProgram(program, { cwd, path: searchPath(env) });
  return "path" in found ? found.path : undefined;
}

/** Returns why the file of `program` is not run, where it is there and shows that. */
function whyNotRun(program: string, started: StartedCommand): string | undefined {
  const place = placeOf(program, started);
  return place && whyUnrunnable(place);
}

function placesSearched(program: string, { command: { cwd }, env }: StartedCommand): readonly string[] {
  return isPath(program) ? [resolveProgram(program, cwd)] : foldersOf(searchPath(env));
}

function whyRefused(error: Error): string {
  return "code" in error && error.code === "EPERM"
    ? "the system lets only root start a program as another user; start the runtime as root, or leave out its user and group"
    : "that user may not run the program, or not enter its working directory";
}

function look(folder: string): "there" | "missing" | "unchecked" {
  if (!mayRead(folder)) return "unchecked";
  return ifThere(() => Deno.statSync(folder))?.isDirectory ? "there" : "missing";
}

/**
 * Creates the typed error for a program that was found not to run only when its process had ended: `refusal` says so of what
 * Deno was to start. `undefined` where the program was run, or nothing else is visible.
 */
export function explainEnd(
  outcome: ProcessOutcome,
  refusal: NotRunnable | undefined,
  started: StartedCommand,
): ProcessError | undefined {
  if (refusal === undefined) return explainLauncher(outcome, started);
  const [program = started.command.program] = launcherProgram(started.command);
  const why = whyNotRun(program, started);
  return refusal === "missing" && why === undefined
    ? new ProgramNotFoundError(program, { searched: placesSearched(program, started) })
    : new ProgramNotExecutableError(program, { why });
}

/** Creates the typed error for a program that its launcher could not run, where the reason is visible. */
function explainLauncher(outcome: ProcessOutcome, started: StartedCommand): ProcessError | undefined {
  const { command } = started;
  const { program, cwd, pty: isTerminal = false } = command;
  if (launcherProgram(command).length === 0) return undefined;
  const given = resolveProgram(program, cwd);
  if (!isRefusedByLauncher(given, { ...outcome, isTerminal }) && !wasReadByShell(given, outcome)) {
    return undefined;
  }
  const why = whyNotRun(program, started);
  return why === undefined ? undefined : new ProgramNotExecutableError(program, { why });
}
