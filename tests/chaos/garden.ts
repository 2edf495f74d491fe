/**
 * A plantation that runs, and the hand that strikes it: faults are chosen by a seeded generator, so that a run that
 * went wrong can be had again.
 *
 * @module
 */
import { type ChildStatus, type Intensity, type Strategy, System } from "@outrider/outrider";
import { EventLog } from "../support/probes.ts";
import { LIFE } from "./laws.ts";
import { type Fault, type Plant, plantation, programsOf } from "./plantation.ts";

/** Numbers from 0 to 1 that look random and are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class Garden {
  readonly root: Plant;
  readonly system: System;
  readonly log: EventLog;
  readonly #random: () => number;

  constructor(strategy: Strategy, { intensity, seed }: { intensity: Intensity; seed: number }) {
    this.root = plantation(strategy, intensity);
    this.system = new System(this.root.spec);
    this.log = new EventLog({ events: (filter) => this.system.events(filter) });
    this.#random = seeded(seed);
  }

  /** One of `choices`. */
  pick<Choice>(choices: readonly Choice[]): Choice {
    return choices[Math.floor(this.#random() * choices.length)]!;
  }

  /** The events of life from number `from` on, as `path type`. */
  course(from: number): readonly string[] {
    return this.log.events.slice(from).filter(({ type }) => LIFE.includes(type))
      .map(({ path, type }) => `${path} ${type}`);
  }

  /** Strikes a program chosen at random, if it runs, and tells which. */
  strike(among: readonly Plant[] = programsOf(this.root)): Plant {
    const plant = this.pick(among);
    const fault = this.pick(plant.faults);
    if (fault.startsWith("exit")) void this.#tell(plant.path, fault);
    else this.#kill(plant.path, fault);
    return plant;
  }

  /** Waits until everything runs, and nothing that was struck has still to be noticed. */
  async settled(): Promise<void> {
    for (;;) {
      // Who answers has seen everything that was told before, and is not the one that died of it.
      for (const { path, talks } of programsOf(this.root)) if (talks) await this.#answer(path);
      for (const noticed of this.#killed.splice(0)) await noticed;
      if (this.#running(this.system.whichChildren())) return;
      const seen = this.log.events.length;
      await this.log.until(() => this.log.events.length > seen);
    }
  }

  readonly #killed: Promise<unknown>[] = [];

  #kill(path: string, signal: Fault): void {
    const spawned = this.log.events.findLast((event) => event.type === "spawned" && event.path === path);
    if (spawned?.type !== "spawned") return;
    const { generation, pid } = spawned;
    const isEnd = (event: { path: string; generation: number; type: string }) =>
      event.path === path && event.generation === generation &&
      (event.type === "exited" || event.type === "stopped");
    if (this.log.events.some(isEnd)) return;
    try {
      Deno.kill(pid, signal as Deno.Signal);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // it is just ending by itself
    }
    this.#killed.push(this.log.until(isEnd));
  }

  async #tell(path: string, line: string): Promise<void> {
    try {
      await this.system.ref(path).tell(line);
    } catch {
      // The tree has ended before it got there.
    }
  }

  async #answer(path: string): Promise<void> {
    for (;;) {
      try {
        await this.system.ref(path).ask("there?");
        return;
      } catch (error) {
        // Struck while it was answering: then the next one is asked.
        if ((error as { code?: string }).code !== "incarnation_ended") throw error;
      }
    }
  }

  #running(children: readonly ChildStatus[]): boolean {
    return children.every(({ state, children = [] }) => state === "running" && this.#running(children));
  }
}
