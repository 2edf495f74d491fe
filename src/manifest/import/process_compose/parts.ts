/**
 * The parts of a process of process-compose that are objects: its probes, its end, its restarts and its log.
 */

import type { BackoffInput, LogInput, ProbeInput, StopInput } from "../../../options/types.ts";
import { pause } from "../../validate/familiar_parts.ts";
import type { ForeignObject } from "../foreign_object.ts";
import { type LogFileClaims, signalOf, wordsOfLine } from "../program.ts";
import type { ImportReport } from "../report.ts";

/** What the lines of a process run with. */
export interface ShellPlace {
  readonly report: ImportReport;
  readonly cwd: string | undefined;
  readonly shell: string | undefined;
  /** Takes the names of the variables that the lines refer to. */
  readonly variables: Set<string>;
  /** A line with all in it replaced that the file itself says. */
  lineOf(text: string): string;
}

/** A probe; nothing where what it checks has no counterpart. */
export function probeOf(probe: ForeignObject, place: ShellPlace): ProbeInput | undefined {
  const check = checkOf(probe, place);
  const numbers = {
    ...seconds(probe, "initial_delay_seconds", "initialDelay", 0),
    ...seconds(probe, "period_seconds", "period", 1),
    ...seconds(probe, "timeout_seconds", "timeout", 1),
    ...count(probe, "success_threshold", "successThreshold", 1_000),
    ...count(probe, "failure_threshold", "failureThreshold", 1_000_000),
  };
  probe.leaveOutRest();
  return check && { ...check, ...numbers };
}

/** Numbers below what counts are its word for the default. */
function seconds(probe: ForeignObject, key: string, ours: string, min: number): Record<string, string> {
  const value = probe.number(key, { max: 1e9 });
  return value === undefined || value < min ? {} : { [ours]: `${value}s` };
}

function count(probe: ForeignObject, key: string, ours: string, max: number): Record<string, number> {
  const value = probe.number(key, { max });
  return value === undefined || value < 1 ? {} : { [ours]: Math.trunc(value) };
}

function checkOf(probe: ForeignObject, place: ShellPlace): ProbeInput | undefined {
  const exec = probe.object("exec");
  const http = probe.object("http_get");
  if (exec !== undefined && http !== undefined) {
    place.report.fault(probe.path, 'expected "exec" or "http_get", and it has both');
  }
  if (exec !== undefined) return execOf(exec, place);
  if (http !== undefined) return httpOf(http, place);
  place.report.leftOut(probe.path, 'it has neither "exec" nor "http_get"');
  return undefined;
}

function execOf(exec: ForeignObject, place: ShellPlace): ProbeInput | undefined {
  const line = exec.text("command");
  const folder = exec.text("working_dir");
  if (folder !== undefined && folder !== place.cwd) {
    place.report.leftOut(exec.at("working_dir"), "the command of a probe runs in the folder of its program");
  }
  exec.leaveOutRest();
  if (line === undefined) {
    place.report.fault(exec.path, 'expected a "command"');
    return undefined;
  }
  return { command: [...wordsOfLine(place.lineOf(line), { ...place, path: exec.at("command") })] };
}

function httpOf(http: ForeignObject, { report }: ShellPlace): ProbeInput | undefined {
  const { host = "127.0.0.1", scheme = "http", path = "/" } = {
    host: http.text("host"),
    scheme: http.text("scheme"),
    path: http.text("path"),
  };
  const given = http.raw("num_port") ?? http.raw("port");
  const port = typeof given === "object" ? "" : given;
  http.leaveOut("headers", "a probe sends none of its own");
  if (http.number("status_code") !== 200) {
    http.leaveOut("status_code", "every status from 200 to 399 is a success");
  }
  http.leaveOutRest();
  if ([host, scheme, path, String(port)].some((text) => /\$\{|\{\{/.test(text))) {
    report.leftOut(http.path, "what its variables say is not known to a manifest");
    return undefined;
  }
  const number = port === undefined ? undefined : Number(port);
  if (number !== undefined && !(Number.isInteger(number) && number >= 1 && number <= 65_535)) {
    report.fault(http.path, "expected a port, 1 to 65535");
    return undefined;
  }
  if (host === "127.0.0.1" && scheme === "http" && number !== undefined) {
    return { http: { port: number, path } };
  }
  const address = host.includes(":") ? `[${host}]` : host;
  return { http: { url: `${scheme}://${address}${number === undefined ? "" : `:${number}`}${path}` } };
}

/** How a process is stopped. */
export function stopOfShutdown(shutdown: ForeignObject, place: ShellPlace): StopInput {
  const line = shutdown.text("command");
  // Others than these are its SIGTERM.
  const signal = signalOf(shutdown.number("signal") ?? 0);
  const term = shutdown.number("timeout_seconds", { min: 0, max: 1e9 });
  const isParentOnly = shutdown.flag("parent_only");
  shutdown.leaveOut("send_keys", '"stop" has "signal" and "command" to say how it ends');
  shutdown.leaveOutRest();
  return {
    ...(line !== undefined && {
      command: wordsOfLine(place.lineOf(line), { ...place, path: shutdown.at("command") }),
    }),
    ...(signal !== undefined && signal !== "SIGTERM" && { signal }),
    ...(term !== undefined && term > 0 && { term: `${term}s` }),
    ...(isParentOnly === true && { scope: "process" as const }),
  };
}

/** When a process is started again. */
export interface Availability {
  readonly restart: "no" | "on-failure" | "always";
  readonly backoff?: BackoffInput;
  /** Whether its end ends all. */
  readonly endsAll: boolean;
  /** The most restarts; without it, no limit. */
  readonly restarts?: number | undefined;
}

/** `availability`, or what holds without it: nothing is started again. */
export function availabilityOf(availability: ForeignObject | undefined, report: ImportReport): Availability {
  if (availability === undefined) return { restart: "no", endsAll: false };
  const word = availability.word("restart", ["no", "on_failure", "always", "exit_on_failure"]) ?? "no";
  const restart = word === "on_failure" ? "on-failure" : word === "always" ? "always" : "no";
  const endsOnEnd = availability.flag("exit_on_end") === true;
  if (endsOnEnd && restart === "always") {
    report.leftOut(
      availability.at("exit_on_end"),
      'one that is always started again has no end: make it "restart": "no"',
    );
  }
  if (word === "exit_on_failure") {
    report.changed(availability.at("restart"), "any end of it ends all, that with exit code 0 as well");
  }
  const pauseSeconds = availability.number("backoff_seconds", { min: 0, max: 1e9 }) ?? 1;
  const limit = availability.number("max_restarts", { min: 0, max: 1_000_000 });
  availability.leaveOut("exit_on_skipped", "one whose dependency failed waits for it");
  availability.leaveOutRest();
  return {
    restart,
    // It waits a second at least.
    ...(restart !== "no" && { backoff: { ...pause(Math.max(pauseSeconds, 1)) as BackoffInput, jitter: 0 } }),
    endsAll: word === "exit_on_failure" || (endsOnEnd && restart !== "always"),
    ...(restart !== "no" && limit !== undefined && limit > 0 && { restarts: Math.trunc(limit) }),
  };
}

/** `log_location` and `log_configuration` of a process, or of all. */
export function logOf(of: ForeignObject, logs: LogFileClaims): LogInput | undefined {
  const file = of.text("log_location");
  const configuration = of.object("log_configuration");
  const rotation = configuration?.object("rotation");
  const megabytes = rotation?.number("max_size_mb", { min: 0, max: 1_000_000 });
  const keep = rotation?.number("max_backups", { min: 0, max: 1_000 });
  const gzip = rotation?.flag("compress");
  const [folder, name] = [rotation?.text("directory"), rotation?.text("filename")];
  rotation?.leaveOut("max_age_days", 'files are kept by number: "keep" in "log"');
  rotation?.leaveOutRest();
  configuration?.leaveOutRest("a line of the log has its time and its child");
  const path = file ?? (name === undefined ? undefined : folder === undefined ? name : `${folder}/${name}`);
  if (path === undefined || !logs.take(path, of.at("log_location"))) return undefined;
  return {
    file: path,
    ...(rotation === undefined ? { max: "infinity" } : {
      ...(megabytes !== undefined && megabytes > 0 && { max: `${megabytes}MB` }),
      ...(keep !== undefined && keep > 0 && { keep: Math.trunc(keep) }),
      ...(gzip !== undefined && { gzip }),
    }),
  };
}
