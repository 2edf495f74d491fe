/**
 * The states of a child, apart from its spec: who reads a status over a socket runs no actors.
 */

/** Each {@linkcode ChildState}. */
export const CHILD_STATES: readonly ChildState[] = [
  "starting",
  "running",
  "stopping",
  "ended",
  "restarting",
  "waiting",
  "quarantined",
  "stopped",
];

/**
 * Where a child stands. `ended`: it has ended by itself and its supervisor has
 * not looked at it yet. `restarting`: it will be started again. `waiting`: it is
 * started as soon as siblings that it needs are ready, or its turn comes. `quarantined`: it
 * failed too often, and is held back. `stopped`: it is known, and will not be
 * started but by hand or with its group.
 */
export type ChildState =
  | "starting"
  | "running"
  | "stopping"
  | "ended"
  | "restarting"
  | "waiting"
  | "quarantined"
  | "stopped";
