/**
 * The method `wait`: until a child, or the whole tree, is ready or stopped.
 */

import { phaseOf, type System } from "../../supervision/tree.ts";
import { eventLoop } from "../../time/next_turn.ts";
import { Refusal } from "../commands.ts";
import { childAt } from "../../supervision/status.ts";
import type { WaitedState } from "../protocol.ts";
import { type Hindrance, hindrancesIn, hindrancesOf } from "./hindrances.ts";

/** What is waited for; without `child`, the whole tree. */
export interface Wait {
  readonly child: string | undefined;
  readonly state: WaitedState;
  readonly signal: AbortSignal;
}

/** Where it stands: as wanted, not yet, or never without a request, with the reason. */
type Standing = "now" | "later" | { readonly never: string };

/**
 * Returns once it is so; it yields nothing.
 *
 * @throws {Refusal} `not_found`: there is no such child; `never`: it will not be so by itself; `no_supervisor`: the tree
 * has ended
 */
// deno-lint-ignore require-yield -- a stream whose result alone counts: it can be cancelled
export async function* waitFor(
  system: System,
  { child, state, signal }: Wait,
): AsyncGenerator<never, null> {
  const name = child === undefined ? "the tree" : `'${child}'`;
  // Before the first look: nothing that happens in between is missed.
  const events = system.events({ types: NEWS, signal });
  try {
    let seen = false;
    for (;;) {
      const standing = child === undefined
        ? treeStanding(system, state)
        : childStanding(system, child, state);
      if (standing === "now" || (standing === undefined && seen && state === "stopped")) return null;
      if (standing === undefined && seen && system.status().length === 0) break;
      if (standing === undefined && !seen) {
        throw new Refusal("not_found", `Cannot find '${child}': there is no such child`, { child });
      }
      if (typeof standing === "object" || standing === undefined) {
        const why = standing?.never ?? "it is gone";
        throw new Refusal(
          "never",
          `Cannot wait for ${name} to be ${state}: ${why}, and only a request starts it`,
        );
      }
      seen = true;
      const { done } = await events.next();
      if (done) break;
      // An event is told before the state that it leads to is there.
      await new Promise<void>((resolve) => eventLoop.setImmediate(resolve));
    }
  } finally {
    void events.return?.();
  }
  if (state === "stopped") return null;
  throw new Refusal("no_supervisor", `Cannot wait for ${name} to be ready: the tree has ended`);
}

/** The events after which a child may be ready, or stopped. */
const NEWS = [
  "ready",
  "degraded",
  "readiness",
  "waiting",
  "ignored",
  "start_failed",
  "stopped",
  "exited",
  "finished",
  "called_off",
  "forgotten",
  "quarantined",
  "supervising",
] as const;

function treeStanding(system: System, state: WaitedState): Standing {
  // The end of the events is that of the tree.
  if (state === "stopped" || phaseOf(system) !== "running") return "later";
  const all = system.status();
  return standingOf(hindrancesIn(all, all));
}

function childStanding(system: System, path: string, state: WaitedState): Standing | undefined {
  const all = system.status();
  const found = childAt(all, path);
  if (found === undefined) return undefined;
  if (state === "stopped") return found.state === "stopped" ? "now" : "later";
  return phaseOf(system) === "starting" && found.generation === 0
    ? "later"
    : standingOf(hindrancesOf(found, all), path);
}

/** `path`: of the child that is waited for. */
function standingOf(hindrances: readonly Hindrance[], path?: string): Standing {
  const last = hindrances.find(({ forGood }) => forGood !== undefined);
  if (last === undefined) return hindrances.length === 0 ? "now" : "later";
  return { never: `${last.child.path === path ? "it" : `'${last.child.path}'`} ${last.forGood}` };
}
