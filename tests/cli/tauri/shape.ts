/** A Tauri app as real ones are, and what each verb makes of it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { ManifestInput } from "@outrider/outrider/manifest";
import { dirname } from "node:path";
import { Folder, Running } from "../outrider.ts";
import type { Session } from "../session.ts";

/** The triple of this machine, and one that it has not. */
export const HERE_TRIPLE: string = Deno.build.target;
export const WINDOWS_TRIPLE = "x86_64-pc-windows-msvc";

/** The files of an app, and what becomes of them. */
export interface Shape {
  /** By path; what is not a text is written as JSON. The first is the configuration. */
  readonly files: Readonly<Record<string, unknown>>;
  /** Paths of programs as `externalBin` has them: each is there for this machine. */
  readonly programs?: readonly string[];
  /** Paths of programs with their whole name. */
  readonly others?: readonly string[];
  /** What starts with the tree: its arguments, by id. */
  readonly starts?: Readonly<Record<string, string>>;
  /** What starts elsewhere, in the same way. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** The arguments that templates take, by id. */
  readonly templates?: Readonly<Record<string, unknown>>;
  /** Files that `import` merges. */
  readonly merge?: readonly string[];
  /** What `check` lists, each a part of a line of standard error. */
  readonly listed?: readonly string[];
  /** Why the file is of no use to each verb, and the exit code says so. */
  readonly refused?: string;
  /** Whether `import` takes it all the same. */
  readonly isForOthers?: boolean;
  /** What `check` says of a program that is missing. */
  readonly faults?: readonly string[];
  /** What `up` says where nothing starts. */
  readonly idle?: readonly string[];
  /** The programs that permission is asked for, by the ends of their paths; default: all that start or are templates. */
  readonly runs?: readonly string[];
}

const SCRIPT = `#!/bin/sh\necho "$(basename "$0") up argv=[$*]"\nexec sleep 1000\n`;

/** Writes the app, and its programs. */
async function written(folder: Folder, { files, programs = [], others = [] }: Shape): Promise<string> {
  const all = [...programs.map((path) => `${path}-${HERE_TRIPLE}`), ...others];
  for (const name of [...Object.keys(files), ...all]) {
    await Deno.mkdir(dirname(`${folder.path}/${name}`), { recursive: true });
  }
  for (const [name, content] of Object.entries(files)) {
    folder.write(name, typeof content === "string" ? content : JSON.stringify(content, null, 2));
  }
  for (const name of all) Deno.chmodSync(folder.write(name, SCRIPT), 0o755);
  return `${folder.path}/${Object.keys(files)[0]}`;
}

/** Has every verb read the app, and compares what comes of it. */
export async function tryShape(session: Session, shape: Shape): Promise<void> {
  await using folder = new Folder();
  const tauri = await written(folder, shape);
  if (shape.refused !== undefined) {
    for (const verb of ["check", "permissions", "up", ...(shape.isForOthers ? [] : ["import"])]) {
      const { code, stderr, stdout } = await session.run([verb, tauri]);
      assertEquals([code, stdout], [2, ""], verb);
      assertStringIncludes(stderr, shape.refused, verb);
    }
    if (shape.merge === undefined) return;
  }
  const file = await imported(session, { folder, tauri, shape });
  await checked(session, shape.merge === undefined ? tauri : file, shape);
  await permitted(session, shape.merge === undefined ? tauri : file, shape);
  await started(shape.merge === undefined ? tauri : file, shape);
}

/** What `import` prints has these children and templates; returns where it is. */
async function imported(
  session: Session,
  { folder, tauri, shape }: { readonly folder: Folder; readonly tauri: string; readonly shape: Shape },
): Promise<string> {
  const { merge = [], starts = {}, elsewhere = {}, templates = {} } = shape;
  const file = `${folder.path}/outrider.json`;
  const merges = merge.flatMap((name) => ["--merge", `${folder.path}/${name}`]);
  const { code, stderr } = await session.run(["import", tauri, ...merges, "-o", file]);
  assertEquals(code, 0, stderr);
  const manifest = JSON.parse(await Deno.readTextFile(file)) as ManifestInput;
  const children = manifest.children.map((child) => [child.id, "args" in child ? child.args?.join(" ") : ""]);
  assertEquals(Object.fromEntries(children.map(([id, args]) => [id, args ?? ""])), {
    ...starts,
    ...elsewhere,
  });
  const rules = manifest.templates?.map(({ id, args = [] }) => [id, args]) ?? [];
  for (const [id, args] of Object.entries(templates)) assertEquals(Object.fromEntries(rules)[id], args, id);
  return file;
}

async function checked(
  session: Session,
  file: string,
  { listed = [], faults, starts = {} }: Shape,
): Promise<void> {
  const { code, stdout, stderr } = await session.run(["check", file]);
  for (const part of [...listed, ...(faults ?? [])]) assertStringIncludes(stderr, part);
  assertEquals(code, faults === undefined ? 0 : 1, stderr);
  if (faults !== undefined) return;
  const count = Object.keys(starts).length;
  assertStringIncludes(stdout, `: ${count} sidecar${count === 1 ? "" : "s"}, no fault found`);
}

async function permitted(session: Session, file: string, shape: Shape): Promise<void> {
  const { starts = {}, templates = {}, runs = [...Object.keys(starts), ...Object.keys(templates)] } = shape;
  const { code, stdout, stderr } = await session.run([
    "permissions",
    file,
    "--templates",
    "--format",
    "lines",
  ]);
  assertEquals(code, 0, stderr);
  const run = stdout.split("\n").find((line) => line.startsWith("--allow-run="))?.slice(
    "--allow-run=".length,
  );
  const names = run?.split(",").map((path) => path.split("/").at(-1)!.replace(`-${HERE_TRIPLE}`, "")) ?? [];
  assertEquals(names.sort(), [...runs].sort(), stdout);
}

/** `up` starts what it says and nothing else, or says what to do. */
async function started(file: string, { starts = {}, idle = [], faults }: Shape): Promise<void> {
  if (faults !== undefined && Object.keys(starts).length > 0) return;
  await using up = new Running(["up", file, "--for", "60s"]);
  for (const [id, args] of Object.entries(starts)) {
    const line = await up.line(new RegExp(`^[-0-9:. ]+ ${id}#1 +stdout +`));
    assert(line.endsWith(` up argv=[${args}]`), line);
  }
  if (Object.keys(starts).length > 0) up.signal("SIGTERM");
  const { code, stderr } = await up.ended();
  assertEquals(code, Object.keys(starts).length > 0 ? 0 : 2, stderr);
  const ids = new Set(
    up.lines.flatMap((line) => / started /.test(line) ? [/ (\S+)#1 /.exec(line)?.[1]] : []),
  );
  assertEquals([...ids].sort(), Object.keys(starts).sort());
  for (const part of idle) assertStringIncludes(stderr, part);
}

/** A capability of one permission of the shell with this scope. */
export function capability(...allow: unknown[]): Record<string, unknown> {
  return {
    identifier: "main",
    windows: ["main"],
    permissions: ["core:default", { identifier: "shell:allow-spawn", allow }],
  };
}
