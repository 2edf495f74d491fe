/**
 * Keeps the processes of one tree that have not ended: {@linkcode LiveProcesses.killNow} ends them where no asynchronous
 * code runs any more, as at `Deno.exit`.
 *
 * Used by `launch`, as the process registry of its tree. The invariant: a group is signalled only while its leader was not
 * reaped, or while the group has members and no process has its number (see `group.ts`).
 */
import type { ChildProcess, SpawnOptions } from "./child_process.ts";
import type { Command, ProcessOwner, ProcessRegistry } from "./command.ts";
import { spawn } from "./spawn.ts";
import { sendSignalsNow, type SignalWay, signalWay } from "./group.ts";

/** Starts processes, through another registry where there is one, and keeps those that have not ended. */
export class LiveProcesses implements ProcessRegistry {
  readonly #registry: ProcessRegistry | undefined;
  /** Each process with whether it was reaped: the rest of its group may still use its pipes. */
  readonly #live = new Map<ChildProcess, { readonly owner: ProcessOwner; isReaped: boolean }>();

  /** Starts them through `registry`. Default: `spawn`. */
  constructor(registry?: ProcessRegistry) {
    this.#registry = registry;
  }

  spawn(command: Command, options: SpawnOptions, owner: ProcessOwner): ChildProcess {
    const child = this.#registry?.spawn(command, options, owner) ?? spawn(command, options);
    const life = { owner, isReaped: false };
    this.#live.set(child, life);
    const reaped = () => void (life.isReaped = true);
    const closed = () => void this.#live.delete(child);
    child.exited.then(reaped, reaped);
    child.closed.then(closed, closed);
    return child;
  }

  /** The process of the actor at `path` that runs; of one that is replaced, the new one. */
  at(path: string): ChildProcess | undefined {
    return [...this.#live].findLast(([, { owner, isReaped }]) => owner.path === path && !isReaped)?.[0];
  }

  /**
   * Sends SIGKILL to the process group of each before it returns, or, without permission to signal groups (and on
   * Windows), to its own process. Never throws: a failure with one must not spare the others.
   */
  killNow(way: SignalWay = signalWay()): void {
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

/** Whether the process is not reaped; one that is not cannot be within the same turn. */
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
