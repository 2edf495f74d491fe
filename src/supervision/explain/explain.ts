/**
 * Explains the death of a child by a dry run of the function that supervisors decide with.
 *
 * It happens in a tree whose children all run, and where nothing else happens. A child that dies several times
 * in a row does so as soon as it is ready again; of waits that depend on chance, the middle is counted.
 */

import type { DeathCause } from "../../actor/exit.ts";
import type { ChildSpec } from "../child_spec.ts";
import { DryRun } from "./dry_run.ts";
import type { Explanation } from "./explanation.ts";

/** Whether it is a start that fails of that: when a tree starts, that is final; later, it is a restart that fails. */
function failsToStart({ kind }: DeathCause): boolean {
  return kind === "not_ready" || kind === "unstartable";
}

/** Explains `times` deaths in a row of the child at `path`; `undefined` if `root` has no such child. */
export function explain(
  root: ChildSpec,
  path: string,
  { death, times = 1 }: { readonly death: DeathCause; readonly times?: number },
): Explanation | undefined {
  const run = new DryRun(root);
  if (!run.has(path)) return undefined;
  const failedStart = failsToStart(death);
  const nth = failedStart ? run.failStarts(path, { death, times }) : run.die(path, { death, times });
  const { decisions } = run;
  const isRetried = parentOf(root, path).supervises?.onStartFailure === "retry";
  const atFirstStart = isRetried ? { beforeReady: false, failsAfter: [] } : firstStart(root, path, death);
  return { nth, failedStart, isRetried, atFirstStart, decisions, active: nth > 0 && run.active };
}

function parentOf(above: ChildSpec, path: string): ChildSpec {
  const [id, ...below] = path.split("/");
  return below.length === 0 ? above : parentOf(above.children.find((one) => one.id === id)!, below.join("/"));
}

function firstStart(above: ChildSpec, path: string, { kind }: DeathCause): Explanation["atFirstStart"] {
  const [id, ...below] = path.split("/");
  const child = above.children.find((one) => one.id === id)!;
  if (below.length > 0) return firstStart(child, below.join("/"), { kind });
  const needSuccess = above.children.filter(({ after = [] }) =>
    after.some((dependency) => dependency.id === id && dependency.condition === "completed_successfully")
  );
  return {
    // A liveness probe begins when it is ready.
    beforeReady: child.waitsToBeReady === true && kind !== "unhealthy",
    failsAfter: kind === "completed" ? [] : needSuccess.map((dependent) => dependent.id),
  };
}
