/**
 * Why a tree could not start, or could not go on.
 */

import type { WhyStopped } from "../actor/actor_errors.ts";
import { causeOf, type DeathCause, type Exit, isClean } from "../actor/exit.ts";
import { causesOf, errorMessage, innerMessage } from "../actor/user_value.ts";
import type { Intensity } from "./restart/restart_limits.ts";
import { OutriderError } from "../outrider_error.ts";

/** A child could not be started. */
export class StartError extends OutriderError {
  /** Stable, for programs. */
  readonly code: "start_failed" | "start_cancelled" = "start_failed";
  /** Which child, such as `workers/w1`. */
  readonly path: string;

  /**
   * `cause` is why the child did not start, as an error or in words; of a {@linkcode StartError}, its own cause, as a
   * supervisor has nothing to add.
   */
  constructor(path: string, cause: Error | string) {
    const why = typeof cause === "string" ? cause : whyNotStarted(cause);
    // Deno prints the cause of a second error with the same message and place as [Circular].
    const behind = cause instanceof StartError ? cause.cause : typeof cause === "string" ? undefined : cause;
    super(cause instanceof StartError ? cause.message : `Cannot start '${path}': ${why}`, { cause: behind });
    this.path = cause instanceof StartError ? cause.path : path;
  }
}

/** The start was cancelled before the child was ready: it, or what it is part of, was stopped. */
export class StartCancelledError extends StartError {
  /** Stable, for programs. */
  override readonly code = "start_cancelled";

  /** Made by supervisors. */
  constructor(path: string) {
    super(path, "told to stop before it was ready");
  }
}

/** The message of what kept a child from starting, as it stands behind "Cannot start 'db': ", without saying so again. */
export function whyNotStarted(cause: Error): string {
  return errorMessage(cause).replace(
    /^Cannot (?:(?:start|use|wait longer for) '[^']*': |start |go on: )/,
    "",
  );
}

/** A child was not ready within the time it had to start. */
export class StartTimeoutError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "start_timeout";
  /** The cause of its death, for the restart rules by cause. */
  readonly death: DeathCause = { kind: "not_ready" };

  /** `within` is in ms; `waited` is a clause about what its start waited for. */
  constructor(path: string, within: number, waited?: string) {
    const seen = waited === undefined ? "" : `: ${waited}`;
    super(`Cannot wait longer for '${path}': it was not ready within ${within} ms${seen}`);
  }
}

/** A dependency of the child is not met, or never will be. */
export class DependencyFailedError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "dependency_failed";
  /** It died of nothing itself: the restart rules by cause count it as an exception, whatever the sibling died of. */
  readonly death: DeathCause = { kind: "exception" };
  /** The sibling that it depends on. */
  readonly dependency: string;

  /** `completion` is how the sibling ended by itself, if it did; where it failed, that is the cause. */
  constructor(
    { id, condition }: { readonly id: string; readonly condition: string },
    completion: Exit | undefined,
  ) {
    const cause = completion && causeOf(completion);
    const why = completion === undefined || isClean(completion)
      ? `is not ${condition}`
      : `failed${cause === undefined ? "" : `: ${whyNotStarted(cause)}`}`;
    super(`Cannot go on: it starts after '${id}', which ${why}`, { cause });
    this.dependency = id;
  }
}

/** A supervisor, or a child with a budget of its own, had more restarts than the intensity allows. */
export class GaveUpError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "gave_up";
  /** Which supervisor, or child. */
  readonly path: string;

  /** `cause` is the failure that was one too many. */
  constructor(
    path: string,
    { restarts, within }: Pick<Intensity, "restarts" | "within">,
    cause: Error | undefined,
  ) {
    super(
      `Cannot keep '${path}' running: more than ${restarts} ${
        restarts === 1 ? "restart" : "restarts"
      } within ${within} ms${cause ? `: ${lastFailure(cause)}` : ""}`,
      { cause },
    );
    this.path = path;
  }
}

/** The failure that was one too many; of a supervisor that gave up in its turn, that, and its own last failure. */
function lastFailure(cause: Error): string {
  const clauses: string[] = [];
  for (const failure of causesOf(cause)) {
    if (failure instanceof GaveUpError) clauses.push(`'${failure.path}' gave up, too`);
    else {
      clauses.push(innerMessage(failure));
      break;
    }
  }
  return clauses.join(": ");
}

/** Why nothing can be reached in a tree that has ended so. */
export function whyTreeEnded(exit: Exit): WhyStopped {
  const cause = causeOf(exit);
  const why = "its tree has ended";
  return cause === undefined ? why : { why: `${why}: ${innerMessage(cause)}`, cause };
}

/** The stable codes of {@linkcode SupervisionError}; docs/errors.md explains each. */
export type SupervisionErrorCode =
  | "duplicate_id"
  | "bad_combination"
  | "not_found"
  | "no_supervisor"
  | "running"
  | "restarting"
  | "already_started"
  | "already_present"
  | "unknown_dependency"
  | "dependency_cycle"
  | "dynamic"
  | "max_children";

/** A request to a supervisor that it refused; nothing was changed. */
export class SupervisionError extends OutriderError {
  /** Stable, for programs. */
  readonly code: SupervisionErrorCode;

  /** Made by supervisors. */
  constructor(code: SupervisionErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  /** A significant child where none may be. */
  static badCombination(id: string): SupervisionError {
    return new SupervisionError(
      "bad_combination",
      `Cannot supervise '${id}': a significant child is transient or temporary, and its supervisor has an autoShutdown`,
    );
  }

  /**
   * A dependency on a child that is not there; `ids` are those of the children that are, where it was looked for. Without
   * them, its path leads to no child of the tree.
   */
  static unknownDependency(id: string, on: string, ids: readonly string[] = []): SupervisionError {
    const cannot = `Cannot start '${id}' after '${on}'`;
    if (on.includes("/")) {
      const others = ids.length === 0 ? "" : `; where it leads there are ${ids.join(", ")}`;
      return new SupervisionError("unknown_dependency", `${cannot}: the tree has no such child${others}`);
    }
    const siblings = ids.filter((known) => known !== id);
    const others = siblings.length === 0 ? "it has none" : `its siblings are ${siblings.join(", ")}`;
    return new SupervisionError(
      "unknown_dependency",
      `${cannot}: it has no sibling '${on}'; ${others}`,
    );
  }
}
