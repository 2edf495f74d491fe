/**
 * Ends what a process of a run leaves behind in groups and sessions of its own, once that process has ended.
 *
 * It works beside the run: nothing waits for it, and the next incarnation may start meanwhile, as the marks of the two
 * differ. Processes that end at about the same time share the readings of the process table, so that the end of 500
 * costs about what the end of one does.
 *
 * @module
 */
import type { SignalWay } from "../process/group.ts";
import type { Kept } from "../process/keeper.ts";
import { type ProcessRow, processTable } from "../process/process_table.ts";
import { sleep } from "../process/timers.ts";
import type { Self } from "./identity.ts";
import type { RunRecord } from "./ledger.ts";
import { numberIn, placeIn } from "./mark.ts";
import { endAll, type Leftover, looker } from "./sweep.ts";

/** Milliseconds between two readings of the process table in which nothing is found. */
export const READING_GAP_MS = 250;

/** Milliseconds until the next reading after one in which something is found. */
const BUSY_GAP_MS = 5;

/** Reaped orphans that are kept until they are taken; a process that leaves thousands is not to fill the memory. */
const MAX_REAPED = 100;

/** Settings of an {@linkcode OrphanReaper}. */
export interface ReaperOptions {
  /** The run. */
  readonly run: RunRecord;
  /** What this runtime knows of itself. */
  readonly self: Self;
  /** How processes are signalled. */
  readonly way: SignalWay;
  /** The users that processes of the run were started as; looked at anew each time. */
  readonly users: Iterable<number>;
}

/** A process of the run, as its mark names it. */
export interface Marked extends Kept {
  /** The number in its mark. */
  readonly number: number;
}

/** The reaper of one run. */
export class OrphanReaper {
  readonly #options: ReaperOptions;
  readonly #over = new AbortController();
  readonly #hunts = new Set<Promise<void>>();
  #reading: Promise<unknown> = Promise.resolve();
  #next: Promise<readonly ProcessRow[] | undefined> | undefined;
  #isBusy = false;
  #ended: Leftover[] = [];

  /** For the run in `options`. */
  constructor(options: ReaperOptions) {
    this.#options = options;
  }

  /**
   * Ends what `process`, which has ended, left behind, and what the commands of its probes did: those of its incarnation
   * whose number is not above `last`. A command of a probe is left to the end of its sidecar.
   */
  reap(process: Marked, last: number): void {
    if (this.#over.signal.aborted || process.path.includes("#")) return;
    const hunt = this.#hunt((mark) => isOf(mark, process, last, this.#options.run.run))
      .catch(() => {}) // what it can't end is for the sweep at the end of the run
      .finally(() => {
        this.#hunts.delete(hunt);
      });
    this.#hunts.add(hunt);
  }

  /** Takes those that were ended since the last call; of more than 100, the last ones. */
  take(): Leftover[] {
    const ended = this.#ended;
    this.#ended = [];
    return ended;
  }

  /** Settles when it has stopped looking; what is left is for the sweep at the end of the run. */
  async close(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#hunts);
  }

  async #hunt(counts: (mark: string) => boolean): Promise<void> {
    const { run, self, way, users } = this.#options;
    // Groups on record were ended with their leader; a number that is free again may be a stranger's by now.
    const { scope: _, ...unscoped } = run;
    const ledger = { run: unscoped, processes: [] };
    const seen = looker(ledger, { self, users, counts });
    const look = async () => {
      const table = await this.#read();
      const look = table && await seen(table);
      if (look !== undefined && (look.isRestless || look.found.length > 0)) this.#isBusy = true;
      return look;
    };
    const swept = await endAll(look, { way, signal: this.#over.signal });
    this.#ended = [...this.#ended, ...swept?.ended ?? []].slice(-MAX_REAPED);
  }

  /** A reading that begins after this call, for all who call before it begins. */
  #read(): Promise<readonly ProcessRow[] | undefined> {
    return this.#next ??= this.#readAfter(this.#reading);
  }

  async #readAfter(reading: Promise<unknown>): Promise<readonly ProcessRow[] | undefined> {
    await reading;
    await sleep(this.#isBusy ? BUSY_GAP_MS : READING_GAP_MS, this.#over.signal);
    this.#isBusy = false;
    this.#reading = this.#next!;
    this.#next = undefined;
    return this.#over.signal.aborted ? undefined : await processTable({ environment: true });
  }
}

function isOf(mark: string, { number, path, generation }: Marked, last: number, run: string): boolean {
  const other = numberIn(mark, run);
  if (other === undefined || other === number) return other === number;
  if (other < number || other > last) return false;
  const place = placeIn(mark);
  return place?.generation === generation && place.path.startsWith(`${path}#`);
}
