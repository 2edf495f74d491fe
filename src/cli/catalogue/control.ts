/**
 * The errors of control sockets, explained.
 *
 * @module
 */

import type { ControlErrorCode } from "../../control/control_errors.ts";
import type { ControlRefusal } from "../../control/protocol.ts";
import type { SupervisionErrorCode } from "../../supervision/supervision_errors.ts";
import type { ExplainedCode } from "./entry.ts";

/** The codes of `ControlError`, and of its causes. */
export const CONTROL_ERRORS: Readonly<Record<ControlErrorCode | "line_too_long", ExplainedCode>> = {
  unsupported: {
    classes: ["ControlError"],
    what: "This platform has no control sockets.",
    causes: ["Windows: Deno can't use Unix sockets there"],
    remedy: "Run without --control.",
    example: "Cannot use a control socket: Windows has none that Deno can use",
  },
  bad_path: {
    classes: ["ControlError"],
    what: "No socket can be at that path: it is too long, or its folder is missing.",
    causes: ["a deep folder: the system allows about 100 bytes", "a folder that has yet to be made"],
    remedy: "Choose a short path in a folder that is there and yours, such as one in $XDG_RUNTIME_DIR.",
    example: "Cannot listen at /run/app/s: there is no folder /run/app",
  },
  not_a_socket: {
    classes: ["ControlError"],
    what: "There is something else at the path, and it was left alone.",
    causes: ["a file of that name"],
    remedy: "Remove it, or choose another path.",
    example: "Cannot listen at /run/app.sock: there is something else; remove it, or choose another path",
  },
  in_use: {
    classes: ["ControlError"],
    what: "Another runtime listens at the path.",
    causes: ["the same tree runs already"],
    remedy: "Stop that one, or choose another path.",
    example: "Cannot listen at /run/app.sock: another runtime does; stop that one, or choose another path",
  },
  not_private: {
    classes: ["ControlError"],
    what:
      "Others could connect to the socket, or put another in its place, or it is another user's; so it was not opened.",
    causes: [
      "a folder on the way that another user owns, or that others may write to",
      "a client that is run by another user than the runtime, root included",
      "a umask that lets others in, in a folder that they may enter",
      "a file system without modes",
    ],
    remedy: "Choose a folder that only you may enter, or start under 'umask 077'.",
    example:
      "Cannot listen at /srv/s: another user could put another socket in its place, as others may write to /srv (mode 0777); choose a folder of your own",
  },
  unreachable: {
    classes: ["ControlError"],
    what: "Nothing listens there, or this user may not connect.",
    causes: [
      "the tree has ended, or was started without --control",
      "another path than it was given",
      "the runtime of another user",
    ],
    remedy: "Start it with 'outrider up FILE --control SOCKET', and name the same path here.",
    example: "Cannot reach a runtime at /run/app.sock: there is no such socket",
  },
  no_answer: {
    classes: ["ControlError"],
    what:
      "The runtime took the connection and did not answer in time, or ended before it did. What was asked for may still be done.",
    causes: [
      "a start or a stop that takes longer than --timeout",
      "a runtime that is stopped by SIGSTOP, or hangs",
    ],
    remedy: "See how it stands with 'outrider status SOCKET', or wait longer: --timeout.",
    example: "Cannot get an answer from the runtime at /run/app.sock: it did not within 5000 ms",
  },
  bad_reply: {
    classes: ["ControlError"],
    what: "What answers at the socket does not speak the protocol.",
    causes: ["the socket of another program", "an Outrider of another version"],
    remedy: "Name the socket that 'outrider up --control' was given; use the same version for both.",
    example: "Cannot understand what answers at /run/app.sock: it is not Outrider, or one of another version",
  },
  refused: {
    classes: ["ControlError"],
    what: "The runtime answered no. `refusal` has the code of why, which is explained here too.",
    causes: ["see the refusal"],
    remedy: "See the refusal.",
    example: "Cannot find 'w9' in '/workers': its children are w1, w2",
    fields: ["`refusal`: the code that the runtime gave"],
  },
  line_too_long: {
    classes: ["LineTooLongError"],
    what: "The other side of the connection sent a line that is longer than a request or reply may be.",
    causes: ["another program than Outrider"],
    remedy: "Connect to the right socket.",
    example: "Cannot take a line of more than 16384 bytes",
  },
};

/** The codes with which a runtime refuses a request, beside those of supervisors. */
export const REFUSALS: Readonly<
  Record<Exclude<ControlRefusal, SupervisionErrorCode | "start_failed">, ExplainedCode>
> = {
  bad_request: {
    classes: ["Refusal"],
    what:
      "The request is not a JSON object on one line, or has an unknown method or field. The connection stays.",
    causes: ["a client of one's own", "a client of a newer version"],
    remedy: "docs/control.md has all requests.",
    example: "Cannot read the request: it is not one JSON object a line",
  },
  too_long: {
    classes: ["Refusal"],
    what: "The request is longer than a request may be, and the connection was closed.",
    causes: ["a client of one's own that sends no newline"],
    remedy: "End each request with a newline.",
    example: "Cannot take a request of more than 16384 bytes",
  },
  busy: {
    classes: ["Refusal"],
    what:
      "The runtime has as many connections or requests as it takes, or a restart of that child is under way.",
    causes: ["a second restart of the same child", "clients that do not close their connections"],
    remedy: "Try again later.",
    example: "Cannot restart 'db': a restart of it is under way",
  },
  temporary: {
    classes: ["Refusal"],
    what:
      "A temporary child that runs can't be restarted: once it has stopped, its supervisor has forgotten it.",
    causes: ["a restart of a temporary child"],
    remedy: "Make it `transient` if it is to be restarted by hand.",
    example: "Cannot restart 'job': it is temporary, so its supervisor forgets it when it stops",
  },
  internal: {
    classes: ["Refusal"],
    what: "The runtime failed to carry out the request for a reason that it has no code for.",
    causes: ["a fault of Outrider"],
    remedy: "Report it, with the message and the timeline of that moment.",
    example: "Cannot go on: undefined was thrown",
  },
};
