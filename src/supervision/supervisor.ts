/**
 * A supervisor: starts its children in order, watches them, restarts what fails
 * by its strategy, gives up when that happens too often, and stops them in
 * reverse order.
 *
 * It does one thing at a time. Deaths, retries and requests queue up and are
 * taken in the order in which they came, so what it decides is always about
 * children that nobody else is changing. Only being told to stop cuts in: it
 * interrupts a start that is under way, and no restart begins after it.
 *
 * The decisions are in `strategy.ts`, `verdict.ts`, `intensity.ts` and
 * `backoff.ts`; here they are carried out.
 *
 * @module
 */

import { asError, causeOf, deathOf, deathOfError } from "../actor/exit.ts";
import type { Exit } from "../actor/exit.ts";
import type { Incarnation, Started } from "../actor/incarnation.ts";
import type { Place } from "../actor/place.ts";
import { Ring } from "../actor/ring.ts";
import type { ActorSystem } from "../actor/system.ts";
import { whyEnded } from "./child.ts";
import type { Child, Death } from "./child.ts";
import type { ChildSpec, StartContext } from "./child_spec.ts";
import { GaveUpError, StartError, SupervisionError } from "./errors.ts";
import { countRestart, isTooMany } from "./intensity.ts";
import { Roster } from "./roster.ts";
import type { ChildStatus } from "./roster.ts";
import { startAll } from "./start_order.ts";
import { groupRestart, mayBeSignificant, shutsDown } from "./strategy.ts";
import type { Strategy } from "./strategy.ts";
import type { SupervisorRules } from "./supervisor_rules.ts";

type Job = () => void | Promise<void>;

/** One incarnation of a supervisor. */
export class Supervisor implements Incarnation {
  readonly started: Promise<Started>;
  readonly ended: Promise<Exit>;
  readonly #path: string;
  readonly #place: Place;
  readonly #system: ActorSystem;
  readonly #rules: SupervisorRules;
  readonly #roster: Roster;
  readonly #jobs = new Ring<Job>();
  /** Refuses the requests that still wait when the supervisor has ended. */
  readonly #refusals = new Set<() => void>();
  readonly #stopping = new AbortController();
  readonly #settleEnded: (exit: Exit) => void;
  #restarts: readonly number[] = [];
  #working = true;
  /** Set as soon as the supervisor is to end, to how it will. */
  #end: Exit | undefined;

  /** Starts at once, with `specs` as its first children. */
  constructor({ path, system }: StartContext, specs: readonly ChildSpec[], rules: SupervisorRules) {
    this.#path = path;
    this.#system = system;
    this.#place = system.place(path);
    this.#rules = rules;
    const onDeath = (death: Death) => this.#enqueue(() => this.#onDeath(death));
    this.#roster = new Roster(specs, { path, system, maxChildren: rules.maxChildren, onDeath });
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
    return this.#roster.all.some((child) => supervisorIn(child.incarnation)?.active ?? child.active);
  }

  /** The supervisor of that id among the children, if it runs. */
  supervisorAt(id: string): Supervisor | undefined {
    return supervisorIn(this.#roster.find(id)?.incarnation);
  }

  stop(): void {
    this.#endWith({ reason: "shutdown" });
    for (const child of this.#roster.all) if (child.state === "starting") child.interrupt();
  }

  kill(): void {
    this.#endWith({ reason: "killed", abandoned: false });
    for (const child of this.#roster.all) child.kill();
  }

  // --- Requests -----------------------------------------------------------------

  /**
   * Adds a child behind the others and starts it. Where the start fails, it is not kept.
   *
   * @throws {SupervisionError} `bad_combination`, `already_started`, `already_present`, `max_children`
   * @throws {StartError}
   */
  startChild(spec: ChildSpec): Promise<Started> {
    return this.#request(async () => {
      if (!mayBeSignificant(spec, this.#rules.autoShutdown)) throw SupervisionError.badCombination(spec.id);
      const child = this.#roster.add(spec);
      try {
        return await this.#startOne(child);
      } catch (thrown) {
        this.#roster.forget(child, "it could not be started");
        throw thrown;
      }
    });
  }

  /**
   * Stops a child, which stays known unless it is temporary or dynamic. Nothing happens to a dynamic child that is gone.
   *
   * @throws {SupervisionError} `not_found`
   */
  terminateChild(id: string): Promise<void> {
    return this.#request(async () => {
      const child = this.#roster.dynamic ? this.#roster.find(id) : this.#roster.known(id);
      if (child === undefined) return;
      await child.stop();
      this.#roster.retire(child, "it was stopped by hand");
    });
  }

  /**
   * Starts a child that is known and does not run, or is in quarantine.
   *
   * @throws {SupervisionError} `not_found`, `running`, `restarting`, `dynamic`
   * @throws {StartError} it stays stopped then
   */
  restartChild(id: string): Promise<Started> {
    return this.#request(() => this.#startOne(this.#roster.idle(id)));
  }

  /** Forgets a child that does not run. @throws {SupervisionError} `not_found`, `running`, `restarting`, `dynamic` */
  deleteChild(id: string): Promise<void> {
    return this.#request(async () => {
      const child = this.#roster.idle(id);
      await child.stop(); // takes back what a quarantine has in store for it
      this.#roster.forget(child, "it was deleted");
    });
  }

  // --- Beginning and end ----------------------------------------------------------

  async #start(): Promise<Started> {
    try {
      await startAll(this.#roster.all, {
        path: this.#path,
        signal: this.#stopping.signal,
        onStarted: (child, outcome) => this.#onStarted(child, outcome),
      });
    } catch (thrown) {
      this.#end ??= { reason: "shutdown", cause: asError(thrown) };
      await this.#stopAll();
      throw thrown;
    }
    void this.#work();
    return "ok";
  }

  #endWith(exit: Exit): void {
    this.#end ??= exit;
    this.#stopping.abort();
    if (!this.#working) void this.#work();
  }

  async #stopAll(): Promise<void> {
    if (this.#end!.reason === "killed") { for (const child of this.#roster.all) child.kill(); }
    await this.#roster.stop();
    for (const refuse of this.#refusals) refuse();
    this.#settleEnded(this.#end!);
  }

  // --- One thing at a time --------------------------------------------------------

  #enqueue(job: Job): void {
    this.#jobs.push(job);
    if (!this.#working) void this.#work();
  }

  /** Does what is queued. Every way out of it leaves the supervisor idle or ended. */
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

  /** A request waits for its turn; when the supervisor ends before that, it is refused. */
  #request<Result>(request: () => Result | Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const refuse = () =>
        reject(new SupervisionError("no_supervisor", `Cannot reach '${this.#path}': it has ended`));
      if (this.#end !== undefined) return refuse();
      this.#refusals.add(refuse);
      this.#enqueue(async () => {
        try {
          resolve(await request());
        } catch (thrown) {
          reject(thrown);
        }
        this.#refusals.delete(refuse);
      });
    });
  }

  // --- Deaths and restarts ----------------------------------------------------------

  #onDeath(death: Death): void | Promise<void> {
    const { child, exit } = death;
    // Stopped or started by somebody meanwhile: then this end is not looked at any more.
    if (child.death !== death) return;
    child.death = undefined;
    if (child.judge(deathOf(exit)) === "restart") return this.#recover(child, causeOf(exit));
    this.#finished(child, whyEnded(exit));
  }

  async #recover(child: Child, cause: Error | undefined): Promise<void> {
    const delay = child.nextDelay();
    if (!this.#mayRestart(child, { delay, cause })) return;
    if (delay === 0) return await this.#restart(child);
    // Those who depend on the one that is down are stopped before the wait, not after it.
    await this.#stopGroup(child, this.#rules.strategy);
    this.#retryLater(child, delay);
  }

  /** Stops and starts the group of `child`. */
  async #restart(child: Child, strategy: Strategy = this.#rules.strategy): Promise<void> {
    await this.#stopGroup(child, strategy);
    await this.#startEach(groupRestart(strategy, this.#roster.all, child).start);
  }

  /** One that fails is tried again later, and those behind it with it; one that is held back or finished is passed over. */
  async #startEach(members: readonly Child[]): Promise<void> {
    for (const member of members) {
      if (this.#end !== undefined) return;
      try {
        await this.#startOne(member);
      } catch (thrown) {
        if (!(thrown instanceof StartError)) throw thrown;
        if (this.#end !== undefined || this.#startAgain(member, thrown)) return;
      }
    }
  }

  /** `child` could not be started again: the next attempt, if there is one, is for it, behind what is already queued. */
  #startAgain(child: Child, cause: StartError): boolean {
    if (child.judge(deathOfError(cause)) !== "restart") {
      this.#finished(child, cause.message);
      return false;
    }
    const delay = child.nextDelay();
    if (delay > 0) {
      const again = this.#mayRestart(child, { delay, cause });
      if (again) this.#retryLater(child, delay);
      return again;
    }
    child.restartLater({ type: "retrying" });
    this.#enqueue(() => {
      if (child.state !== "restarting") return;
      return this.#mayRestart(child, { delay, cause }) ? this.#restart(child) : this.#goOnWithout(child);
    });
    return true;
  }

  /** `child` is held back: those of its group behind it, which were waiting for it, are started all the same. */
  async #goOnWithout(child: Child): Promise<void> {
    const { all } = this.#roster;
    const behind = all.slice(all.indexOf(child) + 1);
    const next = behind.find(({ state }) => state === "stopped");
    if (this.#end !== undefined || this.#rules.strategy === "one_for_one" || next === undefined) return;
    await this.#restart(next, "rest_for_one");
  }

  #retryLater(child: Child, delay: number): void {
    child.retryAfter(delay, () =>
      this.#enqueue(() => {
        if (child.state === "restarting") return this.#restart(child);
      }));
  }

  async #startOne(child: Child): Promise<Started> {
    const outcome = await child.start();
    this.#onStarted(child, outcome);
    return outcome;
  }

  #onStarted(child: Child, outcome: Started): void {
    if (outcome === "ignore") this.#roster.retire(child, "there was nothing to start");
  }

  /** `child` will not be started again. */
  #finished(child: Child, why: string): void {
    const verdict = child.spec.restart === "temporary" ? "forget" : "keep";
    this.#system.place(child.path).emit({ type: "finished", verdict });
    this.#roster.retire(child, why);
    const others = this.#roster.all.filter((other) => other !== child);
    if (shutsDown(this.#rules.autoShutdown, child, others)) this.#end ??= { reason: "shutdown" };
  }

  /** Stops those who are to be restarted with `child`, which has ended already. */
  async #stopGroup(child: Child, strategy: Strategy): Promise<void> {
    const { stop, forget } = groupRestart(strategy, this.#roster.all, child);
    for (const member of stop) {
      await member.stop();
      if (forget.has(member)) this.#roster.forget(member, "its group was restarted without it");
    }
  }

  /** Counts a restart; where it is one too many, `child` goes into quarantine or the supervisor gives up. */
  #mayRestart(child: Child, { delay, cause }: { delay: number; cause: Error | undefined }): boolean {
    const { intensity, onLimit } = this.#rules;
    const { restarts: limit, within } = intensity;
    this.#restarts = countRestart(this.#restarts, this.#system.clock.now(), intensity);
    if (!isTooMany(this.#restarts, intensity)) {
      child.restartLater({ type: "restarting", delay, restart: this.#restarts.length, limit });
      return true;
    }
    const gaveUp = new GaveUpError(this.#path, intensity, cause);
    if (onLimit !== "escalate") this.#quarantine(child, { coolDown: onLimit.quarantine.coolDown, gaveUp });
    else {
      child.callOff();
      this.#place.emit({ type: "gave_up", limit, within, cause });
      this.#end ??= { reason: "shutdown", cause: gaveUp };
    }
    return false;
  }

  /** The siblings begin with a new budget: what `child` has used up is not theirs. */
  #quarantine(
    child: Child,
    { coolDown, gaveUp }: { coolDown: number | undefined; gaveUp: GaveUpError },
  ): void {
    this.#restarts = [];
    child.quarantine(`it is in quarantine: ${gaveUp.message}`, { coolDown, cause: gaveUp });
    if (coolDown === undefined) return;
    child.retryAfter(coolDown, () =>
      this.#enqueue(() => {
        if (child.state === "quarantined") return this.#restart(child);
      }));
  }
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
