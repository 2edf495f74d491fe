/**
 * What a supervisor does about the ends of its children: whom it starts again,
 * when, and with whom, and when it has had enough.
 *
 * The decisions are in `strategy.ts`, `verdict.ts`, `intensity.ts` and
 * `backoff.ts`; here they are carried out. Nothing is decided any more once the
 * supervisor, or one above it, is to stop.
 *
 * @module
 */

import { causeOf, deathOf, deathOfError, type Exit } from "../actor/exit.ts";
import type { StartOutcome } from "../actor/incarnation.ts";
import type { ActorSystem } from "../actor/system.ts";
import { type Child, type Death, whyEnded } from "./child.ts";
import { GaveUpError, StartError } from "./errors.ts";
import type { SupervisionEvent } from "./events.ts";
import { countRestart, isTooMany } from "./intensity.ts";
import type { JobQueue } from "./job_queue.ts";
import type { Roster } from "./roster.ts";
import type { Result, Starts } from "./starts.ts";
import { groupRestart, shutsDown, type Strategy } from "./strategy.ts";
import type { SupervisorRules } from "./supervisor_rules.ts";

/** The supervisor, as far as restarts are concerned. */
export interface RestartsOptions {
  /** The supervisor's path. */
  readonly path: string;
  readonly system: ActorSystem;
  readonly rules: SupervisorRules;
  readonly roster: Roster;
  readonly jobs: JobQueue;
  readonly starts: Starts;
  /** Whether nothing may be started any more. */
  readonly isClosing: () => boolean;
  /** The supervisor is to end like that. */
  readonly end: (exit: Exit) => void;
}

/** See the module. */
export class Restarts {
  readonly #options: RestartsOptions;
  readonly #rules: SupervisorRules;
  readonly #roster: Roster;
  /** When the latest were, as far as they count. */
  #counted: readonly number[] = [];

  constructor(options: RestartsOptions) {
    this.#options = options;
    this.#rules = options.rules;
    this.#roster = options.roster;
  }

  /** A child has ended by itself. */
  onDeath(death: Death): void | Promise<void> {
    const { child, exit } = death;
    // Stopped or started by somebody meanwhile: then this end is not looked at any more.
    if (child.death !== death || this.#options.isClosing()) return;
    child.death = undefined;
    if (child.judge(deathOf(exit)) === "restart") return this.#recover(child, causeOf(exit));
    this.#finished(child, whyEnded(exit));
  }

  /** The start of a child came out like that. */
  onStarted(child: Child, outcome: StartOutcome): void {
    if (outcome === "ignore") this.#roster.retire(child, "there was nothing to start");
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
    const { start } = groupRestart(strategy, this.#roster.all, child);
    if (strategy !== "one_for_one") return await this.#startEach(start);
    if (this.#options.isClosing()) return;
    await this.#options.starts.begin(child, { settle: (result) => void this.#goesOn(child, result) });
  }

  async #startEach(members: readonly Child[]): Promise<void> {
    for (const member of members) {
      if (this.#options.isClosing()) return;
      if (!this.#goesOn(member, await this.#options.starts.wait(member))) return;
    }
  }

  /**
   * Whether the group goes on behind `child`, whose start came out: one that fails is tried again later, and those
   * behind it with it; one that is held back, finished, or to be terminated is passed over.
   */
  #goesOn(child: Child, { outcome, failure }: Result): boolean {
    if (outcome !== undefined) this.onStarted(child, outcome);
    if (outcome !== undefined || child.interrupted) return true;
    if (!(failure instanceof StartError)) throw failure;
    return !this.#options.isClosing() && !this.#startAgain(child, failure);
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
    this.#options.jobs.push(() => {
      if (child.state !== "restarting" || this.#options.isClosing()) return;
      return this.#mayRestart(child, { delay, cause }) ? this.#restart(child) : this.#goOnWithout(child);
    });
    return true;
  }

  /** `child` is held back: those of its group behind it, which were waiting for it, are started all the same. */
  async #goOnWithout(child: Child): Promise<void> {
    const { all } = this.#roster;
    const behind = all.slice(all.indexOf(child) + 1);
    const next = behind.find(({ state }) => state === "stopped");
    if (this.#options.isClosing() || this.#rules.strategy === "one_for_one" || next === undefined) return;
    await this.#restart(next, "rest_for_one");
  }

  #retryLater(child: Child, delay: number): void {
    this.#restartAfter(child, { delay, state: "restarting" });
  }

  #restartAfter(child: Child, { delay, state }: { delay: number; state: Child["state"] }): void {
    child.retryAfter(delay, () =>
      this.#options.jobs.push(() => {
        if (child.state === state && !this.#options.isClosing()) return this.#restart(child);
      }));
  }

  /** `child` will not be started again. */
  #finished(child: Child, why: string): void {
    const verdict = child.spec.restart === "temporary" ? "forget" : "keep";
    this.#options.system.address(child.path).emit<SupervisionEvent>({ type: "finished", verdict });
    this.#roster.retire(child, why);
    this.#options.system.endSubscriptions(child.path);
    if (!child.significant) return;
    const others = this.#roster.all.filter((other) => other !== child);
    if (shutsDown(this.#rules.autoShutdown, child, others)) this.#options.end({ reason: "shutdown" });
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
    const { path, system, end } = this.#options;
    const { intensity, onLimit } = this.#rules;
    const { restarts: limit, within } = intensity;
    this.#counted = countRestart(this.#counted, system.clock.now(), intensity);
    if (!isTooMany(this.#counted, intensity)) {
      child.restartLater({ type: "restarting", delay, restart: this.#counted.length, limit });
      return true;
    }
    const gaveUp = new GaveUpError(path, intensity, cause);
    if (onLimit !== "escalate") this.#quarantine(child, { coolDown: onLimit.quarantine.coolDown, gaveUp });
    else {
      child.callOff();
      system.address(path).emit<SupervisionEvent>({ type: "gave_up", limit, within, cause });
      end({ reason: "shutdown", cause: gaveUp });
    }
    return false;
  }

  /** The siblings begin with a new budget: what `child` has used up is not theirs. */
  #quarantine(
    child: Child,
    { coolDown, gaveUp }: { coolDown: number | undefined; gaveUp: GaveUpError },
  ): void {
    this.#counted = [];
    child.quarantine(`it is in quarantine: ${gaveUp.message}`, { coolDown, cause: gaveUp });
    if (coolDown !== undefined) this.#restartAfter(child, { delay: coolDown, state: "quarantined" });
  }
}
