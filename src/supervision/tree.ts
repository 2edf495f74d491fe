/**
 * A tree, as its owner holds it: what a program may ask of it. How it runs is `running/running_tree.ts`.
 */

import { checkOptions } from "../options/check.ts";
import { isChild, notAChild } from "../options/fields/children.ts";
import { startChildOptions } from "../options/fields/running.ts";
import type { SystemEvent } from "../events.ts";
import type { ActorEvent } from "../actor/events/event.ts";
import type { Exit } from "../actor/exit.ts";
import type { ActorRef } from "../actor/ref.ts";
import type { ActorSystemOptions } from "../actor/system.ts";
import type { StartOutcome } from "../actor/incarnation.ts";
import { pathOf } from "./child_path.ts";
import { type ActorSpec, type ChildSpec, specsBelow } from "./child_spec.ts";
import type { Stopping } from "./stop_time.ts";
import { type ChildRef, type StartChildOptions, startedRef } from "./observed/child_ref.ts";
import { type EventFilter, filterOf, type UnaskedType } from "./observed/event_filter.ts";
import { RunningTree } from "./running/running_tree.ts";
import type { SupervisionEvent } from "./events.ts";
import { type ChildCount, type ChildStatus, countOf, type TreePhase } from "./status.ts";

/** Stops a tree as {@linkcode System.stop} does; its event `stopping` says why. */
export let stopFor: (system: System, reason: string | undefined) => Promise<Exit>;

/** Whether its children are being stopped: it was told to stop, gave up, or is rolled back. */
export let isEnding: (system: System) => boolean;

/** Where a tree stands. */
export let phaseOf: (system: System) => TreePhase;

/** What is to stop in it, as it stands. */
export let stopsOfTree: (system: System) => Stopping;

/** Stops a child as {@linkcode System.terminateChild} does; messages for it wait until it is started. */
export let stopByHand: (system: System, path: string) => Promise<void>;

/** Has the actor at `path` of a tree emit an event about what was done to it from outside. */
export let emitAt: (system: System, path: string, event: SupervisionEvent | ActorEvent) => void;

/** A tree of supervised actors. */
export class System {
  static {
    stopFor = (system, reason) => system.#tree.stop(reason);
    isEnding = (system) => system.#tree.isEnding;
    phaseOf = (system) => system.#tree.phase;
    stopsOfTree = (system) => system.#tree.stops();
    stopByHand = async (system, path) => {
      const { supervisor, id } = system.#tree.parentOf(path);
      await supervisor.terminateChild(id, true);
    };
    emitAt = (system, path, event) => system.#tree.actors.address(path).emit(event);
  }

  readonly #tree: RunningTree;
  /** Settles once, when nothing of the tree runs any more. Never rejects. */
  readonly ended: Promise<Exit>;

  /** Registers `spec`; nothing runs before {@linkcode System.start}. */
  constructor(spec: ChildSpec, options?: ActorSystemOptions) {
    this.#tree = new RunningTree(spec, options);
    this.ended = this.#tree.ended;
  }

  /**
   * Starts everything, in order; fulfilled when all are ready, or, where the root has `onStartFailure: "retry"`, when
   * each child has had its first attempt: the event `degraded` and {@linkcode System.status} say who is not ready. A system starts once: while it starts or runs, another
   * call comes to the same; once it has ended, or is to, there is no starting it again.
   *
   * @throws {StartError} and then nothing runs; `start_cancelled` if it was stopped meanwhile
   */
  start(): Promise<void> {
    return this.#tree.start();
  }

  /**
   * The address of the actor that `spec` describes, with its types. A spec that stands at more than one place is to be
   * asked for by path.
   *
   * @throws {UnknownActorError}
   *
   * @example
   * ```ts
   * import { actor, start, supervisor } from "@outrider/outrider";
   *
   * const double = actor("double", () => ({ receive: (n: number) => 2 * n }));
   * await using system = await start(supervisor("root", [double]));
   * const four: number = await system.ref(double).ask(2);
   * console.log(four); // 4
   * ```
   */
  ref<Message, Value, Published>(
    spec: ActorSpec<Message, Value, Published>,
  ): ActorRef<Message, Value, Published>;
  /** The address of the actor at `path`, such as `workers/w1`. @throws {UnknownActorError} */
  // deno-lint-ignore no-explicit-any -- the types behind a path can't be known here; the caller names them
  ref<Message = any, Value = any, Published = any>(path: string): ActorRef<Message, Value, Published>;
  ref(actor: string | ChildSpec): ActorRef<never, unknown, unknown> {
    const { actors } = this.#tree;
    return actors.ref(typeof actor === "string" ? actor : actors.pathOf(actor));
  }

  /**
   * The events from now on, to the end of the tree: all of them, or those that `filter` lets through; lines of output
   * only where its `types` name `output`. A reader that is too slow loses the oldest events, and is told how many by an
   * event `events_lost`.
   *
   * @throws {OptionError} a filter, or a type of events, that is unknown or wrong
   *
   * @example
   * ```ts
   * import { actor, start, supervisor } from "@outrider/outrider";
   *
   * const nap = actor("nap", (): { receive(ms: number): Promise<void> } => ({
   *   receive: (ms) => new Promise((_, reject) => setTimeout(() => reject(new Error("woken")), ms)),
   * }));
   * await using system = await start(supervisor("root", [nap]));
   * const events = system.events({ path: "nap", types: ["exited", "restarting"] });
   * void system.ref(nap).tell(1);
   * console.log((await events.next()).value?.type); // exited
   * ```
   */
  events<Type extends SystemEvent["type"] = UnaskedType>(
    filter?: EventFilter<Type>,
  ): AsyncIterableIterator<Extract<SystemEvent, { readonly type: Type | "events_lost" }>> {
    return this.#tree.actors.events.read(filter && filterOf(filter));
  }

  /** The tree as it stands, with what is known of each child: since when, its pid, its readiness, its last exit. */
  status(): readonly ChildStatus[] {
    return this.#tree.status();
  }

  /** Whether anything runs, or will by itself. */
  get active(): boolean {
    return this.#tree.active;
  }

  // --- Requests to supervisors ------------------------------------------------------

  /**
   * Adds a child to a supervisor, which is given by its spec or its path (`/` is the root), behind the others, and
   * starts it; fulfilled with its ref when it is ready. The ref has the child's output and its end, however soon it
   * ends. A child that can't be started is not kept. A supervisor that starts anew knows only the children that it
   * was made with. What its `after` names is not waited for: it has to be so already.
   *
   * A job that is to run once takes `restart: "temporary"`. By default a child is `permanent`, as in OTP: it is started
   * again also when it succeeds, until its supervisor has had too many restarts and gives up: that ends its other
   * children too, and the tree, if it is the root.
   *
   * @throws {SupervisionError} `no_supervisor`, `bad_combination`, `already_started`, `already_present`,
   * `max_children`, `unknown_dependency`
   * @throws {StartError}
   * @throws {OptionError} an id that can't be part of a path, or an option that is unknown or wrong
   * @throws the reason of `signal`, if that aborts before the child is ready
   *
   * @example
   * ```ts
   * import { actor, dynamicSupervisor, start, supervisor } from "@outrider/outrider";
   *
   * const guests = dynamicSupervisor("guests");
   * await using system = await start(supervisor("root", [guests]));
   * const ann = await system.startChild(guests, actor("ann", () => ({ receive: (name: string) => `Hello ${name}` })));
   * console.log(await ann.ask("world")); // Hello world
   * await system.terminateChild("guests/ann");
   * console.log((await ann.ended).reason, system.countChildren("guests").active); // shutdown 0
   * ```
   */
  startChild<Message, Value, Published>(
    under: string | ChildSpec,
    spec: ActorSpec<Message, Value, Published>,
    options?: StartChildOptions,
  ): Promise<ChildRef<Message, Value, Published>>;
  /** Adds a child whose types are not known. */
  startChild(
    under: string | ChildSpec,
    spec: ChildSpec,
    options?: StartChildOptions,
  ): Promise<ChildRef<never, unknown, unknown>>;
  async startChild(
    under: string | ChildSpec,
    spec: ChildSpec,
    options?: StartChildOptions,
  ): Promise<ChildRef<never, unknown, unknown>> {
    const checked = checkOptions<StartChildOptions>("Cannot start a child", startChildOptions, options ?? {});
    const tree = this.#tree;
    const path = typeof under === "string" ? under : tree.actors.pathOf(under);
    if (!isChild(spec)) throw notAChild("Cannot start a child", spec);
    const own = pathOf(path, spec.id);
    tree.expect([[own, spec], ...specsBelow(spec, own)]);
    return await startedRef(tree.supervisorAt(path), spec, { ...checked, system: tree.actors });
  }

  /**
   * Stops the child at `path` within its shutdown time. Its supervisor keeps it, not started, unless it is temporary,
   * the supervisor is dynamic, or it is new and was not ready yet. A start that is under way is cut short. A child
   * that does not run is left as it is; one that waits for a restart waits no more.
   *
   * @throws {SupervisionError} `no_supervisor`, `not_found`
   */
  async terminateChild(path: string): Promise<void> {
    const { supervisor, id } = this.#tree.parentOf(path);
    await supervisor.terminateChild(id);
  }

  /**
   * Starts the child at `path`, which its supervisor knows and which does not run, or is in quarantine; fulfilled when
   * it is ready. It does not count as a restart.
   *
   * @throws {SupervisionError} `no_supervisor`, `not_found`, `running`, `restarting`, `dynamic`
   * @throws {StartError} and then it stays stopped, or goes on being tried where failed starts are retried
   */
  async restartChild(path: string): Promise<StartOutcome> {
    const { supervisor, id } = this.#tree.parentOf(path);
    return await supervisor.restartChild(id);
  }

  /**
   * Makes its supervisor forget the child at `path`, which does not run.
   *
   * @throws {SupervisionError} `no_supervisor`, `not_found`, `running`, `restarting`, `dynamic`
   */
  async deleteChild(path: string): Promise<void> {
    const { supervisor, id } = this.#tree.parentOf(path);
    await supervisor.deleteChild(id);
  }

  /**
   * The children of the supervisor at `path`, in start order, as they stand now: it does not wait for what the
   * supervisor is doing.
   *
   * @throws {SupervisionError} `no_supervisor`
   */
  whichChildren(path: string = "/"): readonly ChildStatus[] {
    return this.#tree.withHistory(this.#tree.supervisorAt(path).status());
  }

  /** How many children the supervisor at `path` has, as they stand now. @throws {SupervisionError} `no_supervisor` */
  countChildren(path: string = "/"): ChildCount {
    return countOf(this.#tree.supervisorAt(path).status());
  }

  // --- End --------------------------------------------------------------------------

  /** Stops everything in reverse start order, each child within its shutdown time. See `ended` for how it ended. */
  async stop(): Promise<void> {
    await this.#tree.stop();
  }

  /** Ends everything by force, at once. */
  kill(): Promise<void> {
    const ended = this.stop();
    this.#tree.kill();
    return ended;
  }

  /** {@linkcode System.stop}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
