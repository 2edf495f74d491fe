/**
 * A supervisor: starts its children in order, watches them, restarts what fails
 * by its strategy, gives up when that happens too often, and stops them in
 * reverse order.
 *
 * It does one thing at a time. Deaths and retries queue up and are taken in the
 * order in which they came, so what it decides is always about children that
 * nobody else is changing. Only being told to stop cuts in: it interrupts a
 * start that is under way, and no restart begins after it.
 *
 * The decisions are in `strategy.ts`, `intensity.ts` and `backoff.ts`; here they
 * are carried out.
 *
 * @module
 */

import { asError, causeOf } from "../actor/exit.ts";
import type { Exit } from "../actor/exit.ts";
import type { Incarnation, Started } from "../actor/incarnation.ts";
import type { Place } from "../actor/place.ts";
import { Ring } from "../actor/ring.ts";
import type { ActorSystem } from "../actor/system.ts";
import { Child, whyEnded } from "./child.ts";
import type { ChildState, Death } from "./child.ts";
import { checkedId, pathOf } from "./child_spec.ts";
import type { ChildSpec, StartContext } from "./child_spec.ts";
import { GaveUpError, StartError, SupervisionError } from "./errors.ts";
import { countRestart } from "./intensity.ts";
import type { Intensity } from "./intensity.ts";
import { groupOf, mayBeSignificant, shutsDown, verdictOn } from "./strategy.ts";
import type { AutoShutdown, Strategy } from "./strategy.ts";

/** What a supervisor goes by. */
export interface SupervisorRules {
  /** Whom a failure concerns. */
  readonly strategy: Strategy;
  /** How many restarts are allowed. */
  readonly intensity: Intensity;
  /** Whether it ends when significant children have ended by themselves. */
  readonly autoShutdown: AutoShutdown;
  /** Of a dynamic supervisor: how many children it may have. `undefined` for one with children of its own. */
  readonly maxChildren: number | undefined;
}

/** A child as it stands, and those below it. */
export interface ChildStatus {
  /** Its id among its siblings. */
  readonly id: string;
  /** Its place in the tree. */
  readonly path: string;
  /** Whether it has children of its own. */
  readonly type: "worker" | "supervisor";
  /** Where it stands. */
  readonly state: ChildState;
  /** Which incarnation runs or ran last, counted from 1. */
  readonly generation: number;
  /** Of a supervisor that is alive. */
  readonly children?: readonly ChildStatus[];
}

/** One incarnation of a supervisor. */
export class Supervisor implements Incarnation {
  readonly started: Promise<Started>;
  readonly ended: Promise<Exit>;
  readonly #path: string;
  readonly #place: Place;
  readonly #system: ActorSystem;
  readonly #rules: SupervisorRules;
  readonly #specs: readonly ChildSpec[];
  readonly #jobs = new Ring<() => void | Promise<void>>();
  readonly #refuseCalls = new Set<() => void>();
  readonly #settleEnded: (exit: Exit) => void;
  #children: readonly Child[];
  #restarts: readonly number[] = [];
  #working = true;
  #killed = false;
  /** Set as soon as the supervisor is to end, to how it will. */
  #end: Exit | undefined;

  /** Starts at once, with `specs` as its first children. */
  constructor({ path, system }: StartContext, specs: readonly ChildSpec[], rules: SupervisorRules) {
    this.#path = path;
    this.#system = system;
    this.#place = system.place(path);
    this.#rules = rules;
    this.#specs = specs;
    this.#children = specs.map((spec) => this.#childOf(spec));
    const ended = Promise.withResolvers<Exit>();
    this.ended = ended.promise;
    this.#settleEnded = ended.resolve;
    this.started = this.#start();
  }

  /** The children as they stand, in start order. */
  status(): readonly ChildStatus[] {
    return this.#children.map(({ spec, path, state, generation, incarnation }) => ({
      id: spec.id,
      path,
      type: spec.type,
      state,
      generation,
      ...(incarnation instanceof Supervisor ? { children: incarnation.status() } : {}),
    }));
  }

  /** Whether anything below runs, or will without anybody's doing. */
  get active(): boolean {
    return this.#children.some((child) =>
      child.incarnation instanceof Supervisor ? child.incarnation.active : child.active
    );
  }

  stop(): void {
    this.#endWith({ reason: "shutdown" });
    for (const child of this.#children) if (child.state === "starting") child.interrupt();
  }

  kill(): void {
    this.#killed = true;
    this.#endWith({ reason: "killed", abandoned: false });
    for (const child of this.#children) child.kill();
  }

  async #start(): Promise<Started> {
    try {
      for (const child of this.#children) {
        const outcome = await child.start();
        if (this.#end !== undefined) {
          throw new StartError(this.#path, new Error("Cannot go on: told to stop"));
        }
        if (outcome === "ignore") this.#retire(child, "there was nothing to start");
      }
    } catch (thrown) {
      this.#end ??= { reason: "shutdown", cause: asError(thrown) };
      await this.#stopAll();
      throw thrown;
    }
    void this.#work();
    return "ok";
  }

  // --- One thing at a time ------------------------------------------------

  #enqueue(job: () => void | Promise<void>): void {
    this.#jobs.push(job);
    if (!this.#working) void this.#work();
  }

  /** Does what is queued. Every path out of it leaves the supervisor idle or ended. */
  async #work(): Promise<void> {
    this.#working = true;
    try {
      while (this.#end === undefined && this.#jobs.size > 0) await this.#jobs.shift()();
    } catch (thrown) {
      // A job handles every failure of a child: this is a fault of a spec's own code, or of ours.
      this.#end ??= { reason: "crash", cause: asError(thrown) };
    }
    if (this.#end !== undefined) await this.#stopAll();
    else this.#working = false;
  }

  #endWith(exit: Exit): void {
    this.#end ??= exit;
    if (!this.#working) void this.#work();
  }

  /** Last to first, one at a time; the children of a dynamic supervisor have no order and stop together. */
  async #stopAll(): Promise<void> {
    const children = [...this.#children].reverse();
    if (this.#killed) for (const child of children) child.kill();
    if (this.#dynamic) await Promise.all(children.map((child) => child.stop()));
    else for (const child of children) await child.stop();
    // Should this supervisor start again, it will know only those that it was given.
    for (const child of children) {
      if (!this.#specs.includes(child.spec)) child.forget("its supervisor has ended");
    }
    for (const refuse of this.#refuseCalls) refuse();
    this.#settleEnded(this.#end!);
  }

  // --- Requests ---------------------------------------------------------------

  /**
   * Adds a child behind the others and starts it. Where the start fails, it is not kept.
   *
   * @throws {SupervisionError} `bad_combination`, `already_started`, `already_present`, `max_children`
   * @throws {StartError}
   */
  startChild(spec: ChildSpec): Promise<Started> {
    return this.#call(async () => {
      if (!mayBeSignificant(spec, this.#rules.autoShutdown)) throw SupervisionError.badCombination(spec.id);
      const known = this.#children.find((child) => child.spec.id === checkedId(spec.id));
      if (known !== undefined) {
        const code = isThere(known) ? "already_started" : "already_present";
        throw new SupervisionError(code, `Cannot start a second '${known.path}': delete the first, or start that again`);
      }
      const { maxChildren = Infinity } = this.#rules;
      if (this.#children.length >= maxChildren) {
        throw new SupervisionError("max_children", `Cannot start '${spec.id}': '${this.#path}' has ${maxChildren} children`);
      }
      const child = this.#childOf(spec);
      this.#children = [...this.#children, child];
      try {
        const outcome = await child.start();
        if (outcome === "ignore") this.#retire(child, "there was nothing to start");
        return outcome;
      } catch (thrown) {
        this.#forget(child, "it could not be started");
        throw thrown;
      }
    });
  }

  /** Stops a child, which stays known (unless it is temporary or dynamic). @throws {SupervisionError} `not_found` */
  terminateChild(id: string): Promise<void> {
    return this.#call(async () => {
      // What a dynamic supervisor does not know has ended, and that is all that was asked for.
      if (this.#dynamic && !this.#children.some((child) => child.spec.id === id)) return;
      const child = this.#known(id);
      await child.stop();
      this.#retire(child, "it was stopped by hand");
    });
  }

  /**
   * Starts a child that is known and does not run.
   *
   * @throws {SupervisionError} `not_found`, `running`, `restarting`, `dynamic`
   * @throws {StartError} it stays stopped then
   */
  restartChild(id: string): Promise<Started> {
    return this.#call(async () => {
      const child = this.#stopped(id);
      const outcome = await child.start();
      if (outcome === "ignore") this.#retire(child, "there was nothing to start");
      return outcome;
    });
  }

  /** Forgets a child that does not run. @throws {SupervisionError} `not_found`, `running`, `restarting`, `dynamic` */
  deleteChild(id: string): Promise<void> {
    return this.#call(() => this.#forget(this.#stopped(id), "it was deleted"));
  }

  /** The supervisor of that id among the children, if it runs. */
  supervisorAt(id: string): Supervisor | undefined {
    const incarnation = this.#children.find((child) => child.spec.id === id)?.incarnation;
    return incarnation instanceof Supervisor ? incarnation : undefined;
  }

  /** A request waits for its turn like everything else; when the supervisor ends before that, it is refused. */
  #call<Result>(request: () => Result | Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const refuse = () => reject(new SupervisionError("no_supervisor", `Cannot reach '${this.#path}': it has ended`));
      if (this.#end !== undefined) return refuse();
      this.#refuseCalls.add(refuse);
      this.#enqueue(async () => {
        try {
          resolve(await request());
        } catch (thrown) {
          reject(thrown);
        }
        this.#refuseCalls.delete(refuse);
      });
    });
  }

  #known(id: string): Child {
    const child = this.#children.find((child) => child.spec.id === id);
    if (child !== undefined) return child;
    const ids = this.#children.map((child) => child.spec.id).join(", ") || "none";
    throw new SupervisionError("not_found", `Cannot find '${id}' in '${this.#path}': its children are ${ids}`);
  }

  #stopped(id: string): Child {
    if (this.#dynamic) {
      throw new SupervisionError("dynamic", `Cannot do that to '${id}': '${this.#path}' forgets children that do not run`);
    }
    const child = this.#known(id);
    if (child.state === "restarting") {
      throw new SupervisionError("restarting", `Cannot do that to '${child.path}': it is about to be started again`);
    }
    if (isThere(child)) {
      throw new SupervisionError("running", `Cannot do that to '${child.path}': it is running; terminate it first`);
    }
    return child;
  }

  // --- Deaths and restarts --------------------------------------------------

  #onDeath(death: Death): void | Promise<void> {
    const { child, exit } = death;
    // Stopped or started by somebody meanwhile: then this end is not looked at any more.
    if (child.death !== death) return;
    child.death = undefined;
    const verdict = verdictOn(child.spec.restart, exit);
    if (verdict === "restart") return this.#recover(child, causeOf(exit));
    const place = this.#system.place(child.path);
    this.#retire(child, whyEnded(exit));
    place.emit({ type: "finished", verdict });
    const others = this.#children.filter((other) => other !== child);
    if (shutsDown(this.#rules.autoShutdown, child, others)) this.#end ??= { reason: "shutdown" };
  }

  async #recover(child: Child, cause: Error | undefined): Promise<void> {
    const delay = child.nextDelay();
    if (!this.#mayRestart(child, { delay, cause })) return;
    if (delay === 0) return await this.#restart(child);
    child.state = "restarting";
    // Those who depend on the one that is down are stopped before the wait, not after it.
    await this.#stopGroup(child);
    this.#retryLater(child, delay);
  }

  /** Stops and starts the group of `child`. What fails to start is tried again later. */
  async #restart(child: Child): Promise<void> {
    await this.#stopGroup(child);
    for (const member of groupOf(this.#rules.strategy, this.#children, child)) {
      if (this.#end !== undefined) return;
      try {
        const outcome = await member.start();
        if (outcome === "ignore") this.#retire(member, "there was nothing to start");
      } catch (thrown) {
        if (!(thrown instanceof StartError)) throw thrown;
        if (this.#end === undefined) this.#startAgain(member, thrown);
        return;
      }
    }
  }

  /** `child` could not be started again: the next attempt is for it, behind what is already queued. */
  #startAgain(child: Child, cause: Error): void {
    const delay = child.nextDelay();
    child.state = "restarting";
    if (delay > 0) {
      if (this.#mayRestart(child, { delay, cause })) this.#retryLater(child, delay);
      return;
    }
    this.#enqueue(() => {
      if (child.state !== "restarting") return;
      if (this.#mayRestart(child, { delay, cause })) return this.#restart(child);
    });
  }

  #retryLater(child: Child, delay: number): void {
    child.retryAfter(delay, () =>
      this.#enqueue(() => {
        if (child.state === "restarting") return this.#restart(child);
      }));
  }

  /** Stops those who are to be restarted with `child`, which has ended already. */
  async #stopGroup(child: Child): Promise<void> {
    for (const member of [...groupOf(this.#rules.strategy, this.#children, child)].reverse()) {
      if (member === child) continue;
      await member.stop();
      if (member.spec.restart === "temporary") this.#retire(member, "its group was restarted without it");
    }
  }

  /** Counts a restart; where it is one too many, the supervisor gives up. */
  #mayRestart(child: Child, { delay, cause }: { delay: number; cause: Error | undefined }): boolean {
    const { restarts: limit, within } = this.#rules.intensity;
    this.#restarts = countRestart(this.#restarts, this.#system.clock.now(), this.#rules.intensity);
    if (this.#restarts.length > limit) {
      child.state = "stopped";
      this.#place.emit({ type: "gave_up", limit, within, cause });
      this.#end ??= { reason: "shutdown", cause: new GaveUpError(this.#path, this.#rules.intensity, cause) };
      return false;
    }
    this.#system.place(child.path).emit({ type: "restarting", delay, restart: this.#restarts.length, limit });
    return true;
  }

  /** A child that does not run and will not by itself; a temporary one is forgotten, and so is any of a dynamic supervisor. */
  #retire(child: Child, why: string): void {
    if (child.spec.restart !== "temporary" && !this.#dynamic) child.retire(why);
    else this.#forget(child, why);
  }

  #forget(child: Child, why: string): void {
    child.forget(why);
    this.#children = this.#children.filter((known) => known !== child);
  }

  get #dynamic(): boolean {
    return this.#rules.maxChildren !== undefined;
  }

  #childOf(spec: ChildSpec): Child {
    const onDeath = (death: Death) => this.#enqueue(() => this.#onDeath(death));
    return new Child(spec, pathOf(this.#path, spec.id), { system: this.#system, onDeath });
  }
}

/** Whether there is, as far as its supervisor has looked, an incarnation. */
function isThere({ state }: Child): boolean {
  return state !== "stopped" && state !== "restarting";
}
