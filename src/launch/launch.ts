/**
 * Starts a tree as the business of a whole program.
 *
 * @module
 */

import { checkOptions } from "../options/check.ts";
import { launchOptions } from "../options/fields/running.ts";
import { errorMessage } from "../actor/user_value.ts";
import type { Containment } from "../containment/contain.ts";
import type { Guarantees, OnHostDeath } from "../containment/guarantees.ts";
import type { SystemEvent } from "../events.ts";
import type { LiveProcesses } from "../process/live_processes.ts";
import type { ReportOptions } from "../report/report.ts";
import { type ChildSpec, pathOf } from "../supervision/child_spec.ts";
import { supervisor } from "../supervision/supervisor_spec.ts";
import { startedTree } from "../supervision/tree.ts";
import type { App, AppOptions } from "./app.ts";

/** Options of {@linkcode launch}. */
export interface LaunchOptions extends AppOptions {
  /** The root supervisor's id, where `launch` makes it. Default `app`. */
  readonly name?: string | undefined;
  /**
   * Tells what happens, as a timeline on standard error; or as its options say; or to a function of your own, which
   * gets the events from the first on and is awaited at the end, for a second at most. Default `false`.
   */
  readonly report?:
    | boolean
    | LaunchReport
    | ((events: AsyncIterable<SystemEvent>) => Promise<void>)
    | undefined;
  /** Refuses to start while another run of the same program has a tree of that name. Default `false`. */
  readonly exclusive?: boolean | undefined;
  /**
   * What ends the sidecars if this program is killed by SIGKILL: `guard`, a small process that ends all within a second;
   * `eof`, the end of their stdin. Default: `guard` where `sh` may be run, else `eof`.
   */
  readonly onHostDeath?: OnHostDeath | undefined;
  /**
   * Gets, as a sentence, what can't be promised under the permissions of this program, and what was found left behind;
   * where there is no report, also that the tree gave up. Default: a line on standard error.
   */
  readonly warn?: ((warning: string) => void) | undefined;
}

/** How {@linkcode launch} reports. */
export type LaunchReport = Pick<ReportOptions, "format" | "level" | "to">;

/**
 * Starts a tree that ends with this program; fulfilled when all of it is ready. `spec` is one child, a list of children,
 * which get a supervisor, or a supervisor.
 *
 * However the program ends, its sidecars end:
 *
 * - a signal (SIGINT, SIGTERM, SIGHUP) stops the tree in order, within `stopDeadline`; then the program exits with 128 and
 *   the signal's number. A second signal ends everything at once;
 * - an uncaught error, or rejection, stops the tree in order; then it ends the program as it does otherwise;
 * - `Deno.exit` sends SIGKILL to the process groups of all sidecars, or, without permission for that, to each sidecar's
 *   own process;
 * - SIGKILL to the program: see `onHostDeath`.
 *
 * It needs no more permissions than {@linkcode start}; with some more it reaches further, and says once what it can't.
 * docs/containment.md has both.
 *
 * @throws {StartError} and then nothing runs
 * @throws the reason of `signal`, if that aborted first
 * @throws {ContainmentError} another run has the tree, and this one is `exclusive`
 * @throws {PermissionMissingError} `onHostDeath` is `"guard"`, and `sh` may not be run
 * @throws {OptionError} an option that is unknown or wrong, before anything is locked or started
 *
 * @example
 * ```ts
 * import { launch, sidecar } from "@outrider/outrider";
 *
 * const cat = sidecar("cat", { command: "cat", protocol: "lines" });
 * await using app = await launch(cat);
 * console.log(await app.ref(cat).ask("hello")); // hello
 * ```
 */
export async function launch(
  spec: ChildSpec | readonly ChildSpec[],
  options: LaunchOptions = {},
): Promise<App> {
  // Before anything is locked or started.
  const checked = checkOptions<LaunchOptions>("Cannot launch", launchOptions, options);
  const { signal, report, warn = warnOnStderr } = checked;
  signal?.throwIfAborted();
  const root = rootOf(spec, checked.name);
  // Loaded where a tree is launched: a program that only starts one does without.
  const [{ LaunchedTree }, { orphanLines, withContainment }] = await Promise.all([
    import("./app.ts"),
    import("./contained_events.ts"),
  ]);
  const contained = await containProgram(root.id, checked);
  // A report has it among its first lines.
  if (!report) shortfallOf(contained.containment.guarantees).forEach((line) => warn(line));
  if (checked.exclusive && !contained.containment.guarantees.exclusive) warn(UNNOTICED);
  const app = new LaunchedTree(root, {
    ...checked,
    ...contained,
    onOrphans: (orphans) => orphanLines(orphans).forEach((line) => warn(line)),
    report: report
      ? (events) => told(withContainment(events, contained.containment), root, report)
      : undefined,
  });
  await startedTree(app, signal);
  // A report has told it.
  if (!report) {
    void app.outcome.then((outcome) => {
      if (outcome.how === "gave_up") warn(`The tree '${root.id}' gave up: ${errorMessage(outcome.cause)}`);
    });
  }
  return app;
}

/** A supervisor as it is; anything else below a supervisor, which restarts it. */
function rootOf(spec: ChildSpec | readonly ChildSpec[], name = "app"): ChildSpec {
  if (isList(spec)) return supervisor(name, spec);
  // One that takes messages has an address, which the root has not.
  return spec.type === "supervisor" && spec.takesMessages !== true ? spec : supervisor(name, [spec]);
}

function isList(spec: ChildSpec | readonly ChildSpec[]): spec is readonly ChildSpec[] {
  return Array.isArray(spec);
}

/** Contains the tree of this program. */
async function containProgram(
  name: string,
  { exclusive = false, onHostDeath = mayGuard() ? "guard" : "eof" }: LaunchOptions,
): Promise<{ containment: Containment; processes: LiveProcesses }> {
  const [{ contain }, { LiveProcesses }] = await Promise.all([
    import("../containment/contain.ts"),
    import("../process/live_processes.ts"),
  ]);
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

/** What can't be promised under these permissions, in a sentence, if anything; what no permission mends is left out. Pure. */
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

async function told(
  events: AsyncIterable<SystemEvent>,
  root: ChildSpec,
  report: Exclude<LaunchOptions["report"], false | undefined>,
): Promise<void> {
  if (typeof report === "function") return await report(events);
  const { report: tell } = await import("../report/report.ts");
  await tell(events, {
    name: root.id,
    paths: [...pathsBelow(root, "/")],
    to: "stderr",
    ...(report !== true && report),
  });
}

function* pathsBelow(spec: ChildSpec, path: string): IterableIterator<string> {
  for (const child of spec.children) {
    const own = pathOf(path, child.id);
    yield own;
    yield* pathsBelow(child, own);
  }
}
