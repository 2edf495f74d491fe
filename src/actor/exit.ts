/**
 * How an incarnation of an actor ended.
 *
 * The four reasons are Erlang/OTP's: what finished by itself, what was told to
 * stop, what was ended by force, and what failed. Supervisors decide by the
 * reason alone; the cause is for the people who read it.
 *
 * @module
 */

/** The end of one incarnation. */
export type Exit =
  /** It finished its work by itself. */
  | { readonly reason: "normal" }
  /** It was told to stop, and did; or, a supervisor, it gave up, and `cause` says why. */
  | { readonly reason: "shutdown"; readonly cause?: Error }
  /**
   * It was ended by force. `abandoned` means that some of its code was still
   * running then: JavaScript can't interrupt it, so its effects are fenced off
   * (replies become dead letters, messages are no longer handed to it).
   */
  | { readonly reason: "killed"; readonly abandoned: boolean }
  /** It failed: a handler threw, or a process died. */
  | { readonly reason: "crash"; readonly cause: Error };

/** Whether an end is no failure: `normal` and `shutdown`, as in Erlang/OTP. */
export function isClean(exit: Exit): boolean {
  return exit.reason === "normal" || exit.reason === "shutdown";
}

/** The failure behind an end, or `undefined` where there is none. */
export function causeOf(exit: Exit): Error | undefined {
  return exit.reason === "crash" || exit.reason === "shutdown" ? exit.cause : undefined;
}

/** Whatever was thrown, as an `Error`; a thrown non-error becomes its cause. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error
    ? thrown
    : new Error(`Cannot go on: ${inWords(thrown)} was thrown`, { cause: thrown });
}

function inWords(thrown: unknown): string {
  // An object may have no, or a failing, toString of its own.
  return typeof thrown === "object" ? Object.prototype.toString.call(thrown) : String(thrown);
}
