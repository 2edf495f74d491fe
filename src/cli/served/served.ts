/**
 * The methods of a control socket that `up` adds: those that take processes to answer.
 */

import { CHILD_FIELD, type ControlMethods, oneOf, optional } from "../../control/methods/method.ts";
import { Refusal } from "../../control/commands.ts";
import type { UsageReport } from "../../control/protocol.ts";
import type { SignalReach } from "../../process/child.ts";
import type { LiveProcesses } from "../../process/live_processes.ts";
import { mayReadProcessTable, processTrees, type ProcessUsage, readUsage } from "../../process/ps.ts";
import { emitAt, type System } from "../../supervision/tree.ts";

/** What they work on. */
export interface ServedParts {
  readonly system: System;
  readonly processes: LiveProcesses;
}

/** Milliseconds that a reading of `ps` is good for: however many ask, it runs no more often. */
const USAGE_MS = 500;

/** The methods that need to know more than supervision. */
export function servedMethods({ system, processes }: ServedParts): ControlMethods {
  const usage = new UsageReader();
  return {
    usage: { perform: () => usage.read(system) },
    signal: {
      fields: {
        child: CHILD_FIELD,
        signal: { takes: "the name of a signal, such as SIGHUP", fits: isSignalName },
        scope: optional(oneOf("group", "process")),
      },
      answer({ child, signal, scope }) {
        sendSignal(processes, system, {
          path: child as string,
          name: signal as Deno.Signal,
          scope: scope as SignalReach | undefined,
        });
        return null;
      },
    },
  };
}

function isSignalName(value: unknown): boolean {
  return typeof value === "string" && /^SIG[A-Z0-9]{2,10}$/.test(value);
}

/** @throws {Refusal} `not_found`, `no_process`, `unsupported` */
function sendSignal(
  processes: LiveProcesses,
  system: System,
  { path, name, scope }: {
    readonly path: string;
    readonly name: Deno.Signal;
    readonly scope: SignalReach | undefined;
  },
): void {
  const process = processes.at(path);
  if (process === undefined) {
    const known = pathsOf(system);
    if (!known.includes(path)) {
      throw new Refusal("not_found", `Cannot find '${path}': there is no such child`, { child: path });
    }
    throw new Refusal("no_process", `Cannot signal '${path}': it has no process now`);
  }
  emitAt(system, path, { type: "requested", request: name });
  let isSent: boolean;
  try {
    isSent = process.signal(name, scope);
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof Deno.errors.PermissionDenied)) throw error;
    throw new Refusal("unsupported", `Cannot signal '${path}': ${error.message}`);
  }
  if (!isSent) throw new Refusal("no_process", `Cannot signal '${path}': its process has just ended`);
}

function pathsOf(system: System): string[] {
  return system.status().flatMap(function all({ path, children = [] }): string[] {
    return [path, ...children.flatMap(all)];
  });
}

/** Reads what processes use, for as many as ask. */
class UsageReader {
  #reading: { readonly at: number; readonly all: Promise<readonly ProcessUsage[]> } | undefined;

  async read(system: System): Promise<UsageReport> {
    if (!mayReadProcessTable()) return { isKnown: false, children: [] };
    const now = performance.now();
    if (this.#reading === undefined || now - this.#reading.at > USAGE_MS) {
      this.#reading = { at: now, all: readUsage() };
    }
    let all: readonly ProcessUsage[];
    try {
      all = await this.#reading.all;
    } catch {
      return { isKnown: false, children: [] };
    }
    const pids = new Map(
      system.status().flatMap(function pidsOf({ path, pid, children = [] }): [string, number][] {
        return [
          ...pid === undefined ? [] : [[path, pid] satisfies [string, number]],
          ...children.flatMap(pidsOf),
        ];
      }),
    );
    const trees = processTrees([...pids.values()], all);
    const children = [...pids].flatMap(([path, pid]) => {
      const tree = trees.get(pid)!;
      if (tree.length === 0) return [];
      const sum = (of: "memory" | "cpu") => tree.reduce((sum, process) => sum + process[of], 0);
      return [{ path, memory: sum("memory"), cpu: sum("cpu") }];
    });
    return { isKnown: true, children };
  }
}
