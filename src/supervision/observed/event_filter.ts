/**
 * Which of a tree's events a reader gets.
 */

import { checkOptions } from "../../options/check.ts";
import { eventOptions } from "../../options/fields/running.ts";
import type { EmittedEvent } from "../../actor/events/event.ts";
import type { SystemEvent } from "../../events.ts";

/** The filter of `system.events`; a criterion that is left out lets every event through. */
export interface EventFilter<Type extends SystemEvent["type"] = SystemEvent["type"]> {
  /** Events of that place, such as `workers/w1`, and of those below it. */
  readonly path?: string | undefined;
  /** Events of these types. One that says how many were lost always comes. */
  readonly types?: readonly Type[] | undefined;
  /** Ends the stream when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** Each type of event once: the compiler misses one that is left out. */
const TYPES: Readonly<Record<SystemEvent["type"], true>> = {
  added: true,
  called_off: true,
  contained: true,
  dead_letter: true,
  events_lost: true,
  exited: true,
  finished: true,
  forgotten: true,
  gave_up: true,
  ignored: true,
  leftovers_killed: true,
  malformed: true,
  output: true,
  pipes_held: true,
  quarantined: true,
  readiness: true,
  ready: true,
  requested: true,
  restarting: true,
  retrying: true,
  spawned: true,
  start_failed: true,
  starting: true,
  stop_step: true,
  still_stopping: true,
  stopped: true,
  stopping: true,
  supervising: true,
  swept: true,
  warning: true,
};

const options = eventOptions(Object.keys(TYPES));

export interface CheckedFilter {
  readonly wants: (event: EmittedEvent) => boolean;
  readonly signal: AbortSignal | undefined;
}

/** Checks a filter. @throws {OptionError} a key or a type that is unknown or wrong */
export function filterOf(filter: EventFilter): CheckedFilter {
  const { path = "/", types, signal } = checkOptions<EventFilter>("Cannot read events", options, filter);
  const wanted: ReadonlySet<string> | undefined = types && new Set(types);
  const below = `${path}/`;
  const wants = (event: EmittedEvent) => {
    if (wanted !== undefined && !wanted.has(event.type)) return false;
    return path === "/" || event.path === path || event.path.startsWith(below);
  };
  return { wants, signal };
}
