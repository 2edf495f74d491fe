/**
 * Starts a tree, by itself or as a part of what else has to be started.
 */

import type { ActorSystemOptions } from "../actor/system.ts";
import { whenAborted } from "../options/abort_signal.ts";
import { checkOptions } from "../options/check.ts";
import { startOptions } from "../options/fields/running.ts";
import type { ChildSpec } from "./child_spec.ts";
import { rootOf } from "./supervisor_spec.ts";
import { System } from "./tree.ts";

/**
 * Starts a tree; fulfilled when all of it is ready, as {@linkcode System.start} is. `spec` is one child, a list of children, which get a supervisor, or a
 * supervisor, as for `launch`.
 *
 * That is all: it listens to no signal and keeps nothing on record. Where the program ends in another way than by
 * stopping the tree (Ctrl-C, SIGTERM, an uncaught error, `Deno.exit`), sidecars live on. A program's own tree is for
 * `launch`.
 *
 * @throws {StartError} and then nothing runs; `start_cancelled` if it was stopped meanwhile
 * @throws the reason of `signal`, if that aborts before all is ready
 * @throws {OptionError} an option that is unknown or wrong
 */
export async function start(
  spec: ChildSpec | readonly ChildSpec[],
  given: StartOptions = {},
): Promise<System> {
  const { signal, ...options } = checkOptions<StartOptions>("Cannot start a tree", startOptions, given);
  signal?.throwIfAborted();
  return await startedTree(new System(rootOf(spec), options), signal);
}

/** Options of {@linkcode start}. */
export interface StartOptions extends ActorSystemOptions {
  /** Stops the tree when it aborts, be it while it starts or later. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts `tree`, which is stopped when `signal` aborts.
 *
 * @throws {StartError} and then nothing runs; `start_cancelled` if it was stopped meanwhile
 * @throws the reason of `signal`, if that aborts before all is ready
 */
export async function startedTree<Tree extends System>(tree: Tree, signal?: AbortSignal): Promise<Tree> {
  void tree.ended.then(whenAborted(signal, () => void tree.stop()));
  try {
    await tree.start();
  } catch (thrown) {
    await tree.stop();
    signal?.throwIfAborted();
    throw thrown;
  }
  return tree;
}
