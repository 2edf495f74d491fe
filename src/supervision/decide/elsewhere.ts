/**
 * What a supervisor knows of children of other groups: where those stand that its own start after (`elsewhere`), and which
 * of theirs are restarted whenever one of its own is (`followedBy`). Who tells it is `links.ts`.
 *
 * Invariant: a child that is followed is neither stopped by its supervisor nor started again while a follower runs; and
 * a follower stops as soon as what it follows is down or about to go. So the two never wait for each other.
 */

import { isElsewhere, type KnownStanding } from "../dependencies.ts";
import type { Draft } from "./draft.ts";
import { onFirstChanged } from "./first_start.ts";
import { type ChildRecord, hasIncarnation, retriesStarts, type SupervisorState } from "./state.ts";
import { followersOf, stopsOf, stopTogether } from "./stops.ts";

/** The children of a supervisor, as they stand. */
export interface Children {
  readonly state: SupervisorState;
  find(id: string): ChildRecord | undefined;
}

/** Where a child stands whose supervisor has ended. */
export const GONE: KnownStanding = {
  state: "gone",
  completion: undefined,
  isDegraded: false,
  isGoing: false,
  isLate: true,
};

/** Where a child stands that its supervisor has removed: nothing will come of it any more. */
export const REMOVED: KnownStanding = {
  state: "stopped",
  completion: { reason: "normal" },
  isDegraded: false,
  isGoing: false,
  isLate: true,
};

const LATE: readonly string[] = ["stopped", "restarting", "quarantined"];

/** Where the child stands that one of `children` names so; `undefined`: there is none, or its supervisor has not begun. */
export function standingOf(children: Children, id: string): KnownStanding | undefined {
  const { elsewhere, phase, stops } = children.state;
  if (isElsewhere(id)) return elsewhere.get(id);
  const child = children.find(id);
  if (child === undefined) return undefined;
  const { life, first, completion } = child;
  return {
    // While a first start is all or nothing, an end is looked at once that is over.
    state: life.state === "ended" && phase.is === "starting" ? "stopped" : life.state,
    completion,
    isDegraded: life.state === "running" && life.isDegraded === true,
    isGoing: stops.has(id) || phase.is === "ending" || phase.is === "over",
    // How late an end makes those that wait is known once it is looked at.
    isLate: life.state !== "ended" &&
      (first === "attempted" || (phase.is !== "starting" && LATE.includes(life.state))),
  };
}

/**
 * Children of another group, which own ones start after, stand elsewhere than before: all that have changed at once, as
 * one that is about to stop is not to be taken for one that runs.
 */
export function onElsewhere(draft: Draft, standings: ReadonlyMap<string, KnownStanding>): void {
  const { elsewhere } = draft.state;
  draft.set({ elsewhere: new Map([...elsewhere, ...standings]) });
  for (const [id, standing] of standings) {
    if (draft.state.phase.is === "starting") onFirstChanged(draft, id);
    else if (isDown(standing) || (standing.state === "starting" && elsewhere.get(id)?.state === "ended")) {
      const followers = followersElsewhere(draft, id);
      stopTogether(draft, stopsOf(draft, [...followers, ...followersOf(draft, followers)]));
    }
  }
}

/** Whether those that are restarted with it are to stop; an end that is not looked at yet may be that of a job. */
function isDown({ state, completion, isGoing }: KnownStanding): boolean {
  return isGoing || ["restarting", "quarantined", "stopping", "waiting", "gone"].includes(state) ||
    (state === "stopped" && completion === undefined);
}

/** Those of `children` that run, and are restarted whenever the child of another group is that they name so. */
export function followersElsewhere(children: Children, named: string): readonly string[] {
  const { order, hasFollowers } = children.state;
  if (!hasFollowers || !retriesStarts(children.state)) return [];
  return order.filter((id) => {
    const child = children.find(id)!;
    return hasIncarnation(child) && child.spec.after?.some((one) => one.restart && one.id === named);
  });
}
