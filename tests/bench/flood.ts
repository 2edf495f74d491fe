/**
 * One gigabyte of lines from a sidecar that writes as fast as it can, to a consumer that takes a megabyte and then does
 * something else for some milliseconds, in a process of its own (`flood_process.ts`). What counts is how much the
 * resident memory of this process, the runtime's, grows: from when a tenth of the lines have gone through to the most
 * that is seen until the last one. By then the engine has made the room for young objects that it makes for any program
 * with as many strings; what it grows from before the first line is there for information, beside a loop that decodes,
 * slices and pauses in the same way.
 */
import type { Grew } from "./flood_process.ts";
import { child } from "./child.ts";
import type { Work } from "./row.ts";

const LIMIT = 20_000_000;
const work = "1 GB from a flooding sidecar to a slow consumer: memory grows";

export const flood: Work = {
  work,
  async run() {
    const [raw, ours] = [
      await child<Grew>("flood_process.ts", "raw"),
      await child<Grew>("flood_process.ts", "ours"),
    ];
    const figure = "memory";
    const limit = { peer: "the limit", theirs: LIMIT, ratio: ours.afterTenth / LIMIT, toReach: 1 };
    const beside = { peer: "raw loop", theirs: raw.all, ratio: ours.all / raw.all };
    return [
      { work, figure, ours: ours.afterTenth, ...limit },
      { work: `${work} in all`, figure, ours: ours.all, ...beside },
    ];
  },
};
