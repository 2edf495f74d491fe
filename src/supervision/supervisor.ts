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
import { NO_BACKOFF } from "./backoff.ts";
import { Child, whyEnded } from "./child.ts";
import type { ChildState, Death } from "./child.ts";
import { checkedId, pathOf } from "./child_spec.ts";
import type { ChildOptions, ChildSpec, StartContext } from "./child_spec.ts";
import { GaveUpError, StartError } from "./errors.ts";
import { countRestart, DEFAULT_INTENSITY } from "./intensity.ts";
import type { Intensity } from "./intensity.ts";
import { groupOf, verdictOn } from "./strategy.ts";
import type { Strategy } from "./strategy.ts";

/** Options of {@linkcode supervisor}. */
export interface SupervisorOptions extends ChildOptions {
  /** Default `one_for_one`. */
  readonly strategy?: Strategy;
  /** Default: 5 restarts within 3 minutes. */
  readonly intensity?: Intensity;
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

/**
 * A supervisor as a child of another, or as the root of a tree.
 *
 * @throws {TypeError} two children of the same id
 */
export function supervisor(
  id: string,
  children: readonly ChildSpec[],
  options: SupervisorOptions = {},
): ChildSpec {
  const seen = new Set<string>();
  for (const child of children) {
    if (seen.has(child.id)) {
      throw new TypeError(`Cannot supervise two children of the same id '${child.id}' in '${id}'`);
    }
    seen.add(child.id);
  }
  return {
    id: checkedId(id),
    type: "supervisor",
    restart: options.restart ?? "permanent",
    shutdown: options.shutdown ?? "infinity",
    backoff: options.backoff ?? NO_BACKOFF,
    mailbox: {},
    children,
    start: (context) => new Supervisor(context, children, options),
  };
}

/** One incarnation of a supervisor. */
export class Supervisor implements Incarnation {
  readonly started: Promise<Started>;
  readonly ended: Promise<Exit>;
  readonly #path: string;
  readonly #place: Place;
  readonly #system: ActorSystem;
  readonly #strategy: Strategy;
  readonly #intensity: Intensity;
  readonly #jobs = new Ring<() => void | Promise<void>>();
  readonly #settleEnded: (exit: Exit) => void;
  #children: readonly Child[];
  #restarts: readonly number[] = [];
  #working = true;
  #killed = false;
  /** Set as soon as the supervisor is to end, to how it will. */
  #end: Exit | undefined;

  /** Starts at once. */
  constructor({ path, system }: StartContext, children: readonly ChildSpec[], options: SupervisorOptions) {
    this.#path = path;
    this.#system = system;
    this.#place = system.place(path);
    this.#strategy = options.strategy ?? "one_for_one";
    this.#intensity = options.intensity ?? DEFAULT_INTENSITY;
    const onDeath = (death: Death) => this.#enqueue(() => this.#onDeath(death));
    this.#children = children.map((spec) => new Child(spec, pathOf(path, spec.id), { system, onDeath }));
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

  async #stopAll(): Promise<void> {
    for (const child of [...this.#children].reverse()) {
      if (this.#killed) child.kill();
      await child.stop();
    }
    this.#settleEnded(this.#end!);
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
    for (const member of groupOf(this.#strategy, this.#children, child)) {
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
    for (const member of [...groupOf(this.#strategy, this.#children, child)].reverse()) {
      if (member === child) continue;
      await member.stop();
      if (member.spec.restart === "temporary") this.#retire(member, "its group was restarted without it");
    }
  }

  /** Counts a restart; where it is one too many, the supervisor gives up. */
  #mayRestart(child: Child, { delay, cause }: { delay: number; cause: Error | undefined }): boolean {
    const { restarts: limit, within } = this.#intensity;
    this.#restarts = countRestart(this.#restarts, this.#system.clock.now(), this.#intensity);
    if (this.#restarts.length > limit) {
      child.state = "stopped";
      this.#place.emit({ type: "gave_up", limit, within, cause });
      this.#end ??= { reason: "shutdown", cause: new GaveUpError(this.#path, this.#intensity, cause) };
      return false;
    }
    this.#system.place(child.path).emit({ type: "restarting", delay, restart: this.#restarts.length, limit });
    return true;
  }

  /** A child that does not run and will not by itself; a temporary one is forgotten. */
  #retire(child: Child, why: string): void {
    if (child.spec.restart !== "temporary") return child.retire(why);
    child.forget(why);
    this.#children = this.#children.filter((known) => known !== child);
  }
}
