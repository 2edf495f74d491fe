/**
 * Process groups that may be a run's though no reading of the process table says so: a program that forks and ends all
 * the time is mostly gone before its environment is read, but its group stays. Used by the sweep, to look again.
 */
import type { ProcessRow } from "../process/ps.ts";

/** Remembers groups from one reading to the next. */
export class RestlessGroups {
  readonly #known = new Set<number>();
  readonly #seen = new Map<number, ReadonlySet<number>>();
  #readings = 0;

  /**
   * Whether there is a group of which no environment was ever seen, with a member that no earlier reading had; those
   * that have ended count, too. `mayBeOurs` says which processes count, `ours` which were found. A group that was not
   * there at the first two readings counts from the second one on that has it. Never on macOS, which hides
   * environments.
   */
  isAny(
    table: readonly ProcessRow[],
    mayBeOurs: (row: ProcessRow) => boolean,
    ours: ReadonlySet<number> = new Set(),
  ): boolean {
    if (Deno.build.os === "darwin") return false;
    const now = new Map<number, Set<number>>();
    for (const row of table) {
      const { pid, group, environment, zombie } = row;
      if (group <= 1) continue;
      if ((!zombie && environment !== undefined && !ours.has(pid)) || !mayBeOurs(row)) this.#known.add(group);
      else now.set(group, (now.get(group) ?? new Set()).add(pid));
    }
    const isEarly = this.#readings++ < 2;
    let isAny = false;
    for (const [group, pids] of now) {
      const earlier: ReadonlySet<number> | undefined = this.#seen.get(group) ??
        (isEarly ? new Set() : undefined);
      this.#seen.set(group, pids);
      if (earlier !== undefined && !this.#known.has(group) && !pids.isSubsetOf(earlier)) isAny = true;
    }
    return isAny;
  }
}
