/**
 * The errors of the command line, of executables and of the testing tools, explained.
 *
 * @module
 */

import type { SimulationErrorCode } from "../../testing/simulation_errors.ts";
import type { CompileErrorCode, UnpackErrorCode } from "../compile/compile_errors.ts";
import type { ExplainedCode } from "./entry.ts";

/** The codes of a command that does nothing, because of how it was called. */
export const COMMAND_LINE_ERRORS: Readonly<
  Record<"usage" | "permissions_missing" | "permissions_excessive", ExplainedCode>
> = {
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
  permissions_excessive: {
    classes: ["PermissionsExcessiveError"],
    what:
      'The manifest has "permissions": "strict", and Deno was started with more than it needs. Nothing was started; the exit code is 3.',
    causes: [
      "-A, or a flag without values, such as --allow-run",
      "a task that starts Outrider with permissions for every manifest, as 'deno task outrider' does",
      "flags that were written down before the manifest changed",
    ],
    remedy:
      'Start with the flags of the last line of the message, or say `"permissions": "enough"` in the manifest.',
    example: `Cannot start 'tree': its permissions are "strict", and more is granted than it needs`,
    fields: ["`excess`: what is granted and not needed", "`exactFlags`: what to give deno run instead"],
  },
};

/** The codes of `CompileError` and `UnpackError`. */
export const EXECUTABLE_ERRORS: Readonly<Record<CompileErrorCode | UnpackErrorCode, ExplainedCode>> = {
  no_compiler: {
    classes: ["CompileError"],
    what: "This Outrider is a compiled program itself, and has no deno in it that could compile.",
    causes: ["an outrider that was made with deno compile"],
    remedy: "Run Outrider with deno: deno task outrider compile FILE -o NAME.",
    example: "Cannot compile: this is a compiled program; run Outrider with deno",
  },
  embed_unreadable: {
    classes: ["CompileError"],
    what: "A program that is to be embedded can't be read, so nothing was made.",
    causes: [
      "it has yet to be built",
      "a misspelt path",
      "its mode does not let this user read it",
      "it has more than 1 GiB",
    ],
    remedy: "Build the program first, or correct its path in the manifest.",
    example: "Cannot embed /srv/app/worker: No such file or directory (os error 2)",
  },
  embed_not_pinned: {
    classes: ["CompileError"],
    what:
      "A program that is to be embedded is not the one that the manifest pins by its SHA-256, so it could never start. Nothing was made.",
    causes: ["it was built again after it was pinned", "the pin is that of another platform's program"],
    remedy: "Pin the program that is there: the message has its SHA-256. Or build the pinned one again.",
    example:
      "Cannot embed /srv/app/worker: its SHA-256 is 5891b5b5…, and 'workers/w1' is pinned to 0263829989…",
  },
  output_unwritable: {
    classes: ["CompileError"],
    what: "The folder that the executable was to be made in is missing, or this user may not write to it.",
    causes: ["a misspelt path", "a folder that has yet to be made"],
    remedy: "Make the folder, or choose another one.",
    example: "Cannot make /srv/bin/app: there is no folder /srv/bin",
  },
  base_binary_missing: {
    classes: ["CompileError"],
    what:
      "An executable is made of denort, the base binary of the same version of Deno, and it can't be had. Nothing was made.",
    causes: ["no way to dl.deno.land from this machine", "DENORT_BIN names a file that is not there"],
    remedy:
      "Get denort where the network allows it, as the message says, and set DENORT_BIN to it. It is kept by Deno after the first download.",
    example:
      "Cannot make an executable without its base binary, denort: DENORT_BIN names /opt/denort, and no such file is there",
  },
  base_binary_unfit: {
    classes: ["CompileError"],
    what: "The executable was made and does not run, so it was removed again.",
    causes: ["DENORT_BIN is of another version, or for another machine, than the deno that compiles"],
    remedy: "Set DENORT_BIN to the denort of that very version.",
    example: "Cannot use what was made: it does not run; DENORT_BIN takes the denort of Deno 2.9.6",
  },
  compile_failed: {
    classes: ["CompileError"],
    what: "Deno failed to compile; the message has what it said.",
    causes: ["a package that can't be downloaded", "a disk that is full"],
    remedy: "Deal with what Deno says.",
    example: "Cannot make app: deno compile failed",
  },
  embedded_damaged: {
    classes: ["UnpackError"],
    what: "A program in the executable is not the one that was put there, so nothing was started.",
    causes: ["an executable that was changed, or copied in part"],
    remedy: "Copy it again, or make it again.",
    example: "Cannot unpack worker: it is not what was embedded; make the executable again, or copy it again",
  },
  unpack_folder_taken: {
    classes: ["UnpackError"],
    what:
      "The folder for the programs of this executable is not this user's alone, or another user could exchange it, so nothing was started.",
    causes: [
      "another user made a folder of that name, or runs the same executable at this moment",
      "a folder above it belongs to another user, or lets others write, as the message says",
      "sudo, which keeps the HOME of another user",
    ],
    remedy:
      "Have it removed, or mend what the message names. Or set XDG_CACHE_HOME to a folder of your own, or make the executable with --unpack-to and one.",
    example:
      "Cannot unpack to /srv/shared/outrider-0123456789abcdef: others may write to /srv/shared (mode 0777); set XDG_CACHE_HOME to a folder of this user's own, or compile with --unpack-to and one",
  },
  unpack_folder_unusable: {
    classes: ["UnpackError"],
    what: "No folder for the programs of this executable can be used, so nothing was started.",
    causes: [
      "neither XDG_CACHE_HOME nor HOME is set",
      "its file system is read only, or full, or lets no program run (it is mounted noexec)",
    ],
    remedy:
      "Set XDG_CACHE_HOME to a folder of your own where programs may run, or make the executable with --unpack-to and one.",
    example:
      "Cannot unpack to /home/me/.cache/outrider-0123456789abcdef: no program may run there, its file system is mounted noexec; set XDG_CACHE_HOME to a folder of this user's own, or compile with --unpack-to and one",
  },
};

/** The codes of `SimulationError`, and that of a sidecar without a script. */
export const TESTING_ERRORS: Readonly<Record<SimulationErrorCode | "no_script", ExplainedCode>> = {
  no_script: {
    classes: ["NoScriptError"],
    what: "A simulated tree has a sidecar for whose program there is no script, so it can't be started.",
    causes: ["a misspelt path in `processes`: workers/w1, not w1"],
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
    remedy: "Clear timers in `stopped()`, or let less time pass with `advance`.",
    example: "Cannot stop without a trace: 1 timers are left",
  },
  promise_pending: {
    classes: ["SimulationError"],
    what:
      "A promise that the test waits for is still pending, and nothing is left that could settle it in time.",
    causes: ["an ask that is never answered", "something that waits for the real clock or the real world"],
    remedy: "Give everything the virtual clock, and the ask a timeout.",
    example: "Cannot go on: everything is at rest and the promise is pending",
  },
  never_started: {
    classes: ["SimulationError"],
    what: "The test looks at the life of a fake process that has not been started yet.",
    causes: ["the tree was not started, or the spec has another `spawn`"],
    remedy: "Start the tree first, and give the sidecar the fake's `spawn`.",
    example: "Cannot look at the life of a process that was never started",
  },
};
