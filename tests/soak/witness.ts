/**
 * Looks at a run from outside, in the process table: who of it is there, and how large the runtime is.
 *
 * @module
 */
import { processTable, readUsage } from "../../src/process/ps.ts";
import { WHOSE } from "./plot.ts";

/** A process of the run. */
interface Seen {
  readonly pid: number;
  /** Its place in the tree. */
  readonly path: string;
}

/** The processes of one run. */
export class Witness {
  readonly #sign: string;

  /** Of the run of that name. */
  constructor(run: string) {
    this.#sign = ` ${WHOSE}=${run}:`;
  }

  /** All that run now. */
  async all(): Promise<readonly Seen[]> {
    const table = await processTable({ environment: true });
    if (table === undefined) throw new Error("Cannot look at the process table: ps can't be asked");
    return table.flatMap(({ pid, zombie, command }) => {
      const at = zombie ? -1 : command.indexOf(this.#sign);
      return at < 0 ? [] : [{ pid, path: command.slice(at + this.#sign.length).split(" ", 1)[0]! }];
    });
  }

  /**
   * Places at which two processes run. A table is read line by line, while processes end and begin, so only those count
   * that are both there in the next one.
   */
  async doubles(): Promise<readonly string[]> {
    const twice = doubled(await this.all());
    if (twice.length === 0) return [];
    const later = new Set((await this.all()).map(({ pid }) => pid));
    return twice.filter((both) => both.every(({ pid }) => later.has(pid))).map((both) =>
      `${both[0]!.path} has the processes ${both.map(({ pid }) => pid).join(" and ")}`
    );
  }
}

function doubled(all: readonly Seen[]): Seen[][] {
  return [...Map.groupBy(all, ({ path }) => path).values()].filter((some) => some.length > 1);
}

/** Bytes in memory of process `pid`; `undefined` where it is not there. */
export async function memoryOf(pid: number): Promise<number | undefined> {
  return (await readUsage()).find((each) => each.pid === pid)?.memory;
}
