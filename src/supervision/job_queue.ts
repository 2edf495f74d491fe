/**
 * What a supervisor has to do, one thing at a time: deaths, retries, requests and
 * how starts came out, in the order in which they came.
 *
 * @module
 */

import { Ring } from "../time/ring.ts";
import { SupervisionError } from "./errors.ts";

/** One thing to do. */
export type Job = () => void | Promise<void>;

/** Whoever waits for the outcome of a request. */
export interface Caller<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Whose jobs they are. */
export interface JobQueueOptions {
  /** The supervisor's path. */
  readonly path: string;
  /** Whether the supervisor is to end: then no job is begun. */
  readonly isOver: () => boolean;
  /** Told, once, when it is to end and no job is under way. */
  readonly onOver: () => void | Promise<void>;
  /** A job threw: a fault of a spec's own code, or of ours. */
  readonly onFault: (thrown: unknown) => void;
}

/** See the module. Nothing is done before {@linkcode JobQueue.open}. */
export class JobQueue {
  readonly #options: JobQueueOptions;
  readonly #jobs = new Ring<Job>();
  /** Refuses the requests that still wait when the supervisor has ended. */
  readonly #refusals = new Set<() => void>();
  #working = true;
  #isOpen = false;

  constructor(options: JobQueueOptions) {
    this.#options = options;
  }

  /** Whether it has begun. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Begins with what is queued. */
  open(): void {
    this.#isOpen = true;
    void this.#work();
  }

  /** Has `job` done after those that wait already. */
  push(job: Job): void {
    this.#jobs.push(job);
    this.wake();
  }

  /** Looks again whether there is something to do, or an end. */
  wake(): void {
    if (!this.#working) void this.#work();
  }

  /**
   * A request waits for its turn, and its caller for what `job` tells it, then or later; what `job` throws is told as
   * well. When the supervisor ends before that, it is refused.
   *
   * @throws {SupervisionError} `no_supervisor`
   */
  request<Result>(job: (caller: Caller<Result>) => void | Promise<void>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const { path, isOver } = this.#options;
      const refuse = () =>
        reject(new SupervisionError("no_supervisor", `Cannot reach '${path}': it has ended`));
      if (isOver()) return refuse();
      this.#refusals.add(refuse);
      const caller: Caller<Result> = {
        resolve: (result) => {
          this.#refusals.delete(refuse);
          resolve(result);
        },
        reject: (error) => {
          this.#refusals.delete(refuse);
          reject(error);
        },
      };
      this.push(async () => {
        try {
          await job(caller);
        } catch (thrown) {
          caller.reject(thrown);
        }
      });
    });
  }

  /** Refuses all requests that nobody was told of yet. */
  refuseAll(): void {
    for (const refuse of this.#refusals) refuse();
    this.#refusals.clear();
  }

  /** Does what is queued. Every way out of it leaves the supervisor idle or ended. */
  async #work(): Promise<void> {
    const { isOver, onOver, onFault } = this.#options;
    this.#working = true;
    try {
      while (!isOver() && this.#jobs.size > 0) await this.#jobs.shift()();
    } catch (thrown) {
      onFault(thrown);
    }
    if (isOver()) await onOver();
    else this.#working = false;
  }
}
