/**
 * Tells the gateway which of its servers are there, by what happens in their tree.
 */

import type { Gateway } from "../../gateway/gateway.ts";
import { clockTime } from "../../report/clock_time.ts";
import { childAt, type ChildStatus } from "../../supervision/status.ts";
import type { System } from "../../supervision/tree.ts";
import { afterMicrotasks } from "../../time/next_turn.ts";

/** After these a child may have come or gone. */
const TYPES = [
  "ready",
  "quarantined",
  "stopped",
  "start_failed",
  "exited",
  "finished",
  "forgotten",
  "called_off",
  "stopping",
] as const;

/** Follows the tree until it stops; `servers` has the path of each with its name. Never rejects. */
export async function followPresence(
  system: Pick<System, "events" | "status">,
  { gateway, servers, signal }: {
    readonly gateway: Pick<Gateway, "present" | "absent">;
    readonly servers: ReadonlyMap<string, string>;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const look = (): void => {
    const status = system.status();
    for (const [path, name] of servers) {
      const why = absenceOf(childAt(status, path));
      if (why !== undefined) gateway.absent(name, why);
    }
  };
  try {
    for await (const event of system.events({ types: [...TYPES], signal })) {
      if (event.type === "stopping" && event.path === "/") return;
      const name = servers.get(event.path);
      if (event.type === "ready" && name !== undefined) gateway.present(name);
      // What follows at once, as a start by hand after a stop, is no absence.
      await afterMicrotasks();
      look();
    }
  } catch {
    // Aborted: it is over.
  }
}

/** Why a server is not there and not about to be; `undefined`: it is, or is. Pure. */
export function absenceOf(child: ChildStatus | undefined): string | undefined {
  if (child === undefined) return "it has ended, and is not started again";
  const { state, until, lastExit, startsByHand, generation } = child;
  const last = lastExit?.message === undefined ? "" : `: ${lastExit.message}`;
  if (state === "quarantined") {
    const time = until === undefined
      ? "until it is started by hand"
      : `until ${clockTime(until).split(".")[0]}`;
    // Where its program is missing, one failure is enough.
    const held = lastExit?.how === "start_failed"
      ? "could not be started, and is held back"
      : "is held back after too many failures,";
    return `it ${held} ${time}${last}`;
  }
  if (state !== "stopped") return undefined;
  if (generation === 0 && startsByHand) return "it is started by hand";
  return lastExit?.how === "stopped" ? "it was stopped" : `it has ended, and is not started again${last}`;
}
