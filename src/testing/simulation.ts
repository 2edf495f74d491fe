/**
 * A whole tree without a process and without waiting.
 */

import { SimulationError } from "./simulation_errors.ts";
import { checkOptions } from "../options/check.ts";
import type { DurationInput } from "../options/units.ts";
import type { SystemEvent } from "../events.ts";
import type { Exit } from "../actor/exit.ts";
import type { ActorRef } from "../actor/ref.ts";
import type { ChildProcess, SpawnOptions } from "../process/child_process.ts";
import type { Command } from "../process/command.ts";
import type { InjectedProcesses } from "../process/injected.ts";
import type { ProcessUsage } from "../process/ps.ts";
import type { ChildSpec } from "../supervision/child_spec.ts";
import type { ChildStatus } from "../supervision/status.ts";
import { rootOf } from "../supervision/supervisor_spec.ts";
import { EVENT_TYPES } from "../supervision/observed/event_filter.ts";
import { System } from "../supervision/tree.ts";
import { type FakeProcess, fakeProcess } from "./fake_process.ts";
import { type ProcessScripts, simulationOptions } from "./script.ts";
import { PATIENCE_MS, VirtualClock } from "./virtual_clock.ts";
import { OutriderError } from "../outrider_error.ts";

/** Events that a simulation keeps; the oldest go first. */
export const EVENTS_KEPT = 1_000_000;

/** Options of {@linkcode simulate}. */
export interface SimulationOptions {
  /** The script of each sidecar's program, by the sidecar's path. A sidecar without one cannot start. */
  readonly processes?: Readonly<Record<string, ProcessScripts>>;
  /** Randomness for jitter, from 0 (included) to 1 (excluded). Default: always 0.5, which adds no jitter. */
  readonly random?: () => number;
  /** The usage of processes, read once a second while one with `limits` runs, by pid. Default: unknown. */
  readonly usage?: () => readonly ProcessUsage[];
}

/** A sidecar of a simulated tree for whose program there is no script. */
export class NoScriptError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "no_script";
  /** The cause of its death: another start would fail the same way. */
  readonly death: { readonly kind: "unstartable" } = { kind: "unstartable" };
  /** The sidecar's place in the tree. */
  readonly path: string;

  /** `known` are the paths that have one. */
  constructor(path: string, known: readonly string[]) {
    const scripts = known.length === 0 ? "has no scripts" : `has scripts for ${known.join(", ")}`;
    super(`Cannot simulate '${path}': 'processes' ${scripts}`);
    this.path = path;
  }
}

/** A tree on a {@linkcode VirtualClock}, all its events, and the fake processes of its sidecars. */
export class Simulation implements AsyncDisposable {
  /** The tree's time, which passes only by the methods here. */
  readonly clock: VirtualClock = new VirtualClock();
  /** The tree. */
  readonly system: System;
  readonly #processes: ReadonlyMap<string, FakeProcess>;
  readonly #reading: Promise<void>;
  readonly #awaited = new Set<
    { wanted: (event: SystemEvent) => boolean; found: (event: SystemEvent) => void }
  >();
  #events: SystemEvent[] = [];

  /** Registers `spec`, as `launch` does; nothing runs before {@linkcode Simulation.start}. */
  constructor(
    spec: ChildSpec | readonly ChildSpec[],
    options: SimulationOptions = {},
  ) {
    const { processes = {}, random = () => 0.5, usage = () => [] } = checkOptions<SimulationOptions>(
      "Cannot simulate",
      simulationOptions,
      options,
    );
    this.#processes = new Map(
      Object.entries(processes).map(([path, scripts]) => [path, fakeProcess(scripts)]),
    );
    const spawn = (path: string, command: Command, options?: SpawnOptions): ChildProcess =>
      this.process(path).spawn(command, options);
    const injected: InjectedProcesses = { spawn, readUsage: () => Promise.resolve(usage()) };
    this.system = new System(rootOf(spec), { clock: this.clock, random, injected });
    this.#reading = this.#read();
  }

  /** Everything that happened, oldest first; the last {@linkcode EVENTS_KEPT}. */
  get events(): readonly SystemEvent[] {
    return this.#events;
  }

  /** Starts the tree; fulfilled when all are ready. @throws {StartError} and then nothing runs */
  async start(): Promise<void> {
    await this.clock.until(this.system.start());
  }

  /** Lets so many milliseconds pass, or a time such as `"1h"`, and everything come to rest. */
  async advance(time: DurationInput): Promise<void> {
    await this.clock.advance(time);
  }

  /**
   * Lets time pass until an event comes for which `wanted` holds, and gives it; one that has come already counts.
   *
   * @throws {Error} none comes within that time, or nothing is left that could bring one
   */
  async until(
    wanted: (event: SystemEvent) => boolean,
    within: DurationInput = PATIENCE_MS,
  ): Promise<SystemEvent> {
    await this.clock.settle();
    const known = this.#events.find(wanted);
    if (known !== undefined) return known;
    const next = Promise.withResolvers<SystemEvent>();
    const awaited = { wanted, found: next.resolve };
    this.#awaited.add(awaited);
    try {
      return await this.clock.until(next.promise, within);
    } finally {
      this.#awaited.delete(awaited);
    }
  }

  /** Lets time pass until `promise` settles, such as an ask, and returns its value. */
  async settled<Value>(promise: Promise<Value>, within: DurationInput = PATIENCE_MS): Promise<Value> {
    return await this.clock.until(promise, within);
  }

  /** The address of the actor at `path`. @throws {UnknownActorError} */
  // deno-lint-ignore no-explicit-any -- the types behind a path can't be known here; the caller names them
  ref<Message = any, Value = any, Published = any>(path: string): ActorRef<Message, Value, Published> {
    return this.system.ref(path);
  }

  /** The fake process of the sidecar at `path`. @throws {NoScriptError} */
  process(path: string): FakeProcess {
    const known = this.#processes.get(path);
    if (known === undefined) throw new NoScriptError(path, [...this.#processes.keys()]);
    return known;
  }

  /** The tree as it stands. */
  status(): readonly ChildStatus[] {
    return this.system.status();
  }

  /**
   * Stops the tree.
   *
   * @throws {SimulationError} it can't come to an end, or it left a timer behind
   */
  async stop(): Promise<Exit> {
    await this.clock.until(this.system.stop());
    await this.#reading;
    if (this.clock.pending > 0) {
      throw new SimulationError(
        "timers_left",
        `Cannot stop without a trace: ${this.clock.pending} timers are left`,
      );
    }
    return await this.system.ended;
  }

  /** {@linkcode Simulation.stop}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #read(): Promise<void> {
    for await (const event of this.system.events({ types: EVENT_TYPES })) {
      this.#events.push(event);
      if (this.#events.length >= 2 * EVENTS_KEPT) this.#events = this.#events.slice(-EVENTS_KEPT);
      for (const { wanted, found } of this.#awaited) if (wanted(event)) found(event);
    }
  }
}

/**
 * Starts a tree on a virtual clock, its sidecars' programs played from scripts. `spec` is one child, a list of children or
 * a supervisor, as for `launch`. For a manifest:
 * `simulate(buildTree(manifest, factories), …)`. A sidecar with a `spawn` of its own keeps it.
 *
 * @throws {StartError} and then nothing runs; `start_cancelled` if it was stopped meanwhile
 * @throws {OptionError} a key of a script that does not exist, or a value that it can't have
 *
 * @example A worker that crashes is back after its backoff, in no time
 * ```ts
 * import { factories } from "@outrider/outrider/actors/factories";
 * import { parse, buildTree } from "@outrider/outrider/manifest";
 * import { simulate } from "@outrider/outrider/testing";
 *
 * const w1 = { id: "w1", command: "worker", protocol: "ndjson" };
 * const manifest = parse(JSON.stringify({ name: "shop", children: [w1] }), { file: "shop.json" });
 * await using shop = await simulate(buildTree(manifest, factories), {
 *   processes: { w1: { protocol: "ndjson", reply: () => ({ ok: true }), dies: { after: 5_000, with: 3 } } },
 * });
 * console.log(await shop.settled(shop.ref("w1").ask({ do: "it" }))); // { id: 1, ok: true }
 * await shop.until((event) => event.type === "ready" && event.generation === 2);
 * console.log(shop.clock.now()); // 5200: it lived for 5 s, and the first backoff is 200 ms
 * ```
 */
export async function simulate(
  spec: ChildSpec | readonly ChildSpec[],
  options?: SimulationOptions,
): Promise<Simulation> {
  const simulation = new Simulation(spec, options);
  await simulation.start();
  return simulation;
}
