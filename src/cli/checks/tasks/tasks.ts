/**
 * Finds tasks of the nearest `deno.json` whose flags have become out of date: they start a manifest, and lack what it
 * needs now, or grant what it does not need.
 *
 * Reads the common spelling alone, `deno run FLAGS SCRIPT up FILE`, or `mcp FILE`, which needs the same; other tasks are not judged.
 */

import { basename, dirname, resolve, sep } from "../../../permissions/path.ts";
import { containmentPermissions } from "../../../containment/guarantees.ts";
import { isPlainObject } from "../../../manifest/issue.ts";
import { isModule, type Loaded } from "../../../manifest/load.ts";
import { permissionFlags } from "../../../manifest/grants/permissions.ts";
import { candidateFiles } from "../../../permissions/find_program.ts";
import { missingPermissions, type RequiredPermission } from "../../../permissions/permit.ts";
import { shellQuote } from "../../../text/shell_quote.ts";
import type { DenoConfig } from "./deno_config.ts";
import { withoutTemplates } from "../../../manifest/resolve/children.ts";
import { permissionsFor } from "../prepare.ts";
import { startPermissions } from "../start_cost.ts";
import { type Granted, grantedBy, PERMISSIONS, type TaskPermission } from "./task_flags.ts";

/** The variables that a run looks for besides; see `src/containment/folder.ts`. */
const STATE = ["XDG_STATE_HOME", "HOME"];

/** The issues, in lines: refusals, unknown parts, excess permissions. */
export interface TaskLines {
  readonly faults: readonly string[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

/** The verbs that start a whole manifest. */
const STARTING = ["up", "mcp"];

/** The parts of a `deno.json` that are read. */
interface Config {
  readonly file: string;
  readonly tasks: readonly (readonly [name: string, command: string])[];
  readonly sets: Readonly<Record<string, unknown>>;
}

/** A value that is needed; all of its permission where it is `undefined`. */
type Wanted = { readonly name: string; readonly value?: string | undefined };

/** Holds the tasks of a `deno.json` that start `loaded` against what it needs. */
export async function taskLines(loaded: Loaded, { file, text }: DenoConfig): Promise<TaskLines> {
  const config = await parseConfig(file, text);
  if ("unknown" in config) return { faults: [], notes: [`  ${config.unknown}`], warnings: [] };
  const faults: string[] = [], notes: string[] = [], warnings: string[] = [];
  const folder = dirname(config.file);
  // A file may have thousands of tasks: what a run needs is found out once.
  const needed = new Map<string | undefined, ReturnType<typeof permissionsFor>["all"]>();
  const manifest = withoutTemplates(loaded.manifest);
  const needs = (control: string | undefined) => {
    const known = needed.get(control) ?? permissionsFor(manifest, loaded.reads, control).all;
    return needed.set(control, known) && known;
  };
  for (const [name, task] of config.tasks) {
    for (const words of task.split(/&&|\|\||[;|\n]/).map(wordsOf)) {
      const run = runOf(words, folder, loaded.file);
      if (run === undefined) continue;
      const place = `task "${name}" of ${basename(config.file)}`;
      if (run.flags.some((word) => /[$`]/.test(word))) {
        notes.push(`  ${place}: its flags are known only when it runs`);
        continue;
      }
      const granted = grantedBy(run.flags, { sets: config.sets, folder });
      notes.push(
        ...granted.denials.map((denial) => `  ${place}: ${denial}, which may take away what is needed`),
      );
      const all = needs(run.control);
      const useful = [
        ...containmentPermissions(),
        ...startPermissions(loaded.manifest, all),
        ...stateVariables(),
      ];
      const { lacks, more } = differences(granted, all, { useful, folder, readsMore: isModule(loaded.file) });
      if (lacks.length + more.length === 0) continue;
      const set = granted.set === undefined ? "" : `, with its permissions "${granted.set}"`;
      (lacks.length > 0 ? faults : warnings).push(
        `  ${place}${set}:`,
        ...[...lacks, ...more].map((line) => `    ${line}`),
        `    exactly enough: ${permissionFlags(all).map(shellQuote).join(" ")}`,
      );
    }
  }
  return { faults, notes, warnings };
}

function stateVariables(): RequiredPermission[] {
  return STATE.map((value) => ({ name: "env", value }));
}

/** The words of a command, without the quotes that stand around a word or behind its `=`. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word.replace(/["']/g, ""));
}

/** The flags and `--control` of a command that starts `file`. */
function runOf(
  words: readonly string[],
  folder: string,
  file: string,
): { flags: readonly string[]; control: string | undefined } | undefined {
  const begin = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  if (basename(words[begin] ?? "") !== "deno" || words[begin + 1] !== "run") return undefined;
  const verb = words.findIndex((word, index) => index >= begin + 3 && STARTING.includes(word));
  const args = words.slice(verb + 1);
  if (verb < 0 || !args.some((word) => resolve(folder, word) === file)) return undefined;
  const control = args.map((word, index) =>
    word === "--control" ? args[index + 1] : /^--control=(.*)/.exec(word)?.[1]
  )
    .find((path) => path !== undefined);
  return {
    flags: words.slice(begin + 2, verb - 1).filter((word) => /^-|[$`]/.test(word)),
    control: control === undefined ? undefined : resolve(folder, control),
  };
}

/** Lists permissions that are needed and not granted, and granted and not needed, a line each. */
function differences(
  granted: Granted,
  needs: readonly Wanted[],
  { useful, folder, readsMore }: {
    readonly useful: readonly Wanted[];
    readonly folder: string;
    readonly readsMore: boolean;
  },
): { lacks: string[]; more: string[] } {
  if (granted.all) return { lacks: [], more: ["--allow-all has everything"] };
  const lacks: string[] = [], more: string[] = [];
  for (const name of PERMISSIONS) {
    const wanted = needs.filter((need) => need.name === name).map(({ value }) => value);
    const given = granted.values.get(name) ?? [];
    const isIn = (grant: string, value: string | undefined) =>
      value !== undefined && covers(name, [grant, value], folder);
    const missing = given === true
      ? []
      : wanted.filter((value) => !given.some((grant) => isIn(grant, value))).map((value) =>
        value ?? "everything"
      );
    if (missing.length > 0) lacks.push(`--allow-${name} lacks ${missing.join(", ")}`);
    // Imports of a module are not visible in the manifest.
    if (wanted.includes(undefined) || (name === "read" && readsMore)) continue;
    const used = [...wanted, ...useful.filter((one) => one.name === name).map(({ value }) => value)];
    const unused = given === true
      ? ["everything"]
      : given.filter((grant) => !used.some((value) => value === undefined || isIn(grant, value)));
    if (unused.length > 0) more.push(`--allow-${name} has ${unused.join(", ")}, and needs ${list(wanted)}`);
  }
  return { lacks, more };
}

function list(values: readonly (string | undefined)[]): string {
  return values.length === 0 ? "nothing" : values.join(", ");
}

/** Whether `grant` lets a run have `value`. */
function covers(name: TaskPermission, [grant, value]: readonly [string, string], folder: string): boolean {
  if (grant === value) return true;
  switch (name) {
    case "run": {
      const [granted, needed] = [grant, value].map((program) =>
        /[\\/]/.test(program) ? resolve(folder, program) : onPath(program) ?? program
      );
      // A name and a path may be the same file on a PATH that may not be searched.
      return granted === needed ||
        (basename(grant) === basename(value) && [grant, value].some((one) => !/[\\/]/.test(one)));
    }
    case "read":
    case "write": {
      const [outer, inner] = [resolve(folder, grant), resolve(folder, value)];
      return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
    }
    case "env":
      return grant.endsWith("*") && value.startsWith(grant.slice(0, -1));
    case "net": {
      const host = value.slice(0, value.lastIndexOf(":"));
      return grant === host ||
        (grant.startsWith("*.") && (host === grant.slice(2) || host.endsWith(grant.slice(1))));
    }
    default:
      return false;
  }
}

/** The file of a bare name on Deno's own PATH, as `--allow-run` looks it up. */
function onPath(name: string): string | undefined {
  if (missingPermissions([{ name: "env", value: "PATH" }]).length > 0) return undefined;
  const path = Deno.env.get("PATH");
  return candidateFiles(name, path === undefined ? {} : { path }).found;
}

async function parseConfig(file: string, text: string): Promise<Config | { readonly unknown: string }> {
  const value = await parseJson(text);
  if (!isPlainObject(value)) return { unknown: `the tasks of ${file}, which Deno can't read` };
  const tasks = Object.entries(isPlainObject(value.tasks) ? value.tasks : {}).flatMap(([name, task]) => {
    const command = isPlainObject(task) ? task.command : task;
    return typeof command === "string" ? [[name, command] as const] : [];
  });
  return { file, tasks, sets: isPlainObject(value.permissions) ? value.permissions : {} };
}

/** `undefined` where it is neither JSON nor JSON with comments, or nests too deeply for the parser's stack. */
async function parseJson(text: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch {
    // It may have comments.
  }
  const { parse } = await import("jsonc-parser");
  const errors: Parameters<typeof parse>[1] = [];
  try {
    const value: unknown = parse(text, errors, { allowTrailingComma: true });
    return errors.length === 0 ? value : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
