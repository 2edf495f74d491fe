/**
 * What `boot.ts` starts: command lines that end by themselves, each made once. Executables are made with the Deno that
 * `DENO_FOR_COMPILE` names, else with this one, and only where `DENORT_BIN` says which base binary is at hand.
 */
import { TextLineStream } from "@std/streams";
import { said } from "./pids.ts";

/** A program's file, and its arguments. */
export type CommandLine = readonly [file: string, ...args: string[]];

const path = (relative: string) => new URL(relative, import.meta.url).pathname;
const MAP = `--import-map=${path("../support/npm/import_map.json")}`;
const OUTRIDER = [MAP, `--config=${path("../../deno.json")}`, "--allow-all", path("../../src/cli/main.ts")];

/** A script of this folder. */
export function script(name: string): CommandLine {
  return [Deno.execPath(), "run", "--quiet", MAP, path(name)];
}

/** The command line of Outrider. */
export function outrider(...args: string[]): CommandLine {
  return [Deno.execPath(), "run", "--quiet", ...OUTRIDER, ...args];
}

/** A manifest of one sidecar. */
export async function manifest(kit: string): Promise<string> {
  const file = `${kit}/boot.json`;
  const children = [{ id: "cat", command: "cat", protocol: "lines", inheritEnv: [] }];
  await Deno.writeTextFile(file, JSON.stringify({ name: "boot", children }));
  return file;
}

/** A running tree that listens at a socket. */
export async function listening(kit: string): Promise<{ socket: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ dir: kit });
  const socket = `${folder}/socket`;
  const [command, ...args] = outrider("up", await manifest(kit), "--control", socket, "--log-format", "json");
  const up = new Deno.Command(command, {
    args,
    env: { XDG_STATE_HOME: folder },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = up.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream()).getReader();
  for (;;) {
    const { value, done } = await lines.read();
    if (done) throw new Error("Cannot go on: the tree did not start");
    const { path, type } = JSON.parse(value);
    if (path === "/" && type === "ready") break;
  }
  return {
    socket,
    async [Symbol.asyncDispose]() {
      up.kill("SIGTERM");
      await lines.cancel();
      await up.status;
    },
  };
}

/** Why no executables can be made here; `undefined` where they can. */
export function cannotCompile(): string | undefined {
  return Deno.env.get("DENORT_BIN") ? undefined : "DENORT_BIN is not set";
}

/** A script of this folder as an executable. */
export async function compiled(name: string, kit: string): Promise<CommandLine> {
  return await made(
    `${kit}/${name.replace(".ts", "")}`,
    (output) => ["compile", MAP, "--output", output, path(name)],
  );
}

/** A manifest as an executable. */
export async function executable(kit: string): Promise<CommandLine> {
  const file = await manifest(kit);
  return await made(
    `${kit}/boot_manifest`,
    (output) => ["run", ...OUTRIDER, "compile", file, "--output", output],
  );
}

async function made(output: string, how: (output: string) => string[]): Promise<CommandLine> {
  const isThere = await Deno.stat(output).then(() => true, () => false);
  if (!isThere) await said(Deno.env.get("DENO_FOR_COMPILE") || Deno.execPath(), how(output));
  return [output];
}
