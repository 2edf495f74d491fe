/** Runs trees of an operator for tests: real programs, from `up` to its end. */
import { assertEquals } from "@std/assert";
import { alive, Folder, Running } from "../../cli/outrider.ts";

/** Programs of the trees. */
export const sleeper = { command: "sleep", args: ["1000"] };

/** A shell that runs a script. */
export const sh = (script: string): { command: string; args: string[] } => ({
  command: "sh",
  args: ["-c", script],
});

/** What a test of {@linkcode running} wants beside its children. */
export interface RunningOptions {
  /** More fields of the manifest. */
  readonly more?: Record<string, unknown>;
  /** More arguments of `up`. */
  readonly args?: readonly string[];
  /** Whether it is stopped by a signal when `act` is over; else it ends by itself. Default true. */
  readonly isStopped?: boolean;
  /** The exit code that it has to end with. Default 0. */
  readonly code?: number;
}

/**
 * Runs a tree until `act` is over, and gives the lines of its timeline; nothing of it may be left. Children are in the
 * folder that `act` gets.
 */
export async function running(
  children: readonly object[],
  act: (up: Running, folder: Folder) => Promise<unknown>,
  { more = {}, args = [], isStopped = true, code = 0 }: RunningOptions = {},
): Promise<string> {
  await using folder = new Folder();
  await using up = new Running(["up", folder.manifest(children, more), ...args]);
  await act(up, folder);
  if (isStopped) up.signal("SIGTERM");
  const ended = await up.ended();
  assertEquals(ended.code, code, `${up.lines.join("\n")}\n${ended.stderr}`);
  assertEquals(await alive(up.pids()), []);
  return [...up.lines, ended.stderr].join("\n");
}

/** How often the incarnations of `id` were told to be so. */
export function timesTold(told: string, id: string, what: string): number {
  return told.match(new RegExp(` ${id}#\\d+ +${what}`, "g"))?.length ?? 0;
}
