/**
 * What the programs of all other tools have in common: an id each, a line of a shell, a folder of their own, and the
 * variables that they inherit there and not here.
 */

import { normalize } from "node:path";
import { PRESETS } from "../../options/presets.ts";
import { quote } from "../../text/words.ts";
import { programIn } from "../program_path.ts";
import { plainName } from "../tauri/gather.ts";
import { FreeIds } from "./free_ids.ts";
import type { ImportPath, ImportReport } from "./report.ts";
import { MAX_ARGUMENT_BYTES, readShellLine } from "./shell_line.ts";

/** The variables that a program inherits of itself. */
const INHERITED = PRESETS.operator.sidecar.inheritEnv as readonly string[];

/** A program with its arguments, as fields of a sidecar. */
export interface ProgramFields {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Where a line of a shell stands, and what it runs with. */
export interface LinePlace {
  readonly path: ImportPath;
  readonly report: ImportReport;
  /** The folder that it runs in, where that is not the file's. */
  readonly cwd?: string | undefined;
  /** The shell that runs it, where the file says so. */
  readonly shell?: string | undefined;
  /** Takes the names of the variables that it refers to. */
  readonly variables: Set<string>;
}

/** The program of a line; says where it needs a shell. */
export function programOfLine(
  line: string,
  { path, report, cwd, shell, variables }: LinePlace,
): ProgramFields {
  report.count(line.length);
  if (line.includes("\0")) report.fault(path, "there is a NUL in it, which no argument can have");
  if (new TextEncoder().encode(line).length > MAX_ARGUMENT_BYTES) {
    report.fault(path, `longer than ${MAX_ARGUMENT_BYTES} bytes, which no shell is given as one argument`);
    return { command: "sh" };
  }
  const { command, args, env, shellFor, variables: named } = readShellLine(line, shell);
  if (line.trim() === "") report.fault(path, "there is no program in it");
  if (shellFor === "a quote without an end") report.fault(path, shellFor);
  if (shellFor !== undefined) report.changed(path, `runs in ${command} -c, for ${shellFor}`);
  for (const name of named) variables.add(name);
  return {
    command: shellFor === undefined ? programIn(command, cwd) : command,
    ...(args.length > 0 && { args }),
    ...(Object.keys(env).length > 0 && { env }),
  };
}

/** What a program inherits: the usual ones, and those of `variables` that nothing sets for it. */
export function inheritedBy(
  variables: ReadonlySet<string>,
  isSet: (name: string) => boolean,
): { readonly inheritEnv?: readonly string[] } {
  const more = [...variables].filter((name) => !INHERITED.includes(name) && !isSet(name));
  return more.length === 0 ? {} : { inheritEnv: [...INHERITED, ...more] };
}

/** A line as a list of words, for what takes no variables of its own. */
export function wordsOfLine(line: string, place: LinePlace): readonly string[] {
  const { command, args = [], env = {} } = programOfLine(line, place);
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  if (variables.length === 0) return [command, ...args];
  return ["env", ...variables, command, ...args];
}

/** The names of signals, from 1; files have their numbers on Linux. */
const SIGNALS =
  ("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN " +
    "TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS").split(" ");

/** The signal of that number; nothing for one that has no name. */
export function signalOf(number: number): string | undefined {
  const name = SIGNALS[number - 1];
  return name === undefined ? undefined : `SIG${name}`;
}

/** Gives each program an id that no other of its list has. */
export class ProgramIds {
  readonly #report: ImportReport;
  readonly #ids = new FreeIds();

  /** Says in `report` where an id is not the name. */
  constructor(report: ImportReport) {
    this.#report = report;
  }

  /** The id of a program called `name`. */
  give(name: string, path: ImportPath): string {
    const id = this.#ids.give(name, "program");
    if (id !== name) {
      this.#report.changed(path, `its id is ${quote(id)}, as ids are letters, digits, ".", "_" and "-"`);
    }
    return id;
  }
}

/** Gives each log file to one program, as others write to theirs together. */
export class LogFileClaims {
  readonly #report: ImportReport;
  readonly #taken = new Set<string>();

  /** Says in `report` which program does not get its file. */
  constructor(report: ImportReport) {
    this.#report = report;
  }

  /** Whether a program gets `file`, which is named at `path`. */
  take(file: string, path: ImportPath): boolean {
    const plain = normalize(file);
    if (!this.#taken.has(plain)) return this.#taken.add(plain) !== undefined;
    this.#report.leftOut(
      path,
      "another one writes to that file, and a log is of one child; the tree can have one for all",
    );
    return false;
  }
}

/** The name of a tree: that of the file's folder. */
export function treeName(dir: string): string {
  return plainName(dir.split(/[\\/]/).at(-1) ?? "") || "app";
}

/** Says once what is other in every import: a program inherits few variables. */
export function noteInheritance(report: ImportReport): void {
  report.changed(
    [],
    `of the variables of your shell, programs get ${INHERITED.join(", ")} alone; name others in "inheritEnv"`,
  );
}
