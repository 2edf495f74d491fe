/**
 * The errors between the runtime and a process, explained.
 *
 * @module
 */

import type { ProcessErrorCode } from "../../process/process_errors.ts";
import type { ContainmentErrorCode } from "../../containment/containment_errors.ts";
import type { ExplainedCode } from "./entry.ts";

/** The codes of `ProcessError`. */
export const PROCESS_ERRORS: Readonly<Record<ProcessErrorCode, ExplainedCode>> = {
  program_not_found: {
    classes: ["ProgramNotFoundError"],
    what: "There is no program of that name where it was looked for. It is not tried again.",
    causes: [
      "the program is not installed, or its name is misspelt",
      "the sidecar's PATH is another one: it has what `env` sets, or what `inheritEnv` passes on",
      "a path is relative to the manifest's folder, not to where outrider was started",
    ],
    remedy:
      "Install it, correct the name, or give an absolute path. 'outrider check FILE' looks for all of them.",
    example: 'Cannot start "pgg": it is in none of /usr/bin, /bin; install it or correct the name',
    fields: ["`program`: as it was asked for", "`searched`: the folders, or the one path"],
  },
  program_not_executable: {
    classes: ["ProgramNotExecutableError"],
    what: "The file is there, and the system refuses to run it. It is not tried again.",
    causes: [
      "its mode has no x",
      "it is a folder",
      "a script without a #! line, or one whose interpreter may not be run",
      "a file system that is mounted noexec",
    ],
    remedy:
      "Make it executable (chmod +x), or name the interpreter as the command and the file as its argument; " +
      "of a folder, name the program in it.",
    example: 'Cannot start "./job.sh": the system refuses to run it; make it executable (chmod +x)',
    fields: ["`program`: as it was asked for"],
  },
  working_directory_missing: {
    classes: ["WorkingDirectoryError"],
    what: "The folder that the program was to run in does not exist, or is not a folder.",
    causes: ["a misspelt `cwd`", "a folder that something else has yet to make"],
    remedy: "Create the folder or correct `cwd`, which is relative to the manifest's folder.",
    example:
      'Cannot start "cat": its working directory "/srv/none" is not a folder; create it or correct cwd',
    fields: ["`program`", "`cwd`: the folder"],
  },
  permission_missing: {
    classes: ["PermissionMissingError"],
    what: "Deno was started without a permission that the program needs, so it was not started.",
    causes: [
      "the manifest has changed since the flags were written down",
      "a program of the same name comes first on the PATH that the sidecar sets",
    ],
    remedy: "Add the flag that the message names. 'outrider permissions FILE' prints all of them.",
    example: 'Cannot start "cat": a permission is missing; add --allow-run=cat',
    fields: ["`program`", "`missingFlag`: what to add to deno run"],
  },
  secret_unreadable: {
    classes: ["SecretFileError"],
    what:
      "A variable's value stands in a file that can't be used. Nothing of it is shown; it is not tried again.",
    causes: [
      "the file is missing, or this user may not read it",
      "it is not UTF-8 text, such as a binary key, or has more than 65,536 bytes",
    ],
    remedy: "Put the value alone into the file, as text, and let this user read it.",
    example:
      'Cannot start "db": the file /run/key for its variable KEY can\'t be used: No such file or directory',
    fields: ["`variable`: its name", "`file`: absolute", "`why`: what is wrong with it"],
  },
  program_changed: {
    classes: ["ProgramChangedError"],
    what:
      "The program's file does not have the SHA-256 that the manifest pins. It is not run, and not tried again.",
    causes: [
      "the program was updated, and the manifest was not",
      "PATH leads to another file than was pinned",
      "it was replaced",
    ],
    remedy: "Find out who changed the file; if that was meant, put the new SHA-256 into `sha256`.",
    example: 'Cannot start "db": /usr/bin/db is not the pinned file: its SHA-256 is 11, not 22',
    fields: [
      "`program`: as it was asked for",
      "`file`: what was looked at",
      "`expected`, `found`: SHA-256 in hexadecimal",
    ],
  },
  program_too_large: {
    classes: ["ProgramTooLargeError"],
    what:
      "The program is pinned by its SHA-256, for which its file is read before each start, and is larger than 1 GiB. It is not run, and not tried again.",
    causes: [
      "the file carries data, such as a model, that belongs beside it",
      "another file with holes was put there, which has any size and takes no room",
    ],
    remedy:
      "Pin a smaller program that checks the rest itself, or leave `sha256` out and take away others' right to write there.",
    example:
      'Cannot start "llm": its SHA-256 is pinned, and /opt/llm has 4,294,967,296 bytes, more than the 1,073,741,824 that are read for that',
    fields: [
      "`program`: as it was asked for",
      "`file`: what was looked at",
      "`size`: in bytes",
    ],
  },
  program_untrusted: {
    classes: ["ProgramUntrustedError"],
    what:
      "A program that an executable unpacked is not this user's own any more, or another user could have exchanged it. It is not run, and not tried again.",
    causes: [
      "its folder was removed while the executable ran, as cleaners of temporary folders do, and another user made one of that name",
      "the owner or the mode of the file, or of a folder on the way to it, was changed",
    ],
    remedy:
      "Start the executable again. Let it unpack to a folder that no cleaner and no other user may touch.",
    example:
      'Cannot start "/srv/tmp/outrider-0123456789abcdef/worker": /srv/tmp/outrider-0123456789abcdef belongs to user 1001; another user could have put it there',
    fields: ["`file`: what was looked at", "`why`: what is wrong with it"],
  },
  identity_refused: {
    classes: ["IdentityError"],
    what:
      "The runtime may not become the user or group that the program is to run as. It is not tried again.",
    causes: ["the runtime is not root", "Windows, which has no such numbers"],
    remedy: "Run as root, or leave out `uid` and `gid`.",
    example: 'Cannot start "db" as user 1000 and group 1000: Windows has no such numbers',
    fields: ["`program`: as it was asked for"],
  },
  system_refused: {
    classes: ["SystemRefusedError"],
    what: "The system would not start the program. It is tried again, by the rules of a restart.",
    causes: [
      "too many open files: a sidecar takes three of its runtime's",
      "too many processes of the user, or in the container",
      "no memory; arguments and environment that are too long together; a file that is being written",
    ],
    remedy: "Do what the message says: raise the limit (ulimit -n, ulimit -u), or run fewer sidecars.",
    example:
      'Cannot start "sleep": Too many open files; raise the limit of open files (ulimit -n), of which a sidecar takes three, or run fewer sidecars',
    fields: [
      "`program`: as it was asked for",
      "`errno`: the system's name for the reason, such as `EMFILE`, if it told one",
      "`cause`: what Deno threw",
    ],
  },
  exit_unknown: {
    classes: ["ExitUnknownError"],
    what:
      "The process has ended, and the system did not tell how. It counts as a failure; the sidecar is restarted by its rules.",
    causes: [
      "Outrider was started by a program that ignores SIGCHLD, and left it so: the system then reaps each child unasked",
    ],
    remedy: "Have the program that starts Outrider set SIGCHLD to its default first.",
    example:
      "Cannot tell how process 4711 ended: No child processes; if Outrider was started with SIGCHLD ignored, start it without that",
    fields: ["`pid`: the number that it had", "`cause`: what Deno threw"],
  },
  pipe_closed: {
    classes: ["PipeClosedError"],
    what: "The process takes no more on its stdin, so the message was not written.",
    causes: ["it has closed its stdin, or has ended", "it is being stopped"],
    remedy:
      "If it should read on, look at why the program closed its stdin: its last lines on stderr may tell.",
    example: "Cannot write to process 4711: its stdin was closed",
    fields: ["`pid`: the process"],
  },
  pipe_taken: {
    classes: ["PipeTakenError"],
    what: "The stdout of a process has one reader, and there is one already.",
    causes: ["`readStdout` was called twice"],
    remedy: "Share what the first reader takes.",
    example: "Cannot read stdout of process 4711: it has a reader; share what that one takes",
    fields: ["`pid`: the process"],
  },
  unencodable_message: {
    classes: ["UnencodableMessageError"],
    what: "The protocol has no frame for this message, so it was not sent. All others are.",
    causes: [
      "a line with a newline in it",
      "an object that contains itself, a bigint or a function, where JSON is spoken",
      "text where bytes are wanted, or bytes whose buffer was transferred",
      "a `toJSON`, a getter, a codec or a hook of your own that throws: it is the cause",
    ],
    remedy: "Send what the protocol takes: docs/protocols.md has a table.",
    example:
      "Cannot encode a message as lines: it contains a newline and would be two; send the lines one by one",
    fields: ["`codec`: the protocol"],
  },
};

/** The codes of `ContainmentError`. */
export const CONTAINMENT_ERRORS: Readonly<Record<ContainmentErrorCode, ExplainedCode>> = {
  already_running: {
    classes: ["ContainmentError"],
    what:
      "Another runtime runs this manifest, under whatever name it was given; or another run of this program has the tree that it launches with exclusive: true. Nothing was started.",
    causes: ["a second terminal", "a service that runs it"],
    remedy:
      "Stop the other one. outrider up --take-over stops it first; a program that leaves out exclusive runs beside it.",
    example:
      "Cannot start /srv/shop/outrider.json: process 4711 runs it since 2026-01-01T12:00:00.000Z; stop that one, or add --take-over",
    fields: ["`pid`: the process of the other runtime"],
  },
  not_taken_over: {
    classes: ["ContainmentError"],
    what:
      "The other runtime was told to stop, and then killed, and is still there; or it may not be signalled; or it is not sure that the process with the number in its lock is that runtime.",
    causes: [
      "a runtime of another user",
      "a runtime in another container, or on another machine, that shares the folder for ledgers",
      "a runtime without --allow-run=ps, or of an earlier version: it does not write down when it started",
      "a permission that is missing: --allow-run=kill,ps, or the folder in which it is on record",
    ],
    remedy: "Stop the other one by hand, or start with what 'outrider permissions FILE --contain' prints.",
    example: "Cannot take over from process 4711: it is still there after SIGKILL",
    fields: ["`pid`: the process of the other runtime"],
  },
  unsafe_state: {
    classes: ["ContainmentError"],
    what:
      "A lock or a ledger in the folder for ledgers is a link, or not a file, or belongs to another user. It was neither read nor written, and nothing was started.",
    causes: ["a file that was put there", "a folder that was copied or restored by another user"],
    remedy: "Look at the file, and remove it.",
    example:
      "Cannot use /home/ann/.local/state/outrider/outrider.json-0123456789abcdef.lock: it is a link; remove it",
  },
};
