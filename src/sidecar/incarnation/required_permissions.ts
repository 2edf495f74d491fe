/**
 * The permissions that an incarnation needs for all that it does: its program, its probes, its limits and its stop. They
 * are asked for at once, before anything is started.
 */

import { siblingCommand } from "../../process/command.ts";
import type { InjectedProcesses } from "../../process/injected.ts";
import { PS } from "../../process/ps.ts";
import { requiredForCommand } from "../../process/spawn.ts";
import { requireStartPermissions } from "../../process/start/start_permissions.ts";
import { injectedOf } from "../../actor/behavior.ts";
import type { RequiredPermission } from "../../permissions/permit.ts";
import { probePermissions } from "../health/probes.ts";
import type { SidecarRun } from "./run.ts";
import { startsRealProcesses } from "./start_process.ts";

/** Asserts that nothing fails half-way for a permission. @throws {PermissionMissingError} naming every flag that is missing */
export function requireIncarnationPermissions({ context, settings }: SidecarRun): void {
  const { command, probes, limits, stop, spawn: own } = settings;
  const spawns = startsRealProcesses({ context, own });
  const reads = limits !== undefined && injectedOf<InjectedProcesses>(context).readUsage === undefined;
  const started = [command, ...stop.command === undefined ? [] : [siblingCommand(command, stop.command)]];
  requireStartPermissions(command.program, [
    ...spawns ? started.flatMap((each) => requiredForCommand(each)) : [],
    ...probes === undefined ? [] : probePermissions(probes, { command, spawns }),
    ...reads ? [{ name: "run", value: PS } satisfies RequiredPermission] : [],
  ]);
}
