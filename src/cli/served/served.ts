/**
 * The methods of a control socket that `up` adds: those that take processes to answer.
 */

import { CHILD_FIELD, type ControlMethods, oneOf, optional } from "../../control/methods/method.ts";
import { Refusal } from "../../control/commands.ts";
import type { UsageReport, WhyReport } from "../../control/protocol.ts";
import type { SystemEvent } from "../../events.ts";
import { jsonLine } from "../../log.ts";
import type { WrittenLogs } from "../../launch/log_files.ts";
import { OptionError } from "../../options/option_error.ts";
import type { SignalReach } from "../../process/child_process.ts";
import type { LogPipeline } from "../../logs/pipeline.ts";
import type { Loaded } from "../../manifest/load.ts";
import { logsOf } from "../../manifest/resolve/children.ts";
import type { LiveProcesses } from "../../process/live_processes.ts";
import { mayReadProcessTable, processTrees, type ProcessUsage, readUsage } from "../../process/ps.ts";
import { allOf } from "../../supervision/status.ts";
import { emitAt, type System } from "../../supervision/tree.ts";
import { Timeline } from "../../report/timeline.ts";
import { exchangeMethods } from "./exchange_methods.ts";
import type { Lives } from "./lives.ts";
import { logMethods } from "./log_methods.ts";
import { poolMethods } from "./pool_methods.ts";
import { runMethods } from "./run_methods.ts";
import { talkMethods } from "./talk_methods.ts";

/** What they work on. */
export interface ServedParts extends Pick<Loaded, "manifest" | "ignored"> {
  readonly system: System;
  /** Gets the paths of what is run once, beside the tree. */
  readonly asides: Set<string>;
  readonly lives: Lives;
  readonly processes: LiveProcesses;
  readonly logs: LogPipeline;
  /** What the logs are written to, if that is files. */
  readonly files?: WrittenLogs | undefined;
}

/** Milliseconds that a reading of `ps` is good for: however many ask, it runs no more often. */
const USAGE_MS = 500;

/** The methods that need to know more than supervision. */
export function servedMethods(
  { system, asides, processes, lives, logs, files, ...loaded }: ServedParts,
): ControlMethods {
  const usage = new UsageReader({ system, logs });
  return {
    ...talkMethods(system, loaded),
    ...exchangeMethods(system, loaded),
    ...poolMethods(system),
    ...logMethods({ system, logs, files, written: logsOf(loaded.manifest) }),
    ...runMethods({ system, asides, processes, logs, loaded }),
    why: {
      fields: { child: CHILD_FIELD },
      answer({ child: path }, { commands }): WhyReport {
        const child = commands.child(path as string);
        if (child === null) throw notFound(path as string);
        return { now: Date.now(), child, lives: lives.of(child.path) };
      },
    },
    events: {
      fields: {
        path: optional(CHILD_FIELD),
        types: optional({ takes: "a list of types of events", fits: isWords }),
        as: optional(oneOf("data", "text")),
      },
      stream: ({ path, types, as }, { tree, signal }) =>
        eventsOf(system, {
          path: path as string | undefined,
          types: types as EventType[] | undefined,
          timeline: as === "text"
            ? new Timeline({ name: tree.root.id, width: 0, color: false, time: "clock" })
            : undefined,
          signal,
        }),
    },
    usage: { perform: () => usage.read() },
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

function notFound(path: string): Refusal {
  return new Refusal("not_found", `Cannot find '${path}': there is no such child`, { child: path });
}

function isWords(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === "string");
}

type EventType = SystemEvent["type"];

/** What is read of the events. */
interface EventsWish {
  readonly path: string | undefined;
  readonly types: EventType[] | undefined;
  /** Makes lines of them; `undefined`: they are sent as data. */
  readonly timeline: Timeline | undefined;
  readonly signal: AbortSignal;
}

/** The events from now on; without `types` those of output are left out: they are the logs'. */
async function* eventsOf(
  system: System,
  { path, types, timeline, signal }: EventsWish,
): AsyncGenerator<unknown, null> {
  let events: AsyncIterable<SystemEvent>;
  try {
    events = system.events({ path, types, signal });
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new Refusal("bad_request", error.message);
  }
  try {
    for await (const event of events) {
      if (types === undefined && event.type === "output") continue;
      timeline?.see(event);
      const item = timeline === undefined ? JSON.parse(jsonLine(event)) : timeline.line(event);
      if (item !== undefined) yield item;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return null;
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
    if (!pidsOf(system).has(path)) throw notFound(path);
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

/** Reads what processes use, for as many as ask. */
class UsageReader {
  readonly #parts: Pick<ServedParts, "system" | "logs">;
  #reading: { readonly at: number; readonly all: Promise<readonly ProcessUsage[] | undefined> } | undefined;

  constructor(parts: Pick<ServedParts, "system" | "logs">) {
    this.#parts = parts;
  }

  async read(): Promise<UsageReport> {
    const { system, logs } = this.#parts;
    const all = await this.#all();
    const pids = pidsOf(system);
    const trees = processTrees([...pids.values()].filter((pid) => pid !== undefined), all ?? []);
    const children = [...pids].flatMap(([path, pid]) => {
      const tree = (pid === undefined ? undefined : trees.get(pid)) ?? [];
      const sum = (of: "memory" | "cpu") => tree.reduce((sum, process) => sum + process[of], 0);
      const lastOutput = logs.lastOutput(path);
      const lines = logs.printed(path);
      if (tree.length === 0 && lastOutput === undefined) return [];
      return [{
        path,
        ...tree.length > 0 && { memory: sum("memory"), cpu: sum("cpu") },
        ...lastOutput !== undefined && { lastOutput, lines },
      }];
    });
    return { isKnown: all !== undefined, children };
  }

  /** All processes; `undefined` where they may not be read. */
  async #all(): Promise<readonly ProcessUsage[] | undefined> {
    if (!mayReadProcessTable()) return undefined;
    const now = performance.now();
    if (this.#reading === undefined || now - this.#reading.at > USAGE_MS) {
      this.#reading = { at: now, all: readUsage().catch(() => undefined) };
    }
    return await this.#reading.all;
  }
}

/** Each child with the pid of its process, if it has one. */
function pidsOf(system: System): Map<string, number | undefined> {
  return new Map(allOf(system.status()).map(({ path, pid }) => [path, pid]));
}
