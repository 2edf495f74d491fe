/**
 * A running tree, as its owner holds it.
 */

import { checkOptions } from "../options/check.ts";
import { isChild, notAChild } from "../options/fields/children.ts";
import { startChildOptions } from "../options/fields/running.ts";
import type { SystemEvent } from "../events.ts";
import type { ActorEvent } from "../actor/events/event.ts";
import type { Exit } from "../actor/exit.ts";
import type { ActorRef } from "../actor/ref.ts";
import { ActorSystem, type ActorSystemOptions } from "../actor/system.ts";
import type { StartOutcome } from "../actor/incarnation.ts";
import { Child, type ChildNotice } from "./child.ts";
import { pathOf, splitPath } from "./child_path.ts";
import { type ActorSpec, type ChildSpec, specsBelow } from "./child_spec.ts";
import { linksOf } from "./links.ts";
import { StartCancelledError, StartError, SupervisionError, whyTreeEnded } from "./supervision_errors.ts";
import { type Stopping, stoppingOf } from "./stop_time.ts";
import { type Supervisor, supervisorIn } from "./supervisor.ts";
import { type ChildRef, type StartChildOptions, startedRef } from "./observed/child_ref.ts";
import { type EventFilter, filterOf, type UnaskedType } from "./observed/event_filter.ts";
import { ChildHistory } from "./observed/history.ts";
import type { SupervisionEvent } from "./events.ts";
import { type ChildCount, type ChildStatus, countOf, type TreePhase } from "./status.ts";

/** Stops a tree as {@linkcode System.stop} does; its event `stopping` says why. */
export let stopFor: (system: System, reason: string | undefined) => Promise<Exit>;

/** Whether its children are being stopped: it was told to stop, gave up, or is rolled back. */
export let isEnding: (system: System) => boolean;

/** Where a tree stands. */
export let phaseOf: (system: System) => TreePhase;

/** What is to stop in it, as it stands. */
export let stopsIn: (system: System) => Stopping;

/** Stops a child as {@linkcode System.terminateChild} does; messages for it wait until it is started. */
export let stopByHand: (system: System, path: string) => Promise<void>;

/** Has the actor at `path` of a tree emit an event about what was done to it from outside. */
export let emitAt: (system: System, path: string, event: SupervisionEvent | ActorEvent) => void;

/** A tree of supervised actors. */
export class System {
  static {
    stopFor = (system, reason) => system.#stop(reason);
    isEnding = (system) =>
      system.#ending !== undefined || (supervisorIn(system.#root.incarnation)?.isEnding ?? system.#isOver);
    phaseOf = (system) =>
      system.#ending !== undefined || system.#isOver
        ? "stopping"
        : system.#root.state === "running"
        ? "running"
        : "starting";
    stopsIn = (system) => stoppingOf(system.#root.spec, supervisorIn(system.#root.incarnation)?.stops());
    stopByHand = async (system, path) => {
      const { supervisor, id } = system.#parentOf(path);
      await supervisor.terminateChild(id, true);
    };
    emitAt = (system, path, event) => system.#actors.address(path).emit(event);
  }

  readonly #ended = Promise.withResolvers<Exit>();
  /** Settles once, when nothing of the tree runs any more. Never rejects. */
  readonly ended: Promise<Exit> = this.#ended.promise;
  readonly #actors: ActorSystem;
  readonly #root: Child;
  readonly #history = new ChildHistory();
  readonly #started = Promise.withResolvers<void>();
  #starting: Promise<void> | undefined;
  #ending: Promise<Exit> | undefined;
  #isOver = false;

  /** Registers `spec`; nothing runs before {@linkcode System.start}. */
  constructor(spec: ChildSpec, options?: ActorSystemOptions) {
    this.#actors = new ActorSystem({
      ...options,
      record: {
        wants: (type) => this.#history.wants(type),
        see: (event) => this.#record(event as SystemEvent),
      },
    });
    this.#root = new Child(spec, "/", {
      system: this.#actors,
      onReport: (report) => this.#onReport(report),
    });
    const placed = [...specsBelow(spec)];
    for (const [path, child] of placed) {
      this.#actors.address(path, child.mailbox);
      this.#actors.register(child, path);
    }
    this.#expect(placed);
  }

  /** @throws {SupervisionError} `unknown_dependency`: one of them starts after a child that the tree does not have */
  #expect(placed: Iterable<readonly [path: string, spec: ChildSpec]>): void {
    const links = linksOf(this.#actors);
    for (const [path, spec] of placed) {
      links.expect(splitPath(path).parent, spec, (other) => this.#actors.has(other));
    }
  }

  /**
   * Starts everything, in order; fulfilled when all are ready, or, where the root has `onStartFailure: "retry"`, when
   * each child has had its first attempt: the event `degraded` and {@linkcode System.status} say who is not ready. A system starts once: while it starts or runs, another
   * call comes to the same; once it has ended, or is to, there is no starting it again.
   *
   * @throws {StartError} and then nothing runs; `start_cancelled` if it was stopped meanwhile
   */
  start(): Promise<void> {
    if (this.#ending !== undefined && this.#starting === undefined) {
      return Promise.reject(new StartCancelledError("/"));
    }
    if (this.#starting !== undefined && (this.#ending !== undefined || this.#isOver)) {
      const why = "Cannot go on: a tree that has ended, or is to, does not start again; make a new System";
      return Promise.reject(new StartError("/", new SupervisionError("no_supervisor", why)));
    }
    if (this.#starting === undefined) {
      this.#starting = this.#started.promise;
      this.#root.start();
    }
    return this.#starting;
  }

  #onReport(report: ChildNotice): void {
    if (report.of === "whole") return;
    if (report.of !== "start") return this.#over(report.exit);
    if (report.outcome !== "failed") return this.#started.resolve();
    const { cause } = report;
    // One that failed before it was told to stop has failed.
    const isCut = this.#ending !== undefined && cause instanceof StartCancelledError;
    this.#over(isCut ? { reason: "shutdown" } : { reason: "crash", cause });
    this.#started.reject(cause);
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
    return this.#actors.ref(typeof actor === "string" ? actor : this.#actors.pathOf(actor));
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
    return this.#actors.events.read(filter && filterOf(filter));
  }

  /** The tree as it stands, with what is known of each child: since when, its pid, its readiness, its last exit. */
  status(): readonly ChildStatus[] {
    return this.#history.complete(supervisorIn(this.#root.incarnation)?.status() ?? []);
  }

  /** Whether anything runs, or will by itself. */
  get active(): boolean {
    if (this.#isOver || this.#root.state === "starting") return !this.#isOver;
    return supervisorIn(this.#root.incarnation)?.active ?? this.#root.state !== "idle";
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
    const path = typeof under === "string" ? under : this.#actors.pathOf(under);
    if (!isChild(spec)) throw notAChild("Cannot start a child", spec);
    const own = pathOf(path, spec.id);
    this.#expect([[own, spec], ...specsBelow(spec, own)]);
    return await startedRef(this.#supervisorAt(path), spec, { ...checked, system: this.#actors });
  }

  /**
   * Stops the child at `path` within its shutdown time. Its supervisor keeps it, not started, unless it is temporary,
   * the supervisor is dynamic, or it is new and was not ready yet. A start that is under way is cut short. A child
   * that does not run is left as it is; one that waits for a restart waits no more.
   *
   * @throws {SupervisionError} `no_supervisor`, `not_found`
   */
  async terminateChild(path: string): Promise<void> {
    const { supervisor, id } = this.#parentOf(path);
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
    const { supervisor, id } = this.#parentOf(path);
    return await supervisor.restartChild(id);
  }

  /**
   * Makes its supervisor forget the child at `path`, which does not run.
   *
   * @throws {SupervisionError} `no_supervisor`, `not_found`, `running`, `restarting`, `dynamic`
   */
  async deleteChild(path: string): Promise<void> {
    const { supervisor, id } = this.#parentOf(path);
    await supervisor.deleteChild(id);
  }

  /**
   * The children of the supervisor at `path`, in start order, as they stand now: it does not wait for what the
   * supervisor is doing.
   *
   * @throws {SupervisionError} `no_supervisor`
   */
  whichChildren(path: string = "/"): readonly ChildStatus[] {
    return this.#history.complete(this.#supervisorAt(path).status());
  }

  /** How many children the supervisor at `path` has, as they stand now. @throws {SupervisionError} `no_supervisor` */
  countChildren(path: string = "/"): ChildCount {
    return countOf(this.#supervisorAt(path).status());
  }

  #record(event: SystemEvent): void {
    try {
      this.#history.see(event);
    } catch {
      // An actor may emit anything. The other events are still recorded.
    }
  }

  #supervisorAt(path: string): Supervisor {
    let at = supervisorIn(this.#root.incarnation);
    if (path !== "/") { for (const id of path.split("/")) at = at?.supervisorAt(id); }
    if (at !== undefined) return at;
    const why = path === this.#root.spec.id
      ? `it is the root, whose path is "/"`
      : "no supervisor runs there";
    throw new SupervisionError("no_supervisor", `Cannot reach '${path}': ${why}`);
  }

  #parentOf(path: string): { supervisor: Supervisor; id: string } {
    const { parent, id } = splitPath(path);
    return { supervisor: this.#supervisorAt(parent), id };
  }

  // --- End --------------------------------------------------------------------------

  /** Stops everything in reverse start order, each child within its shutdown time. See `ended` for how it ended. */
  async stop(): Promise<void> {
    await stopFor(this, undefined);
  }

  /** Ends everything by force, at once. */
  kill(): Promise<void> {
    const ended = this.stop();
    this.#root.kill();
    return ended;
  }

  /** {@linkcode System.stop}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #stop(reason: string | undefined): Promise<Exit> {
    if (this.#ending !== undefined) return this.#ending;
    this.#ending = this.ended;
    if (this.#root.state === "starting") {
      this.#root.emit({ type: "stopping", ...reason !== undefined && { reason } });
      this.#root.cutShort();
    } else if (this.#root.state === "running") this.#root.stop(reason);
    else this.#over({ reason: "shutdown" });
    return this.ended;
  }

  #over(exit: Exit): void {
    this.#isOver = true;
    this.#actors.dissolveAddresses("/", whyTreeEnded(exit));
    this.#actors.close();
    this.#ended.resolve(exit);
  }
}
