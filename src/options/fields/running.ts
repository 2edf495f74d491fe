/**
 * The options of starting a tree, and of requests to a running one.
 */

import { signalField } from "../abort_signal.ts";
import { code, duration, filled, flag, key, list, shape, types, union, whole, word } from "../build.ts";
import { aFunction } from "./children.ts";
import { codeLogField } from "./log.ts";
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
    time: key(word(["clock", "elapsed"]), "How the timeline tells the time"),
    to: key(word(["stdout", "stderr"]), "Where to"),
  }),
]);

const appFields: Readonly<Record<string, Property>> = {
  stopDeadline: key(duration(0), "For stopping everything; `Infinity` for no limit", {
    otherwise: "90s, or what all stop sequences take in turn, if that is longer",
    more: "Where it is shorter than that, steps are shortened as far as those that stop later need the rest.",
  }),
  onSignal: key(
    word(["exit", "stop", "ignore"], {
      types: types(
        "OnSignal",
        "OnSignal",
        "The effect of a signal: `exit` stops the tree and then ends the process with exit code 128 + the signal's number;\n" +
          "`stop` stops the tree; `ignore` nothing, for a program that listens itself.",
      ),
    }),
    "The effect of SIGINT, SIGTERM, SIGHUP and SIGQUIT",
    { otherwise: "exit" },
  ),
  signal: key(signalField, "Stops the tree when it aborts", { otherwise: "none" }),
  runFor: key(duration(0), "Stops the tree after that; `Infinity` is as good as none", { otherwise: "none" }),
  stopWhenFinished: key(flag, "Stops the tree once nothing in it runs, or will by itself", {
    otherwise: "false: children may still be added",
  }),
};

/** Options of a tree that is the business of its program. */
export const appOptions: ShapeField = shape(appFields, {
  types: types("AppOptions", "AppOptions", "How a tree runs and ends."),
});

/** Options of `launch`. */
export const launchOptions: ShapeField = shape({
  name: key(filled, "The root supervisor's id, where `launch` makes it", { otherwise: "app" }),
  report: key(
    { ...report, input: "boolean | LaunchReport | ((events: AsyncIterable<SystemEvent>) => Promise<void>)" },
    "Tells what happens: as a timeline on standard error, as its options say, or to a function of your own",
    {
      otherwise: "false",
      more:
        "The function gets the events from the first on, without lines of output, and is awaited at the end, for " +
        "a second at most.",
    },
  ),
  log: key(
    union("an object, or a list of them", [codeLogField, list(codeLogField)], {
      input: "LogFileInput | readonly LogFileInput[]",
      output: "CheckedLogFile | readonly CheckedLogFile[]",
    }),
    "Files that output and events are written to",
    { otherwise: "none" },
  ),
  exclusive: key(flag, "Refuses to start while another run of the same program has a tree of that name", {
    otherwise: "false",
  }),
  onHostDeath: key(
    {
      ...word(["eof", "guard"], { elsewhere: { "guardian": "guard", "stdin": "eof" } }),
      input: "OnHostDeath",
    },
    "The mechanism that ends the sidecars if this program is killed by SIGKILL",
    {
      otherwise: "guard where sh may be run, else eof",
      more: "`guard`, a small process that ends all within a second; `eof`, the end of their stdin.",
    },
  ),
  warn: key(
    aFunction("(warning: string) => void"),
    "Gets, as a sentence, what can't be promised, and what was found left behind",
    {
      otherwise: "a line on standard error",
      more: "Where there is no report, also that the tree gave up.",
    },
  ),
  ...appFields,
}, {
  types: types("LaunchOptions", "LaunchOptions", "Options of `launch`."),
  misplaced: Object.fromEntries(
    ["strategy", "intensity", "onLimit", "onStartFailure", "autoShutdown"].map((
      key,
    ) => [key, `it is an option of a supervisor: launch(supervisor("app", [child], { ${key}: … }))`]),
  ),
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
