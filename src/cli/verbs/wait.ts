/**
 * `outrider wait`
 */

import type { ControlClient } from "../../control/client.ts";
import { ControlError } from "../../control/control_errors.ts";
import { isAsGoodAsReady } from "../../control/methods/hindrances.ts";
import type { WaitedState } from "../../control/protocol.ts";
import { sleep, systemClock } from "../../time/clock.ts";
import { printableLine } from "../../text/words.ts";
import { EXIT, parseOneOf, print, printErrorsEscaped, type Verb } from "../verb.ts";
import { DEFAULT_ACTION_TIMEOUT_MS, readTreeArgs, treeOf, withTree } from "../control/request.ts";
import { connectTree, type TreeTarget } from "../control/target.ts";

const STATES: readonly WaitedState[] = ["ready", "stopped"];

/** Milliseconds between looks for a runtime that does not listen yet. */
const RETRY_MS = 100;

/** Waits until a child, or the whole tree, is ready or stopped. */
export const waitVerb: Verb = async (args) => {
  const { target, rest: [child], timeout: given, values } = await readTreeArgs(args, {
    for: { type: "string", default: "ready" },
  }, { names: [], most: 1 });
  const state = parseOneOf("--for", values.for, STATES);
  const timeout = given ?? DEFAULT_ACTION_TIMEOUT_MS;
  const end = performance.now() + timeout;
  const isThere = await isReachable(target, state === "ready" ? end : 0);
  if (!isThere && state === "stopped") {
    print("not running");
    return EXIT.OK;
  }
  const first = given === undefined ? undefined : Math.max(1, Math.ceil(end - performance.now()));
  return await withTree({ target, acts: false, timeout: first, goesOn: true }, async (client) => {
    try {
      const remaining = Math.max(1, Math.ceil(end - performance.now()));
      const waiting = client.stream({ method: "wait", ...{ child, for: state } }, { timeout: remaining });
      for await (const _ of waiting);
    } catch (error) {
      // The runtime is gone with the tree.
      const isGone = error instanceof ControlError && error.code === "no_answer";
      if (!isGone) throw error;
      if (performance.now() >= end) {
        await printErrorsEscaped(
          `Cannot wait longer for ${child ?? "the tree"}: it was not ${state} within ${timeout} ms`,
          ...await left(client, child, state),
        );
        return EXIT.TIMEOUT;
      }
      if (state !== "stopped") throw error;
    }
    print(`${printableLine(child ?? "the tree")}: ${state}`);
    return EXIT.OK;
  });
};

/** Who is not as was waited for, a line; none where nothing answers. */
async function left(client: ControlClient, child: string | undefined, state: WaitedState): Promise<string[]> {
  const { children } = await treeOf(client) ?? { children: [] };
  const below = children.filter(({ path, type }) =>
    type === "worker" && (child === undefined || path === child || path.startsWith(`${child}/`))
  );
  const waiting = below.filter((one) => state === "ready" ? !isAsGoodAsReady(one) : one.state !== "stopped");
  return waiting.length === 0
    ? []
    : [`Not ${state}: ${waiting.map(({ path, state }) => `${path} (${state})`).join(", ")}`];
}

/** Whether a runtime listens, by `end`: one that is about to start is waited for. */
async function isReachable(target: TreeTarget, end: number): Promise<boolean> {
  for (;;) {
    try {
      (await connectTree(target)).close();
      return true;
    } catch (error) {
      if (!(error instanceof ControlError) || error.code !== "unreachable") throw error;
      if (performance.now() + RETRY_MS >= end) return false;
      await sleep(systemClock, RETRY_MS);
    }
  }
}
