/**
 * A stop that took longer than it may: who was ended by force.
 */

import { OutriderError } from "../outrider_error.ts";
import { formatCount, formatDuration } from "../text/words.ts";

/** The most paths that its message names. */
const NAMED = 5;

/** Some had not ended by the deadline of the stop, and were ended by force. */
export class StopOverdueError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "stop_overdue";
  /** Their paths. */
  readonly children: readonly string[];
  /** The deadline, in ms. */
  readonly within: number;

  /** Made by a launched tree. */
  constructor(children: readonly string[], within: number) {
    const more = children.length - NAMED;
    const names = [...children.slice(0, NAMED), ...more > 0 ? [`${formatCount(more, "more")}`] : []];
    super(`Cannot wait any longer for ${names.join(", ")}: the stop had ${formatDuration(within)}`);
    this.children = children;
    this.within = within;
  }
}
