/**
 * A start that its caller may abort.
 *
 * @module
 */

import type { System } from "../supervision/tree.ts";

/**
 * Starts `system`, which stops when `signal` aborts, now or later; what was begun is stopped again where the start fails.
 *
 * @throws {StartError}
 * @throws the reason of `signal`, where that aborted before all was ready
 */
export async function abortable<Tree extends System>(
  system: Tree,
  signal: AbortSignal | undefined,
): Promise<Tree> {
  const stop = () => void system.stop();
  signal?.addEventListener("abort", stop, { once: true });
  void system.ended.then(() => signal?.removeEventListener("abort", stop));
  try {
    await system.start();
    return system;
  } catch (thrown) {
    await system.stop();
    signal?.throwIfAborted();
    throw thrown;
  }
}
