/**
 * A supervisor: starts its children in order, watches them, restarts what fails
 * by its strategy, gives up when that happens too often, and stops them in
 * reverse order.
 *
 * It does one thing at a time. Deaths, retries, requests and the outcome of starts
 * that took long queue up and are taken in the order in which they came, so what it
 * decides is always about children that nobody else is changing. Only being told to
 * stop cuts in: it interrupts what is starting, here and below, and nothing is
 * started after it.
 *
 * @module
 */

import { asError, type Exit } from "../actor/exit.ts";
import type { Incarnation, StartOutcome } from "../actor/incarnation.ts";
import type { Child } from "./child.ts";
import type { ChildSpec, StartContext } from "./child_spec.ts";
import { holdsNow } from "./dependencies.ts";
import { DependencyFailedError, StartError, SupervisionError } from "./errors.ts";
import { type Caller, JobQueue } from "./job_queue.ts";
import { Restarts } from "./restarts.ts";
import { type ChildStatus, Roster } from "./roster.ts";
import { startAll } from "./start_order.ts";
import { Starts } from "./starts.ts";
import { mayBeSignificant } from "./strategy.ts";
import type { SupervisorRules } from "./supervisor_rules.ts";

/** One incarnation of a supervisor. */
export class Supervisor implements Incarnation {
  readonly started: Promise<StartOutcome>;
  readonly ended: Promise<Exit>;
  readonly #path: string;
  readonly #rules: SupervisorRules;
  readonly #roster: Roster;
  readonly #jobs: JobQueue;
  readonly #starts: Starts;
  readonly #restarts: Restarts;
  readonly #stopping = new AbortController();
  readonly #settleEnded: (exit: Exit) => void;
  /** Set as soon as this supervisor, or one above it, is to end. */
  #closing = false;
  /** Set as soon as the supervisor is to end, to how it will. */
  #end: Exit | undefined;

  /** Starts at once, with `specs` as its first children. */
  constructor({ path, system }: StartContext, specs: readonly ChildSpec[], rules: SupervisorRules) {
    this.#path = path;
    this.#rules = rules;
    const jobs = this.#jobs = new JobQueue({
      path,
      isOver: () => this.#end !== undefined,
      onOver: () => this.#stopAll(),
      // A job handles every failure of a child: this is a fault of a spec's own code, or of ours.
      onFault: (thrown) => this.#endWith({ reason: "crash", cause: asError(thrown) }),
    });
    const roster = this.#roster = new Roster(specs, {
      path,
      system,
      maxChildren: rules.maxChildren,
      onDeath: (death) => jobs.push(() => this.#restarts.onDeath(death)),
    });
    const starts = this.#starts = new Starts({ strategy: rules.strategy, system, roster, jobs });
    this.#restarts = new Restarts({
      path,
      system,
      rules,
      roster,
      jobs,
      starts,
      isClosing: () => this.#closing,
      end: (exit) => this.#endWith(exit),
    });
    const ended = Promise.withResolvers<Exit>();
    this.ended = ended.promise;
    this.#settleEnded = ended.resolve;
    this.started = this.#start();
  }

  /** The children as they stand, in start order. */
  status(): readonly ChildStatus[] {
    return this.#roster.all.map(({ spec, path, state, generation, incarnation }) => ({
      id: spec.id,
      path,
      type: spec.type,
      state,
      generation,
      ...childrenOf(incarnation),
    }));
  }

  /** Whether anything below runs, or will without anybody's doing. */
  get active(): boolean {
    return this.#roster.all.some((child) => isActive(child));
  }

  /** The supervisor of that id among the children, if it runs. */
  supervisorAt(id: string): Supervisor | undefined {
    return supervisorIn(this.#roster.find(id)?.incarnation);
  }

  stop(): void {
    this.#endWith({ reason: "shutdown" });
    this.#jobs.wake();
  }

  kill(): void {
    this.#endWith({ reason: "killed", abandoned: false });
    for (const child of this.#roster.all) child.kill();
    this.#jobs.wake();
  }

  // --- Requests -----------------------------------------------------------------

  /**
   * Adds a child behind the others and starts it. Where the start fails, it is not kept.
   *
   * @throws {SupervisionError} `bad_combination`, `already_started`, `already_present`, `max_children`,
   * `unknown_dependency`
   * @throws {StartError} also for a dependency that does not hold now: it is not waited for
   */
  startChild(spec: ChildSpec): Promise<StartOutcome> {
    return this.#jobs.request((caller) => {
      this.#mayStart(spec.id);
      if (!mayBeSignificant(spec, this.#rules.autoShutdown)) throw SupervisionError.badCombination(spec.id);
      const child = this.#roster.add(spec);
      const unmet = spec.after?.find(({ id, condition }) => !holdsNow(condition, this.#roster.known(id)));
      if (unmet === undefined) return this.#startFor(caller, child, { isFirst: true });
      this.#roster.forget(child, "it could not be started");
      throw new StartError(child.path, new DependencyFailedError(unmet.id, `is not ${unmet.condition}`));
    });
  }

  /**
   * Stops a child, which stays known unless it is temporary or dynamic, or was never ready. Nothing happens to a dynamic
   * child that is gone. A start of it that is under way is cut short.
   *
   * @throws {SupervisionError} `not_found`
   */
  terminateChild(id: string): Promise<void> {
    const wish = this.#starts.wish(id);
    const terminated = this.#jobs.request<void>(async (caller) => {
      const { granted } = wish.done();
      // Where its start was cut short, it may have been forgotten already.
      const child = granted || this.#roster.dynamic ? this.#roster.find(id) : this.#roster.known(id);
      if (child !== undefined) {
        const isNew = child.attempt?.isFirst ?? false;
        await child.stop();
        if (isNew) this.#roster.forget(child, "it was stopped before it was ready");
        else this.#roster.retire(child, "it was stopped by hand");
      }
      caller.resolve();
    });
    void this.#starts.grantSoon();
    return terminated;
  }

  /**
   * Starts a child that is known and does not run, or is in quarantine.
   *
   * @throws {SupervisionError} `not_found`, `running`, `restarting`, `dynamic`
   * @throws {StartError} it stays stopped then
   */
  restartChild(id: string): Promise<StartOutcome> {
    return this.#jobs.request((caller) => {
      this.#mayStart(id);
      return this.#startFor(caller, this.#roster.idle(id), { isFirst: false });
    });
  }

  /** Forgets a child that does not run. @throws {SupervisionError} `not_found`, `running`, `restarting`, `dynamic` */
  deleteChild(id: string): Promise<void> {
    return this.#jobs.request(async (caller) => {
      const child = this.#roster.idle(id);
      await child.stop(); // takes back what a quarantine has in store for it
      this.#roster.forget(child, "it was deleted");
      caller.resolve();
    });
  }

  async #startFor(
    caller: Caller<StartOutcome>,
    child: Child,
    { isFirst }: { isFirst: boolean },
  ): Promise<void> {
    await this.#starts.begin(child, {
      isFirst,
      settle: ({ outcome, failure }) => {
        if (outcome !== undefined) {
          this.#restarts.onStarted(child, outcome);
          return caller.resolve(outcome);
        }
        if (isFirst) this.#roster.forget(child, "it could not be started");
        caller.reject(failure);
      },
      takenBack: (error) => caller.reject(error),
    });
  }

  /** @throws {SupervisionError} `no_supervisor`: it is to stop */
  #mayStart(id: string): void {
    if (!this.#closing) return;
    throw new SupervisionError("no_supervisor", `Cannot start '${id}': '${this.#path}' is about to stop`);
  }

  // --- Beginning and end ----------------------------------------------------------

  async #start(): Promise<StartOutcome> {
    try {
      await startAll(this.#roster.all, {
        path: this.#path,
        signal: this.#stopping.signal,
        onStarted: (child, outcome) => this.#restarts.onStarted(child, outcome),
      });
    } catch (thrown) {
      this.#endWith({ reason: "shutdown", cause: asError(thrown) });
      await this.#stopAll();
      throw thrown;
    }
    this.#jobs.open();
    return "ok";
  }

  #endWith(exit: Exit): void {
    this.#end ??= exit;
    this.#stopping.abort();
    this.#close();
  }

  /** Nothing is started any more, here and below. */
  #close(): void {
    if (this.#closing) return;
    this.#closing = true;
    for (const child of this.#roster.all) {
      const below = supervisorIn(child.incarnation);
      if (child.state === "starting") child.interrupt();
      else if (below !== undefined) below.#close();
    }
  }

  async #stopAll(): Promise<void> {
    if (this.#end!.reason === "killed") { for (const child of this.#roster.all) child.kill(); }
    await this.#roster.stop();
    this.#jobs.refuseAll();
    this.#settleEnded(this.#end!);
  }
}

/** Whether `child` runs, or will without anybody's doing; a supervisor does so by what is below it, once it has started. */
export function isActive({ active, state, incarnation }: Child): boolean {
  return state === "starting" ? active : supervisorIn(incarnation)?.active ?? active;
}

/** The supervisor that an incarnation is, or lives together with. */
export function supervisorIn(incarnation: Incarnation | undefined): Supervisor | undefined {
  const found = incarnation?.supervisor ?? incarnation;
  return found instanceof Supervisor ? found : undefined;
}

function childrenOf(incarnation: Incarnation | undefined): Pick<ChildStatus, "children"> {
  const supervisor = supervisorIn(incarnation);
  return supervisor === undefined ? {} : { children: supervisor.status() };
}
