/**
 * The errors of the command line and of the testing tools, explained.
 *
 * @module
 */

import type { SimulationErrorCode } from "../../testing/errors.ts";
import type { Explained } from "./entry.ts";

/** The codes of a command that does nothing, because of how it was called. */
export const COMMAND_LINE_ERRORS: Readonly<Record<"usage" | "permissions_missing", Explained>> = {
  usage: {
    classes: ["UsageError"],
    what: "The command line is wrong, so nothing was done. The exit code is 2.",
    causes: ["a misspelt verb or option", "a FILE, SOCKET or CHILD that is missing or one too many"],
    remedy: "'outrider VERB --help' has all that a verb takes.",
    example: "Cannot go on: FILE is missing, the manifest to use",
  },
  permissions_missing: {
    classes: ["PermissionsMissingError"],
    what:
      "Deno was started with less than the manifest, or the socket, needs. Nothing was started; the exit code is 3.",
    causes: [
      "flags that were written down before the manifest changed",
      "another user, whose PATH is another one",
    ],
    remedy:
      "Add the flags of the last line of the message, or start with what 'outrider permissions FILE' prints.",
    example: "Cannot start 'tree': 1 permission missing",
    fields: ["`missingFlag`: what to add to deno run"],
  },
};

/** The codes of `SimulationError`, and that of a sidecar without a script. */
export const TESTING_ERRORS: Readonly<Record<SimulationErrorCode | "no_script", Explained>> = {
  no_script: {
    classes: ["NoScriptError"],
    what: "A simulated tree has a sidecar for whose program there is no script, so it can't be started.",
    causes: ["a misspelt path in processes: workers/w1, not w1"],
    remedy: "Give it a script, or none on purpose: then this is how it fails.",
    example: "Cannot simulate 'workers/w1': 'processes' has scripts for db",
    fields: ["`path`: the sidecar"],
  },
  never_at_rest: {
    classes: ["SimulationError"],
    what: "Actors keep each other busy without end, so virtual time can't go on.",
    causes: [
      "two actors that tell each other something at every message",
      "a loop over promises that are done",
    ],
    remedy: "Let one of them wait for time to pass, or end.",
    example: "Cannot come to rest: actors keep each other busy without end",
  },
  timers_left: {
    classes: ["SimulationError"],
    what: "Timers are left where none should be: after the tree was stopped, or when all time was to pass.",
    causes: [
      "an actor that does not clear its timer when it stops",
      "a timer that sets itself again for ever",
    ],
    remedy: "Clear timers in stopped(), or let less time pass with advance.",
    example: "Cannot stop without a trace: 1 timers are left",
  },
  promise_pending: {
    classes: ["SimulationError"],
    what:
      "A promise that the test waits for is still pending, and nothing is left that could settle it in time.",
    causes: ["an ask that nobody answers", "something that waits for the real clock or the real world"],
    remedy: "Give everything the virtual clock, and the ask a timeout.",
    example: "Cannot go on: everything is at rest and the promise is pending",
  },
  never_started: {
    classes: ["SimulationError"],
    what: "The test looks at the life of a fake process that has not been started yet.",
    causes: ["the tree was not started, or the spec has another spawn"],
    remedy: "Start the tree first, and give the sidecar the fake's spawn.",
    example: "Cannot look at the life of a process that was never started",
  },
};
