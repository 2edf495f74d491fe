/**
 * The errors of supervisors, explained.
 *
 * @module
 */

import type { SupervisionErrorCode } from "../../supervision/supervision_errors.ts";
import type { ExplainedCode } from "./entry.ts";

/** Why a tree did not start, or could not go on. */
export const TREE_ERRORS: Readonly<
  Record<
    "start_failed" | "start_timeout" | "start_cancelled" | "dependency_failed" | "gave_up",
    ExplainedCode
  >
> = {
  start_failed: {
    classes: ["StartError", "Refusal"],
    what:
      "A child could not be started. When the tree starts that is final: what had started is stopped again, in reverse order. The cause says why.",
    causes: ["the program is missing", "it ended before it was ready", "it was not ready in time"],
    remedy: "Look at the cause; its own code is explained here too.",
    example: "Cannot start 'workers/w1': the system refuses it",
    fields: ["`path`: the child"],
  },
  start_timeout: {
    classes: ["StartTimeoutError"],
    what: "A child was not ready within the time that its start may take, and was stopped.",
    causes: ["its start waits for something that does not come", "`startWithin` is too short"],
    remedy: "Look at what it waits for, or give it longer: `startWithin`.",
    example: "Cannot wait longer for 'db': it was not ready within 90000 ms",
  },
  start_cancelled: {
    classes: ["StartCancelledError"],
    what: "The child, or what it is part of, was stopped while it was starting.",
    causes: ["a signal, or a stop, during the start", "another child of the group failed to start"],
    remedy: "Nothing, if that was meant.",
    example: "Cannot start 'db': told to stop before it was ready",
    fields: ["`path`: the child, or `/` for the tree"],
  },
  dependency_failed: {
    classes: ["DependencyFailedError"],
    what: "What the child starts after is not, or never will be, as the dependency wants it.",
    causes: [
      "a job that had to end with exit code 0 failed",
      "a child that is added while the tree runs depends on one that does not run: it is not waited for",
    ],
    remedy: "See why that sibling failed, or depend on a weaker condition.",
    example:
      "Cannot go on: it starts after 'migrate', which failed: the process of 'migrate' exited with code 3",
    fields: ["`dependency`: the sibling"],
  },
  gave_up: {
    classes: ["GaveUpError"],
    what:
      "A supervisor had more restarts than its intensity allows. It has stopped its children and ended; at the root, the tree ends. The cause is the failure that was one too many.",
    causes: [
      "a child fails again and again for a lasting reason: a configuration, a port in use, a service that is down",
      "an `intensity` that is too small for what is normal here",
    ],
    remedy:
      "Deal with the cause. Where one child must not take the others along, use `onLimit.quarantine` or a supervisor of its own; 'outrider explain FILE CHILD' shows what would happen.",
    example: "Cannot keep 'workers' running: more than 5 restarts within 60000 ms: exit code 1",
    fields: ["`path`: the supervisor"],
  },
};

/** The codes of `SupervisionError`, which changes nothing; a control socket passes them on as refusals. */
export const SUPERVISION_ERRORS: Readonly<Record<SupervisionErrorCode, ExplainedCode>> = {
  duplicate_id: {
    classes: ["SupervisionError"],
    what: "Two children of one supervisor have the same id.",
    causes: ["a child that was copied and not renamed"],
    remedy: "Give one of them another id.",
    example: "Cannot supervise two children of the same id 'w1' in 'workers'",
  },
  bad_combination: {
    classes: ["SupervisionError"],
    what: "A significant child is permanent, or its supervisor has no `autoShutdown`.",
    causes: ["`significant` without the settings that give it a meaning"],
    remedy: "Make the child `transient` or `temporary` and set `autoShutdown`, or take `significant` away.",
    example:
      "Cannot supervise 'job': a significant child is transient or temporary, and its supervisor has an autoShutdown",
  },
  not_found: {
    classes: ["SupervisionError", "Refusal"],
    what: "The supervisor has no child of that id.",
    causes: ["a misspelt id", "a temporary or dynamic child that has ended: it is forgotten"],
    remedy: "Use one of the ids that the message lists.",
    example: "Cannot find 'w9' in '/workers': its children are w1, w2",
  },
  no_supervisor: {
    classes: ["SupervisionError", "Refusal"],
    what: "There is no supervisor at that path that takes requests.",
    causes: ["a misspelt path", "it has ended, waits for a restart, or is about to stop"],
    remedy: "See what runs: 'outrider status SOCKET', or `system.status()`.",
    example: "Cannot reach 'workers': no supervisor runs there",
  },
  running: {
    classes: ["SupervisionError", "Refusal"],
    what: "The child runs or is starting, and what was asked for is for one that does not.",
    causes: ["`restartChild` or `deleteChild` of a child that runs"],
    remedy: "Terminate it first.",
    example: "Cannot do that to 'db': it is running; terminate it first",
  },
  restarting: {
    classes: ["SupervisionError", "Refusal"],
    what: "The child waits for its next start, which its supervisor has planned already.",
    causes: ["a request between a crash and the restart"],
    remedy: "Wait for the start, or terminate the child first.",
    example: "Cannot do that to 'db': it is about to be started again",
  },
  already_started: {
    classes: ["SupervisionError"],
    what: "A child of that id runs already.",
    causes: ["`startChild` twice with the same id"],
    remedy: "Choose another id, or stop and delete the one that runs.",
    example: "Cannot start a second 'db': delete the first, or start that again",
  },
  already_present: {
    classes: ["SupervisionError"],
    what: "A child of that id is known to its supervisor, and does not run.",
    causes: ["`startChild` for a child that was terminated, and not deleted"],
    remedy: "Start that one again with `restartChild`, or delete it first with `deleteChild`.",
    example: "Cannot start a second 'db': delete the first, or start that again",
  },
  unknown_dependency: {
    classes: ["SupervisionError"],
    what: "A child is to start after one that its supervisor does not have.",
    causes: ["a misspelt id", "a child of another supervisor: dependencies are between siblings"],
    remedy: "Name a sibling.",
    example: "Cannot start 'api' after 'dbb': it has no sibling 'dbb'; its siblings are db, cache",
  },
  dependency_cycle: {
    classes: ["SupervisionError"],
    what: "Children wait for each other, so none of them could ever start.",
    causes: ["`after`, in a circle"],
    remedy: "Take one of the dependencies away.",
    example: "Cannot start api → db → api: each waits for the next",
  },
  dynamic: {
    classes: ["SupervisionError", "Refusal"],
    what: "A dynamic supervisor can't do that: it forgets children that do not run.",
    causes: [
      "`restartChild` or `deleteChild` under a dynamic supervisor",
      "a restart of a child that was added by code",
    ],
    remedy: "Terminate the child, and add it again with `startChild`.",
    example: "Cannot do that to 'w3': 'workers' forgets children that do not run",
  },
  max_children: {
    classes: ["SupervisionError"],
    what: "The dynamic supervisor has as many children as it may, so no other was added.",
    causes: ["children that are added faster than they end", "a small `maxChildren`"],
    remedy: "Wait until one has ended, or raise `maxChildren`.",
    example: "Cannot start 'w101': 'workers' has 100 children",
  },
};
