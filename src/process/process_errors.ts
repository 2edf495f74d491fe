/**
 * Defines the errors between this runtime and a child process, one class per cause.
 *
 * `code` is the stable part, the message is for people and may change. An {@linkcode UnstartableError} is lasting: a start
 * without a change outside fails again. {@linkcode SystemRefusedError} is not: a machine that is full may have room later.
 *
 * @module
 */

import { OutriderError } from "../outrider_error.ts";

/** The stable codes of {@linkcode ProcessError}. */
export type ProcessErrorCode =
  | "program_not_found"
  | "program_not_executable"
  | "working_directory_missing"
  | "permission_missing"
  | "secret_unreadable"
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

  /** Builds an error with its stable code; `options.cause` is what was caught, if anything was. */
  constructor(message: string, options: { readonly code: ProcessErrorCode; readonly cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
  }
}

/** A program that cannot be started: the same start without a change outside fails again. */
export class UnstartableError extends ProcessError {
  /** The cause of death, for rules by cause. */
  readonly death: { readonly kind: "unstartable" } = { kind: "unstartable" };
}

/** There is no such program: `code` is `"program_not_found"`. */
export class ProgramNotFoundError extends UnstartableError {
  /** The program as it was requested. */
  readonly program: string;
  /** The places that were searched: the folders of PATH, or the one path; empty if PATH may not be read. */
  readonly searched: readonly string[];

  /** `uncheckedCwd` is a working directory that may be the missing one, but may not be read. */
  constructor(
    program: string,
    options: {
      readonly searched: readonly string[];
      readonly uncheckedCwd?: string;
      readonly cause?: unknown;
    },
  ) {
    const { searched, uncheckedCwd, cause } = options;
    const where = searched.length === 0
      ? "it is not on PATH"
      : searched.length === 1 && searched[0] === program
      ? "there is no such file"
      : `it is in none of ${searched.join(", ")}`;
    const or = uncheckedCwd === undefined
      ? "install it or correct the name"
      : `or its working directory "${uncheckedCwd}" is missing (add --allow-read=${uncheckedCwd} to learn which)`;
    super(`Cannot start "${program}": ${where}; ${or}`, { code: "program_not_found", cause });
    this.program = program;
    this.searched = searched;
  }
}

/** The file is there but may not be run, or is a folder: `code` is `"program_not_executable"`. */
export class ProgramNotExecutableError extends UnstartableError {
  /** The program as it was requested. */
  readonly program: string;

  /** Names the program that the system refused to run. */
  constructor(program: string, options: { readonly cause?: unknown; readonly isDirectory?: boolean } = {}) {
    const why = options.isDirectory
      ? "it is a directory; name the program in it"
      : "the system refuses to run it; make it executable (chmod +x)";
    super(`Cannot start "${program}": ${why}`, { code: "program_not_executable", cause: options.cause });
    this.program = program;
  }
}

/** The working directory does not exist or is not a folder: `code` is `"working_directory_missing"`. */
export class WorkingDirectoryError extends UnstartableError {
  /** The program that was to be started. */
  readonly program: string;
  /** The folder that is missing. */
  readonly cwd: string;

  /** Names the program and the folder it was to run in. */
  constructor(program: string, options: { readonly cwd: string; readonly cause?: unknown }) {
    super(
      `Cannot start "${program}": its working directory "${options.cwd}" is not a folder; create it or correct cwd`,
      { code: "working_directory_missing", cause: options.cause },
    );
    this.program = program;
    this.cwd = options.cwd;
  }
}

/** Deno lacks a permission that the command needs: `code` is `"permission_missing"`. */
export class PermissionMissingError extends UnstartableError {
  /** The program that was to be started. */
  readonly program: string;
  /** The flag to add to the command line, such as `--allow-run=tr`; several flags are separated by a space. */
  readonly missingFlag: string;

  /** Names the program and the flags that would have let it start. */
  constructor(program: string, options: { readonly missingFlag: string; readonly cause?: unknown }) {
    super(`Cannot start "${program}": a permission is missing; add ${options.missingFlag}`, {
      code: "permission_missing",
      cause: options.cause,
    });
    this.program = program;
    this.missingFlag = options.missingFlag;
  }
}

/** The file of a variable cannot be used: `code` is `"secret_unreadable"`. Its content is not shown. */
export class SecretFileError extends UnstartableError {
  /** The program that was to be started. */
  readonly program: string;
  /** The variable. */
  readonly variable: string;
  /** The file, absolute. */
  readonly file: string;
  /** The fault of the file, as a clause. */
  readonly why: string;

  /** `why` completes the sentence "Cannot start "x": the file /run/key for its variable KEY can't be used: …". */
  constructor(
    program: string,
    options: {
      readonly variable: string;
      readonly file: string;
      readonly why: string;
      readonly cause?: unknown;
    },
  ) {
    const { variable, file, why, cause } = options;
    super(`Cannot start "${program}": the file ${file} for its variable ${variable} can't be used: ${why}`, {
      code: "secret_unreadable",
      cause,
    });
    this.program = program;
    this.variable = variable;
    this.file = file;
    this.why = why;
  }
}

/** Another user could have exchanged the program: `code` is `"program_untrusted"`. */
export class ProgramUntrustedError extends UnstartableError {
  /** The file that was checked and not run. */
  readonly file: string;
  /** The fault of the file, or of the path to it, as a clause. */
  readonly why: string;

  /** Created by `spawn`. */
  constructor(file: string, why: string) {
    super(`Cannot start "${file}": ${why}; another user could have put it there`, {
      code: "program_untrusted",
    });
    this.file = file;
    this.why = why;
  }
}

/** The program does not have its checksum: `code` is `"program_changed"`. */
export class ProgramChangedError extends UnstartableError {
  /** The program as it was requested. */
  readonly program: string;
  /** The file that was checked and not run. */
  readonly file: string;
  /** The SHA-256 that it should have, in lower-case hexadecimal digits. */
  readonly expected: string;
  /** The SHA-256 that it has. */
  readonly found: string;

  /** Created by `spawn`. */
  constructor(
    program: string,
    options: { readonly file: string; readonly expected: string; readonly found: string },
  ) {
    const { file, expected, found } = options;
    super(
      `Cannot start "${program}": ${file} is not the pinned file: its SHA-256 is ${found}, not ${expected}`,
      {
        code: "program_changed",
      },
    );
    this.program = program;
    this.file = file;
    this.expected = expected;
    this.found = found;
  }
}

/** The program has a checksum, and its file is too large to be read before each start: `code` is `"program_too_large"`. */
export class ProgramTooLargeError extends UnstartableError {
  /** The program as it was requested. */
  readonly program: string;
  /** The file that was checked and not run. */
  readonly file: string;
  /** Its size in bytes. */
  readonly size: number;

  /** Created by `spawn`. */
  constructor(
    program: string,
    { file, size, limit }: { readonly file: string; readonly size: number; readonly limit: number },
  ) {
    const [has, most] = [size, limit].map((bytes) => bytes.toLocaleString("en"));
    super(
      `Cannot start "${program}": its SHA-256 is pinned, and ${file} has ${has} bytes, more than the ${most} that are read for that`,
      { code: "program_too_large" },
    );
    this.program = program;
    this.file = file;
    this.size = size;
  }
}

/** The runtime may not become the user or group that the program is to run as: `code` is `"identity_refused"`. */
export class IdentityError extends UnstartableError {
  /** The program that was to be started. */
  readonly program: string;

  /** `why` completes the sentence "Cannot start "x" as user 1000 and group 1000: …". */
  constructor(
    program: string,
    options: {
      readonly uid: number | undefined;
      readonly gid: number | undefined;
      readonly why: string;
      readonly cause?: unknown;
    },
  ) {
    const { uid, gid, why, cause } = options;
    const who = [
      ...(uid === undefined ? [] : [`user ${uid}`]),
      ...(gid === undefined ? [] : [`group ${gid}`]),
    ].join(" and ");
    super(`Cannot start "${program}" as ${who}: ${why}`, { code: "identity_refused", cause });
    this.program = program;
  }
}

/** The way out for each refusal of the system that is foreseen. */
const REMEDIES: Readonly<Record<string, string>> = {
  EMFILE: "raise the limit of open files (ulimit -n), of which a sidecar takes three, or run fewer sidecars",
  ENFILE: "close what the machine does not need, or raise its limit of open files",
  EAGAIN: "raise the limit of processes (ulimit -u, or pids.max of the container), or run fewer",
  ENOMEM: "free memory, or run fewer sidecars",
  E2BIG: "shorten its arguments and its environment",
  ENOEXEC: "it is not a program for this machine",
  ETXTBSY: "it is being written; start it when that is done",
};

/** The system did not start the program, for a reason without a class of its own: `code` is `"system_refused"`. */
export class SystemRefusedError extends ProcessError {
  /** The program that was to be started. */
  readonly program: string;
  /** The system's name for the reason, such as `EMFILE`; undefined where there is none. */
  readonly errno: string | undefined;

  /** `cause` is Deno's error. */
  constructor(program: string, { cause }: { readonly cause: Error }) {
    const errno = (cause as { readonly code?: unknown }).code;
    const known = typeof errno === "string" ? errno : undefined;
    const remedy = known === undefined ? undefined : REMEDIES[known];
    // Deno's message repeats the program, and ends with a number.
    const why = cause.message.replace(/^Failed to spawn '.*': /s, "").replace(/ \(os error \d+\)$/, "");
    super(`Cannot start "${program}": ${why}${remedy === undefined ? "" : `; ${remedy}`}`, {
      code: "system_refused",
      cause,
    });
    this.program = program;
    this.errno = known;
  }
}

/** A process has ended, and the system did not report how: `code` is `"exit_unknown"`. */
export class ExitUnknownError extends ProcessError {
  /** The pid that the process had. */
  readonly pid: number;

  /** `cause` is the error of waiting for it. */
  constructor(pid: number, { cause }: { readonly cause: unknown }) {
    const why = cause instanceof Error
      ? cause.message.replace(/ \(os error \d+\)$/, "")
      : "waiting for it failed";
    super(
      `Cannot tell how process ${pid} ended: ${why}; if Outrider was started with SIGCHLD ignored, start it without that`,
      { code: "exit_unknown", cause },
    );
    this.pid = pid;
  }
}

/** stdin takes no more, whichever side closed it: `code` is `"pipe_closed"`. */
export class PipeClosedError extends ProcessError {
  /** The process whose stdin it was. */
  readonly pid: number;

  /** `reason` completes the sentence "Cannot write to process 7: …". */
  constructor(pid: number, options: { readonly reason: string; readonly cause?: unknown }) {
    super(`Cannot write to process ${pid}: ${options.reason}`, { code: "pipe_closed", cause: options.cause });
    this.pid = pid;
  }
}

/** stdout has a reader already, and can have one only: `code` is `"pipe_taken"`. */
export class PipeTakenError extends ProcessError {
  /** The process whose stdout it is. */
  readonly pid: number;

  /** Names the process whose stdout is read already. */
  constructor(pid: number) {
    super(`Cannot read stdout of process ${pid}: it has a reader; share what that one takes`, {
      code: "pipe_taken",
    });
    this.pid = pid;
  }
}

/** A message that the protocol has no frame for: `code` is `"unencodable_message"`. */
export class UnencodableMessageError extends ProcessError {
  /** The protocol that refused it. */
  readonly codec: string;

  /** `reason` completes the sentence "Cannot encode a message as lines: …". */
  constructor(codec: string, options: { readonly reason: string; readonly cause?: unknown }) {
    super(`Cannot encode a message as ${codec}: ${options.reason}`, {
      code: "unencodable_message",
      cause: options.cause,
    });
    this.codec = codec;
  }
}
