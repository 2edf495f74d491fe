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
import { Ledger, type RunRecord } from "./ledger.ts";
import { readSelf } from "./identity.ts";
import { MARK, markOf, markValue } from "./mark.ts";
import { OrphanReaper } from "./orphan_reaper.ts";
import { claimSlot, type Slot, useDeadLedgers } from "./slots.ts";
import { type Leftover, sweep, type Swept } from "./sweep.ts";
import { lockFor } from "./take_over.ts";

/** What {@linkcode contain} does. */
export interface ContainOptions {
  /** What ends the processes if this one is killed by SIGKILL. Default `eof`. */
  readonly onHostDeath?: OnHostDeath;
  /** Ends another runtime that runs this manifest, instead of refusing to start. Default `false`. */
  readonly takeOver?: boolean;
  /** The folder for ledgers and locks. Default: `outrider` in `$XDG_STATE_HOME`, or `~/.local/state/outrider`. */
  readonly folder?: string;
  /** The tree of that name of the program at `path`, not a manifest. */
  readonly program?: string | undefined;
  /** Whether another run of the same may go on beside this one, each on a record of its own. Default `false`. */
  readonly shared?: boolean;
  /** Told before another runtime is waited for, which may take 95 s. */
  readonly onTakeOver?: (pid: number) => void;
}

/** Warnings that are kept for whoever tells them; a ledger fails once in a while, not once a line. */
const MAX_WARNINGS = 100;

/** A run's containment, from before its first process to after its last. */
export interface Containment {
  /** What holds. */
  readonly guarantees: Guarantees;
  /** For the tree; `undefined` where there is nothing to keep. */
  readonly keeper: Keeper | undefined;
  /** What the run before had left behind; `undefined` if there was none, or nothing can be found out about it. */
  readonly swept: Swept | undefined;
  /** Takes those that were ended since the last call, of what children had left behind in sessions of their own. */
  reaped(): readonly Leftover[];
  /** Takes what went wrong since the last call and did not keep the run from going on, a clause each. */
  warnings(): readonly string[];
  /**
   * To be called when the run is over. Ends what has left its group, and tells whom it found, with those of `reaped`
   * that were not taken; releases the manifest.
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
 * Used by `launch` and by `outrider up`.
 */
export async function contain(path: string, options: ContainOptions = {}): Promise<Containment> {
  const { onHostDeath = "eof", takeOver = false, program, folder = stateFolder() } = options;
  const shared = options.shared ?? false;
  const file = isUrl(path) ? path : resolve(path);
  const manifest = program === undefined ? file : `'${program}' of ${file}`;
  const [granted, self] = await Promise.all([grants(folder), readSelf()]);
  const possible = guaranteesOf(granted, onHostDeath);
  const guarantees = shared ? { ...possible, exclusive: false } : possible;
  const way = signalWay(signalGrants());
  const run: RunRecord = {
    run: crypto.randomUUID(),
    pid: Deno.pid,
    at: Date.now(),
    manifest,
    ...(self !== undefined && { uid: self.uid }),
    ...(self?.scope !== undefined && { scope: self.scope }),
  };
  const claim = async (stem: string): Promise<Slot | undefined> => {
    if (shared) return await claimSlot(stem, { run: run.run, started: self?.started, scope: self?.scope });
    const lock = await lockFor(manifest, `${stem}.lock`, {
      takeOver,
      way,
      self,
      run: run.run,
      onTakeOver: options.onTakeOver,
      ...(program !== undefined && { remedy: "stop that one, or launch it without 'exclusive'" }),
    });
    return { stem, lock };
  };
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
  const slot = possible.exclusive && folder !== undefined
    ? await claim(await fileStem(folder, file, program))
    : undefined;
  if (slot !== undefined && possible.stop === "tree" && possible.strays) {
    const { stem } = slot;
    await useDeadLedgers(slot, async (before) => {
      const found = await sweep(before, { way, self });
      if (found === undefined) return;
      const { ended, remaining } = swept ?? { ended: [], remaining: [] };
      swept = { ended: [...ended, ...found.ended], remaining: [...remaining, ...found.remaining] };
    });
    ledger = new Ledger(`${stem}.ledger`, run, {
      onUnwritten: (why) => {
        warnings = [...warnings, unwritten(`${stem}.ledger`, why)].slice(-MAX_WARNINGS);
      },
    });
  }
  if (onHostDeath === "guard") guardian = new Guardian(run.run);
  const users = new Set<number>();
  const reaper = guarantees.strays && self !== undefined
    ? new OrphanReaper({ run, self, way, users })
    : undefined;
  const keeps = (ledger ?? guardian ?? reaper) !== undefined;
  const register = new Register({ run, outer: self?.marks ?? [], users, ledger, guardian, reaper });
  return {
    guarantees,
    swept,
    keeper: keeps ? register : undefined,
    reaped: () => reaper?.take() ?? [],
    warnings() {
      const taken = warnings;
      warnings = [];
      return taken;
    },
    async close() {
      let escaped: Swept | undefined;
      try {
        await guardian?.close();
        await reaper?.close();
        if (guarantees.strays && register.used) {
          escaped = await sweep({ run, processes: [] }, { way, self, users });
        }
      } finally {
        ledger?.delete();
        slot?.lock.release();
      }
      return escaped && { ...escaped, ended: [...reaper?.take() ?? [], ...escaped.ended] };
    },
  };
}

/** A program may come from elsewhere. */
function isUrl(path: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(path);
}

function unwritten(ledger: string, why: string): string {
  return `the ledger ${ledger} can't be written: ${why}; if Outrider is killed before it can, the next start may miss ` +
    "some of what is left";
}

/** What a {@linkcode Register} tells, and whom. */
interface Registered {
  readonly run: RunRecord;
  /** The marks of runs around this one. */
  readonly outer: readonly string[];
  /** Gets the users that processes are started as. */
  readonly users: Set<number>;
  readonly ledger: Ledger | undefined;
  readonly guardian: Guardian | undefined;
  readonly reaper: OrphanReaper | undefined;
}

class Register implements Keeper {
  readonly #to: Registered;
  #started = 0;

  constructor(to: Registered) {
    this.#to = to;
  }

  /** Whether anything was ever started. */
  get used(): boolean {
    return this.#started > 0;
  }

  spawn(command: Command, options: ChildOptions, kept: Kept): ChildProcess {
    const { run, outer, users, ledger, guardian, reaper } = this.#to;
    const { path, generation } = kept;
    const { uid } = command;
    const number = ++this.#started;
    const mark = markOf(run.run, number, kept);
    const child = spawn({ ...command, env: { ...command.env, [MARK]: markValue(outer, mark) } }, options);
    const { pid } = child;
    const at = Date.now();
    if (uid !== undefined) users.add(uid);
    ledger?.add({ pid, at, path, generation, number, ...(uid !== undefined && { uid }) });
    guardian?.add(pid, { at, uid });
    reaper?.learnUsers();
    const forget = () => {
      ledger?.remove(pid);
      guardian?.remove(pid);
      reaper?.reap({ number, path, generation }, this.#started);
    };
    // What it rejects with is for whoever reads its output; the process has ended all the same.
    child.closed.then(forget, forget);
    return child;
  }
}
