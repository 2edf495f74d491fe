/**
 * A Procfile, as foreman, Overmind and Heroku read it: a name and a line of a shell on each line.
 */

import { formatCount, quote } from "../../text/words.ts";
import { parseDotenv } from "../../text/dotenv.ts";
import type { SidecarInput } from "../fields/types.ts";
import type { Importer } from "./format.ts";
import { inheritedBy, noteInheritance, ProgramIds, programOfLine, treeName } from "./program.ts";
import { ImportReport } from "./report.ts";

/** A line that names a program. */
interface ProcfileEntry {
  readonly name: string;
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** The line that makes ready what the others need, as at Heroku. */
const RELEASE = "release";

/** foreman's first port, and how far the next program's is from it. */
const PORT = 5_000;
const PORT_STEP = 100;

/** The most lines that a note names. */
const MOST_LINES = 20;

/** Makes a manifest of a Procfile, and of the `.env` beside it. */
export const importProcfile: Importer = async (file) => {
  const { entries, others } = entriesOf(await file.text());
  const lines = new Map(entries.map(({ name, line }) => [name, line]));
  const report = new ImportReport(
    file.path,
    ([name]) => typeof name === "number" ? name : lines.get(String(name)),
  );
  refuseTwice(entries, report);
  if (entries.length === 0) report.fault([], 'there is no "name: command" in it');
  if (others.length > 0) {
    report.leftOut(
      [others[0]!],
      others.length === 1
        ? '1 line that is not "name: command"'
        : `${formatCount(others.length, "line")} that are not "name: command": ${numbersOf(others)}`,
    );
  }
  const dotenv = await file.textBeside(".env");
  const variables = dotenv === undefined ? [] : parseDotenv(dotenv).variables;
  const port = variables.find(({ name }) => name === "PORT")?.value;
  const set = new Set(["PORT", ...variables.map(({ name }) => name)]);
  const ids = new ProgramIds(report);
  const release = entries.find(({ name }) => name === RELEASE);
  const after = release === undefined ? [] : [{ id: RELEASE, condition: "completed_successfully" as const }];
  let served = 0;
  const children = entries.map(({ name, text }): SidecarInput => {
    const named = new Set<string>();
    const { env, ...words } = programOfLine(text, { path: [name], report, variables: named });
    const program = { ...words, ...inheritedBy(named, (name) => set.has(name)) };
    const id = ids.give(name, [name]);
    if (name === RELEASE) return { id, ...program, ...(env && { env }), restart: "no", after: [] };
    return { id, ...program, env: { PORT: portOf(served++, port), ...env }, after };
  });
  report.throwFaults();
  if (release !== undefined) {
    report.changed([RELEASE], "is a job that the others wait for, as at Heroku; foreman runs it beside them");
  }
  report.changed([], ENDS);
  noteInheritance(report);
  return {
    manifest: { name: treeName(file.dir), ...(dotenv !== undefined && { envFile: ".env" }), children },
    notes: report.notes,
  };
};

const ENDS =
  'a program that ends is started again, as at Heroku; foreman ends all then: that is "restart": "no" ' +
  'and "significant": true of each, and "autoShutdown": "any_significant"';

/** The port of the program at `index`: the first has that of Outrider's own environment, if `.env` says none. */
function portOf(index: number, dotenv: string | undefined): NonNullable<SidecarInput["env"]>[string] {
  const first = dotenv !== undefined && /^\d+$/.test(dotenv) ? Number(dotenv) : PORT;
  const port = String(first + index * PORT_STEP);
  return index === 0 && dotenv === undefined ? { from: "PORT", default: port } : port;
}

/** The lines that name a program, and the numbers of those that foreman passes over, but for comments and empty ones. */
function entriesOf(text: string): { entries: readonly ProcfileEntry[]; others: readonly number[] } {
  const entries: ProcfileEntry[] = [];
  const others: number[] = [];
  for (const [index, content] of text.split(/\r\n|\n/).entries()) {
    const [, name, command] = /^([A-Za-z0-9_-]+):\s*(\S[\s\S]*)$/.exec(content) ?? [];
    if (name !== undefined && command !== undefined) entries.push({ name, text: command, line: index + 1 });
    else if (!/^\s*(?:#|$)/.test(content)) others.push(index + 1);
  }
  return { entries, others };
}

/** The numbers of lines, as a list; of many the first. */
function numbersOf(lines: readonly number[]): string {
  const named = lines.slice(0, lines.length > MOST_LINES ? MOST_LINES : -1);
  const rest = lines.length - named.length;
  return `${named.join(", ")} and ${rest === 1 ? lines.at(-1) : `${rest} more`}`;
}

function refuseTwice(entries: readonly ProcfileEntry[], report: ImportReport): void {
  const first = new Map<string, number>();
  for (const { name, line } of entries) {
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, line);
    else report.fault([line], `${quote(name)} again; the first is on line ${earlier}`);
  }
}
