/**
 * How an incarnation of an actor ended.
 *
 * The four reasons are Erlang/OTP's: it finished by itself, it was told to
 * stop, it was ended by force, or it failed. Supervisors decide by the
 * reason alone; the cause is for the people who read it.
 */

import { causesOf, isError, readField, textOfValue } from "./user_value.ts";
import { OutriderError } from "../outrider_error.ts";
import { OptionError } from "../options/option_error.ts";

/** The end of one incarnation. */
export type Exit =
  /**
   * It finished its work by itself. `code` and `signal`: how its process ended, where that is not code 0 and still a
   * success (`successExitStatus`). `isAsked`: who talked to it had it end, so that a restart counts against no budget.
   */
  | {
    readonly reason: "normal";
    readonly code?: number;
    readonly signal?: string;
    readonly isAsked?: boolean;
  }
  /**
   * It was asked to stop, and did; `signal` is SIGKILL where its process did not end before that. Or, a supervisor, it
   * gave up, and `cause` says why.
   */
  | { readonly reason: "shutdown"; readonly cause?: Error; readonly signal?: string }
  /**
   * It was ended by force. `abandoned` means that some of its code was still
   * running then: JavaScript can't interrupt it, so its effects are fenced off
   * (replies become dead letters, messages are no longer handed to it).
   */
  | { readonly reason: "killed"; readonly abandoned: boolean }
  /** It failed: a handler threw, or a process died. */
  | { readonly reason: "crash"; readonly cause: Error };

/**
 * Copies `given` to plain, frozen data. A value that is not an {@linkcode Exit} becomes a crash, whose cause says what is
 * wrong with it.
 */
export function asExit(given: unknown): Exit {
  const reason = readField(given, "reason");
  const cause = readField(given, "cause");
  switch (reason) {
    case "normal":
      return { reason, ...statusOf(given), ...readField(given, "isAsked") === true && { isAsked: true } };
    case "shutdown": {
      const { signal } = statusOf(given);
      return {
        reason,
        ...cause !== undefined && { cause: asError(cause) },
        ...signal !== undefined && { signal },
      };
    }
    case "killed":
      return { reason, abandoned: readField(given, "abandoned") === true };
    case "crash":
      return { reason, cause: cause === undefined ? noExit("a crash has a cause") : asError(cause) };
    default:
      return { reason: "crash", cause: noExit("its reason is 'normal', 'shutdown', 'killed' or 'crash'") };
  }
}

function statusOf(given: unknown): { readonly code?: number; readonly signal?: string } {
  const [code, signal] = ["code", "signal"].map((name) => readField(given, name));
  return {
    ...Number.isInteger(code) && { code: code as number },
    ...typeof signal === "string" && { signal },
  };
}

function noExit(why: string): OptionError {
  return new OptionError(`Cannot end like that: ${why}; give, for example, { reason: "normal" }`);
}

/** Whether an exit is not a failure: `normal` and `shutdown`, as in Erlang/OTP. */
export function isClean(exit: Exit): boolean {
  return exit.reason === "normal" || exit.reason === "shutdown";
}

/** Whether a client had it end: its restart counts against no budget then. */
export function isAskedFor(exit: Exit): exit is Exit & { readonly reason: "normal"; readonly isAsked: true } {
  return exit.reason === "normal" && exit.isAsked === true;
}

/** Whether it was asked to stop, and did only when it was ended by force. */
export function isStoppedByForce(exit: Exit): boolean {
  return exit.reason === "killed" || (exit.reason === "shutdown" && exit.signal !== undefined);
}

/** The failure behind an end, or `undefined` where there is none. */
export function causeOf(exit: Exit): Error | undefined {
  return exit.reason === "crash" || exit.reason === "shutdown" ? exit.cause : undefined;
}

/** A thrown value that is not an `Error`; it is the `cause`. */
export class ThrownValueError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "thrown_value";

  /** Made by {@linkcode asError}. */
  constructor(thrown: unknown) {
    super(`Cannot go on: ${inWords(thrown)} was thrown`, { cause: thrown });
  }
}

/**
 * Turns a thrown value into an `Error` with a message. Any other value, also an error whose message can't be read, becomes
 * the cause of a {@linkcode ThrownValueError}. Never throws.
 */
export function asError(thrown: unknown): Error {
  return isError(thrown) && typeof readField(thrown, "message") === "string"
    ? thrown
    : new ThrownValueError(thrown);
}

function inWords(thrown: unknown): string {
  if (isError(thrown)) return "an error whose message can't be read";
  if (typeof thrown !== "object" || thrown === null) return textOfValue(thrown);
  try {
    return Object.prototype.toString.call(thrown);
  } catch {
    return textOfValue(thrown);
  }
}

/**
 * The kinds of death, for rules by cause of death.
 *
 * | kind          | what happened                                                                  |
 * | ------------- | ------------------------------------------------------------------------------ |
 * | `completed`   | it ended in order: `normal`, `shutdown`, code 0 or one of `successExitStatus`  |
 * | `exit_code`   | a process ended with another exit code                                         |
 * | `signal`      | a process was ended by a signal                                                |
 * | `exception`   | an actor's own code failed                                                     |
 * | `killed`      | an actor was ended by force                                                    |
 * | `not_ready`   | it was not ready in time                                                       |
 * | `unhealthy`   | its liveness probe failed                                                      |
 * | `over_limit`  | it used more memory or processor time than it may                              |
 * | `protocol`    | what it wrote was not a message, and it is strict                                 |
 * | `unstartable` | no program of that name, not executable, a permission or its folder is missing |
 */
export type DeathKind =
  | "completed"
  | "exit_code"
  | "signal"
  | "exception"
  | "killed"
  | "not_ready"
  | "unhealthy"
  | "over_limit"
  | "protocol"
  | "unstartable";

/** Each {@linkcode DeathKind}. */
export const DEATH_KINDS: readonly DeathKind[] = [
  "completed",
  "exit_code",
  "signal",
  "exception",
  "killed",
  "not_ready",
  "unhealthy",
  "over_limit",
  "protocol",
  "unstartable",
];

/** A cause of death, as data. An error names its own in a field `death`. */
export interface DeathCause {
  /** Which kind. */
  readonly kind: DeathKind;
  /** The exit code, where there was a process. */
  readonly code?: number | undefined;
  /** The signal that ended it. */
  readonly signal?: string | undefined;
}

/** The cause of death behind an exit. */
export function deathOf(exit: Exit): DeathCause {
  if (exit.reason === "shutdown" && exit.signal !== undefined) return { kind: "signal", signal: exit.signal };
  if (isClean(exit)) return { kind: "completed", code: 0, ...exit.reason === "normal" && statusOf(exit) };
  if (exit.reason === "killed") return { kind: "killed" };
  return deathOfError(causeOf(exit));
}

/**
 * The cause of death of a failure: that of its field `death`, or of the failure that caused it. A field `death` that is not
 * a {@linkcode DeathCause} is ignored: an error with one is an exception.
 */
export function deathOfError(error: unknown): DeathCause {
  for (const failure of causesOf(error)) {
    const death = readField(failure, "death");
    if (death !== undefined) return asDeath(death) ?? { kind: "exception" };
  }
  return { kind: "exception" };
}

/** A copy of `given`, if it is a {@linkcode DeathCause}. */
export function asDeath(given: unknown): DeathCause | undefined {
  const [kind, code, signal] = ["kind", "code", "signal"].map((name) => readField(given, name));
  const isKind = DEATH_KINDS.some((known) => known === kind);
  const isCode = code === undefined || Number.isInteger(code);
  const isSignal = signal === undefined || typeof signal === "string";
  if (!isKind || !isCode || !isSignal) return undefined;
  return {
    kind: kind as DeathKind,
    ...code !== undefined && { code: code as number },
    ...signal !== undefined && { signal: signal as string },
  };
}
