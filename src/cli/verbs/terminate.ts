/**
 * `outrider terminate SOCKET CHILD`
 */

import { print, type Verb } from "../verb.ts";
import { readSocketArgs, reportChild, request } from "../request.ts";

/** Stops a child of a running tree by hand. */
export const terminateVerb: Verb = (args) => {
  const { socket, child, timeout } = readSocketArgs(args, {}, { child: true });
  return request(socket, { method: "terminate", child }, {
    timeout,
    done: (result) => print(reportChild(result, child)),
  });
};
