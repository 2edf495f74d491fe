/**
 * `outrider restart SOCKET CHILD`
 */

import { print, type Verb } from "../verb.ts";
import { readSocketArgs, reportChild, request } from "../request.ts";

/** Starts a child of a running tree by hand. */
export const restartVerb: Verb = (args) => {
  const { socket, child, timeout } = readSocketArgs(args, {}, { child: true });
  return request(socket, { method: "restart", child }, {
    timeout,
    done: (result) => print(reportChild(result, child)),
  });
};
