/**
 * What an incarnation has dropped that may have been a reply, for the errors of asks that time out.
 *
 * Used by `PendingReplies`. Bounded: of each kind, the last one and how many there were.
 */

import { textOfValue } from "../user_value.ts";

/** Kinds that are kept. */
const MAX_KINDS = 16;

interface Dropped {
  /** The sequence number of the message that was taken last. */
  readonly sequence: number;
  readonly count: number;
  readonly describe: () => string;
}

/** The drops of one incarnation. */
export class DroppedReplies {
  readonly #byKind = new Map<string, Dropped>();

  /** Notes one; `describe` is called where an error names it. */
  add(kind: string, sequence: number, describe: () => string): void {
    const count = (this.#byKind.get(kind)?.count ?? 0) + 1;
    this.#byKind.delete(kind);
    this.#byKind.set(kind, { sequence, count, describe });
    if (this.#byKind.size > MAX_KINDS) this.#byKind.delete(this.#byKind.keys().next().value!);
  }

  /** Those since the message of that sequence number was taken, the last one of each kind, oldest first. */
  since(sequence: number): readonly string[] {
    return [...this.#byKind].filter(([, one]) => one.sequence >= sequence).map(
      ([kind, { describe, count }]) => {
        const text = described(kind, describe);
        return count === 1 ? text : `${text} (the last of ${count})`;
      },
    );
  }
}

/** The description of one, or its kind where a description can't be had: the ask that names it must end all the same. */
function described(kind: string, describe: () => string): string {
  try {
    return textOfValue(describe());
  } catch {
    return kind;
  }
}
