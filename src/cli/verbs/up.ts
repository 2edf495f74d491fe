/**
 * `outrider up FILE`
 */

import deno from "../../../deno.json" with { type: "json" };
import { deathOf, type Exit } from "../../actor/exit.ts";
import { factories } from "@outrider/outrider/actors/factories";
import { ControlServer } from "../../control/server.ts";
import type { LogLevel } from "../../events.ts";
import { jsonLine, LOG_LEVELS } from "../../log.ts";
import type { Manifest } from "../../manifest/fields/types.ts";
import { contain } from "../../containment/contain.ts";
import { buildTree } from "../../manifest/resolve/child_specs.ts";
import { logsOf, pathsOf } from "../../manifest/resolve/children.ts";
import { REPORT_FORMATS, type ReportFormat, TIME_STYLES, type TimeStyle } from "../../report/options.ts";
import { LogPipeline } from "../../logs/pipeline.ts";
import { openReport } from "../../report/report.ts";
import type { IgnoredPart } from "../../manifest/resolve/platform.ts";
import { LaunchedTree } from "../../launch/app.ts";
import { signalExitCode, STOP_SIGNALS } from "../../launch/process_ends.ts";
import { containedEvents, orphanEvents, orphanLines } from "../../launch/contained_events.ts";
import { LiveProcesses } from "../../process/live_processes.ts";
import { argumentFor } from "../../manifest/tauri/import_command.ts";
import {
  commandName,
  EXIT,
  type ExitCode,
  parseOneOf,
  parseTime,
  printErrors,
  printErrorsEscaped,
  readFileArgs,
  UsageError,
  type Verb,
} from "../verb.ts";
import { codeAfter, outcomeOf } from "../failure.ts";
import { listenFor } from "../control_place.ts";
import { Lives } from "../served/lives.ts";
import { detach } from "../detach.ts";
import { takeTarget } from "../target.ts";
import { resolve } from "../../permissions/path.ts";
import { servedMethods } from "../served/served.ts";
import type { ServiceWishes } from "../checks/service.ts";
import type { Outcome } from "../../launch/options.ts";
import { outcomeText } from "../../report/cause.ts";
import type { ManifestPermission } from "../../manifest/grants/permissions.ts";
import { ignoredBriefly, manifestWarnings, prepare } from "../checks/prepare.ts";
import { firstProcessWarnings, isHangupIgnored } from "../../process/start/surroundings.ts";
import { inheritedWarnings } from "../../process/start/inherited.ts";
import { formatDuration } from "../../text/words.ts";
import { requirePermissions } from "../checks/permissions.ts";
import { requireStartable } from "../checks/startable.ts";

/** Starts a tree and keeps it running. */
export const upVerb: Verb = async (args) => {
  const { file, values } = readFileArgs(args, {
    control: { type: "string" },
    "no-control": { type: "boolean" },
    detach: { type: "boolean", short: "d" },
    only: { type: "list" },
    ...SERVICE_OPTIONS,
    ...TAKE_OVER,
    ...UP_OPTIONS,
  });
  const { control } = values;
  if (control !== undefined && values["no-control"]) {
    throw new UsageError("Cannot use --control with --no-control: it listens, or it does not");
  }
  if (values.detach) {
    if (values["no-control"]) {
      throw new UsageError("Cannot use --detach with --no-control: nothing but a signal could end it");
    }
    const { target } = await takeTarget([file]);
    const reached = control === undefined ? target : { ...target, file: undefined, sockets: [control] };
    const again = args.filter((arg) => arg !== "-d" && arg !== "--detach");
    return await detach(["up", ...again], { file: resolve(file), target: reached });
  }
  const { service, own } = await serviceOf(values);
  const options = { ...upOptions(values), control, service };
  const { manifest, ignored, file: path, ...standing } = await prepare(file, {
    ...options,
    own,
    only: values.only,
  });
  if (ignored.length > 0) await printErrorsEscaped(...ignoredBriefly(ignored));
  requireStartable(manifest, path);
  requirePermissions(manifest, standing);
  return await supervise(manifest, {
    ...options,
    // A strict manifest has no more than is said.
    listensByItself: !values["no-control"] && manifest.permissions !== "strict",
    file: path,
    ignored,
    takeOver: values["take-over"],
    warnings: [...manifestWarnings(path), ...inheritedWarnings()],
  });
};

/** The options of a service of the machine. */
const SERVICE_OPTIONS = {
  "notify": { type: "boolean", default: false },
  "http": { type: "string" },
  "termination-log": { type: "string" },
} as const;

/** @throws {ServiceError} */
async function serviceOf(
  { notify, http, "termination-log": terminationLog }: {
    readonly notify: boolean;
    readonly http?: string;
    readonly "termination-log"?: string;
  },
): Promise<{ service?: ServiceWishes; own: readonly ManifestPermission[] }> {
  if (!notify && http === undefined && terminationLog === undefined) return { own: [] };
  const { notifyPlace } = await import("../../service/notify.ts");
  const { servicePermissions } = await import("../checks/service.ts");
  const service = { notify: notify ? notifyPlace() : undefined, http, terminationLog };
  return { service, own: servicePermissions(service) };
}

/** The options that an executable has as well. */
export const UP_OPTIONS = {
  "for": { type: "string" },
  "keep-going": { type: "boolean", default: false },
  "wait-ready": { type: "string" },
  "stop-within": { type: "string" },
  "exit-code-from": { type: "string" },
  "ignore-hup": { type: "boolean", default: false },
  "log-format": { type: "string", default: "text" },
  "log-level": { type: "string", default: "info" },
  time: { type: "string", default: "clock" },
} as const;

/** The option of verbs that notice another run. */
export const TAKE_OVER = { "take-over": { type: "boolean", default: false } } as const;

/** How a tree is run. */
export interface UpOptions {
  /** Milliseconds, after which it stops by itself. */
  readonly runFor?: number | undefined;
  /** Whether it starts without programs that are missing. */
  readonly keepGoing: boolean;
  /** Milliseconds, after which it has failed if not all are ready. */
  readonly waitReady?: number | undefined;
  /** Milliseconds for stopping everything. Default: the manifest's, else by its stop sequences. */
  readonly stopWithin?: number | undefined;
  /** The child whose end for good ends the run, with its exit code. */
  readonly exitCodeFrom?: string | undefined;
  /** Whether it goes on after SIGHUP. */
  readonly ignoresHangup?: boolean | undefined;
  readonly format: ReportFormat;
  readonly level: LogLevel;
  readonly time: TimeStyle;
  /** Where it listens. */
  readonly control?: string | undefined;
  /** Whether it listens where nothing is said, as far as it may. Default `false`. */
  readonly listensByItself?: boolean | undefined;
  /** What it is as a service of the machine. */
  readonly service?: ServiceWishes | undefined;
  /** What of the file is not in the manifest. */
  readonly ignored?: readonly IgnoredPart[] | undefined;
  /** Warnings printed at the start. */
  readonly warnings?: readonly string[] | undefined;
}

/** The claim of a run, which keeps a second one of the same manifest from starting. */
export interface RunClaim {
  /** Absolute: of the manifest, or of the executable that it is in. */
  readonly file: string;
  /** Whether another run is ended for this one. */
  readonly takeOver?: boolean | undefined;
  /** The state folder; default from the environment. */
  readonly state?: string | undefined;
}

/** Reads {@linkcode UP_OPTIONS}. @throws {UsageError} */
export function upOptions(
  values: {
    readonly "for"?: string;
    readonly "keep-going": boolean;
    readonly "wait-ready"?: string;
    readonly "stop-within"?: string;
    readonly "exit-code-from"?: string;
    readonly "ignore-hup": boolean;
    readonly "log-format": string;
    readonly "log-level": string;
    readonly time: string;
  },
): UpOptions {
  const within = values["stop-within"];
  const ready = values["wait-ready"];
  return {
    keepGoing: values["keep-going"],
    waitReady: ready === undefined ? undefined : parseTime("--wait-ready", ready),
    stopWithin: within === undefined ? undefined : parseTime("--stop-within", within),
    exitCodeFrom: values["exit-code-from"],
    ignoresHangup: values["ignore-hup"],
    format: parseOneOf("--log-format", values["log-format"], REPORT_FORMATS),
    level: parseOneOf("--log-level", values["log-level"], LOG_LEVELS),
    time: parseOneOf("--time", values.time, TIME_STYLES),
    runFor: values.for === undefined ? undefined : parseTime("--for", values.for),
  };
}

/** What happens before there is a tree, as a line of standard error; as data, a warning like those of a tree. */
function aside(message: string, json: boolean): string[] {
  return [
    json
      ? jsonLine({ at: Date.now(), path: "/", generation: 0, type: "warning", message })
      : message[0]!.toUpperCase() + message.slice(1),
  ];
}

/** The wait for another runtime to stop: a signal ends it, and says that nothing was started. */
class TakeOverWait {
  readonly #json: boolean;
  readonly #listeners = new Map<Deno.Signal, () => void>();

  constructor(json: boolean) {
    this.#json = json;
  }

  on(pid: number): void {
    void printErrors(...aside(`waiting for process ${pid} to stop`, this.#json));
    for (const name of STOP_SIGNALS) {
      const end = async () => {
        const message =
          `${name}: nothing was started; process ${pid}, which was to be taken over, goes on stopping`;
        await printErrors(...aside(message, this.#json));
        Deno.exit(signalExitCode(name));
      };
      const listener = () => void end();
      this.#listeners.set(name, listener);
      Deno.addSignalListener(name, listener);
    }
  }

  over(): void {
    for (const [name, listener] of this.#listeners) Deno.removeSignalListener(name, listener);
    this.#listeners.clear();
  }
}

/** Opens the log files of a manifest, if it has any. */
async function openLogs(
  logs: LogPipeline,
  manifest: Manifest,
  warn: (message: string) => Promise<void>,
): Promise<void> {
  const files = logsOf(manifest);
  if (files.length === 0) return;
  const { openTreeLogs } = await import("../../launch/log_files.ts");
  await openTreeLogs(logs, files, { name: manifest.name, paths: pathsOf(manifest), warn });
}

/**
 * Runs the tree of a manifest to its end; its permissions are granted.
 *
 * @throws {ControlError} there can be no such socket
 * @throws {ContainmentError} another run has its file
 * @throws {LogFileError} a log can't be written
 */
export async function supervise(
  manifest: Manifest,
  {
    file,
    takeOver = false,
    state,
    format,
    level,
    time,
    control,
    listensByItself,
    ignored = [],
    warnings = [],
    ...options
  }:
    & UpOptions
    & RunClaim,
): Promise<ExitCode> {
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
  // Before a listener of ours takes the place of what it was started with.
  const ignoresHangup = options.ignoresHangup || isHangupIgnored();
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
  const logs = new LogPipeline({ more: containedEvents(containment, told) });
  let listening: Awaited<ReturnType<typeof listenFor>>;
  try {
    await openLogs(logs, manifest, (message) => printErrors(...aside(message, json)));
    listening = await listenFor(
      file,
      control !== undefined ? { path: control } : listensByItself ? "default" : "none",
    );
  } catch (thrown) {
    await containment.close();
    throw thrown;
  }
  const { socket, warning } = listening;
  if (warning !== undefined) told.push(warning);
  const processes = new LiveProcesses(containment.registry);
  openReport(logs, { name: manifest.name, paths: pathsOf(manifest), format, level, time });
  const app = new LaunchedTree(tree, {
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
  const lives = new Lives();
  const over = new AbortController();
  // From before the first start, and only where somebody can ask.
  if (socket !== undefined) void lives.follow(app, over.signal).catch(() => {});
  const server = socket &&
    new ControlServer(socket, {
      system: app,
      root: tree,
      version: deno.version,
      methods: servedMethods({ system: app, processes, lives, logs, manifest, ignored }),
      stop: () => void app.stopFor("asked over the control socket"),
    });
  await using service = await serviceFor(app, wishes);
  try {
    void app.start().then(() => service?.started(), () => {}); // the outcome has it
    const isLate = waitReady === undefined ? undefined : stopUnlessReady(app, waitReady);
    const outcome = await outcomeOf(app);
    if (await isLate) {
      await printErrors(...aside(`not all are ready within ${formatDuration(waitReady!)}`, json));
      return EXIT.FAILED;
    }
    const code = await codeAfter(outcome, {
      name: manifest.name,
      stopped: EXIT.OK,
      json,
      check: Deno.build.standalone ? `${commandName()} check` : `outrider check ${argumentFor(file)}`,
    });
    if (wishes.terminationLog !== undefined) {
      await leaveLastWords(wishes.terminationLog, outcome, manifest.name);
    }
    return code !== EXIT.OK || app.untilExit === undefined ? code : exitCodeOf(app.untilExit);
  } finally {
    over.abort();
    await server?.close();
  }
}

/** Stops a tree of which not all were ready in time; whether that was so. */
async function stopUnlessReady(app: LaunchedTree, within: number): Promise<boolean> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void app.stopFor("not all are ready in time");
  }, within);
  for await (const { path } of app.events({ types: ["ready"] })) if (path === "/") break;
  clearTimeout(timer);
  return isLate;
}

/** What tells how the tree is; loaded only where it is wanted. */
async function serviceFor(app: LaunchedTree, { notify, http }: ServiceWishes) {
  if (notify === undefined && http === undefined) return undefined;
  const { Service } = await import("../../service/service.ts");
  const { healthAddress } = await import("../../service/health.ts");
  return new Service(app, { notify, http: http === undefined ? undefined : healthAddress(http) });
}

/** Leaves the failure of a run where an orchestrator looks for it, such as /dev/termination-log. */
async function leaveLastWords(file: string, outcome: Outcome, name: string): Promise<void> {
  if ("cause" in outcome) await Deno.writeTextFile(file, `${outcomeText(outcome.cause, name)}\n`);
}

/** @throws {UsageError} the manifest has no such child here */
function requireChild(manifest: Manifest, path: string | undefined): void {
  if (path === undefined) return;
  const paths = pathsOf(manifest);
  if (paths.includes(path)) return;
  throw new UsageError(`Cannot use --exit-code-from ${path}: the children are ${paths.join(", ")}`);
}

/** The exit code of a run for the sake of one child. */
function exitCodeOf(exit: Exit): ExitCode {
  const { kind, code = EXIT.FAILED } = deathOf(exit);
  return (kind === "completed" ? EXIT.OK : code) as ExitCode;
}
