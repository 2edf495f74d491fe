/**
 * How a tree is run to its end, as a command line says it: for `up`, and for an executable.
 */

import type { LogLevel } from "../../events.ts";
import { LOG_LEVELS } from "../../log.ts";
import type { IgnoredPart } from "../../manifest/resolve/platform.ts";
import { REPORT_FORMATS, type ReportFormat, TIME_STYLES, type TimeStyle } from "../../report/options.ts";
import { isHangupIgnored } from "../../process/start/surroundings.ts";
import type { ServiceWishes } from "../checks/service.ts";
import { parseOneOf, parseTime } from "../verb.ts";

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
  /** Whether it goes on after SIGHUP; another program says so, which runs meanwhile. */
  readonly ignoresHangup: Promise<boolean>;
  readonly format: ReportFormat;
  readonly level: LogLevel;
  readonly time: TimeStyle;
  /** Where it listens. */
  readonly control?: string | undefined;
  /** Whether it listens where nothing is said, as far as it may. Default `false`. */
  readonly listensByItself?: boolean | undefined;
  /** Whether nobody sees its standard output: what would be there goes to a log file, and it has to listen. */
  readonly isInBackground?: boolean | undefined;
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

/** Reads {@linkcode UP_OPTIONS}, and begins to find out what this process was started as. @throws {UsageError} */
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
    format: parseOneOf("--log-format", values["log-format"], REPORT_FORMATS),
    level: parseOneOf("--log-level", values["log-level"], LOG_LEVELS),
    time: parseOneOf("--time", values.time, TIME_STYLES),
    runFor: values.for === undefined ? undefined : parseTime("--for", values.for),
    ignoresHangup: values["ignore-hup"] ? Promise.resolve(true) : isHangupIgnored(),
  };
}
