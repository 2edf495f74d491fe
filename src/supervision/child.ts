/**
 * A child of a supervisor: its spec, its place, and the incarnation that runs.
 *
 * It carries out one start or one stop; which and when, its supervisor decides.
 *
 * @module
 */

import { asError, causeOf, type DeathCause, type Exit } from "../actor/exit.ts";
import type { Incarnation, StartOutcome } from "../actor/incarnation.ts";
import type { Address } from "../actor/address.ts";
import type { ActorSystem } from "../actor/system.ts";
import { errorMessage } from "../actor/user_value.ts";
import { delayOf, nextStep } from "./backoff.ts";
import type { ChildSpec } from "./child_spec.ts";
import type { ChildState } from "./child_state.ts";
import { StartError } from "./errors.ts";
import type { SupervisionEvent } from "./events.ts";
import { endByForce, endOf, endWithin, startedInTime } from "./time_limits.ts";
import { type TalliedDeath, tally, type Verdict, verdictOn } from "./verdict.ts";

/** An end that the supervisor has still to look at. */
export interface Death {
  readonly child: Child;
  readonly exit: Exit;
}

/** A start that the supervisor does not wait for. */
export interface Attempt {
  /** It is the first since the child was added: where it fails, the child is not kept. */
  readonly isFirst: boolean;
  /** It came out that there is nothing to start. */
  ignored: boolean;
}

/** See the module. */
export class Child {
  readonly spec: ChildSpec;
  readonly path: string;
  state: ChildState = "stopped";
  /** Set while a death waits for the supervisor; whoever stops or starts the child takes it back. */
  death: Death | undefined;
  /** How it ended by itself, until it is started again; `normal` where there was nothing to start. */
  completion: Exit | undefined;
  /** Set until the supervisor has looked at how a start came out; whoever stops or starts the child takes it back. */
  attempt: Attempt | undefined;
  readonly #system: ActorSystem;
  readonly #address: Address;
  readonly #onDeath: (death: Death) => void;
  #incarnation: Incarnation | undefined;
  #starting: Promise<StartOutcome> | undefined;
  #interrupted = false;
  #forced = false;
  #readyAt = 0;
  #step = 0;
  #retryTimer: unknown;
  #tallied: readonly TalliedDeath[] = [];

  /** At `path`, not started. `onDeath` is told when an incarnation has ended by itself. */
  constructor(
    spec: ChildSpec,
    path: string,
    { system, onDeath }: { system: ActorSystem; onDeath: (death: Death) => void },
  ) {
    this.spec = spec;
    this.path = path;
    this.#system = system;
    this.#address = system.address(this.path, spec.mailbox);
    system.register(spec, path);
    this.#onDeath = onDeath;
  }

  /** The incarnation that is alive, if one is. */
  get incarnation(): Incarnation | undefined {
    return this.#incarnation;
  }

  /** The incarnation that runs or ran last, counted from 1. */
  get generation(): number {
    return this.#address.generation;
  }

  /** Whether its end by itself counts for its supervisor's automatic shutdown. */
  get significant(): boolean {
    return this.spec.significant;
  }

  /** Whether it runs, or will without anybody's doing; one in quarantine counts, it waits for somebody. */
  get active(): boolean {
    return this.state !== "stopped" || this.attempt?.ignored === false;
  }

  /** Whether its latest start was cut short: that is no failure. */
  get interrupted(): boolean {
    return this.#interrupted;
  }

  /** How the incarnation that runs, or ran last, ends. */
  get over(): Promise<Exit> {
    return (this.#incarnation && endOf(this.#incarnation)) ??
      Promise.resolve(this.#address.lastExit ?? { reason: "normal" });
  }

  /** Whether there is, as far as its supervisor has looked, an incarnation. */
  get isThere(): boolean {
    return this.isStarting || this.state === "running" || this.state === "stopping" || this.state === "ended";
  }

  /** Whether, as far as its supervisor has looked, a start of it is under way. */
  get isStarting(): boolean {
    return this.state === "starting" || this.attempt !== undefined;
  }

  /** Whether it is started again after `death`; a death that counts towards a tally is remembered. */
  judge(death: DeathCause): Verdict {
    this.#tallied = tally(this.#tallied, { at: this.#system.clock.now(), death });
    return verdictOn(this.spec, death, this.#tallied);
  }

  /** Starts an incarnation. @throws {StartError} and then nothing of it is left */
  start(): Promise<StartOutcome> {
    this.#starting = this.#start();
    return this.#starting;
  }

  async #start(): Promise<StartOutcome> {
    this.#forgetPast();
    this.completion = undefined;
    this.state = "starting";
    this.#interrupted = this.#forced = false;
    const began = this.#system.clock.now();
    this.#address.begin();
    if (this.spec.type === "supervisor" && this.spec.takesMessages !== true) {
      this.#address.mailbox.close("it is a supervisor, which takes no messages");
    }
    this.#address.emit<SupervisionEvent>({ type: "starting" });
    try {
      const incarnation = this.#incarnation = this.spec.start({ path: this.path, system: this.#system });
      // Told to stop from within its own start.
      if (this.#interrupted) this.#end(incarnation);
      if (this.#forced) endByForce(incarnation);
      const outcome = await startedInTime(incarnation, {
        path: this.path,
        spec: this.spec,
        began,
        system: this.#system,
      });
      if (outcome === "ignore") {
        if (this.attempt !== undefined) this.attempt.ignored = true;
        this.completion = { reason: "normal" };
        this.#over(this.completion);
        this.#address.emit<SupervisionEvent>({ type: "ignored" });
        return outcome;
      }
      this.state = "running";
      this.#readyAt = this.#system.clock.now();
      this.#address.emit<SupervisionEvent>({ type: "ready", took: this.#readyAt - began });
      void endOf(incarnation).then((exit) => this.#ended(incarnation, exit));
      return outcome;
    } catch (thrown) {
      const cause = asError(thrown);
      this.#over(this.#interrupted ? { reason: "shutdown" } : { reason: "crash", cause });
      this.#address.emit<SupervisionEvent>(
        this.#interrupted
          ? { type: "stopped", exit: { reason: "shutdown" }, took: this.#system.clock.now() - began }
          : { type: "start_failed", cause },
      );
      throw new StartError(this.path, cause);
    }
  }

  /**
   * Stops the incarnation within the shutdown time, by force after that, and tells how it ended, if there was one.
   * A start that is under way is cut short. Whatever was to come for the child is off.
   */
  async stop(): Promise<Exit | undefined> {
    this.#forgetPast();
    if (this.state === "starting") {
      this.interrupt();
      await this.#starting?.catch(() => {});
      this.#forgetPast(); // It may have come out all the same, and have ended.
    }
    const incarnation = this.#incarnation;
    if (incarnation === undefined) {
      this.callOff();
      return undefined;
    }
    const { clock } = this.#system;
    const began = clock.now();
    this.state = "stopping";
    this.#address.emit<SupervisionEvent>({ type: "stopping" });
    this.#end(incarnation);
    const exit = await endOf(incarnation);
    this.#over(exit);
    this.#address.emit<SupervisionEvent>({ type: "stopped", exit, took: clock.now() - began });
    return exit;
  }

  /** Stops an incarnation that is starting, without waiting: its start fails then. */
  interrupt(): void {
    const again = this.#interrupted;
    this.#interrupted = true;
    if (!again && this.#incarnation !== undefined) this.#end(this.#incarnation);
  }

  /** Ends the incarnation by force, without waiting. */
  kill(): void {
    this.#forced = true;
    if (this.#incarnation !== undefined) endByForce(this.#incarnation);
  }

  /** Milliseconds to wait before the next restart; each call makes the next one longer. */
  nextDelay(): number {
    return delayOf(this.spec.backoff, this.#step++, this.#system.random());
  }

  /** Calls `fn` after `delay`, unless the child is stopped or started before that. */
  retryAfter(delay: number, fn: () => void): void {
    this.#retryTimer = this.#system.clock.setTimeout(fn, delay);
  }

  /** It failed too often: it is held back, and who sends to it is told `why`, until `coolDown` ms have passed or for ever. */
  quarantine(
    why: string,
    { coolDown, cause }: { coolDown: number | undefined; cause: Error | undefined },
  ): void {
    this.state = "quarantined";
    this.#system.closeAddresses(this.path, why);
    this.#address.emit<SupervisionEvent>({ type: "quarantined", coolDown, cause });
  }

  /** It will be started again: `announce` says when, or only that it will. */
  restartLater(announce: SupervisionEvent & { readonly type: "restarting" | "retrying" }): void {
    this.state = "restarting";
    this.#address.emit<SupervisionEvent>(announce);
  }

  /** It will not be started again by itself: who sends to it is told `why`. */
  retire(why: string): void {
    this.state = "stopped";
    this.#system.closeAddresses(this.path, why);
  }

  /** Like {@linkcode Child.retire}, for a child that its supervisor does not know any more. */
  forget(why: string): void {
    this.state = "stopped";
    this.#address.emit<SupervisionEvent>({ type: "forgotten" });
    this.#system.removeAddresses(this.path, why);
  }

  /** What was to come for it, with no incarnation there, is off. */
  callOff(): void {
    if (this.state === "stopped") return;
    this.state = "stopped";
    this.#address.emit<SupervisionEvent>({ type: "called_off" });
  }

  #end(incarnation: Incarnation): void {
    endWithin(incarnation, { shutdown: this.spec.shutdown, clock: this.#system.clock });
  }

  #ended(incarnation: Incarnation, exit: Exit): void {
    if (this.state === "stopping" || this.#incarnation !== incarnation) return;
    const uptime = this.#system.clock.now() - this.#readyAt;
    this.#step = nextStep(this.spec.backoff, this.#step, uptime);
    this.#over(exit);
    this.completion = exit;
    this.state = "ended";
    this.#address.emit<SupervisionEvent>({ type: "exited", exit, uptime });
    this.death = { child: this, exit };
    this.#onDeath(this.death);
  }

  #over(exit: Exit): void {
    this.#incarnation = undefined;
    this.state = "stopped";
    this.#address.end(exit);
  }

  #forgetPast(): void {
    this.death = this.attempt = undefined;
    this.#system.clock.clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
  }
}

/** The words for those who send to a child that has ended for good. */
export function whyEnded(exit: Exit): string {
  const cause = causeOf(exit);
  return `it has ended (${exit.reason}${
    cause ? `: ${errorMessage(cause)}` : ""
  }) and will not be started again`;
}
