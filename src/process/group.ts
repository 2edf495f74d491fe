/**
 * Signals the process group of a child, and ends the processes that the child left behind in it.
 *
 * A group's number is the pid of its leader, and the system does not reuse that number until the leader
 * is reaped and the group has no members. So there are exactly two safe moments to signal it. Before the leader is
 * reaped, the group is the child's. After that, it is while the group has members and *no* process has the leader's
 * number: a reused number would belong to a living process. Once seen empty, a group is never signalled again.
 */
import { SystemRefusedError } from "./process_errors.ts";
import { isOutOfReach } from "../permissions/find_program.ts";
import { mayRun } from "../permissions/permit.ts";
import { processTable } from "./ps.ts";
import { sleep, systemClock } from "../time/clock.ts";

/** The reach of a signal: a child with all that it started, or the child alone. */
export type SignalScope = "tree" | "process";

/** The way to signal a group: by Deno itself, by the program `kill`, or not at all. */
export type SignalWay = "deno" | "kill" | "none";

export interface SignalGrants {
  /** Whether the system has process groups; Windows does not. */
  readonly groups: boolean;
  /** Whether `--allow-run` is granted without a list. */
  readonly runAll: boolean;
  /** Whether `--allow-run=kill` is granted. */
  readonly runKill: boolean;
}

/** Decides how to signal a group, by default with the permissions that this process has now. */
export function signalWay({ groups, runAll, runKill }: SignalGrants = signalGrants()): SignalWay {
  if (!groups) return "none";
  return runAll ? "deno" : runKill ? "kill" : "none";
}

function signalGrants(): SignalGrants {
  const runAll = Deno.permissions.querySync({ name: "run" }).state === "granted";
  return { groups: Deno.build.os !== "windows", runAll, runKill: mayRun("kill") };
}

export function signalScope(): SignalScope {
  return signalWay() === "none" ? "process" : "tree";
}

/**
 * Milliseconds after which a group that survives SIGKILL is looked up in the process table: zombies that no process
 * reaps are not waited for.
 */
const GROUP_LOOK_MS = 100;

/** Milliseconds that a group has to end after SIGKILL: even to end, a process needs processor time. */
export const GROUP_GONE_MS = 5_000;

/**
 * Sends a signal to each of `targets`: a process, or, where it is negative, a group; `0` sends nothing and checks that
 * it exists. Returns whether one of them got it: not one that does not exist, or that this user may not signal. Through
 * `kill`, all of them must have.
 */
export async function sendSignals(
  targets: readonly number[],
  name: Deno.Signal | 0,
  way: SignalWay,
): Promise<boolean> {
  if (way !== "kill") return way === "deno" && signalByDeno(targets, name);
  return targets.length > 0 && await runKill(targets, name);
}

/** The same within the caller's turn, for endings in which no asynchronous code runs. Never throws. */
export function sendSignalsNow(targets: readonly number[], name: Deno.Signal | 0, way: SignalWay): boolean {
  try {
    if (way !== "kill") return way === "deno" && signalByDeno(targets, name);
    return targets.length > 0 && killCommand(targets, name).outputSync().success;
  } catch {
    return false; // `kill` can't be started, and there is nothing else to try
  }
}

async function runKill(targets: readonly number[], name: Deno.Signal | 0): Promise<boolean> {
  try {
    return (await killCommand(targets, name).output()).code === 0;
  } catch (error) {
    if (isOutOfReach(error) || !(error instanceof Error)) throw error;
    throw new SystemRefusedError("kill", { cause: error });
  }
}

function killCommand(targets: readonly number[], name: Deno.Signal | 0): Deno.Command {
  const signal = name === 0 ? "0" : name.slice("SIG".length);
  return new Deno.Command("kill", {
    args: ["-s", signal, "--", ...targets.map(String)],
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  });
}

function signalByDeno(targets: readonly number[], name: Deno.Signal | 0): boolean {
  return targets.filter((target) => {
    try {
      Deno.kill(target, name as Deno.Signal);
      return true;
    } catch (error) {
      // Of another user; on macOS also a group of zombies.
      const notOurs = error instanceof Deno.errors.PermissionDenied;
      if (error instanceof Deno.errors.NotFound || notOurs) return false;
      throw error;
    }
  }).length > 0;
}

/**
 * Milliseconds to wait for a group that did not exist yet at a signal, to pass the signal on to it. A child makes its
 * group within one or two; one that has not after this was stopped first.
 */
export const GROUP_MADE_MS = 5_000;

const GROUP_POLL_MS = 50;

/** The group that one child leads. */
export class ProcessGroup {
  readonly #id: number;
  readonly #way: SignalWay;
  /** Whether the group exists from the start; else the child makes it, and a signal before that reaches no process. */
  readonly #isThere: boolean;
  readonly #sending = new Set<Promise<void>>();
  #ended: Promise<boolean> | undefined;

  /** The group of the child `id`, which was started as its leader. */
  constructor(
    id: number,
    way: SignalWay = signalWay(),
    { isThere = true }: { readonly isThere?: boolean } = {},
  ) {
    this.#id = id;
    this.#way = way;
    this.#isThere = isThere;
  }

  /**
   * Sends a signal to the leader and all others; only to be called before the leader is reaped. `otherwise` signals the
   * leader alone, where the group cannot be signalled. A group that does not exist yet gets the signal as soon as it
   * does, provided the leader `isAlive` then: it has not been reaped.
   */
  signal(name: Deno.Signal, otherwise: () => void, isAlive: () => boolean = () => false): void {
    // Through `kill`, the leader is ended at once, and the rest of the group after it is reaped.
    if (this.#way === "none" || (this.#way === "kill" && name === "SIGKILL")) return otherwise();
    if (this.#way === "kill") return this.#keep(this.#send(name, otherwise, isAlive));
    if (signalByDeno([-this.#id], name)) return;
    otherwise();
    this.#keep(this.#follow(name, isAlive));
  }

  #keep(sending: Promise<void>): void {
    const kept = sending.finally(() => this.#sending.delete(kept));
    this.#sending.add(kept);
  }

  /** Never rejects: its caller has gone on. Where `kill` cannot be started, the leader is signalled without it. */
  async #send(name: Deno.Signal, otherwise: () => void, isAlive: () => boolean): Promise<void> {
    if (await this.#reaches(name)) return;
    try {
      otherwise();
    } catch {
      // It may not be signalled at all; SIGKILL, which is sent in the caller's turn, will say so.
    }
    await this.#follow(name, isAlive);
  }

  /** Passes a signal on to a group that did not exist when its leader got the signal. Never rejects. */
  async #follow(name: Deno.Signal, isAlive: () => boolean): Promise<void> {
    if (this.#isThere) return;
    // The number is not reused until the leader is reaped.
    for (let ms = 1, waited = 0; isAlive() && waited < GROUP_MADE_MS; waited += ms) {
      if (await this.#reaches(name)) return;
      await sleep(systemClock, ms = Math.min(2 * ms, GROUP_POLL_MS));
    }
  }

  async #reaches(name: Deno.Signal): Promise<boolean> {
    try {
      return await sendSignals([-this.#id], name, this.#way);
    } catch {
      return false;
    }
  }

  /** Returns whether the leader left members behind. To be called in the turn in which it was reaped. */
  async left(): Promise<boolean> {
    if (this.#way === "none") return false;
    await Promise.all(this.#sending);
    try {
      if (!await sendSignals([-this.#id], 0, this.#way)) return false;
      return !await sendSignals([this.#id], 0, this.#way);
    } catch (error) {
      return noKill(error);
    }
  }

  /** Ends the remaining members with SIGKILL and waits until they are gone; returns `false` if there were none. */
  end(): Promise<boolean> {
    return this.#ended ??= this.#end();
  }

  async #end(): Promise<boolean> {
    // Checked again after reading the process table: meanwhile the group may have become empty.
    if (!await this.left() || await this.#lives() === false || !await this.left()) return false;
    await sendSignals([-this.#id], "SIGKILL", this.#way);
    for (let ms = 1, waited = 0; waited < GROUP_GONE_MS; waited += ms, ms = Math.min(2 * ms, GROUP_LOOK_MS)) {
      await sleep(systemClock, ms);
      if (!await sendSignals([-this.#id], 0, this.#way)) break;
      if (waited >= GROUP_LOOK_MS && !await this.#lives()) break;
    }
    return true;
  }

  /**
   * Zombies count as members until they are reaped; in a container, there may be no process that reaps them. `undefined`
   * where it cannot be known.
   */
  async #lives(): Promise<boolean | undefined> {
    const table = await processTable();
    return table?.some(({ group, zombie }) => group === this.#id && !zombie);
  }
}

/** Whether there is no program `kill`, or it may no longer be run: then no process is signalled. */
function noKill(error: unknown): false {
  if (isOutOfReach(error)) return false;
  throw error;
}
