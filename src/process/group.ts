/**
 * The process group of a child: how far a signal reaches, and how what the child left behind is ended.
 *
 * A group's number is the pid of its leader, and the system gives that number to no other process as long as
 * the leader was not reaped or a member of the group lives. So there are two safe moments, and no third. Before the
 * leader was reaped, the group is the child's. After that, it is if there are members and *no* process has the
 * leader's number: had the number been given away, its new owner would be there. Once seen empty, a group is left
 * alone for good.
 *
 * @module
 */
import { SystemRefusedError } from "./process_errors.ts";
import { missingPermissions } from "../permissions/permit.ts";
import { processTable } from "./ps.ts";
import { sleep, systemClock } from "../time/clock.ts";

/** How far a signal reaches: a child with all that it started, or the child alone. */
export type SignalScope = "tree" | "process";

/** How a group is signalled: by Deno itself, by the program `kill`, or not at all. */
export type SignalWay = "deno" | "kill" | "none";

/** What {@linkcode signalWay} decides by. */
export interface SignalGrants {
  /** The system has process groups; Windows has not. */
  readonly groups: boolean;
  /** `--allow-run` without a list. */
  readonly runAll: boolean;
  /** `--allow-run=kill`. */
  readonly runKill: boolean;
}

/** The way to a group under what is granted. */
export function signalWay({ groups, runAll, runKill }: SignalGrants): SignalWay {
  if (!groups) return "none";
  return runAll ? "deno" : runKill ? "kill" : "none";
}

/** What is granted to this process now. */
export function signalGrants(): SignalGrants {
  const groups = Deno.build.os !== "windows";
  const runAll = Deno.permissions.querySync({ name: "run" }).state === "granted";
  return { groups, runAll, runKill: missingPermissions([{ name: "run", value: "kill" }]).length === 0 };
}

/** How far a signal reaches under the permissions of this process. */
export function signalScope(): SignalScope {
  return signalWay(signalGrants()) === "none" ? "process" : "tree";
}

/**
 * Milliseconds after which a group that was sent SIGKILL and is still there is looked at in the process table: what has
 * ended, and is never reaped, is not waited for.
 */
const GROUP_LOOK_MS = 100;

/** Milliseconds that a group which was sent SIGKILL is given to end: to do so, it needs the processor like any other. */
export const GROUP_GONE_MS = 5_000;

/**
 * Sends a signal to a process, or, with a negative `target`, to a group; `0` sends nothing and asks whether it is
 * there. `false`: there is no such process, or it is not ours to signal.
 */
export async function sendSignal(target: number, name: Deno.Signal | 0, way: SignalWay): Promise<boolean> {
  if (way === "none") return false;
  if (way === "deno") return signalByDeno(target, name);
  return await runKill([target], name);
}

/** Sends a signal to each of `targets`, as {@linkcode sendSignal} does; those that are not there are passed over. */
export async function sendSignals(
  targets: readonly number[],
  name: Deno.Signal,
  way: SignalWay,
): Promise<void> {
  if (way === "deno") { for (const target of targets) signalByDeno(target, name); }
  if (way === "kill" && targets.length > 0) await runKill(targets, name);
}

/**
 * {@linkcode sendSignals} within the caller's turn, for where nothing asynchronous runs any more; whether one of them
 * was there and ours to signal. Never throws.
 */
export function sendSignalsNow(targets: readonly number[], name: Deno.Signal | 0, way: SignalWay): boolean {
  try {
    if (way === "deno") return targets.filter((target) => signalByDeno(target, name)).length > 0;
    return way === "kill" && targets.length > 0 && killCommand(targets, name).outputSync().success;
  } catch {
    return false; // `kill` can't be started, and there is nothing else to try
  }
}

async function runKill(targets: readonly number[], name: Deno.Signal | 0): Promise<boolean> {
  try {
    return (await killCommand(targets, name).output()).code === 0;
  } catch (error) {
    if (isMissing(error) || !(error instanceof Error)) throw error;
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

function signalByDeno(target: number, name: Deno.Signal | 0): boolean {
  try {
    Deno.kill(target, name as Deno.Signal);
    return true;
  } catch (error) {
    // Of another user; on macOS also a group of zombies.
    const notOurs = error instanceof Deno.errors.PermissionDenied;
    if (error instanceof Deno.errors.NotFound || notOurs) return false;
    throw error;
  }
}

/**
 * Milliseconds that a group which was not there at a signal is waited for, to pass the signal on to it. The child makes
 * it within one or two; later than this, it was stopped before it could.
 */
export const GROUP_MADE_MS = 5_000;

const GROUP_POLL_MS = 50;

/** The group that one child leads. */
export class ProcessGroup {
  readonly #id: number;
  readonly #way: SignalWay;
  /** It is there from the start; else the child makes it, and a signal before that finds it empty. */
  readonly #isThere: boolean;
  readonly #sending = new Set<Promise<void>>();
  #ended: Promise<boolean> | undefined;

  /** The group of the child `id`, which was started as its leader. */
  constructor(
    id: number,
    way: SignalWay = signalWay(signalGrants()),
    { isThere = true }: { readonly isThere?: boolean } = {},
  ) {
    this.#id = id;
    this.#way = way;
    this.#isThere = isThere;
  }

  /**
   * Sends a signal to the leader and all others. Only while the leader was not reaped. `otherwise` reaches the leader
   * alone, for where the group can't be reached; one that is not there yet gets the signal as soon as it is, if the
   * leader `isAlive` then, which is to say not reaped.
   */
  signal(name: Deno.Signal, otherwise: () => void, isAlive: () => boolean = () => false): void {
    // Through `kill`, the leader is ended at once; what is left of the group, once it was reaped.
    if (this.#way === "none" || (this.#way === "kill" && name === "SIGKILL")) return otherwise();
    if (this.#way === "kill") return this.#keep(this.#send(name, otherwise, isAlive));
    if (signalByDeno(-this.#id, name)) return;
    otherwise();
    this.#keep(this.#follow(name, isAlive));
  }

  #keep(sending: Promise<void>): void {
    const kept = sending.finally(() => this.#sending.delete(kept));
    this.#sending.add(kept);
  }

  /** Never rejects: its caller is gone. Whatever keeps `kill` from being started, the leader is reached without it. */
  async #send(name: Deno.Signal, otherwise: () => void, isAlive: () => boolean): Promise<void> {
    if (await this.#reaches(name)) return;
    try {
      otherwise();
    } catch {
      // It may not be signalled at all; SIGKILL, which is sent in the caller's turn, will say so.
    }
    await this.#follow(name, isAlive);
  }

  /** The leader has the signal, and may have led no group yet: what it has started by now is in one. Never rejects. */
  async #follow(name: Deno.Signal, isAlive: () => boolean): Promise<void> {
    if (this.#isThere) return;
    // Its number is its own as long as the leader was not reaped.
    for (let ms = 1, waited = 0; isAlive() && waited < GROUP_MADE_MS; waited += ms) {
      if (await this.#reaches(name)) return;
      await sleep(systemClock, ms = Math.min(2 * ms, GROUP_POLL_MS));
    }
  }

  async #reaches(name: Deno.Signal): Promise<boolean> {
    try {
      return await sendSignal(-this.#id, name, this.#way);
    } catch {
      return false;
    }
  }

  /**
   * Whether the leader, which was reaped, left orphans behind. To be called in the turn in which that is known.
   */
  async left(): Promise<boolean> {
    if (this.#way === "none") return false;
    await Promise.all(this.#sending);
    try {
      if (!await sendSignal(-this.#id, 0, this.#way)) return false;
      return !await sendSignal(this.#id, 0, this.#way);
    } catch (error) {
      return noKill(error);
    }
  }

  /** Ends the leader's orphans by force, and waits until they are gone; `false` if there were none. */
  end(): Promise<boolean> {
    return this.#ended ??= this.#end();
  }

  async #end(): Promise<boolean> {
    // Asked again behind the process table, which takes its time: in that time the group may have become empty.
    if (!await this.left() || await this.#lives() === false || !await this.left()) return false;
    await sendSignal(-this.#id, "SIGKILL", this.#way);
    for (let ms = 1, waited = 0; waited < GROUP_GONE_MS; waited += ms, ms = Math.min(2 * ms, GROUP_LOOK_MS)) {
      await sleep(systemClock, ms);
      if (!await sendSignal(-this.#id, 0, this.#way)) break;
      if (waited >= GROUP_LOOK_MS && !await this.#lives()) break;
    }
    return true;
  }

  /**
   * Members that have ended count as there until they are reaped, which in a container may never happen. `undefined`
   * where it can't be known.
   */
  async #lives(): Promise<boolean | undefined> {
    const table = await processTable();
    return table?.some(({ group, zombie }) => group === this.#id && !zombie);
  }
}

/** Whether the program `kill` is missing or may not be run any more: then no signal arrives. */
function noKill(error: unknown): false {
  if (isMissing(error)) return false;
  throw error;
}

function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable ||
    error instanceof Deno.errors.PermissionDenied;
}
