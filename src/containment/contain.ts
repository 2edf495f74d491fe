/**
 * Keeps the processes of one run together: on record, under guard, and alone on their manifest, as far as the
 * permissions of this process go.
 *
 * Everything here serves unplanned ends. An orderly end is decided by the stop
 * stop sequence and the process group of each child.
 */
import { resolve } from "node:path";
import type { ChildProcess, SpawnOptions } from "../process/child_process.ts";
import type { Command, ProcessOwner, ProcessRegistry } from "../process/command.ts";
import { spawn } from "../process/spawn.ts";
import { signalWay } from "../process/group.ts";
import { ContainmentError } from "./containment_errors.ts";
import { fileStem, stateFolder } from "./folder.ts";
import type { OnHostDeath } from "./events.ts";
import { type Guarantees, guaranteesOf, readGrants } from "./guarantees.ts";
import { processTable } from "../process/ps.ts";
import { Guardian } from "./guard.ts";
import { Ledger, parseLedger, type RunRecord } from "./ledger.ts";
import { readRuntimeIdentity } from "./identity.ts";
import { processRunId, RUN_ID_VARIABLE, runIdValue } from "./run_ids.ts";
import { OrphanReaper } from "./orphan_reaper.ts";
import { claimSlot, type Slot, successorOf, useDeadLedgers } from "./lock.ts";
import { type Orphan, type ReapedOrphans, sweep } from "./sweep.ts";
import { acquireLock } from "./acquire_lock.ts";

export interface ContainOptions {
  /** Decides how the processes end if this runtime is killed by SIGKILL. Default `eof`. */
  readonly onHostDeath?: OnHostDeath;
  /** Ends another runtime that runs this manifest, instead of refusing to start. Default `false`. */
  readonly takeOver?: boolean;
  /** The folder for ledgers and locks. Default: `outrider` in `$XDG_STATE_HOME`, or `~/.local/state/outrider`. */
  readonly folder?: string;
  /** The tree of that name of the program at `path`, not a manifest. */
  readonly program?: string | undefined;
  /** Whether another run of the same may go on beside this one, each on a record of its own. Default `false`. */
  readonly shared?: boolean;
  /** Called before the wait for another runtime to end, which may take 95 s. */
  readonly onTakeOver?: (pid: number) => void;
  /** Called before what a killed run has left is looked for and ended, which may take 5 s. */
  readonly onSweep?: () => void;
}

/** Warnings kept until they are reported. A ledger fails now and then, not once a line. */
const MAX_WARNINGS = 100;

/** A run's containment, from before its first process to after its last. */
export interface Containment {
  readonly guarantees: Guarantees;
  /** For the tree; `undefined` where there is nothing to keep. */
  readonly registry: ProcessRegistry | undefined;
  /** The orphans of the previous run; `undefined` if there was no such run, or its orphans cannot be found. */
  readonly reapedAtStart: ReapedOrphans | undefined;
  /** Takes the orphans ended since the last call: processes that children left in sessions of their own. */
  reaped(): readonly Orphan[];
  /** Takes the failures since the last call that did not stop the run, one clause each. */
  warnings(): readonly string[];
  /**
   * Takes the number of the process that has asked this run to stop, by SIGTERM, to take its manifest over: each once, as
   * it sends one signal.
   */
  takeSuccessor(): number | undefined;
  /**
   * Call it when the run is over. Ends the processes that have left their group, and returns them, with those of
   * `reaped` that were not taken; releases the manifest. Once `force` has aborted, it ends them by SIGKILL at once.
   */
  close(force?: AbortSignal): Promise<ReapedOrphans | undefined>;
}

/**
 * Prepares a run of the manifest at `path`: claims the manifest, ends what the run before left behind if that was
 * killed, and starts the guardian if one is wanted. Does what the permissions allow and never prompts; `guarantees`
 * holds the result.
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
  const [table, runtime] = await Promise.all([processTable(), readRuntimeIdentity()]);
  const possible = guaranteesOf(readGrants(table !== undefined, folder), onHostDeath);
  const guarantees = shared ? { ...possible, exclusive: false } : possible;
  const way = signalWay();
  const run: RunRecord = {
    run: crypto.randomUUID(),
    pid: Deno.pid,
    at: Date.now(),
    manifest,
    ...(runtime !== undefined && { uid: runtime.uid }),
    ...(runtime?.scope !== undefined && { scope: runtime.scope }),
  };
  const claim = async (stem: string): Promise<Slot | undefined> => {
    const { started, scope } = runtime ?? {};
    if (shared) return await claimSlot(stem, { run: run.run, started, scope });
    const lock = await acquireLock(manifest, `${stem}.lock`, {
      takeOver,
      way,
      runtime,
      run: run.run,
      onTakeOver: options.onTakeOver,
      ...(program !== undefined && { remedy: "stop that one, or launch it without 'exclusive'" }),
    });
    return { stem, lock };
  };
  let ledger: Ledger | undefined;
  let guardian: Guardian | undefined;
  let reapedAtStart: ReapedOrphans | undefined;
  let warnings = guarantees.unusable === undefined ? [] : [guarantees.unusable];
  if (takeOver && !guarantees.exclusive) {
    const why = guarantees.unusable ?? "'outrider permissions FILE --contain' prints what that takes";
    throw new ContainmentError(`Cannot take over ${manifest}: who runs it can't be told; ${why}`, {
      code: "not_taken_over",
    });
  }
  const keepsLedger = possible.stop === "tree" && possible.orphans;
  // Beside others, a slot is for the ledger alone.
  const slot = possible.exclusive && folder !== undefined && (!shared || keepsLedger)
    ? await claim(await fileStem(folder, file, program))
    : undefined;
  if (slot !== undefined && keepsLedger) {
    const { stem } = slot;
    await useDeadLedgers(slot, async (text) => {
      const before = parseLedger(text);
      if (before !== undefined) options.onSweep?.();
      const found = before && await sweep(before, { way, runtime });
      if (found === undefined) return;
      const { ended, remaining } = reapedAtStart ?? { ended: [], remaining: [] };
      reapedAtStart = { ended: [...ended, ...found.ended], remaining: [...remaining, ...found.remaining] };
    });
    ledger = new Ledger(`${stem}.ledger`, run, {
      onUnwritten: (why) => {
        warnings = [...warnings, unwritten(`${stem}.ledger`, why)].slice(-MAX_WARNINGS);
      },
    });
  }
  if (onHostDeath === "guard") guardian = new Guardian(run.run);
  const users = new Set<number>();
  const reaper = guarantees.orphans && runtime !== undefined
    ? new OrphanReaper({ run, runtime, way, users })
    : undefined;
  const keeps = (ledger ?? guardian ?? reaper) !== undefined;
  const register = new Register({ run, outer: runtime?.runIds ?? [], users, ledger, guardian, reaper });
  let successor: number | undefined;
  return {
    guarantees,
    reapedAtStart,
    registry: keeps ? register : undefined,
    reaped: () => reaper?.take() ?? [],
    warnings() {
      const taken = warnings;
      warnings = [];
      return taken;
    },
    takeSuccessor() {
      const latest = slot && successorOf(run.run, `${slot.stem}.lock`);
      const isNew = latest !== successor;
      successor = latest;
      return isNew ? latest : undefined;
    },
    async close(force) {
      let escaped: ReapedOrphans | undefined;
      try {
        // Where this runtime may not look for what is left, the guardian does: it is bound by no permission of Deno's.
        await guardian?.close({ clean: guarantees.orphans || !register.used });
        await reaper?.close();
        if (guarantees.orphans && register.used) {
          escaped = await sweep({ run, processes: [] }, { way, runtime, users, force });
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

class Register implements ProcessRegistry {
  readonly #to: Registered;
  #started = 0;

  constructor(to: Registered) {
    this.#to = to;
  }

  get used(): boolean {
    return this.#started > 0;
  }

  spawn(command: Command, options: SpawnOptions, owner: ProcessOwner): ChildProcess {
    const { run, outer, users, ledger, guardian, reaper } = this.#to;
    const { path, generation } = owner;
    const { uid } = command;
    const number = ++this.#started;
    const runId = processRunId(run.run, number, owner);
    const child = spawn(
      { ...command, env: { ...command.env, [RUN_ID_VARIABLE]: runIdValue(outer, runId) } },
      options,
    );
    const { pid } = child;
    const at = Date.now();
    if (uid !== undefined) users.add(uid);
    ledger?.add({ pid, at, path, generation, number, ...(uid !== undefined && { uid }) });
    guardian?.add(pid, { at, uid });
    reaper?.learnUsers();
    const remove = () => {
      ledger?.remove(pid);
      guardian?.remove(pid);
      reaper?.reap({ number, path, generation }, this.#started);
    };
    // A rejection concerns the reader of its output; the process has ended all the same.
    child.closed.then(remove, remove);
    return child;
  }
}
