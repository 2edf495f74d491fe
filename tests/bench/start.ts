/**
 * For how long a start holds up the event loop of a runtime that holds a gigabyte: the longest of 30, beside a limit, and
 * for information beside plain starts without a group, and with one that Deno makes; all in turns, in a process of its
 * own (`start_process.ts`).
 */
import { child } from "./child.ts";
import type { Row, Work } from "./row.ts";
import type { Holds } from "./start_process.ts";

/** Milliseconds. */
const LIMIT = 5;

const work = "a start in a runtime of 1 GB";

export const starts: Work = {
  work,
  async run() {
    const { ours, raw, detached } = await child<Holds>("start_process.ts");
    const row = (peer: string, our: number, theirs: number): Row => ({
      work,
      peer,
      figure: "time",
      ours: our,
      theirs,
      ratio: our / theirs,
    });
    return [
      { ...row("the limit, the longest", ours.longest, LIMIT), toReach: 1 },
      row("raw, no groups, the longest", ours.longest, raw.longest),
      row("raw, no groups, the median", ours.median, raw.median),
      row("raw, groups by Deno, the median", ours.median, detached.median),
    ];
  },
};
