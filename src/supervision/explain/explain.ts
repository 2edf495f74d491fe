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
export function failsToStart({ kind }: DeathCause): boolean {
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
  return { nth, failedStart, decisions, active: nth > 0 && run.active };
}
