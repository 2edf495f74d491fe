/**
 * The command that asks a sidecar to end, where it has one.
 */

import type { ActorEvent } from "../../actor/events/event.ts";
import type { ChildProcess, SpawnOptions } from "../../process/child_process.ts";
import type { Command } from "../../process/command.ts";
import { runBeside } from "../health/probe_checks.ts";
import type { SidecarRun } from "./run.ts";

/** What a stop command is started by, and what ends it. */
export interface StopCommandHost {
  /** Starts a process. */
  readonly spawn: (command: Command, options: SpawnOptions) => ChildProcess;
  /** There is no more patience. */
  readonly killed: AbortSignal;
}

/** Runs it to its end, or to that of `child`. A failure is told, and the next step of the stop follows. */
export async function runStopCommand(
  { context, settings }: SidecarRun,
  child: ChildProcess,
  { spawn, killed }: StopCommandHost,
): Promise<void> {
  const { command, stop } = settings;
  const over = new AbortController();
  const end = () => over.abort("over");
  // A user's `spawn` may return a process that can't tell its end.
  void child.exited.then(end, end);
  const cut = AbortSignal.any([over.signal, killed]);
  const own = { ...command, env: { ...command.env, MAINPID: String(child.pid) } };
  const failure = await runBeside(stop.command!, { command: own, spawn, clock: context.clock }, cut);
  if (failure === undefined || cut.aborted) return;
  context.emit<ActorEvent>({ type: "warning", message: `its stop command failed: ${failure.why}` });
}
