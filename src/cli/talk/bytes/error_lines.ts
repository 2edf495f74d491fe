/**
 * What a job writes to standard error, on its way to ours: a line each, and none that a terminal would obey.
 *
 * The invariant: it holds up nobody, and what has no room is counted.
 */

import { FollowedLines, type PlacedLine } from "../../../logs/followed_lines.ts";
import { formatCount } from "../../../text/words.ts";
import { printErrors } from "../../verb.ts";

/** The lines of one job. */
export class ErrorLines {
  readonly #queue = new FollowedLines();
  #isOver = false;

  /** Takes one. */
  add(line: PlacedLine): void {
    this.#queue.add(line);
  }

  /** No more come. */
  end(): void {
    this.#isOver = true;
    this.#queue.wake();
  }

  /** Prints them to the end; `before` is awaited each time. */
  async print(before: () => Promise<void>): Promise<void> {
    for (;;) {
      const part = this.#queue.read();
      if (part !== undefined) {
        await before();
        await printErrors(
          ...("lost" in part ? [lostText(part.lost.lines)] : part.lines.map(({ line }) => line)),
        );
      } else if (this.#isOver) return;
      else await this.#queue.news();
    }
  }
}

/** Says that lines are missing. */
export function lostText(lines: number): string {
  return `Lost ${formatCount(lines, "line")} of standard error`;
}
