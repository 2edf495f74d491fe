/**
 * An app of pm2, as a sidecar or a pool.
 */

import { basename } from "node:path";
import type { BackoffInput, EnvInput, LogInput, RestartRulesInput } from "../../../options/types.ts";
import type { PoolInput, SidecarInput } from "../../fields/types.ts";
import { pathIn } from "../../program_path.ts";
import { pause } from "../../validate/familiar_parts.ts";
import { memoryMax, milliseconds } from "../../validate/familiar_values.ts";
import type { ForeignObject } from "../foreign_object.ts";
import type { ImportFile } from "../format.ts";
import { inheritedBy, type LogFileClaims } from "../program.ts";
import type { ImportReport } from "../report.ts";
import { budgetOf } from "../restart_budget.ts";
import type { SizeInput } from "../../../options/units.ts";
import { keyIn, programOfApp } from "./program.ts";

/** What an app is read with. */
export interface AppContext {
  readonly report: ImportReport;
  readonly file: ImportFile;
  /** Whether some app of the file has a limit of restarts. */
  readonly hasLimits: boolean;
  readonly logs: LogFileClaims;
}

/** An app, read. */
export interface ReadApp {
  readonly child: SidecarInput | PoolInput;
  /** The restarts that it has; nothing where it is never started again. */
  readonly restarts: number | undefined;
}

/** Reads an app. */
export async function readApp(
  app: ForeignObject,
  id: string,
  { report, file, hasLimits, logs }: AppContext,
): Promise<ReadApp> {
  const cwd = app.text("cwd");
  const variables = new Set<string>();
  const program = await programOfApp(app, { report, file, cwd, variables });
  const size = sizeOf(app, report);
  const env = environmentOf(app, { size, isNode: /^(?:node|bun)$/.test(basename(program.command)), report });
  const all = { ...program.env, ...env };
  const isRestarted = app.flag("autorestart") !== false;
  const codes = stopCodesOf(app);
  const limit = app.number("max_restarts", { min: 0, max: 1_000_000 }) ?? 16;
  const backoff = backoffOf(app, hasLimits && isRestarted);
  const given = app.raw("max_memory_restart");
  const memory = given === undefined ? undefined : memoryMax(given) as SizeInput | undefined;
  if (given !== undefined && memory === undefined) app.refuse("max_memory_restart", 'a size, such as "300M"');
  const log = logOf(app, cwd, { report, logs });
  const kill = app.number("kill_timeout", { min: 0, max: 1e9 }) ?? 1_600;
  const listen = app.number("listen_timeout", { min: 0, max: 1e9 });
  const isTree = app.flag("treekill") !== false;
  const budget = { path: app.at("max_restarts"), restarts: limit };
  const start = app.flag("autostart") === false ? { start: false } : {};
  const fields = {
    command: program.command,
    ...(program.args !== undefined && { args: program.args }),
    ...(cwd !== undefined && { cwd }),
    ...(Object.keys(all).length > 0 && { env: all }),
    ...inheritedBy(variables, (name) => Object.hasOwn(all, name)),
    ...identityOf(app),
    ...(memory !== undefined && { limits: { memory } }),
    ...(backoff && { backoff }),
    stop: { signal: "SIGINT", term: `${kill}ms`, ...(!isTree && { scope: "process" as const }) },
    ...(log && { log }),
    ...restartFields(isRestarted, codes),
  };
  const around = { ...start, ...(listen !== undefined && listen > 0 && { startWithin: `${listen}ms` }) };
  leaveOut(app);
  if (size === 1) {
    return { child: { id, ...fields, ...around, after: [] }, restarts: isRestarted ? limit : undefined };
  }
  const own = hasLimits && isRestarted && budgetOf([budget], report);
  return { child: { id, size, ...own, sidecar: fields, ...around, after: [] }, restarts: undefined };
}

/** `instances`: `max` and 0 are as many as there are processors, less so many where it is below 0. */
function sizeOf(app: ForeignObject, report: ImportReport): number {
  const isAll = app.raw("instances") === "max";
  const given = isAll ? 0 : app.number("instances", { min: -1_000, max: 1_000 }) ?? 1;
  app.leaveOut("exec_mode", "copies share no port: each opens its own, or the same with reusePort");
  if (given > 0) return Math.trunc(given);
  const size = Math.max(1, navigator.hardwareConcurrency + Math.trunc(given));
  report.changed(
    app.at("instances"),
    `${size}, as this machine has ${navigator.hardwareConcurrency} processors`,
  );
  return size;
}

function environmentOf(
  app: ForeignObject,
  { size, isNode, report }: {
    readonly size: number;
    readonly isNode: boolean;
    readonly report: ImportReport;
  },
): Record<string, EnvInput> {
  const given = app.object("env");
  const env = new Map<string, EnvInput>();
  for (const name of given?.keys ?? []) {
    const value = given!.text(name);
    if (!/^[^=\s\0]+$/.test(name)) report.fault(given!.at(name), "not the name of a variable");
    else if (value !== undefined) env.set(name, value);
  }
  const port = app.number("port", { min: 0, max: 65_535 });
  if (port !== undefined) env.set("PORT", String(port));
  const instance = app.text("instance_var") ?? "NODE_APP_INSTANCE";
  const counted = app.text("increment_var");
  // A program asks by it whether it is the first copy, also where there is one.
  if (size > 1 || isNode || app.has("instance_var")) env.set(instance, size > 1 ? { copy: 0 } : "0");
  if (counted !== undefined) {
    const first = env.get(counted) ?? "0";
    if (typeof first !== "string" || !/^\d{1,9}$/.test(first)) {
      report.leftOut(app.at("increment_var"), `the first ${counted} is not a number`);
    } else env.set(counted, size > 1 ? { copy: Number(first) } : first);
  }
  for (const key of app.keys) {
    if (key.startsWith("env_")) {
      app.leaveOut(key, 'an "envFile", or a manifest in TypeScript, says what is other somewhere');
    }
  }
  return Object.fromEntries(env);
}

function stopCodesOf(app: ForeignObject): readonly number[] {
  const bounds = { min: 0, max: 255 };
  if (Array.isArray(app.raw("stop_exit_codes"))) return app.numbers("stop_exit_codes", bounds) ?? [];
  const code = app.number("stop_exit_codes", bounds);
  return code === undefined ? [] : [code];
}

function restartFields(
  isRestarted: boolean,
  codes: readonly number[],
): { readonly restart?: "no" | RestartRulesInput } {
  if (!isRestarted) return { restart: "no" };
  return codes.length > 0 ? { restart: { on: "always", prevent: codes } } : {};
}

/** The pause before a restart, and after which time the next one is the first again. */
function backoffOf(app: ForeignObject, hasLimit: boolean): BackoffInput | undefined {
  const delay = app.number("restart_delay", { min: 0, max: 1e9 });
  const growing = app.number("exp_backoff_restart_delay", { min: 0, max: 1e9 });
  const uptime = app.raw("min_uptime");
  const digits = typeof uptime === "string" && /^\d+$/.test(uptime) ? Number(uptime) : uptime;
  const reset = milliseconds(digits);
  if (uptime !== undefined && reset === undefined) app.refuse("min_uptime", 'a time, such as "10s"');
  const backoff: BackoffInput = {
    ...(delay !== undefined && delay > 0 && { ...pause(`${delay}ms`) as BackoffInput, jitter: 0 }),
    // It grows by half each time, up to 15 s.
    ...(growing !== undefined && growing > 0 &&
      { initial: `${growing}ms`, factor: 1.5, max: `${Math.max(growing, 15_000)}ms`, jitter: 0 }),
    ...(reset !== undefined ? { resetAfter: reset } : hasLimit && { resetAfter: "1s" }),
  };
  return Object.keys(backoff).length === 0 ? undefined : backoff;
}

function identityOf(app: ForeignObject): Pick<SidecarInput, "uid" | "gid" | "user" | "group"> {
  const user = app.text(keyIn(app, "uid"));
  const group = app.text("gid");
  return {
    ...(user !== undefined && (/^\d+$/.test(user) ? { uid: Number(user) } : { user })),
    ...(group !== undefined && (/^\d+$/.test(group) ? { gid: Number(group) } : { group })),
  };
}

/** The log, for which there is one file here; pm2 does not rotate. */
function logOf(
  app: ForeignObject,
  cwd: string | undefined,
  { report, logs }: Pick<AppContext, "report" | "logs">,
): LogInput | undefined {
  const [both, out, error] = ["log_file", "out_file", "error_file"].map((name) => {
    const key = keyIn(app, name);
    const value = app.raw(key);
    if (value === undefined || typeof value === "boolean" || value === "NULL" || value === "/dev/null") {
      return undefined;
    }
    const text = app.text(key);
    return text === undefined ? undefined : { key, file: pathIn(text, cwd) };
  });
  const format = app.word("log_type", ["json", "raw"]) === "json" ? { format: "json" as const } : {};
  const log = both ?? out ?? error;
  for (const other of [out, error]) {
    if (other !== undefined && other.file !== log!.file) {
      report.leftOut(app.at(other.key), "a program has one log, with both in it");
    }
  }
  app.raw("merge_logs");
  app.raw("combine_logs");
  if (log === undefined || !logs.take(log.file, app.at(log.key))) return undefined;
  return { file: log.file, max: "infinity", ...format };
}

const NO_WATCH =
  "Outrider watches no files; the program may, or a watcher that runs 'outrider restart CHILD'";
const OWN_TIME = "each line of the log has its time";

/** Why a key is not taken over. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  watch: NO_WATCH,
  ignore_watch: NO_WATCH,
  watch_delay: NO_WATCH,
  watch_options: NO_WATCH,
  cron_restart: "cron, or a timer, that runs 'outrider restart CHILD' does it",
  cron: "cron, or a timer, that runs 'outrider restart CHILD' does it",
  wait_ready: 'process.send("ready") is not heard; "ready" names a line that the program prints',
  shutdown_with_message: '"stop" has "signal" and "command" to say how it ends',
  filter_env: '"inheritEnv" names the variables to pass on',
  pid_file: "'outrider ps --json' says the pids",
  pid: "'outrider ps --json' says the pids",
  log_date_format: OWN_TIME,
  time: OWN_TIME,
};

function leaveOut(app: ForeignObject): void {
  for (const [key, why] of Object.entries(LEFT_OUT)) app.leaveOut(key, why);
  app.leaveOutRest();
}
