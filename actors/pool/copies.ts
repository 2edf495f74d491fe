/**
 * The copies of a pool, under their supervisor: which there are, and how one is
 * added, taken away or replaced. One of these goes on at a time.
 */

import { asError, type ChildOptions, type StartContext, type Supervisor } from "@outrider/outrider/actor";
import {
  type ChildSpec,
  StartError,
  SupervisionError,
  supervisor,
  type SupervisorSpec,
} from "@outrider/outrider";
import { type PoolContext, PoolCopy, type PoolCopyOptions } from "./copy.ts";
import { Publications } from "./follow.ts";
import { PoolError, type PoolSettings } from "./options.ts";

/** The parts of the pool that its copies need. */
export interface PoolCopiesOptions {
  readonly context: PoolContext;
  /** Called at each change of a copy's state. */
  readonly onChange: (copy: PoolCopy) => void;
}

/** The copies of a pool. */
export class PoolCopies {
  readonly supervisor: Supervisor;
  /** In the order of their turns, those that are about to go included. */
  copies: readonly PoolCopy[];
  readonly #settings: PoolSettings;
  readonly #context: PoolContext;
  readonly #of: PoolCopyOptions;
  readonly #publications: Publications;
  /** How few and how many there may be. */
  #min: number;
  #max: number;
  #turn: Promise<unknown> = Promise.resolve();

  /** Starts at once, with as few copies as there may be. */
  constructor(settings: PoolSettings, start: StartContext, { context, onChange }: PoolCopiesOptions) {
    this.#settings = settings;
    this.#min = settings.min;
    this.#max = settings.max;
    this.#context = context;
    const publications = this.#publications = new Publications(context, settings);
    this.#of = {
      context,
      publications,
      onChange,
      perCopy: settings.perCopy,
      standing: (id) => this.#standing(id),
    };
    this.copies = initialCopyIds(settings.min).map((id) => this.#make(id, { member: true }));
    this.supervisor = copiesSupervisor(settings, this.copies.map(({ spec }) => spec)).start(start);
  }

  /** How many there are, without those that have ended for good or are about to go. */
  get size(): number {
    return this.copies.filter(({ state, isMember }) => isMember && state !== "gone").length;
  }

  /** How few there may be. */
  get min(): number {
    return this.#min;
  }

  /** How many there may be. */
  get max(): number {
    return this.#max;
  }

  /** Whether no copy will run again without a request. */
  get isGone(): boolean {
    return this.copies.every(({ state }) => state === "gone");
  }

  /** The cause of the last failure of a copy. */
  get cause(): Error | undefined {
    return this.copies.findLast(({ cause }) => cause !== undefined)?.cause;
  }

  /** All have ended, as the pool does. */
  end(): void {
    for (const copy of this.copies) copy.end();
    this.#publications.flush();
  }

  /** Forgets copies that were taken away and have nothing left. */
  tidy(): void {
    const isOver = ({ state, isMember, dispatched, waiting }: PoolCopy) =>
      state === "gone" && !isMember && dispatched.size === 0 && waiting.length === 0;
    if (this.copies.some(isOver)) this.copies = this.copies.filter((copy) => !isOver(copy));
  }

  /** Adds a copy, or takes the last one away that has nothing to do; `false`: it could not be started. */
  resize(by: -1 | 1): Promise<boolean> {
    return this.#alone(async () => {
      try {
        if (by > 0) { if (this.size < this.#max) await this.#add(); }
        else {
          const idle = this.copies.findLast(({ isIdle, isMember }) => isIdle && isMember);
          if (idle !== undefined && this.size > this.#min) await this.#remove(idle, Infinity);
        }
        return true;
      } catch (thrown) {
        // Its own events carry the cause. Any other error is a fault of the factory, or of ours.
        if (!(thrown instanceof StartError) && !this.#context.signal.aborted) {
          this.#context.exit({ reason: "crash", cause: asError(thrown) });
        }
        return false;
      }
    });
  }

  /**
   * Has `size` copies from now on; the paths of all. One that goes gets no more messages and has answered those it has, as
   * far as it does within `drain` ms.
   *
   * @throws {StartError} one more could not be started; then there are as many as could
   */
  scale(size: number, drain: number): Promise<readonly string[]> {
    return this.#alone(async () => {
      const isMember = ({ state, isMember }: PoolCopy) => isMember && state !== "gone";
      this.#min = this.#max = size;
      try {
        while (this.size < size) await this.#add();
        while (this.size > size) {
          const idle = this.copies.findLast((copy) => copy.isIdle && isMember(copy));
          await this.#remove(idle ?? this.copies.findLast(isMember)!, drain);
        }
      } finally {
        this.#min = this.#max = Math.max(1, this.size);
      }
      return this.copies.filter(isMember).map(({ path }) => path);
    });
  }

  /** Replaces all that there are now; the paths of the new ones. @throws {PoolError} `not_replaced` */
  replaceAll(drain: number, signal?: AbortSignal): Promise<readonly string[]> {
    return this.#alone(async () => {
      const replaced: string[] = [];
      // Those that are not there first: with them, the pool has its size again.
      const isGone = ({ state }: PoolCopy) => state === "gone";
      for (const copy of [...this.copies].sort((a, b) => Number(isGone(b)) - Number(isGone(a)))) {
        signal?.throwIfAborted();
        if (!copy.isMember || (isGone(copy) && this.size >= this.#max)) continue;
        try {
          replaced.push(await this.#replace(copy, drain));
        } catch (cause) {
          const { path } = copy;
          const why = `Cannot replace '${path}': ${asError(cause).message}`;
          throw new PoolError("not_replaced", why, { path, cause, replaced });
        }
      }
      return replaced;
    });
  }

  /** Where there may be one more, the new one is ready before the old one goes; else it takes the old one's name. */
  async #replace(copy: PoolCopy, drain: number): Promise<string> {
    if (this.size < this.#max && copy.state !== "gone") {
      const { path } = await this.#add();
      await this.#remove(copy, drain);
      return path;
    }
    copy.isResting = copy.isReturning = true;
    try {
      await copy.drained(drain);
      await this.#terminate(copy);
      if (this.#isKnown(copy)) await this.supervisor.restartChild(copy.id);
      else await this.supervisor.startChild(copy.spec);
    } finally {
      copy.isResting = copy.isReturning = false;
      copy.stand();
    }
    return copy.path;
  }

  async #add(): Promise<PoolCopy> {
    const taken = new Set([...this.supervisor.status(), ...this.copies].map(({ id }) => id));
    const id = initialCopyIds(taken.size + 1).find((id) => !taken.has(id))!;
    const copy = this.#make(id, { member: false });
    this.copies = [...this.copies, copy];
    try {
      await this.supervisor.startChild(copy.spec);
      copy.admit();
      return copy;
    } catch (thrown) {
      copy.end();
      throw thrown;
    }
  }

  async #remove(copy: PoolCopy, drain: number): Promise<void> {
    copy.isResting = true;
    copy.isMember = false;
    await copy.drained(drain);
    await this.#terminate(copy);
    if (this.#isKnown(copy)) await this.supervisor.deleteChild(copy.id);
    copy.end();
  }

  async #terminate({ id }: PoolCopy): Promise<void> {
    try {
      await this.supervisor.terminateChild(id);
    } catch (thrown) {
      if (!(thrown instanceof SupervisionError && thrown.code === "not_found")) throw thrown;
    }
  }

  #make(id: string, { member }: { member: boolean }): PoolCopy {
    return new PoolCopy(this.#settings.copy(id), { ...this.#of, isMember: member });
  }

  #isKnown({ id }: PoolCopy): boolean {
    return this.supervisor.status().some((child) => child.id === id);
  }

  #standing(id: string): "there" | "held" | "gone" {
    const state = this.supervisor.status().find((child) => child.id === id)?.state;
    if (state === undefined || state === "stopped") return "gone";
    if (state !== "quarantined") return "there";
    const { onLimit } = this.#settings;
    return onLimit !== "escalate" && onLimit.quarantine.coolDown !== undefined ? "held" : "gone";
  }

  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}

/** The names of the first `n` copies. */
export function initialCopyIds(n: number): string[] {
  return Array.from({ length: n }, (_, index) => `${index + 1}`);
}

/** The supervisor of a pool with these copies. */
export function copiesSupervisor(
  { id, intensity, onLimit, onStartFailure }: PoolSettings,
  copies: readonly ChildSpec[],
  options: ChildOptions = {},
): SupervisorSpec {
  return supervisor(id, copies, {
    ...options,
    strategy: "one_for_one",
    intensity,
    onLimit,
    onStartFailure,
    autoShutdown: "never",
  });
}
