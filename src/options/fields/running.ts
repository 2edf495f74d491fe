/**
 * The options of starting a tree, and of requests to a running one.
 *
 * @module
 */

import { signalField } from "../abort_signal.ts";
import { code, duration, filled, flag, key, list, shape, union, whole, word } from "../build.ts";
import { aFunction } from "./children.ts";
import type { Field, Property, ShapeField } from "../field.ts";

const signal: Property = key(signalField, "Ends it when it aborts");

function anObject(type: string): Field {
  return code("an object", type, (value) => typeof value === "object" && value !== null);
}

/** Options of the runtime and its tests only. */
const injected: Readonly<Record<string, Property>> = {
  clock: key(anObject("Clock"), "The clock that the tree lives by"),
  random: key(aFunction("() => number"), "Randomness for jitter"),
  record: key(anObject("EventRecord"), "Gets the events that it wants"),
  injected: key(anObject("object"), "What stands in for the machine"),
};

/** Options of `start`. */
export const startOptions: ShapeField = shape({ signal, ...injected });

/** Options of `system.startChild`. */
export const startChildOptions: ShapeField = shape({ signal });

const report: Field = union("true, false, an object or a function", [
  code("true or false", "boolean", (value) => typeof value === "boolean"),
  aFunction("(events: AsyncIterable<SystemEvent>) => Promise<void>"),
  shape({
    format: key(word(["text", "json"]), "How it is written"),
    level: key(word(["error", "warn", "info", "debug"]), "Events below it are not written"),
    to: key(word(["stdout", "stderr"]), "Where to"),
  }),
]);

/** Options of `launch`. */
export const launchOptions: ShapeField = shape({
  name: key(filled, "The root supervisor's id"),
  report: key(report, "Tells what happens"),
  exclusive: key(flag, "Refuses to start beside another run"),
  onHostDeath: key(
    word(["eof", "guard"], { elsewhere: { "guardian": "guard", "stdin": "eof" } }),
    "What ends the sidecars if the program is killed by SIGKILL",
  ),
  warn: key(aFunction("(warning: string) => void"), "Gets what can't be promised, and what was found"),
  stopDeadline: key(duration(0), "For stopping everything"),
  onSignal: key(word(["exit", "stop", "ignore"]), "What SIGINT, SIGTERM and SIGHUP do"),
  signal,
  runFor: key(duration(0), "Stops the tree after that"),
  stopWhenFinished: key(flag, "Stops the tree once nothing in it runs, or will by itself"),
});

const unread = whole(1, Number.MAX_SAFE_INTEGER, { isOpen: true });

/** Options of `ref.subscribe`. */
export const subscribeOptions: ShapeField = shape({
  signal,
  capacity: key(unread, "Items unread before the publisher waits"),
  bytes: key(unread, "Bytes unread before the publisher waits"),
});

/** Options of `system.events`, where there are events of these types. */
export function eventOptions(types: readonly string[]): ShapeField {
  return shape({
    path: key(filled, "Events of that place, and of those below it"),
    types: key(list(word(types)), "Events of these types"),
    signal,
  });
}
