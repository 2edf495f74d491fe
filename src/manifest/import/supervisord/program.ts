/**
 * A `[program:x]` of supervisord, as a sidecar or a pool.
 */

import type {
  BackoffInput,
  EnvInput,
  ExitStatusInput,
  LogInput,
  RestartRulesInput,
} from "../../../options/types.ts";
import type { PoolInput, SidecarInput } from "../../fields/types.ts";
import { programIn } from "../../program_path.ts";
import type { ForeignObject } from "../foreign_object.ts";
import { inheritedBy, type LogFileClaims, signalOf } from "../program.ts";
import type { ImportReport } from "../report.ts";
import { budgetOf } from "../restart_budget.ts";
import { type PartedWord, shellWord, splitWords, wholeWord, type WordPart } from "../words.ts";
import { environmentIn } from "./environment.ts";
import { expandText, type ExpansionNames, PROCESS_NUM, wholeText } from "./expansion.ts";

/** What a program is read with. */
export interface ProgramContext {
  readonly report: ImportReport;
  /** Its name, and that of its group. */
  readonly name: string;
  readonly group: string;
  /** The folder of the file. */
  readonly here: string;
  /** The id that it gets. */
  readonly id: string;
  /** The variables that all programs have. */
  readonly set: ReadonlySet<string>;
  /** Whether some program of the file says how often a failed start is tried again. */
  readonly hasRetries: boolean;
  readonly logs: LogFileClaims;
}

/** A program, read. */
export interface ReadProgram {
  readonly child: SidecarInput | PoolInput;
  readonly priority: number;
  /** How many failed starts it has; nothing where it is never started again. */
  readonly retries: number | undefined;
}

const LOGS_ELSEWHERE = "the output of a program is read by Outrider: \"log\", 'outrider logs'";

/** Reads a program. */
export function readProgram(section: ForeignObject, context: ProgramContext): ReadProgram {
  const { report, id } = context;
  const size = section.number("numprocs", { min: 1, max: 1_000 }) ?? 1;
  const first = section.number("numprocs_start", { min: 0, max: 1_000_000 }) ?? 0;
  const names: ExpansionNames = {
    known: new Map([
      ["here", context.here],
      ["program_name", context.name],
      ["group_name", context.group],
      ["numprocs", String(size)],
      ["process_num", String(first)],
    ]),
    isPool: size > 1,
  };
  const text = (key: string) => plainText(section, key, { report, names });
  const copies = { first, last: first + size - 1 };
  const { env, assignments } = environmentIn(section, { report, names, copies });
  const cwd = text("directory");
  const variables = new Set<string>();
  const program = programOf(section, { report, names, cwd, assignments, variables });
  const numbered: readonly (readonly [string, EnvInput])[] = size > 1 && variables.delete(PROCESS_NUM)
    ? [[PROCESS_NUM, { copy: first }]]
    : [];
  const all = Object.fromEntries([...env, ...numbered]);
  const user = text("user");
  const umask = section.text("umask");
  const log = logOf(section, { report, names, logs: context.logs });
  const restart = restartOf(section);
  const start = section.flag("autostart") === false ? false : undefined;
  const settle = section.number("startsecs", { min: 0, max: 1e9 }) ?? 1;
  const retries = section.number("startretries", { min: 0, max: 1_000_000 }) ?? 3;
  const backoff: BackoffInput | undefined = context.hasRetries && restart !== "no"
    ? { initial: "1s", ...(settle > 0 && { resetAfter: `${settle}s` }) }
    : undefined;
  if (section.has("startsecs") && backoff === undefined) {
    report.leftOut(section.at("startsecs"), '"ready", or a probe, says when a program has started');
  }
  const fields = {
    ...program,
    ...(cwd !== undefined && { cwd }),
    ...(Object.keys(all).length > 0 && { env: all }),
    ...inheritedBy(variables, (name) => Object.hasOwn(all, name) || context.set.has(name)),
    ...(user !== undefined && (/^\d+$/.test(user) ? { uid: Number(user) } : { user })),
    ...(umask !== undefined && { umask }),
    ...(backoff && { backoff }),
    stop: stopOf(section),
    ...(log && { log }),
    ...restartFields(restart, section),
  };
  const priority = section.number("priority") ?? 999;
  if (size > 1 && !Object.values(all).some((value) => typeof value === "object" && "copy" in value)) {
    section.leaveOut("numprocs_start", `nothing has the number; the copies are ${id}/1 to ${id}/${size}`);
  }
  leaveOut(section, size);
  const child = size > 1
    ? {
      id,
      size,
      ...(backoff && budgetOf([{ path: section.at("startretries"), restarts: retries }], report)),
      sidecar: fields,
      ...(start === false && { start }),
    }
    : { id, ...fields, ...(start === false && { start }) };
  return {
    child,
    priority,
    retries: restart === "no" ? undefined : retries,
  };
}

/** A value of which all has to be known. */
function plainText(
  section: ForeignObject,
  key: string,
  { report, names }: { readonly report: ImportReport; readonly names: ExpansionNames },
): string | undefined {
  const text = section.text(key);
  if (text === undefined) return undefined;
  const expanded = expandText(text, names);
  const whole = wholeText(expanded);
  if (whole === undefined) {
    report.fault(section.at(key), expanded.fault ?? "what its variables say is not known to a manifest");
  }
  return whole;
}

interface ProgramPlace {
  readonly report: ImportReport;
  readonly names: ExpansionNames;
  readonly cwd: string | undefined;
  readonly assignments: ReadonlyMap<string, readonly WordPart[]>;
  /** Takes the names of the variables that a shell puts in. */
  readonly variables: Set<string>;
}

/** The program and its arguments; a shell where a variable is in them, or in a variable of its own. */
function programOf(section: ForeignObject, { report, names, cwd, assignments, variables }: ProgramPlace) {
  const line = section.text("command");
  const path = section.at("command");
  const { parts, fault } = line === undefined
    ? { parts: [], fault: 'there is no "command"' }
    : expandText(line, names);
  const words = splitWords(parts);
  if (fault !== undefined || words === undefined || words.length === 0) {
    report.fault(
      line === undefined ? section.path : path,
      fault ?? (words === undefined ? "a quote without an end" : "there is no program in it"),
    );
    return { command: "sh" };
  }
  const [command, ...args] = words.map(wholeWord);
  if (assignments.size === 0 && command !== undefined && args.every((arg) => arg !== undefined)) {
    return { command: programIn(command, cwd), ...(args.length > 0 && { args: args as string[] }) };
  }
  for (const part of [...words.flat(), ...[...assignments.values()].flat()]) {
    if (typeof part !== "string") variables.add(part.variable);
  }
  const exports = [...assignments].map(([name, value]) => `${name}=${shellWord(quoted(value))}`);
  // supervisord splits the value of a variable into words, too, but takes no star in it for names of files.
  const isSplit = words.flat().some((part) => typeof part !== "string" && part.isQuoted === false);
  const said = `${isSplit ? "set -f; " : ""}exec ${words.map(shellWord).join(" ")}`;
  report.changed(assignments.size > 0 ? section.at("environment") : path, "runs in sh -c, for a variable");
  return {
    command: "sh",
    args: ["-c", exports.length === 0 ? said : `export ${exports.join(" ")}; ${said}`],
  };
}

/** The value of a variable is one word, whatever is in it. */
function quoted(parts: readonly WordPart[]): PartedWord {
  return parts.map((part) => typeof part === "string" ? part : { ...part, isQuoted: true });
}

/** `autorestart`, which is `unexpected` by default. */
function restartOf(section: ForeignObject): "always" | "no" | "unexpected" {
  const word = section.text("autorestart")?.toLowerCase() ?? "unexpected";
  if (word === "unexpected") return word;
  return section.flag("autorestart") === false ? "no" : "always";
}

function restartFields(
  restart: ReturnType<typeof restartOf>,
  section: ForeignObject,
): {
  readonly restart?: "no" | "on-failure" | RestartRulesInput;
  readonly successExitStatus?: readonly ExitStatusInput[];
} {
  const codes = exitCodesOf(section);
  if (restart === "no") return { restart };
  if (restart === "always") return {};
  if (!codes.includes(0)) return { restart: { on: "always", prevent: codes } };
  const others = codes.filter((code) => code !== 0);
  return { restart: "on-failure", ...(others.length > 0 && { successExitStatus: others }) };
}

function exitCodesOf(section: ForeignObject): readonly number[] {
  const text = section.text("exitcodes") ?? "0";
  return text.split(",").flatMap((word, index) =>
    section.parsed("exitcodes", word.trim(), { index, min: 0, max: 255 }) ?? []
  );
}

function stopOf(section: ForeignObject) {
  const given = (section.text("stopsignal") ?? "TERM").trim().toUpperCase();
  const signal = /^\d+$/.test(given) ? signalOf(Number(given)) : given.replace(/^(?:SIG)?/, "SIG");
  if (signal === undefined || !/^SIG[A-Z0-9]+$/.test(signal)) {
    section.refuse("stopsignal", "a signal, such as TERM");
  }
  const seconds = section.number("stopwaitsecs", { min: 0, max: 1e9 }) ?? 10;
  const isGroup = section.flag("stopasgroup") === true;
  section.flag("killasgroup"); // What is left of a group is killed in any case.
  return {
    ...(signal !== undefined && signal !== "SIGTERM" && { signal }),
    term: `${seconds}s`,
    ...(!isGroup && { scope: "process" as const }),
  };
}

/** The log, for which there is one file here. */
function logOf(
  section: ForeignObject,
  place: { readonly report: ImportReport; readonly names: ExpansionNames; readonly logs: LogFileClaims },
): LogInput | undefined {
  const isOne = section.flag("redirect_stderr") === true;
  const [out, error] = ["stdout", "stderr"].map((stream) => {
    const key = `${stream}_logfile`;
    const keep = section.number(`${key}_backups`, { min: 0, max: 1_000 }) ?? 10;
    const max = sizeOf(section, `${key}_maxbytes`);
    const text = section.text(key);
    if (
      text === undefined || /^(?:none|off|auto|syslog)$/i.test(text) ||
      /^\/dev\/(?:null|std(?:out|err)|fd\/[12])$/.test(text)
    ) {
      return undefined;
    }
    const { parts } = expandText(text, place.names);
    if (parts.some((part) => typeof part !== "string")) {
      place.report.leftOut(section.at(key), "copies have one log, and no variable is replaced in its name");
      return undefined;
    }
    return { file: parts.join(""), max, ...(keep > 0 && { keep }) };
  });
  if (error !== undefined && out !== undefined && !isOne && out.file !== error.file) {
    place.report.leftOut(section.at("stderr_logfile"), "a program has one log, with both in it");
  }
  const log = out ?? (isOne ? undefined : error);
  if (log === undefined) return undefined;
  return place.logs.take(log.file, section.at(out === undefined ? "stderr_logfile" : "stdout_logfile"))
    ? log
    : undefined;
}

function sizeOf(section: ForeignObject, key: string): string {
  const text = section.text(key)?.trim().toUpperCase() ?? "50MB";
  const [, digits, unit] = /^(\d{1,12})([KMG])?B?$/.exec(text) ?? [];
  if (digits === undefined) section.refuse(key, 'a size, such as "50MB"');
  if (digits === undefined || Number(digits) === 0) return "infinity";
  return `${Number(digits)}${unit === undefined ? "B" : `${unit}iB`}`;
}

/** What has no counterpart. */
function leaveOut(section: ForeignObject, size: number): void {
  const usual = size > 1 ? /^%\(program_name\)s[_-]?%\(process_num\)\d*d$/ : /^%\(program_name\)s$/;
  if (
    !usual.test(section.text("process_name") ?? "%(program_name)s") &&
    (size === 1 || section.has("process_name"))
  ) {
    section.leaveOut(
      "process_name",
      size > 1 ? "the copies of a pool are called 1, 2 and so on" : "its name is that of its section",
    );
  }
  for (const stream of ["stdout", "stderr"]) {
    for (const key of ["capture_maxbytes", "events_enabled", "syslog"]) {
      const name = `${stream}_${key}`;
      if (!/^(?:0|false|no|off)$/i.test(section.text(name) ?? "0")) section.leaveOut(name, LOGS_ELSEWHERE);
    }
  }
  section.leaveOut("serverurl", "there is a control socket: 'outrider up --control PATH'");
  section.leaveOutRest();
}
