/**
 * One process of process-compose, as a sidecar or a pool.
 */

import type { EnvInput } from "../../../options/types.ts";
import type { PoolInput, SidecarInput } from "../../fields/types.ts";
import { pathIn, programIn } from "../../program_path.ts";
import { quote } from "../../../text/words.ts";
import type { ForeignObject } from "../foreign_object.ts";
import { inheritedBy, type LogFileClaims, programOfLine } from "../program.ts";
import type { ImportReport } from "../report.ts";
import { budgetOf } from "../restart_budget.ts";
import {
  type Availability,
  availabilityOf,
  logOf,
  probeOf,
  type ShellPlace,
  stopOfShutdown,
} from "./parts.ts";
import { hasTemplate, isReplacedThere, shellTextOf, type TemplateVars, valueFrom } from "./shell_text.ts";

/** What holds for all processes of a file. */
export interface ProjectContext {
  readonly report: ImportReport;
  readonly vars: TemplateVars;
  /** The shell that the file names. */
  readonly shell: string | undefined;
  /** Whether variables of process-compose's own are replaced in the file. */
  readonly expands: boolean;
  readonly logs: LogFileClaims;
  /** The variables that all programs have. */
  readonly set: ReadonlySet<string>;
  /** Those of them that `.env` has. */
  readonly dotenv: ReadonlySet<string>;
}

/** A process, read; what it depends on is for the file to say. */
export interface ReadProcess {
  /** It has no `after` yet. */
  readonly child: SidecarInput | PoolInput;
  readonly availability: Availability;
}

/** Reads a process. */
export function readProcess(process: ForeignObject, id: string, project: ProjectContext): ReadProcess {
  const { report, expands } = project;
  const name = String(process.path.at(-1));
  const cwd = folderOf(process, project);
  const vars = new Map([...project.vars, ["PC_PROC_NAME", name], ...varsOf(process.object("vars"))]);
  const variables = new Set<string>();
  const rendered = process.flag("is_template_disabled") !== true;
  const place: ShellPlace = {
    report,
    cwd,
    shell: project.shell,
    variables,
    lineOf: (text) =>
      rendered ? shellTextOf(text, vars, expands) : expands ? text.replaceAll("$$", "$") : text,
  };
  const env = environmentOf(process, project);
  const program = programOf(process, place);
  const size = process.number("replicas", { min: 0, max: 1_000 }) ?? 1;
  const availability = availabilityOf(process.object("availability"), report);
  const readiness = process.object("readiness_probe");
  const liveness = process.object("liveness_probe");
  const probes = {
    ...(readiness && { readiness: probeOf(readiness, place) }),
    ...(liveness && { liveness: probeOf(liveness, place) }),
  };
  noteReadiness(process, probes, report);
  const shutdown = process.object("shutdown");
  const stop = shutdown && stopOfShutdown(shutdown, place);
  const envFile = process.text("env_file");
  const line = process.text("ready_log_line");
  const successes =
    process.numbers("success_exit_codes", { min: 0, max: 255 })?.filter((code) => code !== 0) ?? [];
  // A foreground process is started from its screen alone.
  const isHeld = ["disabled", "is_disabled", "is_foreground"].map((key) => process.flag(key)).includes(true);
  const log = logOf(process, project.logs);
  const launch = process.number("launch_timeout_seconds", { max: 1e9 });
  const description = process.text("description")?.replace(/\s+/g, " ").trim();
  const copies: Record<string, EnvInput> = variables.has("PC_REPLICA_NUM") || size > 1
    ? { PC_REPLICA_NUM: size > 1 ? { copy: 0 } : "0" }
    : {};
  const own = {
    ...program.env,
    ...copies,
    ...(variables.has("PC_PROC_NAME") && { PC_PROC_NAME: name }),
    ...env,
  };
  const fields = {
    command: program.command,
    ...(program.args !== undefined && { args: program.args }),
    ...(cwd !== undefined && { cwd }),
    ...(Object.keys(own).length > 0 && { env: own }),
    ...(envFile !== undefined && { envFile: pathIn(envFile, cwd) }),
    ...inheritedBy(variables, (name) => Object.hasOwn(own, name) || project.set.has(name)),
    ...(process.flag("is_tty") === true && { pty: true }),
    ...(Object.values(probes).some((probe) => probe !== undefined) && { probes }),
    ...(line !== undefined && { ready: { stdout: literally(line), within: READY_WITHIN } }),
    ...(stop && Object.keys(stop).length > 0 && { stop }),
    ...(successes.length > 0 && { successExitStatus: successes }),
    ...(availability.backoff && { backoff: availability.backoff }),
    ...(log && { log }),
    restart: availability.restart,
  };
  const around = {
    ...(description ? { description } : {}),
    ...(isHeld && { start: false }),
    ...(launch !== undefined && launch > 0 && { startWithin: `${launch}s` }),
  };
  const significant = availability.endsAll && { significant: true };
  if (size <= 1) return { child: { id, ...fields, ...around, ...significant }, availability };
  if (significant) report.leftOut(process.path, "the end of a copy of a pool does not end all");
  const budget = availability.restart !== "no" &&
    budgetOf([{ path: process.at("availability", "max_restarts"), restarts: availability.restarts }], report);
  return { child: { id, size, ...budget, sidecar: fields, ...around }, availability };
}

/** process-compose waits for a line without a limit. */
const READY_WITHIN = "1h";

/** A pattern that matches this text and no other. */
function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function folderOf(process: ForeignObject, { report }: ProjectContext): string | undefined {
  const folder = process.text("working_dir");
  if (folder === undefined || !isReplacedThere(folder)) return folder;
  report.fault(process.at("working_dir"), "a folder that a variable names", "write the folder itself");
  return undefined;
}

/** The texts among `vars`, by which templates are filled in. */
export function varsOf(vars: ForeignObject | undefined): readonly (readonly [string, string])[] {
  return (vars?.keys ?? []).flatMap((name) => {
    const value = vars!.raw(name);
    return typeof value === "string" || typeof value === "number" ? [[name, String(value)] as const] : [];
  });
}

function programOf(process: ForeignObject, place: ShellPlace) {
  const line = process.text("command");
  const [command, ...args] = process.texts("entrypoint") ?? [];
  if (line === undefined || line === "") {
    if (command !== undefined) {
      return { command: programIn(command, place.cwd), ...(args.length > 0 && { args }), env: {} };
    }
    if (!process.has("command")) place.report.fault(process.path, 'expected a "command"');
    return { command: "sh", env: {} };
  }
  const path = process.at("command");
  const text = place.lineOf(line);
  if (hasTemplate(text)) {
    place.report.leftOut(
      path,
      "a template in it stays as it is, as it says more than the name of one of the vars",
    );
  }
  const isQuoted = text.split("'").slice(1, -1).some((part) => part.includes("${"));
  if (isQuoted) place.report.changed(path, '"${…}" in single quotes stays as it is');
  return { env: {}, ...programOfLine(text, { ...place, path }) };
}

/** What stands under `environment`, as `NAME=value`: a list, or a mapping as in Compose. */
function variablesIn(of: ForeignObject): readonly (readonly [text: string, key: PropertyKey])[] {
  if (Array.isArray(of.raw("environment"))) {
    return of.texts("environment")!.map((text, index) => [text, index]);
  }
  const mapping = of.object("environment");
  return (mapping?.keys ?? []).map((name) => [`${name}=${mapping!.text(name) ?? ""}`, name]);
}

/** The variables of a process, or of all. */
export function environmentOf(
  of: ForeignObject,
  { report, expands, dotenv }: Pick<ProjectContext, "report" | "expands" | "dotenv">,
): Record<string, EnvInput> {
  const entries = variablesIn(of);
  const env = new Map<string, EnvInput>();
  for (const [text, key] of entries) {
    const path = of.at("environment", key);
    const cut = text.indexOf("=");
    const name = cut < 0 ? text : text.slice(0, cut);
    const value = cut < 0 ? undefined : text.slice(cut + 1);
    if (value === undefined || !/^[^=\s\0]+$/.test(name) || value.includes("\0")) {
      report.fault(path, `expected "NAME=value", got ${quote(text)}`);
    } else if (!expands || !isReplacedThere(value)) {
      env.set(name, expands ? value.replaceAll("$$", "$") : value);
    } else {
      const from = valueFrom(value);
      if (from !== undefined && !dotenv.has((from as { from: string }).from)) env.set(name, from);
      else {report.leftOut(
          path,
          `nothing in a manifest is replaced; an "envFile" with ${name}=… has references`,
        );}
    }
  }
  return Object.fromEntries(env);
}

function noteReadiness(
  process: ForeignObject,
  probes: { readonly readiness?: unknown; readonly liveness?: unknown },
  report: ImportReport,
): void {
  if (probes.readiness !== undefined) {
    report.changed(
      process.at("readiness_probe"),
      "one that fails later is told of, and does not end the program",
    );
  }
  if (process.has("ready_log_line")) {
    report.changed(process.at("ready_log_line"), "looked for on stdout alone");
  }
  if (probes.liveness !== undefined && process.flag("is_daemon") !== true) {
    report.changed(
      process.at("liveness_probe"),
      "one that fails ends the program, and not that of a daemon alone",
    );
  }
}

/** Lists what has no counterpart, as docs/coming-from-process-managers.md says it, once all else is read. */
export function leaveOutOfProcess(process: ForeignObject): void {
  process.leaveOut("is_daemon", "the program has to stay in the foreground, with its flag for that");
  process.leaveOut("schedule", "cron, or a timer, that runs 'outrider run CHILD' does it");
  process.leaveOut("watch", "Outrider watches no files; a watcher runs 'outrider restart CHILD'");
  process.leaveOut("is_foreground", "Outrider has no screen to run it in; 'outrider start CHILD' starts it");
  process.leaveOut("is_elevated", '"user" is for Outrider as root');
  process.leaveOut("is_interactive", "the terminal is not handed to a program");
  process.leaveOut("is_dotenv_disabled", '".env" is for all programs; write it as "envFile" of the others');
  process.leaveOutRest(undefined, (key) => key.startsWith("x-"));
}
