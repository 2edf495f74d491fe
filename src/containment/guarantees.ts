/**
 * Derives from the granted permissions which processes are sure to end, and when. Pure.
 */
import { type SignalScope, signalScope } from "../process/group.ts";
import { missingPermissions, type RequiredPermission } from "../permissions/permit.ts";
import { openStateFolder, stateFolder, stateFolderPermissions, stateFolderVariable } from "./folder.ts";
import type { OnHostDeath } from "./events.ts";

export interface ContainmentGrants {
  readonly scope: SignalScope;
  /** The process table can be read: `--allow-run=ps`, and a `ps` that knows when a process started. */
  readonly table: boolean;
  /** The folder for ledgers can be read and written, by this user alone. */
  readonly folder: boolean;
  /** Why it can't, where that is not for a permission of Deno. */
  readonly unusable?: string | undefined;
}

export interface Guarantees {
  /** A stop reaches all that a sidecar has started, or its own process only. */
  readonly stop: SignalScope;
  /**
   * If the runtime is killed by SIGKILL: a guardian ends all (`guard`), the next start does (`sweep`), or nothing does
   * (`eof`). In each case stdin ends.
   */
  readonly hostDeath: "guard" | "sweep" | "eof";
  /** A second runtime on the same manifest is refused. */
  readonly exclusive: boolean;
  /** Whether processes that made a session of their own are found too, by their environment, when the run is over. */
  readonly orphans: boolean;
  /**
   * Why no ledger can be kept, where no permission is missing: the folder, and what is wrong with it; or that none is
   * known.
   */
  readonly unusable?: string | undefined;
}

export function guaranteesOf(
  { scope, table, folder, unusable }: ContainmentGrants,
  onHostDeath: OnHostDeath,
): Guarantees {
  const sweeps = scope === "tree" && table && folder;
  return {
    stop: scope,
    hostDeath: onHostDeath === "guard" ? "guard" : sweeps ? "sweep" : "eof",
    exclusive: folder,
    orphans: scope === "tree" && table,
    ...(unusable !== undefined && { unusable }),
  };
}

/** Queries the permissions of this process; `table`: whether it can read the process table, `folder`: the one for ledgers. */
export function readGrants(
  table: boolean,
  folder: string | undefined = stateFolder(),
): ContainmentGrants {
  const permitted = folder !== undefined && missingPermissions(stateFolderPermissions(folder)).length === 0;
  const why = permitted ? openStateFolder(folder) : undefined;
  // That of an executable is fixed.
  const remedy = Deno.build.standalone ? "" : "; XDG_STATE_HOME names another one";
  const unusable = why === undefined ? whyNoFolder(folder) : `${folder} can't be used: ${why}${remedy}`;
  return {
    scope: signalScope(),
    table,
    folder: permitted && why === undefined,
    ...(unusable !== undefined && { unusable }),
  };
}

/** That none is known, although the environment may be asked, as for a unit of the system's service manager. */
export function whyNoFolder(folder: string | undefined = stateFolder()): string | undefined {
  // Windows has none, and that of an executable is fixed when it is made.
  if (folder !== undefined || Deno.build.os === "windows" || Deno.build.standalone) return undefined;
  if (missingPermissions([stateFolderVariable()]).length > 0) return undefined;
  return "nothing is on record: neither XDG_STATE_HOME nor HOME is an absolute path; set one, and permit what " +
    "'outrider permissions FILE --contain' prints then";
}

/** All that a run can use to leave nothing behind: no run needs it, and each guarantee does. */
export function containmentPermissions(): RequiredPermission[] {
  const folder = stateFolder();
  if (Deno.build.os === "windows") return [];
  return [
    { name: "run", value: "kill" },
    { name: "run", value: "ps" },
    stateFolderVariable(),
    ...(folder === undefined ? [] : stateFolderPermissions(folder)),
  ];
}

/** Milliseconds from SIGTERM to SIGKILL for orphans. */
export const SWEEP_TERM_MS = 2_000;
