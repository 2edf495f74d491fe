/**
 * Starts of children while their supervisor runs.
 *
 * Most come out at once, and are dealt with before anything else is, as in
 * Erlang/OTP. One that does not come out within a turn of the clock goes on in the
 * background where nobody's start depends on it (`one_for_one`): the supervisor does
 * other things meanwhile, and how it came out is one of them later. In a group a
 * start is waited for, and cut short when that child is to be terminated.
 *
 * @module
 */

import type { StartOutcome } from "../actor/incarnation.ts";
import { asError } from "../actor/exit.ts";
import type { ActorSystem } from "../actor/system.ts";
import type { Child } from "./child.ts";
import { StartCancelledError, StartError } from "./errors.ts";
import type { JobQueue } from "./job_queue.ts";
import type { Roster } from "./roster.ts";
import type { Strategy } from "./strategy.ts";

/** How a start came out: `failure` is a {@linkcode StartError}, or a fault of ours. */
export type Result =
  | { readonly outcome: StartOutcome; readonly failure?: undefined }
  | { readonly outcome?: undefined; readonly failure: unknown };

/** What becomes of a start. */
export interface Sequel {
  /** It is the first since the child was added. */
  readonly isFirst?: boolean;
  /** It came out, and nobody has stopped or started the child meanwhile. */
  readonly settle: (result: Result) => void | Promise<void>;
  /** The child was stopped meanwhile: what becomes of it is not to be judged here any more. */
  readonly takenBack?: (error: StartError) => void;
}

/** The supervisor, as far as starts are concerned. */
export interface StartsOptions {
  readonly strategy: Strategy;
  readonly system: ActorSystem;
  readonly roster: Roster;
  readonly jobs: JobQueue;
}

/** A request to terminate a child that waits for its turn. */
interface Wish {
  readonly id: string;
  /** A start was cut short for it. */
  granted: boolean;
}

/** See the module. */
export class Starts {
  readonly #options: StartsOptions;
  readonly #wishes = new Set<Wish>();

  constructor(options: StartsOptions) {
    this.#options = options;
  }

  /** Starts `child`, and sees to what becomes of that: before this is fulfilled, or later. */
  async begin(child: Child, sequel: Sequel): Promise<void> {
    const { system, strategy } = this.#options;
    if (strategy !== "one_for_one") return await sequel.settle(await this.wait(child));
    const start = resultOf(child.start());
    const attempt = child.attempt = { isFirst: sequel.isFirst ?? false, ignored: false };
    const result = await Promise.race([start, system.turn()]);
    if (result === undefined) {
      return void start.then((result) => this.#cameOut(child, { ...sequel, attempt, result }));
    }
    child.attempt = undefined;
    await sequel.settle(result);
  }

  /** Starts `child` and waits until that has come out; never rejects. */
  async wait(child: Child): Promise<Result> {
    const start = resultOf(child.start());
    const result = await Promise.race([start, this.#options.system.turn()]);
    if (result !== undefined) return result;
    this.#grant();
    return await start;
  }

  /**
   * The child of that id is to be terminated: until `done` of what this returns, a start of it that does not come out
   * within one turn is cut short.
   */
  wish(id: string): { done(): { granted: boolean } } {
    const wish: Wish = { id, granted: false };
    this.#wishes.add(wish);
    return {
      done: () => {
        this.#wishes.delete(wish);
        return wish;
      },
    };
  }

  /** After one turn, cuts short what is wished to be terminated and still starts. */
  async grantSoon(): Promise<void> {
    if (this.#wishes.size === 0) return;
    await this.#options.system.turn();
    this.#grant();
  }

  #grant(): void {
    if (!this.#options.jobs.isOpen) return; // The first start is all or nothing.
    for (const wish of this.#wishes) {
      const child = this.#options.roster.find(wish.id);
      if (child?.state !== "starting") continue;
      wish.granted = true;
      child.interrupt();
    }
  }

  #cameOut(
    child: Child,
    { attempt, result, settle, takenBack }: Sequel & { attempt: Child["attempt"]; result: Result },
  ): void {
    const isTakenBack = () => {
      if (child.attempt === attempt) return false;
      takenBack?.(errorOf(child, result));
      return true;
    };
    if (isTakenBack()) return;
    if (result.outcome === "ok") {
      // Nothing is to be decided: whoever waits for it is told at once.
      child.attempt = undefined;
      return void settle(result);
    }
    this.#options.jobs.push(() => {
      if (isTakenBack()) return;
      child.attempt = undefined;
      return settle(result);
    });
  }
}

async function resultOf(start: Promise<StartOutcome>): Promise<Result> {
  try {
    return { outcome: await start };
  } catch (failure) {
    return { failure };
  }
}

function errorOf({ path }: Child, { failure }: Result): StartError {
  if (failure instanceof StartError) return failure;
  return new StartError(path, failure === undefined ? new StartCancelledError() : asError(failure));
}
