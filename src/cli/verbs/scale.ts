/**
 * `outrider scale` and `outrider replace`, of the copies of a pool.
 */

import { formatCount, printableLine } from "../../text/words.ts";
import { EXIT, type ExitCode, print, UsageError, type Verb } from "../verb.ts";
import { readTreeArgs, withTree } from "../control/request.ts";
import type { TreeTarget } from "../control/target.ts";

const POOL = "POOL is missing, its path, such as workers";

/** Milliseconds for all copies, if not said otherwise: each may take a minute to finish what it has. */
const DEFAULT_POOL_TIMEOUT_MS = 600_000;

/** Changes the number of copies of a pool. */
export const scaleVerb: Verb = async (args) => {
  const needed = { names: [POOL, "N is missing, the number of copies"] };
  const { target, rest: [pool = "", n = ""], timeout } = await readTreeArgs(args, {}, needed);
  const size = /^[0-9]{1,6}$/.test(n) ? Number(n) : 0;
  if (size === 0) {
    throw new UsageError(`Cannot scale to ${n}: it takes a whole number from 1 on; 'stop' stops a pool`);
  }
  return await change({ method: "scale", ...{ pool, size } }, { target, pool, timeout, done: "now" });
};

/** Replaces the copies of a pool, one after the other. */
export const replaceVerb: Verb = async (args) => {
  const { target, rest: [pool = ""], timeout } = await readTreeArgs(args, {}, { names: [POOL] });
  return await change({ method: "replace", ...{ pool } }, { target, pool, timeout, done: "replaced" });
};

function change(
  request: { readonly method: string },
  { target, pool, timeout, done }: {
    readonly target: TreeTarget;
    readonly pool: string;
    readonly timeout: number | undefined;
    readonly done: string;
  },
): Promise<ExitCode> {
  return withTree({ target, acts: true, timeout }, async (client) => {
    const paths = await client.call(request, timeout ?? DEFAULT_POOL_TIMEOUT_MS) as readonly string[];
    const count = formatCount(paths.length, "copy").replace(/copys$/, "copies");
    print(`${printableLine(pool)}: ${count} ${done}: ${paths.map(printableLine).join(", ")}`);
    return EXIT.OK;
  });
}
