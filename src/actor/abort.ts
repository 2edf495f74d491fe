/**
 * Aborts a signal that a user's code listens to.
 *
 * @module
 */

/**
 * Aborts `controller`; what a listener of its signal throws goes to `onThrown`. Deno takes that for an uncaught error,
 * which ends the process, unless a listener of the global event `error` says otherwise: one is there meanwhile. So it is
 * also for the listeners of signals that follow this one (`AbortSignal.any`).
 */
export function abortSafely(
  controller: AbortController,
  reason: unknown,
  onThrown: (thrown: unknown) => void,
): void {
  const caught = (event: ErrorEvent) => {
    event.preventDefault();
    onThrown(event.error);
  };
  globalThis.addEventListener("error", caught);
  try {
    controller.abort(reason);
  } finally {
    globalThis.removeEventListener("error", caught);
  }
}
