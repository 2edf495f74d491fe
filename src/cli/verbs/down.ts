/**
 * `outrider down`
 */

import { EXIT, print, type Verb } from "../verb.ts";
import { readTreeArgs, withTree } from "../control/request.ts";

/** Milliseconds for the end of a tree, if not said otherwise: it ends by force after 90 s. */
const DEFAULT_DOWN_TIMEOUT_MS = 120_000;

/** Ends a running tree, or what a killed runtime has left of one. */
export const downVerb: Verb = async (args) => {
  const { target, timeout } = await readTreeArgs(args, {}, { names: [] });
  const unreached = async () => {
    const { endLeftBehind } = await import("../control/left_behind.ts");
    return target.file === undefined ? undefined : await endLeftBehind(target.file);
  };
  return await withTree({ target, acts: true, timeout, unreached }, async (client) => {
    const { name } = await client.request({ method: "hello" });
    const limit = timeout ?? DEFAULT_DOWN_TIMEOUT_MS;
    await client.request({ method: "stop" }, limit);
    // The runtime closes it when nothing is left of the tree.
    await client.untilClosed(limit);
    print(`${name}: stopped`);
    return EXIT.OK;
  });
};
