/**
 * A talk with one child, whether it is of a running tree or of a part that was started for it.
 */

/** The address of a child, as far as it is asked. */
export interface AskedRef {
  readonly path: string;
  ask(message: unknown, options?: { readonly timeout?: number }): Promise<unknown>;
}

/** A child that runs and is ready. */
export interface Conversation {
  readonly ref: AskedRef;
  /** Aborts when the tree has ended, or a signal stops it. */
  readonly signal: AbortSignal;
  /** Whether a signal stopped it. */
  readonly isInterrupted: boolean;
  /** The last lines that the child wrote to standard error. */
  readonly tail: readonly string[];
}
