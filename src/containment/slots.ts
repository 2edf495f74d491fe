/**
 * Runs of the same program side by side: each has a slot of its own, with a lock and a ledger.
 *
 * Used by `contain` for what may run more than once. The invariant: a ledger belongs to whoever holds the lock of its
 * slot; a ledger whose lock is free was left by a run that was killed.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { readOwnFile, removeIfThere } from "./folder.ts";
import { type LedgerText, parseLedger } from "./ledger.ts";
import { Lock, type Signature } from "./lock.ts";

/** Runs of one program, at a time, that are on record. */
export const MAX_SLOTS = 100;

/** A slot: where its files are, and its lock. */
export interface Slot {
  /** What the names of its files begin with. */
  readonly stem: string;
  readonly lock: Lock;
}

/** The first slot that is free; `undefined` where none is. @throws {ContainmentError} `unsafe_state` */
export async function claimSlot(stem: string, signature: Signature): Promise<Slot | undefined> {
  for (let number = 1; number <= MAX_SLOTS; number++) {
    const own = number === 1 ? stem : `${stem}.${number}`;
    const lock = await Lock.claim(`${own}.lock`, signature);
    if (lock instanceof Lock) return { stem: own, lock };
  }
}

/**
 * The ledgers of runs that were killed, that of `slot` among them; each is removed once `use` is fulfilled. What another
 * run holds is left alone.
 *
 * @throws {ContainmentError} `unsafe_state`
 */
export async function useDeadLedgers(
  slot: Slot,
  use: (ledger: LedgerText) => Promise<void>,
): Promise<void> {
  const useOne = async (path: string) => {
    const ledger = parseLedger(readOwnFile(path) ?? "");
    if (ledger !== undefined) await use(ledger);
    removeIfThere(path);
  };
  const folder = dirname(slot.stem);
  const program = programOf(slot.stem);
  for (const { name } of [...Deno.readDirSync(folder)]) {
    const own = join(folder, name.slice(0, -".ledger".length));
    if (!name.endsWith(".ledger") || programOf(own) !== program || own === slot.stem) continue;
    const lock = await Lock.claim(`${own}.lock`);
    if (!(lock instanceof Lock)) continue;
    try {
      await useOne(`${own}.ledger`);
    } finally {
      lock.release();
    }
  }
  await useOne(`${slot.stem}.ledger`);
}

/** The stem without the number of its slot. */
function programOf(stem: string): string {
  return stem.replace(/\.\d+$/, "");
}
