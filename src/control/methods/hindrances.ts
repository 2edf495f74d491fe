/**
 * What a tree, or a child of it, is not ready for: the children below it that are not, and whether a request alone would
 * change that. Used by the method `wait`, and by the verb, which names them when its time is over. Pure.
 */

import { pathNamed, splitPath } from "../../supervision/child_path.ts";
import { childAt, type ChildStatus } from "../../supervision/status.ts";

/** A child that is not ready. */
export interface Hindrance {
  readonly child: ChildStatus;
  /** Where only a request changes that: why, as a clause, such as `has failed`. */
  readonly forGood: string | undefined;
}

/** Whether a worker is ready, has done its work, or starts only by hand and was not. */
export function isAsGoodAsReady(
  { state, ready, lastExit, startsByHand }: Pick<
    ChildStatus,
    "state" | "ready" | "lastExit" | "startsByHand"
  >,
): boolean {
  if (state === "running") return ready !== false;
  const isDone = lastExit?.how === "exited" && lastExit.death.kind === "completed";
  return state === "stopped" && (isDone || startsByHand === true);
}

/**
 * Those at and below `children` that are not ready; `tree`: all children of the root. A job that has done its work is as
 * good as ready, and one that starts only by hand is not waited for.
 */
export function hindrancesIn(
  children: readonly ChildStatus[],
  tree: readonly ChildStatus[],
): readonly Hindrance[] {
  return children.flatMap((child) =>
    child.state === "stopped" && isAsGoodAsReady(child) ? [] : hindrancesOf(child, tree)
  );
}

/** The same of one child, also of one that starts only by hand. */
export function hindrancesOf(child: ChildStatus, tree: readonly ChildStatus[]): readonly Hindrance[] {
  const { state, ready, lastExit, children, waitsFor = [] } = child;
  if (state === "running") {
    const below = hindrancesIn(children ?? [], tree);
    return below.length > 0 || ready !== false ? below : [{ child, forGood: undefined }];
  }
  if (state === "stopped") {
    const hasEnded = lastExit !== undefined && lastExit.how !== "stopped";
    return isAsGoodAsReady({ state, lastExit })
      ? []
      : [{ child, forGood: hasEnded ? "has failed" : "is stopped" }];
  }
  if (state === "quarantined") {
    return [{ child, forGood: child.until === undefined ? "is in quarantine" : undefined }];
  }
  return [{ child, forGood: state === "waiting" ? waitsForGood(child.path, waitsFor, tree) : undefined }];
}

function waitsForGood(
  path: string,
  ids: readonly string[],
  tree: readonly ChildStatus[],
): string | undefined {
  for (const id of ids) {
    const named = pathNamed(splitPath(path).parent, id);
    const found = named === undefined ? undefined : childAt(tree, named);
    const last = found && hindrancesOf(found, tree).find(({ forGood }) => forGood !== undefined);
    if (last !== undefined) return `waits for '${last.child.path}', which ${last.forGood}`;
  }
}
