/**
 * Making executables and running them, for tests. They are made with the Deno that `DENO_FOR_COMPILE` names, if that is
 * set, and else with the one that runs the tests; `DENORT_BIN` is to be of the same version.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { dirname } from "node:path";
import { type Folder, type Outcome, words } from "../outrider.ts";

/** Where no executable can be made. */
export const ignore = (Deno.env.get("DENORT_BIN") ?? "") === "";
const compiler = Deno.env.get("DENO_FOR_COMPILE") || Deno.execPath();

/** Runs it to its end. */
export async function outcome(command: Deno.Command): Promise<Outcome> {
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Makes an executable, and returns what was told. What its runs are to know of each other is kept beside it. */
export async function compile(file: string, output: string, ...more: string[]): Promise<string> {
  const made = await outcome(compiling(file, output, ...more));
  assertEquals([made.code, made.stderr], [0, ""]);
  return made.stdout;
}

/** The command that makes one. */
export function compiling(file: string, output: string, ...more: string[]): Deno.Command {
  const [, ...args] = words(["compile", file, "-o", output, ...more]);
  return new Deno.Command(compiler, { args, env: { NO_COLOR: "1", XDG_STATE_HOME: dirname(output) } });
}

/** A PATH with some programs and no others: above all no deno. */
export function pathOf(folder: Folder, ...programs: string[]): string {
  const path = `${folder.path}/path`;
  Deno.mkdirSync(path);
  for (const program of programs) {
    const found = Deno.env.get("PATH")!.split(":").map((place) => `${place}/${program}`).find(isThere);
    Deno.symlinkSync(found!, `${path}/${program}`);
  }
  return path;
}

/** Whether there is a file, a folder or a link. */
export function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** The executable in a world of its own: that PATH, and nothing else of our environment. */
export function world(app: string, PATH: string, cwd: string): (...args: string[]) => Deno.Command {
  return (...args) =>
    new Deno.Command(app, {
      args,
      cwd,
      clearEnv: true,
      env: { PATH, NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
}
