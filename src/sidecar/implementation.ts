/**
 * The code that runs a sidecar's process, once it is loaded: a program that only makes specs, or has no sidecars, does
 * without it.
 *
 * @module
 */

import type { Behavior, Context, IGNORE } from "../actor/behavior.ts";
import type { Exit } from "../actor/exit.ts";
import type { ResolvedSidecarOptions } from "./options.ts";

type SidecarBehavior = Behavior<unknown, unknown, unknown>;
type SidecarContext = Context<unknown, unknown, unknown>;

type SidecarClass = new (settings: ResolvedSidecarOptions) => SidecarBehavior;
/** Loads the class. */
type Load = () => Promise<{ readonly SidecarProcess: SidecarClass }>;

/** Set by `sidecar_process.ts`, as soon as anything has loaded it. */
export const implementation: { SidecarProcess?: SidecarClass } = {};

/** The behaviour of one incarnation; the first ones of a program call `load`. */
export function createSidecar(settings: ResolvedSidecarOptions, load: Load): SidecarBehavior {
  const { SidecarProcess } = implementation;
  return SidecarProcess === undefined ? new LateSidecar(settings, load) : new SidecarProcess(settings);
}

/** A sidecar that was started before its code was there. */
class LateSidecar implements SidecarBehavior {
  readonly #settings: ResolvedSidecarOptions;
  readonly #load: Load;
  #process: SidecarBehavior | undefined;

  constructor(settings: ResolvedSidecarOptions, load: Load) {
    this.#settings = settings;
    this.#load = load;
  }

  async started(context: SidecarContext): Promise<void | typeof IGNORE> {
    const { SidecarProcess } = await this.#load();
    if (context.signal.aborted) return;
    this.#process = new SidecarProcess(this.#settings);
    return await this.#process.started?.(context);
  }

  receive(message: unknown, context: SidecarContext): unknown {
    return this.#process!.receive(message, context);
  }

  stopped(exit: Exit, context: SidecarContext): void | Promise<void> {
    return this.#process?.stopped?.(exit, context);
  }

  kill(): void {
    this.#process?.kill?.();
  }
}
