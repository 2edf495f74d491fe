/**
 * 500 sidecars under one supervisor, beside a loop that spawns 500 programs with three pipes each and later kills them,
 * each in a process of its own (`fleet_process.ts`), for what is asked is the memory of a whole runtime.
 *
 * The programs are `cat`. Ours are `ndjson` sidecars: started in order, and stopped in reverse order by closing their
 * stdin, each awaited to its last byte. The loop starts them at once and ends each with SIGTERM, in reverse order too,
 * awaiting its exit. Memory is what is resident when the last one has started; idling, which is 5 s, is of the
 * supervisor's process, beside a limit and not the loop.
 */
import { child } from "./child.ts";
import { FLEET } from "./fleet_process.ts";
import type { Took } from "./fleet_process.ts";
import type { Figure, Row, Work } from "./row.ts";

/** The share of one processor that idling may cost. */
const IDLE_LIMIT = 0.01;

const work = `${FLEET} sidecars`;

/** See the module. */
export const fleet: Work = {
  work,
  async run() {
    const took = (who: string) => child<Took>("fleet_process.ts", who);
    const [raw, ours] = [await took("raw"), await took("ours")];
    const beside = (what: keyof Took, figure: Figure, toReach: number): Row => ({
      work: `${work}: ${what}`,
      peer: "raw spawn-and-kill loop",
      figure,
      ours: ours[what],
      theirs: raw[what],
      ratio: ours[what] / raw[what],
      toReach,
    });
    return [
      beside("start", "time", 1.3),
      beside("memory", "memory", 1.2),
      {
        ...beside("idle", "share", 1),
        peer: "the limit",
        theirs: IDLE_LIMIT,
        ratio: ours.idle / IDLE_LIMIT,
      },
      beside("stop", "time", 1.5),
    ];
  },
};
