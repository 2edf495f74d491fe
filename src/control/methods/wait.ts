/**
 * The method `wait`: until a child, or the whole tree, is ready or stopped.
 */

import { phaseOf, type System } from "../../supervision/tree.ts";
import { eventLoop } from "../../time/next_turn.ts";
import { Refusal } from "../commands.ts";
import { childAt, type ChildStatus } from "../../supervision/status.ts";
import type { WaitedState } from "../protocol.ts";

/** What is waited for; without `child`, the whole tree. */
export interface Wait {
  readonly child: string | undefined;
  readonly state: WaitedState;
  readonly signal: AbortSignal;
}

/** Where it stands: as wanted, not yet, or never without a request. */
type Standing = "now" | "later" | "never";

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
      if (standing === undefined && !seen) {
        throw new Refusal("not_found", `Cannot find '${child}': there is no such child`, { child });
      }
      if (standing === "never" || standing === undefined) {
        throw new Refusal(
          "never",
          `Cannot wait for ${name} to be ${state}: it is stopped, and only a request starts it`,
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
  "readiness",
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
  const all = system.status().filter((child) => !child.startsByHand || child.state !== "stopped")
    .map((child) => readyStanding(child));
  return all.includes("never") ? "never" : all.every((one) => one === "now") ? "now" : "later";
}

function childStanding(system: System, path: string, state: WaitedState): Standing | undefined {
  const found = childAt(system.status(), path);
  if (found === undefined) return undefined;
  if (state === "stopped") return found.state === "stopped" ? "now" : "later";
  return phaseOf(system) === "starting" && found.generation === 0 ? "later" : readyStanding(found);
}

/** A job that has done its work is as good as ready. */
function readyStanding({ state, ready, lastExit, children = [] }: ChildStatus): Standing {
  if (state === "stopped") {
    return lastExit?.how === "exited" && lastExit.death.kind === "completed" ? "now" : "never";
  }
  if (state !== "running" || ready === false) return "later";
  const all = children.map(readyStanding);
  return all.every((one) => one !== "later") ? "now" : "later";
}
