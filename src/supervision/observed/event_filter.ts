/**
 * Which of a tree's events a reader gets.
 *
 * @module
 */

import type { EmittedEvent } from "../../actor/events/event.ts";
import type { SystemEvent } from "../../events.ts";

/** What a reader of `system.events` wants; all that is left out does not matter. */
export interface EventFilter<Type extends SystemEvent["type"] = SystemEvent["type"]> {
  /** Events of that place, such as `workers/w1`, and of those below it. */
  readonly path?: string | undefined;
  /** Events of these types. One that says how many were lost always comes. */
  readonly types?: readonly Type[] | undefined;
  /** Ends the stream when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** Whether an event passes a filter. */
export function filterOf({ path = "/", types }: EventFilter): (event: EmittedEvent) => boolean {
  const wanted: ReadonlySet<string> | undefined = types && new Set(types);
  const below = `${path}/`;
  return (event) => {
    if (wanted !== undefined && !wanted.has(event.type)) return false;
    return path === "/" || event.path === path || event.path.startsWith(below);
  };
}
