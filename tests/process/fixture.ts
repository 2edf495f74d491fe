/**
 * Commands for the tiny programs in tests/fixtures, and ways to wait for what they do.
 *
 * @module
 */
import { delay } from "@std/async";
import type { SpawnOptions } from "../../src/process/child_process.ts";
import type { SpawnedProcess } from "../../src/process/child.ts";
import type { Command } from "../../src/process/command.ts";
import { spawn } from "../../src/process/spawn.ts";
import { processTable } from "../../src/process/ps.ts";
import type { FrameSink, Malformed } from "../../src/process/framing/framing.ts";

const folder = new URL("../fixtures/", import.meta.url).pathname;

/** The command that runs a fixture, such as `fixture("exits_with_code", "3")`. */
export function fixture(name: string, ...args: string[]): Command {
  return command("sh", folder + name + ".sh", ...args);
}

/** A command with nothing but a PATH. */
export function command(program: string, ...args: string[]): Command {
  return { program, args, cwd: undefined, env: {}, inheritEnv: ["PATH"] };
}

/** Starts a fixture and resolves once it has said something on stdout; the rest of stdout is read and dropped. */
export async function ready(name: string, options: SpawnOptions = {}): Promise<SpawnedProcess> {
  const child = spawn(fixture(name), options);
  const said = Promise.withResolvers<void>();
  child.readStdout(() => said.resolve());
  await said.promise;
  return child;
}

/** All of stdout as text. */
export async function output(child: SpawnedProcess): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  await child.readStdout((chunk) => void (text += decoder.decode(chunk, { stream: true })));
  return text;
}

/** Resolves once no process of that number runs any more, be it that nobody has asked yet how it ended. */
export async function ended(pid: number): Promise<void> {
  while ((await processTable())!.some((row) => row.pid === pid && !row.zombie)) await delay(10);
}

/** Whether there is a process of that number, be it a zombie. */
export function alive(pid: number): boolean {
  try {
    Deno.kill(pid, 0 as unknown as Deno.Signal);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof TypeError) return false;
    throw error;
  }
}

/** A sink that keeps everything, in order. */
export class Collected<Message> implements FrameSink<Message> {
  readonly messages: Message[] = [];
  readonly faults: Malformed[] = [];
  readonly all: unknown[] = [];

  message(message: Message): void {
    this.messages.push(message);
    this.all.push(message);
  }

  malformed(fault: Malformed): void {
    this.faults.push(fault);
    // What had arrived of a frame over the cap depends on how the input was split; nothing else may.
    this.all.push(fault.kind === "over_cap" ? { ...fault, bytes: -1 } : fault);
  }
}
