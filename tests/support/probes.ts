/**
 * What tests look through: events as they come, promises as they stand, actors
 * without a supervisor, and children that do as they are told.
 *
 * @module
 */
// deno-lint-ignore-file no-explicit-any -- tests name what they send where they send it

import type { Behavior, Context } from "../../src/actor/behavior.ts";
import { Cell } from "../../src/actor/cell.ts";
import { EVENT_TYPES } from "../../src/supervision/observed/event_filter.ts";
import type { SystemEvent } from "../../src/events.ts";
import type { Exit } from "../../src/actor/exit.ts";
import type { Incarnation, StartOutcome } from "../../src/actor/incarnation.ts";
import type { ResolvedMailbox } from "../../src/actor/mailbox/options.ts";
import type { ActorRef } from "../../src/actor/ref.ts";
import { ActorSystem } from "../../src/actor/system.ts";
import { type Backoff, NO_BACKOFF } from "../../src/supervision/restart/restart_limits.ts";
import type { ChildSpec, Shutdown } from "../../src/supervision/child_spec.ts";
import type { RestartType } from "../../src/supervision/restart/restart_rules.ts";
import { System } from "../../src/supervision/tree.ts";
import { VirtualClock } from "./virtual_clock.ts";

// --- Promises -----------------------------------------------------------------

/** How `promise` stands once everything that needs no time is at rest. */
export async function stateOf(promise: unknown): Promise<"pending" | "fulfilled" | "rejected"> {
  let state: "pending" | "fulfilled" | "rejected" = "pending";
  Promise.resolve(promise).then(() => state = "fulfilled", () => state = "rejected");
  await new VirtualClock().settle();
  return state;
}

/** What `promise` rejects with. */
export async function failureOf(promise: unknown): Promise<Error> {
  try {
    await promise;
  } catch (thrown) {
    if (thrown instanceof Error) return thrown;
  }
  throw new Error("Cannot get a failure: the promise was fulfilled, or rejected with no Error");
}

/** A promise that is opened by hand. */
export class Gate {
  readonly #opened = Promise.withResolvers<void>();
  /** Settles when the gate opens. */
  readonly passed: Promise<void> = this.#opened.promise;

  open(): void {
    this.#opened.resolve();
  }
}

// --- Events -------------------------------------------------------------------

/** All events of a tree, from now on. */
export class EventLog {
  readonly events: SystemEvent[] = [];
  /** Settles when the stream has ended. */
  readonly ended: Promise<void>;
  readonly #waiting = new Set<() => void>();

  constructor(
    source: {
      events:
        | ((filter: { types: readonly SystemEvent["type"][] }) => AsyncIterable<SystemEvent>)
        | { read(options: { types: ReadonlySet<string> }): AsyncIterable<SystemEvent> };
    },
  ) {
    this.ended = this.#read(
      typeof source.events === "function"
        ? source.events({ types: EVENT_TYPES })
        : source.events.read({ types: new Set(EVENT_TYPES) }),
    );
  }

  /** The first event, past or to come, for which `wanted` holds. */
  async until(wanted: (event: SystemEvent) => boolean): Promise<SystemEvent> {
    for (;;) {
      const found = this.events.find(wanted);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** The events as `path#generation type`, but for dead letters and for whom a supervisor has. */
  lines(): string[] {
    return this.events.filter(({ type }) =>
      !["dead_letter", "supervising", "added", "forgotten"].includes(type)
    )
      .map((event) => `${event.path}#${event.generation} ${event.type}`);
  }

  /** The dead letters as `reason: message`. */
  deadLetters(): string[] {
    return this.events.flatMap((event) =>
      event.type === "dead_letter" ? [`${event.reason}: ${String(event.message)}`] : []
    );
  }

  async #read(source: AsyncIterable<SystemEvent>): Promise<void> {
    for await (const event of source) {
      this.events.push(event);
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    }
  }
}

/** A behaviour, whatever it takes, answers and publishes. */
export type AnyBehavior = Behavior<any, any, any>;
/** The context of any behaviour. */
export type AnyContext = Context<any, any, any>;

// --- Actors without a supervisor ------------------------------------------------

/** Runs behaviours on a virtual clock, one incarnation after another at a path, as a supervisor would. */
export class Stage {
  readonly clock: VirtualClock = new VirtualClock();
  readonly system: ActorSystem = new ActorSystem({ clock: this.clock, random: () => 0.5 });
  readonly log: EventLog = new EventLog(this.system);

  /** Plants a place, with nothing that runs. */
  plant(path: string, mailbox?: ResolvedMailbox): ActorRef<any, any, any> {
    this.system.address(path, mailbox);
    return this.system.ref(path);
  }

  /** Starts the next incarnation at `path`, without waiting for it to be ready. */
  spawn(
    behavior: AnyBehavior,
    path: string = "a",
    mailbox?: ResolvedMailbox,
  ): Cell<any, any, any> {
    const address = this.system.address(path, mailbox);
    address.begin();
    const cell = new Cell<any, any, any>(behavior, address, { system: this.system, cleanUp: 5_000 });
    cell.started.catch(() => {});
    void cell.ended.then((exit) => address.end(exit));
    return cell;
  }

  /** Starts the next incarnation at `path`; fulfilled when it is ready. */
  async run(
    behavior: AnyBehavior,
    path?: string,
    mailbox?: ResolvedMailbox,
  ): Promise<Cell<any, any, any>> {
    const cell = this.spawn(behavior, path, mailbox);
    await cell.started;
    return cell;
  }

  /** See {@linkcode VirtualClock.settle}. */
  settle(): Promise<void> {
    return this.clock.settle();
  }

  /** Ends the system; its event log is complete after that. */
  async close(): Promise<void> {
    this.system.dissolveAddresses("/", "the test is over");
    await this.settle();
    this.system.close();
    await this.log.ended;
  }
}

// --- Trees ------------------------------------------------------------------------

/** A supervised tree on a virtual clock, its events from the first one on. */
export class Tree {
  readonly clock: VirtualClock = new VirtualClock();
  readonly system: System;
  readonly log: EventLog;

  constructor(root: ChildSpec, random: () => number = () => 0.5) {
    this.system = new System(root, { clock: this.clock, random });
    this.log = new EventLog({ events: (filter) => this.system.events(filter) });
  }

  /** Plants and starts. */
  static async start(root: ChildSpec, random?: () => number): Promise<Tree> {
    const tree = new Tree(root, random);
    await tree.clock.until(tree.system.start());
    return tree;
  }

  /** See {@linkcode VirtualClock.settle}. */
  settle(): Promise<void> {
    return this.clock.settle();
  }

  /** The states of the root's children, as `id state#generation`. */
  states(): string[] {
    return this.system.status().map(({ id, state, generation }) => `${id} ${state}#${generation}`);
  }

  /** Stops the tree; an error where that can't come to an end, or leaves a timer. */
  async stop(): Promise<Exit> {
    await this.clock.until(this.system.stop());
    await this.log.ended;
    if (this.clock.pending > 0) {
      throw new Error(`Cannot stop without a trace: ${this.clock.pending} timers are left`);
    }
    return await this.system.ended;
  }
}

// --- Children that do as they are told --------------------------------------------

/** How a start comes out: `never` stays pending until `ready`, `fail`, a stop or a kill. */
export type Outcome = "ok" | "ignore" | "never" | Error;

/** Options of {@linkcode fake}. */
export interface FakeOptions {
  readonly restart?: RestartType;
  readonly significant?: boolean;
  readonly shutdown?: Shutdown;
  readonly backoff?: Backoff;
  /** Of the first start, the second and so on; `ok` after the last. */
  readonly outcomes?: readonly Outcome[];
  /** To be asked to stop has no effect. */
  readonly hangs?: boolean;
}

/** A child under a test's control; what it is told is written to a journal. */
export interface Fake {
  readonly spec: ChildSpec;
  /** All its incarnations, oldest first. */
  readonly lives: FakeLife[];
  /** The latest one. */
  readonly life: FakeLife;
}

/** One incarnation of a {@linkcode Fake}. */
export class FakeLife implements Incarnation {
  readonly #started = Promise.withResolvers<StartOutcome>();
  readonly #ended = Promise.withResolvers<Exit>();
  readonly #journal: string[];
  readonly #id: string;
  readonly #hangs: boolean;
  readonly started: Promise<StartOutcome> = this.#started.promise;
  readonly ended: Promise<Exit> = this.#ended.promise;

  constructor(id: string, journal: string[], { outcome, hangs }: { outcome: Outcome; hangs: boolean }) {
    this.#id = id;
    this.#journal = journal;
    this.#hangs = hangs;
    this.started.catch(() => {});
    journal.push(`start ${id}`);
    if (outcome instanceof Error) this.fail(outcome);
    else if (outcome !== "never") this.#started.resolve(outcome);
  }

  /** It is ready. */
  ready(): void {
    this.#started.resolve("ok");
  }

  /** Its start fails. */
  fail(error: Error): void {
    this.#started.reject(error);
  }

  /** It ends by itself, or is done stopping. */
  end(exit: Exit): void {
    this.#started.reject(new Error("ended before it was ready"));
    this.#ended.resolve(exit);
  }

  /** It fails by itself. */
  crash(message = "boom"): void {
    this.end({ reason: "crash", cause: new Error(message) });
  }

  stop(): void {
    this.#journal.push(`stop ${this.#id}`);
    if (!this.#hangs) this.end({ reason: "shutdown" });
  }

  kill(): void {
    this.#journal.push(`kill ${this.#id}`);
    this.end({ reason: "killed", abandoned: false });
  }
}

/** A {@linkcode Fake} of this id that writes to `journal`. */
export function fake(id: string, journal: string[], options: FakeOptions = {}): Fake {
  const lives: FakeLife[] = [];
  const spec: ChildSpec = {
    id,
    type: "worker",
    restart: options.restart ?? "permanent",
    significant: options.significant ?? false,
    shutdown: options.shutdown ?? 5_000,
    backoff: options.backoff ?? NO_BACKOFF,
    mailbox: {},
    children: [],
    start() {
      const outcome = options.outcomes?.[lives.length] ?? "ok";
      const life = new FakeLife(id, journal, { outcome, hangs: options.hangs ?? false });
      lives.push(life);
      return life;
    },
  };
  return {
    spec,
    lives,
    get life() {
      return lives.at(-1)!;
    },
  };
}
