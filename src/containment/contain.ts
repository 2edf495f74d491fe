/**
 * Keeps the processes of one run together: on record, under guard, and alone on their manifest, as far as the
 * permissions of this process go.
 *
 * Hold in mind: everything here is for the ends that nobody plans. What happens in an orderly one is decided by the stop
 * ladder and the process group of each child.
 *
 * @module
 */
import { resolve } from "node:path";
import type { ChildOptions, ChildProcess } from "../process/child.ts";
import { type Command, spawn } from "../process/command.ts";
import { signalGrants, signalWay } from "../process/group.ts";
import type { Keeper, Kept } from "../process/keeper.ts";
import { ContainmentError } from "./errors.ts";
import { fileStem, stateFolder } from "./folder.ts";
import { grants, type Guarantees, guaranteesOf, type OnHostDeath } from "./guarantees.ts";
import { Guardian } from "./guard.ts";
import { Ledger, type LedgerText, parseLedger, type RunRecord } from "./ledger.ts";
import type { Lock } from "./lock.ts";
import { MARK } from "./mark.ts";
import { sweep, type Swept } from "./sweep.ts";
import { lockFor } from "./take_over.ts";

/** What {@linkcode contain} does. */
export interface ContainOptions {
  /** What ends the processes if this one is killed by SIGKILL. Default `eof`. */
  readonly onHostDeath?: OnHostDeath;
  /** Ends another runtime that runs this manifest, instead of refusing to start. Default `false`. */
  readonly takeOver?: boolean;
  /** The folder for ledgers and locks. Default: `outrider` in `$XDG_STATE_HOME`, or `~/.local/state/outrider`. */
  readonly folder?: string;
  /** Told before another runtime is waited for, which may take 95 s. */
  readonly onTakeOver?: (pid: number) => void;
}

/** Warnings that are kept for whoever tells them; a ledger fails once in a while, not once a line. */
const MAX_WARNINGS = 100;

/** A run's containment, from before its first process to after its last. */
export interface Containment {
  /** What holds. */
  readonly guarantees: Guarantees;
  /** For `run`; `undefined` where there is nothing to keep. */
  readonly keeper: Keeper | undefined;
  /** What the run before had left behind; `undefined` if there was none, or nothing can be found out about it. */
  readonly swept: Swept | undefined;
  /** Takes what went wrong since the last call and did not keep the run from going on, a clause each. */
  warnings(): readonly string[];
  /**
   * To be called when the run is over. Ends what has left its group, and tells whom it found; releases the manifest.
   */
  close(): Promise<Swept | undefined>;
}

/**
 * Prepares a run of the manifest at `path`: claims the manifest, ends what the run before left behind if that was
 * killed, and starts the guardian if there is to be one. Does what the permissions allow, and prompts for none;
 * `guarantees` says what came of it.
 *
 * @throws {ContainmentError} another runtime runs this manifest, and was not to be or could not be taken over
 * @throws {PermissionMissingError} a guardian needs `--allow-run=sh`
 *
 * @example
 * ```ts ignore
 * import { contain, load, plant, run } from "@outrider/outrider";
 * import { kinds } from "@outrider/outrider/actors/kinds";
 *
 * const { manifest, file } = await load("outrider.json");
 * const containment = await contain(file, { onHostDeath: manifest.onHostDeath });
 * try {
 *   await run(plant(manifest, kinds), { keeper: containment.keeper });
 * } finally {
 *   await containment.close();
 * }
 * ```
 */
export async function contain(path: string, options: ContainOptions = {}): Promise<Containment> {
  const { onHostDeath = "eof", takeOver = false, onTakeOver, folder = stateFolder() } = options;
  const manifest = resolve(path);
  const guarantees = guaranteesOf(await grants(folder), onHostDeath);
  const way = signalWay(signalGrants());
  const run: RunRecord = { run: crypto.randomUUID(), pid: Deno.pid, at: Date.now(), manifest };
  let lock: Lock | undefined;
  let ledger: Ledger | undefined;
  let guardian: Guardian | undefined;
  let swept: Swept | undefined;
  let warnings = guarantees.unusable === undefined ? [] : [guarantees.unusable];
  if (takeOver && !guarantees.exclusive) {
    const why = guarantees.unusable ?? "'outrider permissions FILE --contain' prints what that takes";
    throw new ContainmentError(`Cannot take over ${manifest}: who runs it can't be told; ${why}`, {
      code: "not_taken_over",
    });
  }
  if (guarantees.exclusive && folder !== undefined) {
    const stem = await fileStem(folder, manifest);
    lock = await lockFor(manifest, `${stem}.lock`, { takeOver, way, onTakeOver });
    if (guarantees.stop === "tree" && guarantees.strays) {
      const before = readLedger(`${stem}.ledger`);
      swept = before && await sweep(before, way);
      ledger = new Ledger(`${stem}.ledger`, run, {
        onUnwritten: (why) => {
          warnings = [...warnings, unwritten(`${stem}.ledger`, why)].slice(-MAX_WARNINGS);
        },
      });
    }
  }
  if (onHostDeath === "guard") guardian = new Guardian(run.run);
  const keeps = ledger !== undefined || guardian !== undefined;
  const register = new Register(run, { ledger, guardian });
  return {
    guarantees,
    swept,
    keeper: keeps ? register : undefined,
    warnings() {
      const taken = warnings;
      warnings = [];
      return taken;
    },
    async close() {
      await guardian?.close();
      const escaped = guarantees.strays && register.used
        ? await sweep({ run, processes: [] }, way)
        : undefined;
      ledger?.delete();
      lock?.release();
      return escaped;
    },
  };
}

function unwritten(ledger: string, why: string): string {
  return `the ledger ${ledger} can't be written: ${why}; if Outrider is killed before it can, the next start may miss ` +
    "some of what is left";
}

function readLedger(path: string): LedgerText | undefined {
  try {
    return parseLedger(Deno.readTextFileSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

class Register implements Keeper {
  readonly #run: RunRecord;
  readonly #ledger: Ledger | undefined;
  readonly #guardian: Guardian | undefined;
  /** Whether anything was ever started. */
  used = false;

  constructor(run: RunRecord, to: { ledger: Ledger | undefined; guardian: Guardian | undefined }) {
    this.#run = run;
    this.#ledger = to.ledger;
    this.#guardian = to.guardian;
  }

  spawn(command: Command, options: ChildOptions, { path, generation }: Kept): ChildProcess {
    this.used = true;
    const marked = { ...command, env: { ...command.env, [MARK]: this.#run.run } };
    const child = spawn(marked, options);
    const { pid } = child;
    this.#ledger?.add({ pid, at: Date.now(), path, generation });
    this.#guardian?.add(pid);
    const forget = () => {
      this.#ledger?.remove(pid);
      this.#guardian?.remove(pid);
    };
    // What it rejects with is for whoever reads its output; the process has ended all the same.
    child.closed.then(forget, forget);
    return child;
  }
}
