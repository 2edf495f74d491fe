/**
 * Which of a tree's events a reader gets.
 */

import { checkOptions } from "../../options/check.ts";
import { eventOptions } from "../../options/fields/running.ts";
import type { EmittedEvent } from "../../actor/events/event.ts";
import type { SystemEvent } from "../../events.ts";

/** The types of events that come to a reader who names none. */
export type UnaskedType = Exclude<SystemEvent["type"], "output">;

/** The filter of `system.events`; a criterion that is left out lets every event through. */
export interface EventFilter<Type extends SystemEvent["type"] = UnaskedType> {
  /** Events of that place, such as `workers/w1`, and of those below it. */
  readonly path?: string | undefined;
  /**
   * Events of these types. Default: all but `output`, which comes only to those who name it. One that says how many were
   * lost always comes.
   */
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
  waiting: true,
  degraded: true,
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

/** All types of events. */
export const EVENT_TYPES: readonly SystemEvent["type"][] = Object.keys(TYPES) as SystemEvent["type"][];

const options = eventOptions(EVENT_TYPES);

export interface CheckedFilter {
  readonly types: ReadonlySet<string> | undefined;
  readonly wants: (event: EmittedEvent) => boolean;
  readonly signal: AbortSignal | undefined;
}

/** Checks a filter. @throws {OptionError} a key or a type that is unknown or wrong */
export function filterOf(filter: EventFilter<SystemEvent["type"]>): CheckedFilter {
  const { path = "/", types, signal } = checkOptions<EventFilter<SystemEvent["type"]>>(
    "Cannot read events",
    options,
    filter,
  );
  const below = `${path}/`;
  const wants = (event: EmittedEvent) => path === "/" || event.path === path || event.path.startsWith(below);
  return { types: types && new Set(types), wants, signal };
}
