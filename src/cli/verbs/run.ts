/**
 * `outrider run`
 */

import { CHILD, FILE, readArgs, UsageError, type Verb } from "../verb.ts";
import { pipeBytes } from "../talk/bytes/pipe_bytes.ts";
import { runOnce } from "../talk/bytes/run_once.ts";
import { findPartner, isInTree } from "../talk/partner.ts";

/** Runs a child once, as a job, to its end. */
export const runVerb: Verb = async (args) => {
  const { values, positionals } = readArgs(args, {
    own: { type: "boolean" },
    verbose: { type: "boolean" },
  }, [FILE, CHILD]);
  const [file, child, ...more] = positionals;
  const { path, from } = await findPartner(file, child, { own: values.own === true });
  if (isInTree(from)) return await runOnce({ path, client: from }, { args: more, as: "run" });
  const { entry } = from;
  if ("sidecar" in entry) {
    throw new UsageError(`Cannot run '${path}': it is a pool; only a sidecar can be a job`);
  }
  return await pipeBytes({ path, from: { ...from, entry } }, { verbose: values.verbose === true, run: more });
};
