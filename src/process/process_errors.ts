/**
 * Defines the errors between this runtime and a child process, one class per cause.
 *
 * `code` is the stable part, the message is for people and may change. An {@linkcode UnstartableError} is lasting: a start
 * without a change outside fails again. {@linkcode SystemRefusedError} is not: a machine that is full may have room later.
 */

import { OutriderError } from "../outrider_error.ts";
import { commandLineHint, packageOf } from "../options/launcher.ts";
import { shellQuote } from "../text/shell_quote.ts";

/** The stable codes of {@linkcode ProcessError}. */
export type ProcessErrorCode =
  | "program_not_found"
  | "program_not_executable"
  | "working_directory_missing"
  | "permission_missing"
  | "secret_unreadable"
  | "env_file_unusable"
  | "variable_unset"
  | "program_changed"
  | "program_too_large"
  | "program_untrusted"
  | "identity_refused"
  | "system_refused"
  | "exit_unknown"
  | "pipe_closed"
  | "pipe_taken"
  | "unencodable_message";

/** Any failure of the process layer; `code` says which, and stays the same between versions. */
export class ProcessError extends OutriderError {
  /** Stable, machine-readable name of the failure. */
  readonly code: ProcessErrorCode;

  /** `cause` is what was caught, if anything was; `fields` are those that a subclass declares. */
  constructor(message: string, { code, cause, ...fields }: ProcessErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    Object.assign(this, fields);
  }
}

/** Options of a {@linkcode ProcessError}. */
export interface ProcessErrorOptions {
  /** What went wrong. */
  readonly code: ProcessErrorCode;
  /** The error behind it. */
  readonly cause?: unknown;
  /** The fields of its class. */
  readonly [field: string]: unknown;
}

/** A program that cannot be started: the same start without a change outside fails again. */
export class UnstartableError extends ProcessError {
  /** The cause of death, for rules by cause. */
  declare readonly death: { readonly kind: "unstartable" };

  /** See {@linkcode ProcessError}. */
  constructor(message: string, { code, ...options }: ProcessErrorOptions) {
    super(message, { code, death: { kind: "unstartable" }, ...options });
  }
}

/** There is no such program: `code` is `"program_not_found"`. */
export class ProgramNotFoundError extends UnstartableError {
  /** The program as it was requested. */
  declare readonly program: string;
  /** The places that were searched: the folders of PATH, or the one path; empty if PATH may not be read. */
  declare readonly searched: readonly string[];

  /** `uncheckedCwd` is a working directory that may be the missing one, `uncheckedFile` a file that may be there. */
  constructor(
    program: string,
    { searched, uncheckedCwd, uncheckedFile, cause }: {
      readonly searched: readonly string[];
      readonly uncheckedCwd?: string;
      readonly uncheckedFile?: string;
      readonly cause?: unknown;
    },
  ) {
    const where = searched.length === 0
      ? "it is not on PATH"
      : searched.length === 1 && searched[0] === program
      ? "there is no such file"
      : `it is in none of ${[...new Set(searched)].join(", ")}`;
    const learnt = (file: string) => `is missing (add ${shellQuote(`--allow-read=${file}`)} to learn which)`;
    const or = uncheckedCwd !== undefined
      ? `or its working directory "${uncheckedCwd}" ${learnt(uncheckedCwd)}`
      : uncheckedFile !== undefined
      ? `or the interpreter or loader that it needs ${learnt(uncheckedFile)}`
      : commandLineHint(program) ?? packageOf(program) ?? "install it or correct the name";
    super(`Cannot start "${program}": ${where}; ${or}`, {
      code: "program_not_found",
      cause,
      program,
      searched,
    });
  }
}

/** Why a file that is there is not run, as clauses. */
export const NOT_EXECUTABLE = "the system refuses to run it; make it executable (chmod +x)";
export const NOT_FOR_THIS_MACHINE = "it is not a program for this machine";

/**
 * The file is there, and the system does not run it: for its mode, for a missing interpreter or loader, or as it is for
 * another system. `code` is `"program_not_executable"`.
 */
export class ProgramNotExecutableError extends UnstartableError {
  /** The program as it was requested. */
  declare readonly program: string;

  /** `why` is the reason with the way out, as clauses, where it is known. */
  constructor(
    program: string,
    { cause, why }: { readonly cause?: unknown; readonly why?: string | undefined } = {},
  ) {
    super(`Cannot start "${program}": ${why ?? NOT_EXECUTABLE}`, {
      code: "program_not_executable",
      cause,
      program,
    });
  }
}

/** The working directory does not exist or is not a folder: `code` is `"working_directory_missing"`. */
export class WorkingDirectoryError extends UnstartableError {
  /** The program that was to be started. */
  declare readonly program: string;
  /** The folder that is missing. */
  declare readonly cwd: string;

  /** Names the program and the folder it was to run in. */
  constructor(program: string, { cwd, cause }: { readonly cwd: string; readonly cause?: unknown }) {
    const why = `its working directory "${cwd}" is not a folder; create it or correct cwd`;
    super(`Cannot start "${program}": ${why}`, { code: "working_directory_missing", cause, program, cwd });
  }
}

/** Deno lacks a permission that the command needs: `code` is `"permission_missing"`. */
export class PermissionMissingError extends UnstartableError {
  /** The program that was to be started. */
  declare readonly program: string;
  /** The flag to add to the command line, such as `--allow-run=tr`; several flags are separated by a space. */
  declare readonly missingFlag: string;

  /** Names the program and the flags that would have let it start; `advice` is how the message says so. */
  constructor(
    program: string,
    { missingFlag, advice = `add ${missingFlag}`, cause }:
      & { readonly missingFlag: string; readonly advice?: string }
      & ErrorOptions,
  ) {
    const message = `Cannot start "${program}": a permission is missing; ${advice}`;
    super(message, { code: "permission_missing", cause, program, missingFlag });
  }
}

/** Another user could have exchanged the program: `code` is `"program_untrusted"`. */
export class ProgramUntrustedError extends UnstartableError {
  /** The file that was checked and not run. */
  declare readonly file: string;
  /** The fault of the file, or of the path to it, as a clause. */
  declare readonly why: string;

  /** Created by `spawn`. */
  constructor(file: string, why: string) {
    const message = `Cannot start "${file}": ${why}; another user could have put it there`;
    super(message, { code: "program_untrusted", file, why });
  }
}

/** The program does not have its checksum: `code` is `"program_changed"`. */
export class ProgramChangedError extends UnstartableError {
  /** The program as it was requested. */
  declare readonly program: string;
  /** The file that was checked and not run. */
  declare readonly file: string;
  /** The SHA-256 that it should have, in lower-case hexadecimal digits. */
  declare readonly expected: string;
  /** The SHA-256 that it has. */
  declare readonly found: string;

  /** Created by `spawn`. */
  constructor(
    program: string,
    { file, expected, found }: { readonly file: string; readonly expected: string; readonly found: string },
  ) {
    const why = `${file} is not the pinned file: its SHA-256 is ${found}, not ${expected}`;
    super(`Cannot start "${program}": ${why}`, { code: "program_changed", program, file, expected, found });
  }
}

/** The program has a checksum, and its file is too large to be read before each start: `code` is `"program_too_large"`. */
export class ProgramTooLargeError extends UnstartableError {
  /** The program as it was requested. */
  declare readonly program: string;
  /** The file that was checked and not run. */
  declare readonly file: string;
  /** Its size in bytes. */
  declare readonly size: number;

  /** Created by `spawn`. */
  constructor(
    program: string,
    { file, size, limit }: { readonly file: string; readonly size: number; readonly limit: number },
  ) {
    const [has, most] = [size, limit].map((bytes) => bytes.toLocaleString("en"));
    const why =
      `its SHA-256 is pinned, and ${file} has ${has} bytes, more than the ${most} that are read for that`;
    super(`Cannot start "${program}": ${why}`, { code: "program_too_large", program, file, size });
  }
}

/** The runtime may not become the user or group that the program is to run as: `code` is `"identity_refused"`. */
export class IdentityError extends UnstartableError {
  /** The program that was to be started. */
  declare readonly program: string;
  /** What is wrong, as a clause. */
  declare readonly why: string;

  /** `why` completes the sentence "Cannot start "x" as user 1000 and group 1000: …". */
  constructor(
    program: string,
    { uid, gid, user = uid, group = gid, why, cause }: {
      readonly uid?: number | undefined;
      readonly gid?: number | undefined;
      readonly user?: string | number | undefined;
      readonly group?: string | number | undefined;
      readonly why: string;
      readonly cause?: unknown;
    },
  ) {
    const who = [
      ...(user === undefined ? [] : [`user ${user}`]),
      ...(group === undefined ? [] : [`group ${group}`]),
    ].join(" and ");
    super(`Cannot start "${program}" as ${who}: ${why}`, { code: "identity_refused", cause, program, why });
  }
}

/** The way out for each refusal of the system that is foreseen. */
const REMEDIES: Readonly<Record<string, string>> = {
  EMFILE: "raise the limit of open files (ulimit -n), of which a sidecar takes three, or run fewer sidecars",
  ENFILE: "close what the machine does not need, or raise its limit of open files",
  EAGAIN: "raise the limit of processes (ulimit -u, or pids.max of the container), or run fewer",
  ENOMEM: "free memory, or run fewer sidecars",
  E2BIG: "shorten its arguments and its environment",
  ETXTBSY: "it is being written; start it when that is done",
};

/** The system did not start the program, for a reason without a class of its own: `code` is `"system_refused"`. */
export class SystemRefusedError extends ProcessError {
  /** The program that was to be started. */
  declare readonly program: string;
  /** The system's name for the reason, such as `EMFILE`; undefined where there is none. */
  declare readonly errno: string | undefined;

  /** `cause` is Deno's error. */
  constructor(program: string, { cause }: { readonly cause: Error }) {
    const { code } = cause as { readonly code?: unknown };
    const errno = typeof code === "string" ? code : undefined;
    const remedy = errno === undefined ? undefined : REMEDIES[errno];
    // Deno's message repeats the program, and ends with a number.
    const why = cause.message.replace(/^Failed to spawn '.*': /s, "").replace(/ \(os error \d+\)$/, "");
    const message = `Cannot start "${program}": ${why}${remedy === undefined ? "" : `; ${remedy}`}`;
    super(message, { code: "system_refused", cause, program, errno });
  }
}

/** A process has ended, and the system did not report how: `code` is `"exit_unknown"`. */
export class ExitUnknownError extends ProcessError {
  /** The pid that the process had. */
  declare readonly pid: number;

  /** `cause` is the error of waiting for it. */
  constructor(pid: number, { cause }: { readonly cause: unknown }) {
    const why = cause instanceof Error
      ? cause.message.replace(/ \(os error \d+\)$/, "")
      : "waiting for it failed";
    super(
      `Cannot tell how process ${pid} ended: ${why}; if Outrider was started with SIGCHLD ignored, start it without that`,
      { code: "exit_unknown", cause, pid },
    );
  }
}
