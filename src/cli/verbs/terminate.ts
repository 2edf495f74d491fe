/**
 * `outrider terminate SOCKET CHILD`
 *
 * @module
 */

import { print, type Verb } from "../verb.ts";
import { readSocketArgs, reportChild, request } from "../request.ts";

/** Stops a child of a running tree by hand. */
export const terminateVerb: Verb = {
  help: `Usage: outrider terminate SOCKET CHILD [--timeout DURATION]

Stops CHILD of the tree that 'outrider up FILE --control SOCKET' runs, and
waits until it has ended. It stays stopped until 'outrider restart', or until
its group is restarted; one that waited for a restart waits no more. A
temporary child is forgotten.

  CHILD               its path, such as workers/w1
  --timeout DURATION  how long to wait (default 60s); the runtime goes on

Exit code: 0 it has ended; 1 nobody answers; 2 the command line is wrong, or
there is no such child; 3 a permission is missing.`,

  run(args) {
    const { socket, child, timeout } = readSocketArgs(args, {}, { child: true });
    return request(socket, { method: "terminate", child }, {
      timeout,
      done: (result) => print(reportChild(result, child)),
    });
  },
};
