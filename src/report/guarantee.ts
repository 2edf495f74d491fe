/**
 * What is sure to end, and when, in words.
 *
 * @module
 */

/** The part of a run's guarantees that is told. */
export interface Guaranteed {
  /** How far a stop reaches. */
  readonly stop: "tree" | "process";
  /** What ends the processes if the runtime is killed by SIGKILL. */
  readonly hostDeath: "guard" | "sweep" | "eof";
}

const STOP = {
  tree: "a stop ends each sidecar and all that it has started",
  process: "a stop ends the sidecars, but not what they have started",
} as const;

const HOST_DEATH = {
  guard: "if Outrider is killed, a guardian ends all within a second",
  sweep: "if Outrider is killed, their stdin ends, and the next start ends who is left",
  eof: "if Outrider is killed, their stdin ends, and nothing more",
} as const;

/** Each guarantee as a sentence without its period. */
export function guaranteed({ stop, hostDeath }: Guaranteed): readonly string[] {
  return [STOP[stop], HOST_DEATH[hostDeath]];
}
