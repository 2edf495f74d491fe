/**
 * The code that runs a sidecar's process, once it is loaded: a program that only makes specs, or has no sidecars, does
 * without it.
 */

import type { Behavior, Context, IGNORE } from "../actor/behavior.ts";
import type { StreamTaking } from "../actor/streams.ts";
import type { ResolvedSidecarOptions } from "./options.ts";

export type SidecarBehavior = Behavior<unknown, unknown, unknown> & StreamTaking;

type SidecarClass = new (settings: ResolvedSidecarOptions) => SidecarBehavior;
type Load = () => Promise<{ readonly SidecarProcess: SidecarClass }>;

/** Set by `sidecar_process.ts`, as soon as anything has loaded it. */
export const implementation: { SidecarProcess?: SidecarClass } = {};

/** The behaviour of one incarnation; the first ones of a program call `load`. */
export function createSidecar(settings: ResolvedSidecarOptions, load: Load): SidecarBehavior {
  const { SidecarProcess } = implementation;
  return SidecarProcess === undefined ? new LateSidecar(settings, load) : new SidecarProcess(settings);
}

/** A sidecar that is started before its code is there. Its methods are those of its process, as soon as it has one. */
class LateSidecar implements SidecarBehavior {
  receive!: SidecarBehavior["receive"];
  takeStep!: SidecarBehavior["takeStep"];
  stopped: SidecarBehavior["stopped"];
  kill: SidecarBehavior["kill"] = () => {};
  describeStart: SidecarBehavior["describeStart"] = () => undefined;
  readonly #settings: ResolvedSidecarOptions;
  readonly #load: Load;

  constructor(settings: ResolvedSidecarOptions, load: Load) {
    this.#settings = settings;
    this.#load = load;
  }

  async started(context: Context<unknown, unknown, unknown>): Promise<void | typeof IGNORE> {
    const { SidecarProcess } = await this.#load();
    if (context.signal.aborted) return;
    const process = new SidecarProcess(this.#settings);
    this.stopped = (exit, context) => process.stopped?.(exit, context);
    this.kill = () => process.kill?.();
    this.describeStart = (within) => process.describeStart?.(within);
    const outcome = await process.started?.(context);
    // No message comes before this; those that come do not pass through here.
    this.receive = process.receive;
    this.takeStep = process.takeStep;
    return outcome;
  }
}
