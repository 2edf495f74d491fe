/**
 * One sidecar under a supervisor, with everything that it tells; nothing of it outlives the test.
 *
 * @module
 */
import { assert } from "@std/assert";
import {
  type ActorRef,
  type ChildSpec,
  NO_BACKOFF,
  sidecar,
  type SidecarOptions,
  type StopPlan,
  supervisor,
  type SupervisorOptions,
  System,
  type SystemEvent,
} from "@outrider/outrider";
import type { Clock } from "@outrider/outrider/actor";
import { systemClock } from "../../../src/time/clock.ts";
import { alive } from "../../process/fixture.ts";
import { EventLog } from "../../support/probes.ts";

const folder = new URL("../../fixtures/", import.meta.url).pathname;

/** A stop without patience, for programs that a test is done with. */
export const AT_ONCE: StopPlan = { drain: 0, stdin: 0, term: 0 };

/**
 * The machine's clock, on which deadlines of these lengths come a hundred times sooner: those that nobody can shorten.
 * All others keep theirs: what a stop may take is not to be over before a busy machine gets to it.
 */
export function hasty(...deadlines: readonly number[]): Clock {
  return {
    ...systemClock,
    setTimeout: (fn, ms) => systemClock.setTimeout(fn, deadlines.includes(ms) ? ms / 100 : ms),
  };
}

/** What runs a fixture, such as `fixture("exits_with_code", "3")`. */
export function fixture(name: string, ...args: string[]): Pick<SidecarOptions, "command" | "args"> {
  return { command: "sh", args: [`${folder}${name}.sh`, ...args] };
}

/** What runs a line of shell. */
export function sh(script: string, ...args: string[]): Pick<SidecarOptions, "command" | "args"> {
  return { command: "sh", args: ["-c", script, "sh", ...args] };
}

/** An event of type `Type`. */
export type EventOf<Type extends SystemEvent["type"]> = SystemEvent & { type: Type };

/** Settings of a {@linkcode Probe}. */
export interface ProbeOptions {
  readonly clock?: Clock;
  readonly intensity?: SupervisorOptions["intensity"];
}

/** Makes a sidecar of another kind. */
export type MakeSpec = (id: string) => ChildSpec;

/** The sidecar `s` in a tree of its own, restarted at once; stopped, and looked after, when the test is over. */
export class Probe implements AsyncDisposable {
  readonly system: System;
  readonly log: EventLog;

  constructor(options: SidecarOptions | MakeSpec, { clock = systemClock, intensity }: ProbeOptions = {}) {
    const spec = typeof options === "function"
      ? options("s")
      : sidecar("s", { backoff: NO_BACKOFF, ...options });
    this.system = new System(supervisor("root", [spec], { intensity }), { clock });
    this.log = new EventLog({ events: (filter) => this.system.events(filter) });
  }

  /** Made and ready. */
  static async start(options: SidecarOptions | MakeSpec, more?: ProbeOptions): Promise<Probe> {
    const probe = new Probe(options, more);
    await probe.system.start();
    return probe;
  }

  // deno-lint-ignore no-explicit-any -- tests name what they send
  get ref(): ActorRef<any, any, any> {
    return this.system.ref("s");
  }

  /** Events of the sidecar, those of one type. */
  all<Type extends SystemEvent["type"]>(type: Type): EventOf<Type>[] {
    return this.log.events.filter((event): event is EventOf<Type> =>
      event.type === type && event.path === "s"
    );
  }

  /** The event of this type, number `count` of those that fit, past or to come. */
  async event<Type extends SystemEvent["type"]>(
    type: Type,
    fits: (event: EventOf<Type>) => boolean = () => true,
    count = 1,
  ): Promise<EventOf<Type>> {
    let seen = 0;
    const counted = new Set<SystemEvent>();
    const found = await this.log.until((event) => {
      if (event.type !== type || event.path !== "s" || counted.has(event)) return false;
      if (!fits(event as EventOf<Type>)) return false;
      counted.add(event);
      return ++seen === count;
    });
    return found as EventOf<Type>;
  }

  /** A line of output. */
  output(line: string): Promise<EventOf<"output">> {
    return this.event("output", (event) => event.line === line);
  }

  /** The pid of the process of a generation. */
  async pid(generation = 1): Promise<number> {
    return (await this.event("spawned", (event) => event.generation === generation)).pid;
  }

  /** The steps of the stop sequence that were taken, in order. */
  steps(): string[] {
    return this.all("stop_step").map((event) => event.step);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.system.stop();
    await this.log.ended;
    for (const { pid } of this.all("spawned")) assert(!alive(pid), `process ${pid} is left`);
  }
}

/** The next `count` items of a subscription. */
export async function take<Item>(source: AsyncIterator<Item>, count: number): Promise<Item[]> {
  const items: Item[] = [];
  while (items.length < count) {
    const { value, done } = await source.next();
    if (done) break;
    items.push(value);
  }
  return items;
}
