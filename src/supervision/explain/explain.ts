/**
 * What would happen if a child died: a dry run, by the very function that supervisors decide with.
 *
 * It happens in a tree whose children all run, and where nothing else happens. A child that dies several times
 * in a row does so as soon as it is ready again; of waits that depend on chance, the middle is counted.
 *
 * @module
 */

import type { DeathCause } from "../../actor/exit.ts";
import type { ChildSpec } from "../child_spec.ts";
import { DryRun } from "./dry_run.ts";
import type { Explanation } from "./explanation.ts";

/** Whether it is a start that fails of that: when a tree starts, that is final; later, it is a restart that fails. */
export function failsToStart({ kind }: DeathCause): boolean {
  return kind === "not_ready" || kind === "unstartable";
}

/** What would happen if the child at `path` died `times` times in a row; `undefined` if `root` has no such child. */
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
  return { nth, failedStart, decisions, active: nth > 0 && run.active };
}
