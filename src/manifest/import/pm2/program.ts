/**
 * The program of an app of pm2: what its `script`, `interpreter` and `args` come to.
 */

import { basename, extname } from "node:path";
import { pathIn, programIn } from "../../program_path.ts";
import type { ForeignObject } from "../foreign_object.ts";
import type { ImportFile } from "../format.ts";
import { type ProgramFields, programOfLine } from "../program.ts";
import type { ImportReport } from "../report.ts";

/** What runs a script of that ending, by pm2's table. */
const INTERPRETERS: Readonly<Record<string, string>> = {
  ".sh": "bash",
  ".py": "python3",
  ".rb": "ruby",
  ".php": "php",
  ".pl": "perl",
  ".js": "node",
  ".cjs": "node",
  ".mjs": "node",
  ".ts": "bun",
  ".tsx": "bun",
};

/** Other names of a key, which pm2 takes as well. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  script: ["exec", "cmd", "command"],
  interpreter: ["exec_interpreter"],
  node_args: ["interpreter_args", "interpreterArgs"],
  out_file: ["out", "output", "out_log"],
  error_file: ["error", "err", "err_file", "err_log"],
  log_file: ["log"],
  uid: ["user"],
};

/** The name of an app: that of its script, where it has none of its own. */
export function nameOfApp(app: ForeignObject): string {
  const script = app.raw(keyIn(app, "script"));
  return app.text("name") ?? (typeof script === "string" ? basename(script, extname(script)) : "app");
}

/** The key that an app has, of those that mean the same. */
export function keyIn(app: ForeignObject, key: string): string {
  return [key, ...ALSO[key] ?? []].find((name) => app.has(name)) ?? key;
}

/** Where a program is read from, and what it runs with. */
interface AppPlace {
  readonly report: ImportReport;
  readonly file: ImportFile;
  readonly cwd: string | undefined;
  readonly variables: Set<string>;
}

/** The program of an app: its interpreter, or its script itself. */
export async function programOfApp(app: ForeignObject, place: AppPlace): Promise<ProgramFields> {
  const { report, file, cwd } = place;
  const key = keyIn(app, "script");
  const script = app.text(key);
  const given = app.text(keyIn(app, "interpreter"));
  const before = listOf(app, keyIn(app, "node_args"));
  const args = listOf(app, "args");
  if (script === undefined) {
    if (!app.has(key)) report.fault(app.path, 'expected a "script"');
    return { command: "node" };
  }
  const isThere = await file.hasBeside(pathIn(script, cwd));
  // A script with a space in it is a line of a shell there, unless it is a file.
  if (/\s/.test(script.trim()) && !isThere) {
    if (app.has("args")) report.leftOut(app.at("args"), "the script is a line of a shell, which has its own");
    return programOfLine(script, { ...place, path: app.at(key) });
  }
  const interpreter = given ?? INTERPRETERS[extname(script)] ?? "none";
  if (interpreter === "none") {
    const command = programIn(isThere && !script.includes("/") ? `./${script}` : script, cwd);
    return { command, ...(args.length > 0 && { args }) };
  }
  const all = [...before, script, ...args];
  // pm2 sets it, so that a line comes when it is printed.
  return {
    command: programIn(interpreter, cwd),
    args: all,
    ...(interpreter.includes("python") && { env: { PYTHONUNBUFFERED: "1" } }),
  };
}

/** A text in quotes, with or without `name=` before it, or what has no space in it. */
const WORD = /(?:[^\s"'=]+=)?(?:"[^"]*"|'[^']*')|\S+/g;

/** A list of words, or a text that pm2 splits: quotes around a whole word go, others stay. */
function listOf(app: ForeignObject, key: string): readonly string[] {
  if (Array.isArray(app.raw(key))) return app.texts(key) ?? [];
  const words = (app.text(key) ?? "").matchAll(WORD).map(([word]) =>
    /^(["'])[^]*\1$/.test(word) ? word.slice(1, -1) : word
  );
  return [...words].filter((word) => word.trim() !== "");
}
