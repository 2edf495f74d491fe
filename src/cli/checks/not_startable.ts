/**
 * The error of a tree that can't start on this machine, apart from what finds that.
 */

import { OutriderError } from "../../outrider_error.ts";
import { formatCount } from "../../text/words.ts";

/** A fault of one child. */
export interface ChildFault {
  /** Of the child in the tree. */
  readonly path: string;
  /** What is wrong, with the way out where one is known. */
  readonly text: string;
}

/** Something of a tree is missing on this machine, which was found before anything started; `code` is `not_startable`. */
export class NotStartableError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "not_startable";
  /** All that is wrong. */
  readonly faults: readonly ChildFault[];

  /** Of the tree `name`; `lines` tell the faults. */
  constructor(name: string, faults: readonly ChildFault[], lines: readonly string[]) {
    super([`Cannot start '${name}': ${formatCount(faults.length, "fault")}`, ...lines].join("\n"));
    this.faults = faults;
  }
}
