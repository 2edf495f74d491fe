/**
 * The exit codes of the command line.
 *
 * @module
 */

/** What the process's exit code says. */
export const EXIT: {
  readonly OK: 0;
  readonly FAILED: 1;
  readonly USAGE: 2;
  readonly PERMISSION: 3;
  readonly REFUSED: 4;
  readonly TIMEOUT: 5;
  readonly FORCED: 130;
} = {
  /** Stopped as asked, or every child has ended for good; for other verbs: done. */
  OK: 0,
  /** The tree gave up, or could not start; of a request, nobody answers, or it was refused; of `ask`, `call` and `pipe`, a sidecar ended before it answered. */
  FAILED: 1,
  /** A bad manifest, or a wrong command line. */
  USAGE: 2,
  /** A permission is missing, or more is granted than a strict manifest allows. */
  PERMISSION: 3,
  /** Of `ask` and `call`: the sidecar answered with an error. */
  REFUSED: 4,
  /** Of `ask` and `call`: no answer in time. */
  TIMEOUT: 5,
  /** Ended by force, by a second signal; of `ask`, `call` and `pipe`, by a first one before all was answered: 128 + SIGINT. */
  FORCED: 130,
};

/** An exit code. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
