/**
 * A `supervisord.conf`: its programs and groups as a tree.
 */

import { quote } from "../../../text/words.ts";
import type { EntryInput } from "../../fields/types.ts";
import { ForeignObject } from "../foreign_object.ts";
import type { Importer } from "../format.ts";
import { LogFileClaims, noteInheritance, ProgramIds, treeName } from "../program.ts";
import { ImportReport } from "../report.ts";
import { budgetOf } from "../restart_budget.ts";
import { environmentIn } from "./environment.ts";
import { type IniSection, readIni } from "./ini.ts";
import { type ReadProgram, readProgram } from "./program.ts";

/** A section with its keys. */
interface NamedSection {
  /** What stands behind its colon. */
  readonly name: string;
  readonly object: ForeignObject;
}

/** A child of the root, with what it is put in order by. */
interface PlacedEntry {
  readonly entry: EntryInput;
  readonly priority: number;
  readonly name: string;
}

/** Makes a manifest of the programs. */
export const importSupervisord: Importer = async (file) => {
  const lines = new Map<string, IniSection>();
  const report = new ImportReport(
    file.path,
    ([name, key]) => {
      if (typeof name === "number") return name;
      const section = lines.get(String(name));
      return section?.values.get(String(key))?.line ?? section?.line;
    },
    ([section, key]) =>
      section === undefined ? "" : `[${String(section)}]${key === undefined ? "" : ` ${String(key)}`}`,
  );
  const sections = readIni(await file.text(), report);
  for (const section of sections) lines.set(section.name, section);
  const ofKind = (kind: string): NamedSection[] =>
    sections.filter(({ name }) => name.startsWith(`${kind}:`)).map((section) => ({
      name: section.name.slice(kind.length + 1).trim(),
      object: objectOf(section, report),
    }));
  const programs = ofKind("program");
  const groups = ofKind("group");
  const global = sections.filter(({ name }) => name === "supervisord").map((section) =>
    objectOf(section, report)
  );
  const known = { known: new Map([["here", file.dir]]), isPool: false };
  const all = global.map((section) =>
    environmentIn(section, { report, names: known, copies: { first: 0, last: 0 } })
  );
  const env = Object.fromEntries(all.flatMap(({ env }) => [...env]));
  for (const { assignments } of all) {
    for (const name of assignments.keys()) {
      report.leftOut(
        ["supervisord", "environment"],
        `${name}: nothing in a manifest is replaced; an "envFile" has references`,
      );
    }
  }
  for (const section of global) {
    section.raw("nodaemon");
    section.leaveOutRest("it is about supervisord itself");
  }
  leaveOutSections(sections, report);
  if (programs.length === 0) {
    report.fault([], "there is no [program:…] in it", "import the files that it includes");
  }
  const ids = new ProgramIds(report);
  const set = new Set(Object.keys(env));
  const logs = new LogFileClaims(report);
  const hasRetries = programs.some(({ object }) => object.has("startretries"));
  const read = ({ name, object }: NamedSection, group: string, ids: ProgramIds) => ({
    object,
    name,
    ...readProgram(object, {
      report,
      name,
      group,
      here: file.dir,
      id: ids.give(name, object.path),
      set,
      hasRetries,
      logs,
    }),
  });
  const byName = new Map(programs.map((program) => [program.name, program]));
  const grouped = new Set<string>();
  const entries = groups.map(({ name, object }): PlacedEntry => {
    const id = ids.give(name, object.path);
    const own = new ProgramIds(report);
    const members = (object.text("programs") ?? "").split(",").flatMap((word) => {
      const member = byName.get(word.trim());
      if (member === undefined) report.fault(object.at("programs"), `there is no [program:${word.trim()}]`);
      else if (grouped.has(member.name)) {
        report.fault(object.at("programs"), `${quote(member.name)} is in a group already`);
      } else {
        grouped.add(member.name);
        return [read(member, name, own)];
      }
      return [];
    });
    const priority = object.number("priority") ?? 999;
    object.leaveOutRest();
    const children = inOrder(members).map(({ child }) => child);
    return { entry: { id, ...budget(members, hasRetries, report), children }, priority, name };
  });
  const alone = programs.filter(({ name }) => !grouped.has(name)).map((program) =>
    read(program, program.name, ids)
  );
  const placed = [
    ...entries,
    ...alone.map((one) => ({ entry: one.child, priority: one.priority, name: one.name })),
  ];
  report.throwFaults();
  noteInheritance(report);
  return {
    manifest: {
      name: treeName(file.dir),
      ...(Object.keys(env).length > 0 && { env }),
      ...budget(alone, hasRetries, report),
      children: inOrder(placed).map(({ entry }) => entry),
    },
    notes: report.notes,
  };
};

function objectOf({ name, values }: IniSection, report: ImportReport): ForeignObject {
  const value = Object.fromEntries(values.entries().map(([key, { text }]) => [key, text]));
  return new ForeignObject(value, [name], report);
}

/** As supervisord starts them: the lowest priority first, and of equal ones by name. */
function inOrder<Placed extends { readonly priority: number; readonly name: string }>(
  all: readonly Placed[],
): Placed[] {
  return all.toSorted((a, b) => a.priority - b.priority || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function budget(
  programs: readonly (ReadProgram & { readonly object: ForeignObject })[],
  hasRetries: boolean,
  report: ImportReport,
) {
  if (!hasRetries) return {};
  const limited = programs.filter(({ child, retries }) => "command" in child && retries !== undefined);
  return budgetOf(
    limited.map(({ object, retries }) => ({ path: object.at("startretries"), restarts: retries })),
    report,
  );
}

/** Why a section is not taken over, by the beginning of its name. */
const LEFT_OUT: readonly (readonly [beginning: string, why: string])[] = [
  ["unix_http_server", "there is a control socket: 'outrider up --control PATH'"],
  ["inet_http_server", "there is a control socket: 'outrider up --control PATH'"],
  ["supervisorctl", "'outrider ps' and others find the tree by its manifest"],
  ["rpcinterface:", "programs talk to the control socket"],
  ["include", "its files are not read; import each of them"],
  ["eventlistener:", "a program that reads 'outrider events --json' does it"],
  ["fcgi-program:", "Outrider opens no socket for a program"],
];

function leaveOutSections(sections: readonly IniSection[], report: ImportReport): void {
  for (const { name } of sections) {
    if (name === "supervisord" || name.startsWith("program:") || name.startsWith("group:")) continue;
    const [, why = "Outrider has nothing of the kind"] = LEFT_OUT.find(([beginning]) =>
      name.startsWith(beginning)
    ) ?? [];
    report.leftOut([name], why);
  }
}
