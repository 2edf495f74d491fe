/**
 * Starts the processes of an actor.
 */

import type { Command } from "../../process/command.ts";
import { spawn } from "../../process/spawn.ts";
import type { InjectedProcesses } from "../../process/injected.ts";
import type { ChildProcess, SpawnOptions } from "../../process/child_process.ts";
import { type Context, injectedOf } from "../../actor/behavior.ts";

/** The owner of a process. */
export interface SpawnRequest {
  /** The actor that the process belongs to. */
  readonly context: Pick<Context<unknown, unknown, unknown>, "path" | "generation">;
  /** The actor's own way to start one. */
  readonly own?: ((command: Command, options?: SpawnOptions) => ChildProcess) | undefined;
  /** Not empty for a process that is not the actor's own, such as `#liveness`. */
  readonly role?: string;
}

/** Starts a process the actor's own way, else the tree's, else on the tree's record, if it keeps one. */
export function startProcess(
  command: Command,
  options: SpawnOptions,
  { context, own, role = "" }: SpawnRequest,
): ChildProcess {
  if (own !== undefined) return own(command, options);
  const owner = { path: context.path + role, generation: context.generation };
  const injected = injectedOf<InjectedProcesses>(context);
  if (injected.spawn !== undefined) return injected.spawn(owner.path, command, options);
  return injected.registry?.spawn(command, options, owner) ?? spawn(command, options);
}

/** Whether the processes of `context` are started by the machine, and so need Deno's permissions. */
export function startsRealProcesses({ context, own }: Pick<SpawnRequest, "context" | "own">): boolean {
  return own === undefined && injectedOf<InjectedProcesses>(context).spawn === undefined;
}
