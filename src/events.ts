/**
 * All events of a tree, assembled from the parts that each folder declares for its own events.
 */

import type { ActorEvent, EventBase } from "./actor/events/event.ts";
import type { ContainmentEvent } from "./containment/events.ts";
import type { ProcessEvent } from "./process/events.ts";
import type { SupervisionEvent } from "./supervision/events.ts";

/** The payload of an event, without the fields common to all events. */
export type SystemEventPayload = ActorEvent | SupervisionEvent | ProcessEvent | ContainmentEvent;

/** One event of a tree. */
export type SystemEvent = EventBase & SystemEventPayload;

/** How important an event is. */
export type LogLevel = "error" | "warn" | "info" | "debug";
