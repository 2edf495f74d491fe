/**
 * Runs the tree of a manifest as the business of a command: for `up`, and for an executable.
 *
 * The invariant: whatever it can't begin with, what was made before (the claim of the run, logs, a socket) is taken back.
 */

import deno from "../../../deno.json" with { type: "json" };
import { asError, deathOf, type Exit } from "../../actor/exit.ts";
import { factories } from "@outrider/outrider/actors/factories";
import { contain } from "../../containment/contain.ts";
import { fileHash } from "../../containment/folder.ts";
import { ControlServer } from "../../control/server.ts";
import { containedEvents, orphanEvents, orphanLines } from "../../launch/contained_events.ts";
import { LaunchedTree } from "../../launch/app.ts";
import type { WrittenLogs } from "../../launch/log_files.ts";
import { jsonLine } from "../../log.ts";
import { LogPipeline } from "../../logs/pipeline.ts";
import type { Manifest } from "../../manifest/fields/types.ts";
import { buildTree } from "../../manifest/resolve/child_specs.ts";
import { logsOf, pathsOf } from "../../manifest/resolve/children.ts";
import { argumentFor } from "../../manifest/tauri/import_command.ts";
import { resolvePath } from "../../permissions/permit.ts";
import { LiveProcesses } from "../../process/live_processes.ts";
import { firstProcessWarnings } from "../../process/start/surroundings.ts";
import { outcomeText } from "../../report/cause.ts";
import { openReport } from "../../report/report.ts";
import type { Service } from "../../service/service.ts";
import { isEnding } from "../../supervision/tree.ts";
import { formatDuration } from "../../text/words.ts";
import type { ServiceWishes } from "../checks/service.ts";
import { withBackgroundLog } from "../logs/background_log.ts";
import { listenFor } from "../control/control_place.ts";
import { codeAfter, outcomeOf } from "../failure.ts";
import { Lives } from "../served/lives.ts";
import { servedMethods } from "../served/served.ts";
import { commandName, EXIT, type ExitCode, printErrors, printErrorsEscaped, UsageError } from "../verb.ts";
import type { RunClaim, UpOptions } from "./options.ts";
import { aside, sentence, TakeOverWait } from "./take_over_wait.ts";

/** Opens the log files of a manifest, if it has any. */
async function openLogs(
  logs: LogPipeline,
  manifest: Manifest,
  warn: (message: string) => Promise<void>,
): Promise<WrittenLogs | undefined> {
  const files = logsOf(manifest);
  if (files.length === 0) return undefined;
  const { openTreeLogs } = await import("../../launch/log_files.ts");
  return await openTreeLogs(logs, files, { name: manifest.name, paths: pathsOf(manifest), warn });
}

/**
 * Runs the tree of a manifest to its end; its permissions are granted.
 *
 * @throws {ControlError} there can be no such socket
 * @throws {ContainmentError} another run has its file
 * @throws {LogFileError} a log can't be written
 */
export async function supervise(
  given: Manifest,
  {
    file,
    takeOver = false,
    state,
    format,
    level,
    time,
    control,
    listensByItself,
    isInBackground = false,
    ignored = [],
    warnings = [],
    ...options
  }:
    & UpOptions
    & RunClaim,
): Promise<ExitCode> {
  const manifest = isInBackground ? await withBackgroundLog(given, { file, format }) : given;
  const {
    keepGoing,
    waitReady,
    runFor,
    stopWithin = manifest.stopWithin,
    exitCodeFrom,
    service: wishes = {},
  } = options;
  requireChild(manifest, exitCodeFrom);
  const tree = buildTree(manifest, factories);
  const ignoresHangup = await options.ignoresHangup;
  const json = format === "json";
  const waiting = new TakeOverWait(json);
  const containment = await contain(file, {
    onHostDeath: manifest.onHostDeath,
    takeOver,
    ...(state !== undefined && { folder: state }),
    onTakeOver: (pid) => void waiting.on(pid),
    onSweep: () => void printErrors(...aside("ending what the killed run before has left behind", json)),
  }).finally(() => waiting.over());
  const told = [...warnings, ...firstProcessWarnings()];
  const lives = new Lives();
  const more = containedEvents(containment, told);
  const logs = new LogPipeline({ more: (event, isFirst) => lives.noting(more(event, isFirst)) });
  let listening: Awaited<ReturnType<typeof listenFor>>;
  let files: WrittenLogs | undefined;
  try {
    files = await openLogs(logs, manifest, (message) => printErrors(...aside(message, json)));
    listening = await listenFor(
      file,
      control !== undefined ? { path: control } : listensByItself ? "default" : "none",
    );
    if (isInBackground && listening.socket === undefined) throw unheard(listening.warning);
  } catch (thrown) {
    await containment.close();
    throw thrown;
  }
  const { socket, warning, unpoint } = listening;
  if (warning !== undefined) told.push(warning);
  const processes = new LiveProcesses(containment.registry);
  if (!isInBackground) {
    openReport(logs, { name: manifest.name, paths: pathsOf(manifest), format, level, time });
  }
  const asides = new Set<string>();
  const app = new LaunchedTree(tree, {
    asides,
    runFor,
    stopDeadline: stopWithin,
    until: exitCodeFrom,
    keepGoing,
    ignoredSignals: ignoresHangup ? ["SIGHUP"] : [],
    onSignal: "stop",
    stopWhenFinished: true,
    containment,
    processes,
    logs,
    onOrphans: (orphans) => printErrors(...json ? orphanEvents(orphans).map(jsonLine) : orphanLines(orphans)),
  });
  const over = new AbortController();
  // From before the first start, and only where somebody can ask.
  if (socket !== undefined) void lives.follow(app, over.signal).catch(() => {});
  const server = socket &&
    new ControlServer(socket, {
      system: app,
      root: tree,
      version: deno.version,
      file: (await fileHash(file)).path,
      log: logPlace(manifest),
      methods: servedMethods({ system: app, asides, processes, lives, logs, files, manifest, ignored }),
      stop: () => void app.stopFor("asked over the control socket"),
    });
  let service: Service | undefined;
  try {
    service = await serviceFor(app, wishes);
    void app.start().then(() => service?.started(), () => {}); // the outcome has it
    const isLate = waitReady === undefined ? undefined : stopUnlessReady(app, waitReady);
    const outcome = await outcomeOf(app);
    const leave = (text: string) => leaveLastWords(wishes.terminationLog, text);
    if (await isLate) {
      const message = `not all are ready within ${formatDuration(waitReady!)}`;
      await printErrors(...aside(message, json));
      await leave(sentence(message));
      return EXIT.FAILED;
    }
    const code = await codeAfter(outcome, {
      name: manifest.name,
      stopped: EXIT.OK,
      json,
      check: Deno.build.standalone ? `${commandName()} check` : `outrider check ${argumentFor(file)}`,
    });
    if ("cause" in outcome) await leave(outcomeText(outcome.cause, manifest.name));
    return code !== EXIT.OK || app.untilExit === undefined ? code : exitCodeOfChild(app.untilExit);
  } finally {
    // Also where it could not begin: what was made for it is taken back.
    await app.stop();
    await service?.[Symbol.asyncDispose]();
    over.abort();
    await server?.close();
    unpoint?.();
  }
}

/** Stops a tree of which not all were ready in time; whether that was so. */
async function stopUnlessReady(app: LaunchedTree, within: number): Promise<boolean> {
  let isLate = false;
  const timer = setTimeout(() => {
    // What it stops for already is the reason.
    if (isEnding(app)) return;
    isLate = true;
    void app.stopFor("not all are ready in time");
  }, within);
  for await (const { path } of app.events({ types: ["ready"] })) if (path === "/") break;
  clearTimeout(timer);
  return isLate;
}

/** What tells how the tree is; loaded only where it is wanted. */
async function serviceFor(
  app: LaunchedTree,
  { notify, http }: ServiceWishes,
): Promise<Service | undefined> {
  if (notify === undefined && http === undefined) return undefined;
  const { Service } = await import("../../service/service.ts");
  const { healthAddress } = await import("../../service/health.ts");
  return new Service(app, { notify, http: http === undefined ? undefined : healthAddress(http) });
}

/** Leaves the failure of a run where an orchestrator looks for it; that it can't is told, and changes nothing. */
async function leaveLastWords(file: string | undefined, text: string): Promise<void> {
  if (file === undefined) return;
  try {
    await Deno.writeTextFile(file, `${text}\n`);
  } catch (error) {
    await printErrorsEscaped(`Cannot leave the last failure in ${file}: ${asError(error).message}`);
  }
}

/** Where the log of the whole tree is; absolute. */
function logPlace({ log }: Manifest): string | undefined {
  const place = log?.file ?? log?.dir;
  return place === undefined ? undefined : resolvePath(place);
}

/** Why a tree in the background that does not listen is not started. */
function unheard(why = "that takes a permission, or, of a strict manifest, --control PATH"): UsageError {
  return new UsageError(
    `Cannot go into the background: nothing but a signal could end it, as it can't listen at a socket: ${why}`,
  );
}

/** @throws {UsageError} the manifest has no such child here */
function requireChild(manifest: Manifest, path: string | undefined): void {
  if (path === undefined) return;
  const paths = pathsOf(manifest);
  if (paths.includes(path)) return;
  throw new UsageError(`Cannot use --exit-code-from ${path}: the children are ${paths.join(", ")}`);
}

/** The exit code of a run for the sake of one child. */
function exitCodeOfChild(exit: Exit): ExitCode {
  const { code = EXIT.FAILED } = deathOf(exit);
  return code as ExitCode;
}
