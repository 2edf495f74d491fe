/**
 * What a process prints, on its way to a log in batches: the types between those who read pipes and the log pipeline.
 */

/** A stream that can be logged. */
export type LoggedStream = "stdout" | "stderr";

/** Lines that came together, of printable ASCII and tabs alone: none of them needs to be looked at on its own. */
export interface PlainLines {
  /** When they came: milliseconds since 1970. */
  readonly at: number;
  /** The place in the tree. */
  readonly path: string;
  readonly generation: number;
  readonly stream: LoggedStream;
  /** The lines, each with its newline. */
  readonly text: string;
  /** How many there are. */
  readonly count: number;
}

/** Takes what the processes of a tree print; all other lines come to it as events. */
export interface OutputLog {
  plain(lines: PlainLines): void;
  /**
   * What to wait for before more is read of the child at `path`; `undefined`: go on. With `isUnhurried`, nobody needs its
   * lines one by one, so they may come a little later, together.
   */
  room(path: string, isUnhurried?: boolean): Promise<void> | undefined;
}
