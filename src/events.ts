/**
 * All events of a tree, put together from the parts that each folder declares for what it emits.
 *
 * @module
 */

import type { ActorEvent, EventBase } from "./actor/events/event.ts";
import type { ContainmentEvent } from "./containment/events.ts";
import type { ProcessEvent } from "./process/events.ts";
import type { SupervisionEvent } from "./supervision/events.ts";

/** What happened, without the fields common to all events. */
export type SystemEventPayload = ActorEvent | SupervisionEvent | ProcessEvent | ContainmentEvent;

/** One event of a tree. */
export type SystemEvent = EventBase & SystemEventPayload;
