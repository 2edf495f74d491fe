/**
 * Starts a tree with all that makes it the business of its program: what ends the program ends it, and nothing of it is
 * left behind.
 *
 * Used by {@linkcode launch} alone, which loads it when it is called.
 */

import { errorMessage } from "../actor/user_value.ts";
import { contain, type Containment } from "../containment/contain.ts";
import type { Guarantees } from "../containment/guarantees.ts";
import { LogPipeline } from "../logs/pipeline.ts";
import { LiveProcesses } from "../process/live_processes.ts";
import { type ChildSpec, specsBelow } from "../supervision/child_spec.ts";
import { startedTree } from "../supervision/start.ts";
import { LaunchedTree } from "./app.ts";
import { containedEvents, orphanLines, withMore } from "./contained_events.ts";
import type { CheckedLogFile } from "./option_types.ts";
import type { App, LaunchOptions } from "./options.ts";

/** Starts the tree of `root`; its options are checked. See {@linkcode launch}. */
export async function launchContained(root: ChildSpec, options: LaunchOptions): Promise<App> {
  const { signal, report, warn = warnOnStderr } = options;
  const contained = await containProgram(root.id, options);
  // A report has it among its first lines.
  if (!report) shortfallOf(contained.containment.guarantees).forEach((line) => warn(line));
  if (options.exclusive && !contained.containment.guarantees.exclusive) warn(UNNOTICED);
  const more = containedEvents(contained.containment);
  const logs = new LogPipeline({ more });
  const paths = [...specsBelow(root)].map(([path]) => path);
  // Checked, and so resolved.
  const files = [options.log ?? []].flat() as CheckedLogFile[];
  if (files.length > 0) {
    const { openTreeLogs } = await import("./log_files.ts");
    await openTreeLogs(logs, files, { name: root.id, paths, warn }).catch(async (thrown) => {
      await contained.containment.close();
      throw thrown;
    });
  }
  const app = new LaunchedTree(root, {
    ...options,
    ...contained,
    logs,
    onOrphans: (orphans) => orphanLines(orphans).forEach((line) => warn(line)),
    report: typeof report === "function" ? (events) => report(withMore(events, more)) : undefined,
  });
  if (report && typeof report !== "function") {
    const { openReport } = await import("../report/report.ts");
    openReport(logs, { name: root.id, paths, to: "stderr", ...(report !== true && report) });
  }
  await startedTree(app, signal);
  // A report has told it.
  if (!report) {
    void app.outcome.then((outcome) => {
      if (outcome.how !== "gave_up") return;
      const why = errorMessage(outcome.cause).replace(/^Cannot keep '[^']*' running: /, "");
      warn(`The tree '${root.id}' gave up: ${why}`);
    });
  }
  return app;
}

async function containProgram(
  name: string,
  { exclusive = false, onHostDeath = mayGuard() ? "guard" : "eof" }: LaunchOptions,
): Promise<{ containment: Containment; processes: LiveProcesses }> {
  const containment = await contain(programPath(), { program: name, shared: !exclusive, onHostDeath });
  return { containment, processes: new LiveProcesses(containment.registry) };
}

function mayGuard(): boolean {
  if (Deno.build.os === "windows") return false;
  return Deno.permissions.querySync({ name: "run", command: "sh" }).state === "granted";
}

/** Where the program is: of an executable itself, else its main module. */
function programPath(): string {
  if (Deno.build.standalone) return Deno.execPath();
  const { mainModule } = Deno;
  return mainModule.startsWith("file:") ? decodeURIComponent(new URL(mainModule).pathname) : mainModule;
}

const UNNOTICED = "A second run of this program is not noticed: the folder for its lock can't be used";

/**
 * The guarantees that do not hold under these permissions, in a sentence; those that no permission mends are left
 * out. Pure.
 */
export function shortfallOf({ stop, hostDeath }: Guarantees, os: string = Deno.build.os): readonly string[] {
  if (os === "windows") return [];
  const parts = [
    ...(stop === "process" ? ["what its sidecars start is not ended with them (--allow-run=kill)"] : []),
    ...(hostDeath === "eof"
      ? ["if it is killed by SIGKILL, only the end of their stdin tells its sidecars (--allow-run=sh)"]
      : []),
  ];
  return parts.length === 0 ? [] : [`Under this program's permissions, ${parts.join("; ")}`];
}

function warnOnStderr(warning: string): void {
  console.warn(`Outrider: ${warning}`);
}
