/**
 * `outrider restart SOCKET CHILD`
 *
 * @module
 */

import { print, type Verb } from "../verb.ts";
import { readSocketArgs, reportChild, request } from "../request.ts";

/** Starts a child of a running tree by hand. */
export const restartVerb: Verb = {
  help: `Usage: outrider restart SOCKET CHILD [--timeout DURATION]

Starts CHILD of the tree that 'outrider up FILE --control SOCKET' runs, and
waits until it is ready. One that is in quarantine comes out of it. One that
runs, or waits for a restart, is stopped first. It does not count as a restart.

  CHILD               its path, such as workers/w1
  --timeout DURATION  how long to wait (default 60s); the runtime goes on

Exit code: 0 it is ready; 1 it could not be started, or nobody answers; 2 the
command line is wrong, or there is no such child; 3 a permission is missing.`,

  run(args) {
    const { socket, child, timeout } = readSocketArgs(args, {}, { child: true });
    return request(socket, { method: "restart", child }, {
      timeout,
      done: (result) => print(reportChild(result, child)),
    });
  },
};
