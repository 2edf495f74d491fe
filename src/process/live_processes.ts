/**
 * The processes of one tree that have not ended: {@linkcode LiveProcesses.killNow} ends them where nothing
 * asynchronous runs any more, as at `Deno.exit`.
 *
 * Used by `launch`, as the process registry of its tree. The invariant: a group is signalled only while its leader was not
 * reaped, or while the group has members and no process has its number (see `group.ts`).
 *
 * @module
 */
import type { ChildProcess, SpawnOptions } from "./child.ts";
import { type Command, type ProcessOwner, type ProcessRegistry, spawn } from "./command.ts";
import { sendSignalsNow, signalGrants, type SignalWay, signalWay } from "./group.ts";

/** Starts processes, through another registry where there is one, and knows which have not ended. */
export class LiveProcesses implements ProcessRegistry {
  readonly #registry: ProcessRegistry | undefined;
  /** Each with whether it was reaped: what is left of its group may still use its pipes. */
  readonly #live = new Map<ChildProcess, { isReaped: boolean }>();

  /** `registry` starts them. Default: `spawn`. */
  constructor(registry?: ProcessRegistry) {
    this.#registry = registry;
  }

  /** See {@linkcode ProcessRegistry}. */
  spawn(command: Command, options: SpawnOptions, owner: ProcessOwner): ChildProcess {
    const child = this.#registry?.spawn(command, options, owner) ?? spawn(command, options);
    const life = { isReaped: false };
    this.#live.set(child, life);
    const reaped = () => void (life.isReaped = true);
    const closed = () => void this.#live.delete(child);
    child.exited.then(reaped, reaped);
    child.closed.then(closed, closed);
    return child;
  }

  /**
   * Sends SIGKILL to the process group of each before it returns, or, without permission to signal groups (and on
   * Windows), to its own process. Never throws: each of the others is to be reached as well.
   */
  killNow(way: SignalWay = signalWay(signalGrants())): void {
    const [live, reaped] = [false, true].map((isReaped) =>
      [...this.#live].filter(([, life]) => life.isReaped === isReaped).map(([child]) => child)
    ) as [ChildProcess[], ChildProcess[]];
    // First the groups: through `kill`, SIGKILL of a child reaches its own process alone.
    if (way === "kill") sendSignalsNow(live.filter(isAlive).map(({ pid }) => -pid), "SIGKILL", way);
    for (const child of live) signalNow(child, "SIGKILL");
    for (const { pid } of reaped) {
      if (sendSignalsNow([-pid], 0, way) && !sendSignalsNow([pid], 0, way)) {
        sendSignalsNow([-pid], "SIGKILL", way);
      }
    }
  }
}

/** Once known in this turn, it can't be reaped in it. */
function isAlive(child: ChildProcess): boolean {
  return signalNow(child, 0 as unknown as Deno.Signal);
}

function signalNow(child: ChildProcess, name: Deno.Signal): boolean {
  try {
    return child.signal(name);
  } catch {
    return false; // another user's
  }
}
