/**
 * A `process-compose.yaml`: its processes as a tree.
 */

import type { DependencyInput } from "../../../options/types.ts";
import { parseDotenv } from "../../../text/dotenv.ts";
import { quote } from "../../../text/words.ts";
import type { EntryInput, ManifestInput } from "../../fields/types.ts";
import { isPlainObject } from "../../issue.ts";
import { manifestFileError } from "../../read.ts";
import { ForeignObject } from "../foreign_object.ts";
import type { Importer, ImportFile } from "../format.ts";
import { LogFileClaims, noteInheritance, ProgramIds, treeName } from "../program.ts";
import { ImportReport } from "../report.ts";
import { budgetOf, type ProgramBudget } from "../restart_budget.ts";
import { readYaml } from "../yaml_source.ts";
import { withExtends } from "./extends.ts";
import { logOf } from "./parts.ts";
import {
  environmentOf,
  leaveOutOfProcess,
  type ProjectContext,
  type ReadProcess,
  readProcess,
  varsOf,
} from "./process.ts";

/** A process with its place in the tree. */
interface PlacedProcess extends ReadProcess {
  readonly name: string;
  readonly object: ForeignObject;
  /** The id of its group; without one it is a child of the root. */
  readonly group: string | undefined;
}

const CONDITIONS: Readonly<Record<string, Exclude<DependencyInput, string>["condition"]>> = {
  process_started: "started",
  process_healthy: "ready",
  process_log_ready: "ready",
  process_completed: "completed",
  process_completed_successfully: "completed_successfully",
};

/** Makes a manifest of the processes, and of the `.env` beside the file. */
export const importProcessCompose: Importer = async (file) => {
  const { value, lineOf } = readYaml(await file.text(), file.path);
  if (!isPlainObject(value)) {
    throw manifestFileError("manifest_invalid", file.path, 'expected a mapping with "processes"', {
      line: 1,
    });
  }
  const report = new ImportReport(file.path, lineOf);
  const root = new ForeignObject(value, [], report);
  const dotenv = await dotenvOf(file);
  const project = projectOf(root, report, dotenv);
  const env = environmentOf(root, project);
  const all = { ...project, set: new Set([...dotenv ?? [], ...Object.keys(env)]) };
  const processes = processesOf(root, all);
  const log = logOf(root, project.logs);
  const name = root.text("name");
  leaveOut(root);
  const children = treeOf(processes, report);
  for (const { object } of processes) leaveOutOfProcess(object);
  report.throwFaults();
  noteInheritance(report);
  const manifest: ManifestInput = {
    name: treeName(name ?? file.dir),
    ...(Object.keys(env).length > 0 && { env }),
    ...(dotenv !== undefined && { envFile: ".env" }),
    ...(log && { log }),
    ...(processes.some(({ availability }) => availability.endsAll) &&
      { autoShutdown: "any_significant" as const }),
    ...budgetsOf(processes.filter(({ group }) => group === undefined), report),
    children,
  };
  return { manifest, notes: report.notes };
};

/** The names of the variables in the `.env` beside the file, if it has one. */
async function dotenvOf(file: ImportFile): Promise<ReadonlySet<string> | undefined> {
  const text = await file.textBeside(".env");
  return text === undefined ? undefined : new Set(parseDotenv(text).variables.map(({ name }) => name));
}

function projectOf(
  root: ForeignObject,
  report: ImportReport,
  dotenv: ReadonlySet<string> = new Set(),
): ProjectContext {
  const shell = root.object("shell");
  const command = shell?.text("shell_command");
  if (shell !== undefined && (shell.text("shell_argument") ?? "-c") !== "-c") {
    report.leftOut(shell.at("shell_argument"), "a line is given to a shell with -c");
  }
  return {
    report,
    vars: new Map(varsOf(root.object("vars"))),
    shell: command,
    logs: new LogFileClaims(report),
    expands: root.flag("disable_env_expansion") !== true,
    set: dotenv,
    dotenv,
  };
}

function processesOf(root: ForeignObject, project: ProjectContext): readonly PlacedProcess[] {
  const processes = root.object("processes");
  if (processes === undefined || processes.keys.length === 0) {
    project.report.fault(root.at("processes"), 'there is no process under "processes"');
    return [];
  }
  const resolved = new ForeignObject(withExtends(processes, project.report), processes.path, project.report);
  const objects = processes.keys.flatMap((name) => {
    const object = resolved.object(name);
    if (object === undefined) {
      project.report.fault(processes.at(name), "expected a process, and there is nothing");
    }
    return object === undefined ? [] : [{ name, object }];
  });
  const ids = new ProgramIds(project.report);
  const groups = new Map<string, string>();
  for (const { object } of objects) {
    const name = namespaceOf(object, project.report);
    if (name !== undefined && !groups.has(name)) groups.set(name, ids.give(name, object.at("namespace")));
  }
  return objects.map(({ name, object }) => {
    const namespace = namespaceOf(object);
    const group = namespace === undefined ? undefined : groups.get(namespace);
    return { name, object, group, ...readProcess(object, ids.give(name, object.path), project) };
  });
}

/** Its namespace, of several the first; the default one is no group. */
function namespaceOf(object: ForeignObject, report?: ImportReport): string | undefined {
  const value = object.raw("namespace");
  const [first, second] = Array.isArray(value) ? object.texts("namespace") ?? [] : [object.text("namespace")];
  if (second !== undefined) report?.leftOut(object.at("namespace", 1), "a child is in one group");
  return first === "default" || first === "" ? undefined : first;
}

/** The children of the root: processes without a namespace, and groups of those with one, in the order of the file. */
function treeOf(processes: readonly PlacedProcess[], report: ImportReport): EntryInput[] {
  const byName = new Map(processes.map((process) => [process.name, process]));
  const withAfter = processes.map((process) => ({
    ...process,
    child: { ...process.child, after: afterOf(process, byName, report) },
  }));
  const lists = Map.groupBy(withAfter, ({ group, child }) => group ?? child);
  return [...lists.values()].flatMap((members): EntryInput[] => {
    const id = members[0]!.group;
    const children = members.map(({ child }) => child);
    if (id === undefined) return children;
    const ends = members.some(({ availability }) => availability.endsAll) && ENDS_ALL;
    return [{ id, ...ends, ...budgetsOf(members, report), after: [], children }];
  });
}

/** A group that ends with one of its members; that ends the tree as well is for its own supervisor to say. */
const ENDS_ALL = { autoShutdown: "any_significant", restart: "transient", significant: true } as const;

function budgetsOf(processes: readonly PlacedProcess[], report: ImportReport) {
  return budgetOf(
    processes.filter(({ child, availability }) => "command" in child && availability.restart !== "no").map((
      { object, availability },
    ): ProgramBudget => ({
      path: object.at("availability", "max_restarts"),
      restarts: availability.restarts,
    })),
    report,
  );
}

/** What it starts after. Without anything it starts at once, as there. */
function afterOf(
  { object, group }: PlacedProcess,
  byName: ReadonlyMap<string, PlacedProcess>,
  report: ImportReport,
): DependencyInput[] {
  if (Array.isArray(object.raw("depends_on"))) {
    object.refuse("depends_on", "an object, such as { db: { condition: process_started } }");
    return [];
  }
  const dependencies = object.object("depends_on");
  return (dependencies?.keys ?? []).flatMap((name): DependencyInput[] => {
    const path = dependencies!.at(name);
    const dependency = dependencies!.object(name);
    const condition =
      CONDITIONS[dependency?.word("condition", Object.keys(CONDITIONS)) ?? "process_started"]!;
    dependency?.leaveOutRest(undefined, (key) => key.startsWith("x-"));
    const other = byName.get(name);
    if (other === undefined) {
      report.leftOut(path, `there is no process ${quote(name)} in this file`);
      return [];
    }
    const waitsForEnd = condition.startsWith("completed");
    if (waitsForEnd && "sidecar" in other.child) {
      report.leftOut(path, "nothing waits for the end of the copies of a pool");
      return [];
    }
    if (waitsForEnd && other.availability.restart === "always") {
      report.leftOut(path, `${quote(name)} is started again after each end, so nothing can wait for it`);
      return [];
    }
    return [{ id: pathFrom(group, other), condition }];
  });
}

/** The path of a child from the list that one of the group `from` stands in. */
function pathFrom(from: string | undefined, { group, child }: PlacedProcess): string {
  if (group === from) return child.id;
  const fromRoot = group === undefined ? child.id : `${group}/${child.id}`;
  return from === undefined ? fromRoot : `../${fromRoot}`;
}

/** What has no counterpart; what holds here in any case is not worth a line. */
function leaveOut(root: ForeignObject): void {
  for (
    const key of ["version", "is_strict", "is_tui_disabled", "ordered_shutdown", "log_level", "log_length"]
  ) root.raw(key);
  root.leaveOut("extends", "the other file is not read; import it as well");
  root.leaveOut("env_cmds", 'no command says a variable; a "sh" -c line does');
  root.leaveOutRest(undefined, (key) => key.startsWith("x-"));
}
