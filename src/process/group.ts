/**
 * The process group of a child: how far a signal reaches, and how what the child left behind is ended.
 *
 * Hold in mind: a group's number is the pid of its leader, and the system gives that number to nobody else as long as
 * the leader was not reaped or a member of the group lives. So there are two safe moments, and no third. Before the
 * leader was reaped, the group is the child's. After that, it is if there are members and *no* process has the
 * leader's number: had the number been given away, its new owner would be there. Once seen empty, a group is left
 * alone for good.
 *
 * @module
 */
import { missingPermissions } from "./permit.ts";
import { processTable } from "./process_table.ts";
import { sleep } from "./timers.ts";

/** How far a signal reaches: a child with all that it started, or the child alone. */
export type Reach = "tree" | "process";

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
export function reach(): Reach {
  return signalWay(signalGrants()) === "none" ? "process" : "tree";
}

/** Milliseconds that a group which was sent SIGKILL is given to be gone; longer is there only what nobody reaps. */
export const GROUP_GONE_MS = 100;

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

async function runKill(targets: readonly number[], name: Deno.Signal | 0): Promise<boolean> {
  const signal = name === 0 ? "0" : name.slice("SIG".length);
  const { code } = await new Deno.Command("kill", {
    args: ["-s", signal, "--", ...targets.map(String)],
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return code === 0;
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

/** The group that one child leads. */
export class ProcessGroup {
  readonly #id: number;
  readonly #way: SignalWay;
  readonly #sending = new Set<Promise<boolean>>();
  #ended: Promise<boolean> | undefined;

  /** The group of the child `id`, which was started as its leader. */
  constructor(id: number, way: SignalWay = signalWay(signalGrants())) {
    this.#id = id;
    this.#way = way;
  }

  /**
   * Sends a signal to the leader and all others. Only while the leader was not reaped. `otherwise` reaches the leader
   * alone, for where the group can't be reached.
   */
  signal(name: Deno.Signal, otherwise: () => void): void {
    if (this.#way === "none") return otherwise();
    if (this.#way === "deno") {
      if (!signalByDeno(-this.#id, name)) otherwise();
      return;
    }
    // The leader is ended at once; what is left of the group, once it was reaped.
    if (name === "SIGKILL") return otherwise();
    const sending = sendSignal(-this.#id, name, this.#way).catch((error) => noKill(error)).then((sent) => {
      this.#sending.delete(sending);
      if (!sent) otherwise();
      return sent;
    });
    this.#sending.add(sending);
  }

  /**
   * Whether the leader, which was reaped, left somebody behind. To be called in the turn in which that is known.
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

  /** Ends whom the leader left behind, by force, and waits until they are gone; `false` if there was nobody. */
  end(): Promise<boolean> {
    return this.#ended ??= this.#end();
  }

  async #end(): Promise<boolean> {
    // Asked again behind the process table, which takes its time: in that time the group may have become empty.
    if (!await this.left() || !await this.#lives() || !await this.left()) return false;
    await sendSignal(-this.#id, "SIGKILL", this.#way);
    for (let ms = 1, waited = 0; waited < GROUP_GONE_MS; waited += ms, ms *= 2) {
      await sleep(ms);
      if (!await sendSignal(-this.#id, 0, this.#way)) break;
    }
    return true;
  }

  /** Members that have ended count as there until somebody reaps them; in a container, that may be nobody. */
  async #lives(): Promise<boolean> {
    const table = await processTable();
    return table?.some(({ group, zombie }) => group === this.#id && !zombie) ?? true;
  }
}

/** There is no program `kill`, or it may not be run any more: then nobody is reached. */
function noKill(error: unknown): false {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return false;
  if (error instanceof Deno.errors.PermissionDenied) return false;
  throw error;
}
