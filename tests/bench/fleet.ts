/**
 * 500 sidecars under one supervisor, beside a loop that spawns 500 programs with three pipes each and later kills them,
 * each in a process of its own (`fleet_process.ts`), for what is asked is the memory of a whole runtime.
 *
 * The programs are `cat`. Ours are `ndjson` sidecars: started in order, and stopped in reverse order by closing their
 * stdin, each awaited to its last byte. The loop starts them in order, reads both pipes of each (a program whose output
 * nobody reads stops at 64 KiB of it) and ends each with SIGTERM, in reverse order too, awaiting its exit. Each program
 * is in a group of its own. Besides there is a loop without groups, whose start is a measure too, and for information one that ends each as ours are. Those of
 * a dynamic supervisor have no order, and are stopped together. Memory is what is resident when the last one has started, of the whole
 * process: the loops' have none of the package in them. Idling, which is 5 s, is of the supervisor's process, beside a
 * limit and not a loop.
 */
import { child } from "./child.ts";
import { FLEET, type Took } from "./fleet_process.ts";
import type { Figure, Row, Work } from "./row.ts";

/** The share of one processor that idling may cost. */
const IDLE_LIMIT = 0.01;

const work = `${FLEET} sidecars`;

export const fleet: Work = {
  work,
  async run() {
    const took = (who: string) => child<Took>("fleet_process.ts", who);
    const ungrouped = await took("ungrouped");
    const [raw, closing] = [await took("raw"), await took("closing")];
    const [ours, dynamic] = [await took("ours"), await took("dynamic")];
    const beside = (what: keyof Took, figure: Figure, toReach: number, ungroupedToReach?: number): Row[] => {
      const row = { work: `${work}: ${what}`, figure, ours: ours[what] };
      return [
        {
          ...row,
          peer: "raw spawn-and-kill loop",
          theirs: raw[what],
          ratio: ours[what] / raw[what],
          toReach,
        },
        {
          ...row,
          peer: "raw, no groups",
          theirs: ungrouped[what],
          ratio: ours[what] / ungrouped[what],
          ...(ungroupedToReach !== undefined && { toReach: ungroupedToReach }),
        },
      ];
    };
    const limit = { peer: "the limit", theirs: IDLE_LIMIT, ratio: ours.idle / IDLE_LIMIT, toReach: 1 };
    return [
      ...beside("start", "time", 1.3, 1.5),
      ...beside("memory", "memory", 1.2),
      { work: `${work}: idle`, figure: "share", ours: ours.idle, ...limit },
      ...beside("stop", "time", 1.5),
      {
        work: `${work}: stop`,
        figure: "time",
        ours: ours.stop,
        peer: "raw, closing stdin, to the last byte",
        theirs: closing.stop,
        ratio: ours.stop / closing.stop,
      },
      {
        work: `${work}: stop, in no order`,
        figure: "time",
        ours: dynamic.stop,
        peer: "raw spawn-and-kill loop",
        theirs: raw.stop,
        ratio: dynamic.stop / raw.stop,
        toReach: 1.5,
      },
    ];
  },
};
