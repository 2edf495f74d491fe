/**
 * Starts the children of a supervisor: one after the other, or, where there are
 * dependencies between them, each as soon as its own allow.
 *
 * @module
 */

import type { StartOutcome } from "../actor/incarnation.ts";
import { isClean } from "../actor/exit.ts";
import type { Child } from "./child.ts";
import { type Dependency, haveDependencies } from "./dependencies.ts";
import { DependencyFailedError, StartCancelledError, StartError } from "./errors.ts";

/** What starting needs of the supervisor. */
export interface StartOptions {
  /** The supervisor's path. */
  readonly path: string;
  /** Aborts when the supervisor is to stop. */
  readonly signal: AbortSignal;
  /** Told of each child whose start came out. */
  readonly onStarted: (child: Child, outcome: StartOutcome) => void;
}

/** Starts all; the first failure ends it, and is what this rejects with. @throws {StartError} */
export async function startAll(children: readonly Child[], options: StartOptions): Promise<void> {
  if (haveDependencies(children.map(({ spec }) => spec))) return await startByDependencies(children, options);
  for (const child of children) {
    const outcome = await child.start();
    if (options.signal.aborted) throw toldToStop(options.path);
    options.onStarted(child, outcome);
  }
}

async function startByDependencies(children: readonly Child[], options: StartOptions): Promise<void> {
  const { path, signal, onStarted } = options;
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const begun = new Map(children.map((child) => [child.spec.id, Promise.withResolvers<void>()]));
  const ready = new Map(children.map((child) => [child.spec.id, Promise.withResolvers<void>()]));
  let over = false;
  const onAbort = () => failed.reject(toldToStop(path));
  signal.addEventListener("abort", onAbort, { once: true });
  const start = async (child: Child): Promise<void> => {
    const { id, after = [] } = child.spec;
    for (const dependency of after) {
      await Promise.race([failed.promise, met(dependency, child)]);
    }
    if (over || signal.aborted) throw toldToStop(path);
    const starting = child.start();
    begun.get(id)!.resolve();
    const outcome = await starting;
    if (signal.aborted) throw toldToStop(path);
    onStarted(child, outcome);
    ready.get(id)!.resolve();
  };
  const met = async ({ id, condition }: Dependency, dependent: Child): Promise<void> => {
    if (condition === "started") return await begun.get(id)!.promise;
    await ready.get(id)!.promise;
    if (condition === "ready") return;
    const exit = await children.find((child) => child.spec.id === id)!.over;
    if (condition === "completed" || isClean(exit)) return;
    throw new StartError(
      dependent.path,
      new DependencyFailedError(id, `failed (${exit.reason})`),
    );
  };
  const all = children.map((child) => start(child));
  try {
    await Promise.all(all);
  } catch (thrown) {
    over = true;
    failed.reject(thrown);
    for (const child of children) if (child.state === "starting") child.interrupt();
    await Promise.allSettled(all);
    throw thrown;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function toldToStop(path: string): StartError {
  return new StartError(path, new StartCancelledError());
}
