/**
 * `outrider start`, `stop` and `restart` (`terminate`), of a FILE or SOCKET and any number of children.
 */

import type { ControlClient } from "../../control/client.ts";
import type { ActReport, ControlAction } from "../../control/protocol.ts";
import { printableLine } from "../../text/words.ts";
import { lookAt } from "../arguments.ts";
import {
  commandName,
  EXIT,
  type ExitCode,
  print,
  printErrorsEscaped,
  unknownChild,
  UsageError,
  type Verb,
} from "../verb.ts";
import {
  againLine,
  DEFAULT_ACTION_TIMEOUT_MS,
  readTreeArgs,
  reportChild,
  withTree,
} from "../control/request.ts";
import { type TreeTarget, verbLine } from "../control/target.ts";

const CHILDREN = "CHILD is missing, its path, such as workers/w1; 'all' is all of them";

/** Starts children of a running tree, and waits until they are ready. */
export const startVerb: Verb = (args) => actVerb("start", args);
/** Stops children of a running tree, and waits until they have ended. */
export const stopVerb: Verb = (args) => actVerb("stop", args);
/** Stops and starts children of a running tree. */
export const restartVerb: Verb = (args) => actVerb("restart", args);

async function actVerb(action: ControlAction, args: readonly string[]): Promise<ExitCode> {
  const { target, rest: children, timeout } = await readTreeArgs(args, {}, {
    names: [action === "stop" ? `${CHILDREN}, and '${commandName()} down' ends the tree` : CHILDREN],
    most: Infinity,
  });
  if (children.includes("/")) {
    const ends = `'${verbLine(target, "down")}' ends it`;
    throw new UsageError(
      `Cannot ${action} '/': that is the whole tree; ${ends}, and 'all' is all of its children`,
    );
  }
  return await withTree({ target, acts: true, timeout }, async (client) => {
    let code: ExitCode = EXIT.OK;
    for await (
      const report of client.stream<ActReport>({ method: "act", ...{ action, children } }, {
        timeout: timeout ?? DEFAULT_ACTION_TIMEOUT_MS,
      })
    ) {
      if (isUnknown(report)) {
        const { children } = await client.request({ method: "status" });
        const paths = children.map(({ path }) => path);
        // Below a supervisor that is known and does not run, no child is known.
        if (!paths.some((path) => report.path.startsWith(`${path}/`))) throw unknownChild(report.path, paths);
      }
      if (report.error !== undefined) code = EXIT.FAILED;
      await tell(report, target);
    }
    if (action !== "stop") await tellIfChanged(client, target);
    return code;
  });
}

/** Says so where FILE is not what the tree was started with: an operator who has edited it expects that now. */
async function tellIfChanged(client: ControlClient, target: TreeTarget): Promise<void> {
  const changedAt = target.file === undefined ? undefined : lookAt(target.file)?.mtime?.getTime();
  if (changedAt === undefined) return;
  const { startedAt } = await client.request({ method: "status" });
  if (changedAt <= startedAt) return;
  await printErrorsEscaped(
    `The manifest was changed since: its tree runs as it was. To start it anew: ${
      verbLine(target, "up")
    } --take-over, and -d where it is to run in the background`,
  );
}

function isUnknown({ child, error }: ActReport): boolean {
  return child === null && (error?.code === "not_found" || error?.code === "no_supervisor");
}

/** Reports on one child. */
async function tell(
  { path, child, already, released, dependents = [], error }: ActReport,
  target: TreeTarget,
): Promise<void> {
  if (error === undefined) {
    const whole = released ? ", out of quarantine with its whole restart budget" : "";
    print(`${reportChild(child, path)}${already ? ", as it was" : whole}`);
    const names = dependents.map(printableLine).join(", ");
    if (names !== "") {
      await printErrorsEscaped(
        `Without it now: ${names}, which ${dependents.length === 1 ? "starts" : "start"} after ${path}`,
      );
    }
    return;
  }
  await printErrorsEscaped(
    printableLine(error.message),
    ...error.code !== "start_failed"
      ? error.code === "no_supervisor" ? [`What runs is in: ${verbLine(target, "ps")}`] : []
      : child?.state === "stopped"
      ? [`It stays stopped. ${againLine(target, path)}`]
      : [`It is tried again by itself; see: ${verbLine(target, "ps")}`],
  );
}
