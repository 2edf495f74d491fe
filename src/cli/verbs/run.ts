/**
 * `outrider run`
 */

import type { ControlClient } from "../../control/client.ts";
import type { ActReport } from "../../control/protocol.ts";
import { printableLine } from "../../text/words.ts";
import {
  CHILD,
  EXIT,
  type ExitCode,
  FILE,
  print,
  printErrorsEscaped,
  readArgs,
  UsageError,
  type Verb,
} from "../verb.ts";
import { pipeBytes } from "../talk/pipe_bytes.ts";
import { findPartner, isInTree } from "../talk/partner.ts";

/** Runs a child once, as a job, to its end. */
export const runVerb: Verb = async (args) => {
  const { values, positionals } = readArgs(args, {
    own: { type: "boolean" },
    verbose: { type: "boolean" },
  }, [FILE, CHILD]);
  const [file, child, ...more] = positionals;
  const { path, from } = await findPartner(file, child, values.own === true);
  if (isInTree(from)) return await runInTree(from, path, more).finally(() => from.close());
  const { entry } = from;
  if ("sidecar" in entry) {
    throw new UsageError(`Cannot run '${path}': it is a pool; only a sidecar can be a job`);
  }
  return await pipeBytes({ path, from: { ...from, entry } }, { verbose: values.verbose === true, run: more });
};

/** Starts the job in the tree that runs, and waits for its end. */
async function runInTree(client: ControlClient, path: string, more: readonly string[]): Promise<ExitCode> {
  if (more.length > 0) {
    throw new UsageError(
      `Cannot run '${path}' of a running tree with arguments: --own starts it, and what it needs, apart from that`,
    );
  }
  for await (
    const report of client.stream<ActReport>({ method: "act", ...{ action: "start", children: [path] } })
  ) {
    const why = report.already ? `Cannot run '${path}': it runs already` : report.error?.message;
    if (why === undefined) continue;
    await printErrorsEscaped(printableLine(why));
    return EXIT.FAILED;
  }
  for await (const _ of client.stream({ method: "wait", ...{ child: path, for: "stopped" } }));
  const { children } = await client.request({ method: "status" });
  const death = children.find((child) => child.path === path)?.lastExit?.death;
  const how = death?.signal ?? `exit code ${death?.code ?? 1}`;
  print(`${printableLine(path)}: ended, ${how}`);
  return (death?.signal === undefined ? death?.code ?? EXIT.FAILED : EXIT.FAILED) as ExitCode;
}
