/**
 * A child of a supervisor, as far as it is more than data: its place in the tree, and the incarnation that runs.
 *
 * It carries out one start or one stop and reports how that came out; which and when, its supervisor decides.
 */

import type { Address } from "../actor/address.ts";
import { MessageRefusedError, type WhyStopped } from "../actor/actor_errors.ts";
import { asError, type Exit, isStoppedByForce } from "../actor/exit.ts";
import type { Degraded, Incarnation, StartOutcome } from "../actor/incarnation.ts";
import type { ActorSystem } from "../actor/system.ts";
import { afterMicrotasks } from "../time/next_turn.ts";
import type { ChildSpec, StartContext } from "./child_spec.ts";
import { StartCancelledError, StartError } from "./supervision_errors.ts";
import { endByForce, endOf, endWithin, startedInTime } from "./time_limits.ts";
import type { SupervisionEvent } from "./events.ts";

/** The result of a start, a life or a stop. */
export type ChildNotice = Readonly<
  /** `isDegraded`: a supervisor that has started, though not all below it is ready. */
  | { of: "start"; outcome: StartOutcome; isDegraded?: boolean }
  /** A supervisor that was degraded has become ready. */
  | { of: "whole" }
  /** Nothing of it is left. */
  | { of: "start"; outcome: "failed"; cause: StartError }
  /** It has ended by itself, `uptime` ms after it was ready. */
  | { of: "life"; exit: Exit; uptime: number }
  | { of: "stop"; exit: Exit }
>;

export interface ChildContext {
  readonly system: ActorSystem;
  /** Called with each {@linkcode ChildNotice}, never from within a call of the child. */
  readonly onReport: (report: ChildNotice) => void;
}

/** One child of a supervisor, through all its incarnations. */
export class Child {
  readonly spec: ChildSpec;
  readonly path: string;
  readonly #system: ActorSystem;
  readonly #address: Address;
  readonly #onReport: (report: ChildNotice) => void;
  #state: "idle" | "starting" | "running" | "stopping" = "idle";
  #incarnation: Incarnation | undefined;
  /** The request that reached a start under way. */
  #told: "nothing" | "to stop" | "to end by force" = "nothing";
  /** When it began to start, was ready or began to stop, in ms of the system's clock. */
  #since = 0;
  #timer: unknown;

  constructor(spec: ChildSpec, path: string, { system, onReport }: ChildContext) {
    this.spec = spec;
    this.path = path;
    this.#system = system;
    this.#address = system.address(path, spec.mailbox);
    system.register(spec, path);
    this.#onReport = onReport;
  }

  get incarnation(): Incarnation | undefined {
    return this.#incarnation;
  }

  /** The incarnation that runs or ran last, counted from 1. */
  get generation(): number {
    return this.#address.generation;
  }

  /** Whether an incarnation is there, and whether it is ready. */
  get state(): "idle" | "starting" | "running" | "stopping" {
    return this.#state;
  }

  /** Starts an incarnation; only to be called of one that is idle. */
  start({ isAwaited }: Pick<StartContext, "isAwaited"> = {}): void {
    this.#told = "nothing";
    this.#state = "starting";
    this.#since = this.#system.clock.now();
    this.#address.begin();
    if (this.spec.type === "supervisor" && this.spec.takesMessages !== true) {
      const why = "it is a supervisor, which takes no messages";
      this.#address.mailbox.close(why, () => new MessageRefusedError(this.path, why));
    }
    this.emit({ type: "starting" });
    void this.#start(isAwaited).then(this.#onReport);
  }

  async #start(isAwaited = false): Promise<ChildNotice> {
    const began = this.#since;
    try {
      const { path, spec } = this;
      const incarnation = this.#incarnation = spec.start({ path, system: this.#system, isAwaited });
      // Requested from within its own start.
      if (this.#told !== "nothing") this.#end(incarnation);
      if (this.#told === "to end by force") endByForce(incarnation);
      const outcome = await startedInTime(incarnation, { path, spec, began, system: this.#system });
      if (outcome === "ignore") {
        this.#over({ reason: "normal" });
        this.emit({ type: "ignored" });
      } else {
        this.#state = "running";
        this.#since = this.#system.clock.now();
        void endOf(incarnation).then((exit) => this.#onEnd(exit));
        const degraded = (incarnation.supervisor ?? incarnation).degraded;
        if (degraded !== undefined) {
          this.#watchDegraded(incarnation, degraded, began);
          return { of: "start", outcome, isDegraded: true };
        }
        this.emit({ type: "ready", took: this.#since - began });
      }
      return { of: "start", outcome };
    } catch (thrown) {
      const cause = asError(thrown);
      if (this.#told === "nothing") {
        this.#over({ reason: "crash", cause });
        this.emit({ type: "start_failed", cause });
      } else {
        const exit = await stoppedExit(this.#incarnation);
        this.#over(exit);
        this.emit({ type: "stopped", exit, took: this.#system.clock.now() - this.#since });
      }
      const isOther = cause instanceof StartError && !(cause instanceof StartCancelledError);
      const isCut = this.#told !== "nothing" && !isOther;
      const failure = isCut ? new StartCancelledError(this.path) : new StartError(this.path, cause);
      return { of: "start", outcome: "failed", cause: failure };
    }
  }

  #watchDegraded(incarnation: Incarnation, { whole, ...standing }: Degraded, began: number): void {
    this.emit({ type: "degraded", ...standing });
    void whole.then(() => {
      if (this.#incarnation !== incarnation || this.#state !== "running") return;
      this.emit({ type: "ready", took: this.#system.clock.now() - began });
      this.#onReport({ of: "whole" });
    });
  }

  /** Asks an incarnation that runs to stop, and ends it by force when the shutdown time is over. */
  stop(reason?: string): void {
    this.#state = "stopping";
    this.#since = this.#system.clock.now();
    this.emit({ type: "stopping", ...reason !== undefined && { reason } });
    this.#end(this.#incarnation!);
  }

  /** The same while it starts: its start fails then. */
  cutShort(): void {
    if (this.#told !== "nothing") return;
    this.#told = "to stop";
    this.#since = this.#system.clock.now();
    if (this.#incarnation !== undefined) this.#end(this.#incarnation);
  }

  kill(): void {
    if (this.#state === "starting") {
      if (this.#told === "nothing") this.#since = this.#system.clock.now();
      this.#told = "to end by force";
    }
    if (this.#incarnation !== undefined) endByForce(this.#incarnation);
  }

  /** Calls `fn` after `delay`, unless {@linkcode Child.cancelWait} comes first. */
  wait(delay: number, fn: () => void): void {
    this.#timer = this.#system.clock.setTimeout(fn, delay);
  }

  /** Takes back {@linkcode Child.wait}. */
  cancelWait(): void {
    this.#system.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** No incarnation follows by itself: senders, here and below, are refused and told `why`. */
  refuseMessages(why: WhyStopped): void {
    this.#system.closeAddresses(this.path, why);
  }

  /** Its supervisor knows it no more. */
  remove(why: WhyStopped): void {
    this.emit({ type: "forgotten" });
    this.#system.removeAddresses(this.path, why);
  }

  emit(event: SupervisionEvent): void {
    this.#address.emit<SupervisionEvent>(event);
  }

  #end(incarnation: Incarnation): void {
    endWithin(incarnation, { shutdown: this.spec.shutdown, clock: this.#system.clock });
  }

  #onEnd(exit: Exit): void {
    const isStop = this.#state === "stopping";
    const took = this.#system.clock.now() - this.#since;
    this.#over(exit);
    this.emit(isStop ? { type: "stopped", exit, took } : { type: "exited", exit, uptime: took });
    this.#onReport(isStop ? { of: "stop", exit } : { of: "life", exit, uptime: took });
  }

  #over(exit: Exit): void {
    this.#incarnation = undefined;
    this.#state = "idle";
    this.#address.end(exit);
  }
}

/**
 * How an incarnation ended that was stopped before it was ready: on request, unless it took force. A custom one may have
 * no end.
 */
async function stoppedExit(incarnation: Incarnation | undefined): Promise<Exit> {
  const exit = incarnation && await Promise.race([endOf(incarnation), afterMicrotasks()]);
  return exit !== undefined && isStoppedByForce(exit) ? exit : { reason: "shutdown" };
}
