/**
 * Ends the orphans of a process in groups and sessions of their own, once that process has ended.
 *
 * It works beside the run: nothing waits for it, and the next incarnation may start meanwhile, as the marks of the two
 * differ. There is one hunt at a time, for all that have ended, so that the end of 500 costs about what the end of one
 * does; nothing is read while nothing ends.
 */
import type { SignalWay } from "../process/group.ts";
import type { ProcessOwner } from "../process/command.ts";
import { processTable } from "../process/ps.ts";
import { sleep, systemClock } from "../time/clock.ts";
import type { RuntimeIdentity } from "./identity.ts";
import type { RunRecord } from "./ledger.ts";
import { addressIn, numberIn } from "./run_ids.ts";
import { createOrphanFinder, endOrphans, type Orphan, SWEEP_WITHIN_MS } from "./sweep.ts";

/** Milliseconds between two readings of the process table in which nothing is found. */
export const READING_GAP_MS = 250;

/** Milliseconds from a start until a program has become the user that it is to run as. */
const LEARN_AFTER_MS = 1_000;

/** Reaped orphans that are kept until they are taken; a process that leaves thousands is not to fill the memory. */
const MAX_REAPED = 100;

export interface ReaperOptions {
  readonly run: RunRecord;
  readonly runtime: RuntimeIdentity;
  readonly way: SignalWay;
  /** The users that processes of the run were started as, to which those are added that they have become. */
  readonly users: Set<number>;
}

/** A process of the run, as its mark names it. */
export interface TaggedProcess extends ProcessOwner {
  readonly number: number;
}

interface Ended extends TaggedProcess {
  /** Of the processes that had been started by then, the last one's number. */
  readonly last: number;
  /** The reading of the process table that had begun last by then: in its table, the process may still be alive. */
  readonly during: number;
  /** The time until which its orphans are looked for. */
  readonly until: number;
}

export class OrphanReaper {
  readonly #options: ReaperOptions;
  readonly #over = new AbortController();
  readonly #byNumber = new Map<number, Ended>();
  /** The same by place and generation, for the commands of their probes. */
  readonly #byAddress = new Map<string, Ended>();
  #hasMore = false;
  /** Readings of the process table that have begun. */
  #readings = 0;
  #hunting: Promise<void> | undefined;
  #hasStarted = false;
  #learning: Promise<void> | undefined;
  #isReaped: Orphan[] = [];

  constructor(options: ReaperOptions) {
    this.#options = options;
  }

  /**
   * Ends the orphans of `process`, which has ended, and of the commands of its probes: those of its incarnation
   * whose number is not above `last`. A command of a probe is left to the end of its sidecar.
   */
  reap(process: TaggedProcess, last: number): void {
    if (this.#over.signal.aborted || process.path.includes("#")) return;
    const until = performance.now() + READING_GAP_MS + SWEEP_WITHIN_MS;
    const ended = { ...process, last, during: this.#readings, until };
    this.#byNumber.set(ended.number, ended);
    this.#byAddress.set(addressKey(process), ended);
    this.#hasMore = true;
    this.#hunting ??= this.#hunt();
  }

  /**
   * Looks a second after a start which users the processes of a runtime that is root have become: `sudo`, `gosu` and
   * their like make the mark that of another user.
   */
  learnUsers(): void {
    if (this.#options.runtime.uid !== 0 || this.#over.signal.aborted) return;
    this.#hasStarted = true;
    this.#learning ??= this.#learn();
  }

  async #learn(): Promise<void> {
    const { signal } = this.#over;
    while (this.#hasStarted && !signal.aborted) {
      this.#hasStarted = false;
      await sleep(systemClock, LEARN_AFTER_MS, signal);
      // The run is over: this process has no children any more.
      if (signal.aborted) break;
      for (const { parent, uid } of await processTable() ?? []) {
        if (parent === Deno.pid) this.#options.users.add(uid);
      }
    }
    this.#learning = undefined;
  }

  /** Takes those that were ended since the last call; of more than 100, the last ones. */
  take(): Orphan[] {
    const reaped = this.#isReaped;
    this.#isReaped = [];
    return reaped;
  }

  /** Settles when the search has stopped; the sweep at the end of the run finds the rest. */
  async close(): Promise<void> {
    this.#over.abort();
    await Promise.all([this.#hunting, this.#learning]);
  }

  async #hunt(): Promise<void> {
    const { run, runtime, way, users } = this.#options;
    const { signal } = this.#over;
    // Groups on record were ended with their leader; a number that is free again may be a stranger's by now.
    const { scope: _, ...unscoped } = run;
    const ledger = { run: unscoped, processes: [] };
    const counts = (runId: string) => this.#isOfEnded(runId);
    while (this.#byNumber.size > 0 && !signal.aborted) {
      const lookAt = createOrphanFinder(ledger, { runtime, users, counts });
      let gap = READING_GAP_MS;
      let isCalm = false;
      const look = async () => {
        await sleep(systemClock, gap, signal);
        this.#hasMore = false;
        this.#readings++;
        const table = signal.aborted ? undefined : await processTable({ environment: true });
        if (table === undefined) return undefined;
        const { found, isRestless } = await lookAt(table);
        isCalm = found.length === 0 && !isRestless;
        gap = isCalm ? READING_GAP_MS : 0;
        // Processes that ended after this reading began, and their orphans, are not in it yet.
        return { found, isRestless: isRestless || this.#hasMore };
      };
      const swept = await endOrphans(look, { way, signal });
      this.#isReaped = [...this.#isReaped, ...swept?.ended ?? []].slice(-MAX_REAPED);
      this.#remove({ all: isCalm && !this.#hasMore });
    }
    this.#hunting = undefined;
  }

  /** After a hunt that was cut at its time, those that ended late in it are hunted for once more. */
  #remove({ all }: { readonly all: boolean }): void {
    for (const ended of this.#byNumber.values()) {
      if (!all && ended.until > performance.now()) continue;
      this.#byNumber.delete(ended.number);
      if (this.#byAddress.get(addressKey(ended)) === ended) this.#byAddress.delete(addressKey(ended));
    }
  }

  #isOfEnded(runId: string): boolean {
    const number = numberIn(runId, this.#options.run.run);
    if (number === undefined) return false;
    if (this.#isOver(this.#byNumber.get(number))) return true;
    const address = addressIn(runId);
    const [path = "", probe] = address?.path.split("#") ?? [];
    if (address === undefined || probe === undefined) return false;
    const ended = this.#byAddress.get(addressKey({ path, generation: address.generation }));
    return this.#isOver(ended) && ended.number < number && number <= ended.last;
  }

  /**
   * Whether it had ended before the table was read that is looked at: the number of a later one may be a stranger's.
   */
  #isOver(ended: Ended | undefined): ended is Ended {
    return ended !== undefined && ended.during < this.#readings;
  }
}

function addressKey({ path, generation }: ProcessOwner): string {
  return `${generation} ${path}`;
}
