/**
 * The actor that runs the processes of a filter: so many at a time, each for one job.
 */

import { asError } from "@outrider/outrider/actor";
import {
  type Behavior,
  type Context,
  type Exit,
  MessageRefusedError,
  type ProcessEvent,
  type Reply,
  type StopPlan,
} from "@outrider/outrider";
import {
  type ChildProcess,
  type Command,
  PIPE_DRAIN_MS,
  PipeClosedError,
  requiredForCommand,
  requireStartPermissions,
  type SpawnOptions,
  startProcess,
  startsRealProcesses,
  stop,
  type StopOptions,
  type StopStep,
} from "@outrider/outrider/process";
import { SidecarOutputCutError } from "@outrider/outrider/protocol";
import { FilterJob } from "./job.ts";

/** The options of a filter, with every default in its place. */
export interface FilterSettings {
  readonly command: Command;
  readonly concurrency: number;
  readonly success: readonly number[];
  readonly maxFrame: number;
  readonly stop: StopPlan;
  readonly spawn: ((command: Command, options?: SpawnOptions) => ChildProcess) | undefined;
}

/** A job and its process. */
interface Task {
  readonly child: ChildProcess;
  /** Settles when nothing of the process is left. */
  readonly over: Promise<void>;
}

/** Runs one process for each job, up to the concurrency. */
export class FilterActor implements Behavior<unknown, void> {
  readonly #settings: FilterSettings;
  readonly #isKilled = new AbortController();
  readonly #tasks = new Set<Task>();
  /** Processes that were ended because the actor is. */
  readonly #cut = new Set<ChildProcess>();
  #place: PromiseWithResolvers<void> | undefined;

  constructor(settings: FilterSettings) {
    this.#settings = settings;
  }

  /** Called by the cell: checks at once what every job needs. */
  started(context: Context<unknown>): void {
    const { command, spawn: own } = this.#settings;
    context.signal.addEventListener("abort", () => this.#place?.resolve(), { once: true });
    if (!startsRealProcesses({ context, own })) return;
    requireStartPermissions(command.program, requiredForCommand(command));
  }

  /** Called by the cell: begins one job; without a free place for another, it takes none. */
  receive(message: unknown, context: Context<unknown>): void | Promise<void> {
    const reply = context.deferReply();
    if (!FilterJob.is(message) || reply === undefined) {
      if (reply === undefined) context.deadLetter("refused", message);
      else reply.reject(new MessageRefusedError(context.path, "it takes jobs, with run"));
      return;
    }
    try {
      this.#begin(message, reply, context);
    } catch (error) {
      reply.reject(asError(error));
    }
    if (this.#tasks.size < this.#settings.concurrency || context.signal.aborted) return;
    this.#place = Promise.withResolvers();
    return this.#place.promise;
  }

  #begin(job: FilterJob, reply: Reply<void>, context: Context<unknown>): void {
    const { path, clock } = context;
    const { command, success, maxFrame } = this.#settings;
    const child = startProcess(command, {
      timers: clock,
      onStderr: (line, marks) =>
        context.emit<ProcessEvent>({ type: "output", stream: "stderr", line, ...marks }, "without_end"),
    }, { context, own: this.#settings.spawn });
    context.emit<ProcessEvent>({ type: "spawned", pid: child.pid, program: command.program });
    const end = () => {
      this.#end(child, { ...this.#settings.stop, drain: 0 }, { timers: clock })
        .catch((thrown) => context.exit({ reason: "crash", cause: asError(thrown) }));
    };
    reply.onGivenUp = end;
    const work = job.work(child, { path, success, maxFrame, onFailed: end });
    const failed = (thrown: unknown) => {
      end(); // whatever failed, its process does not outlive the job
      return asError(thrown);
    };
    const over = work.catch(failed).then((failure) => {
      this.#tasks.delete(task);
      this.#place?.resolve();
      this.#place = undefined;
      if (failure instanceof SidecarOutputCutError) {
        context.emit<ProcessEvent>({ type: "pipes_held", waited: PIPE_DRAIN_MS });
      }
      // The cell refuses jobs that were cut short, with the actor's own end.
      if (!reply.isOpen || this.#cut.has(child)) return;
      if (failure === undefined) reply.resolve();
      else reply.reject(failure);
    });
    const task = { child, over };
    this.#tasks.add(task);
  }

  async #end(child: ChildProcess, plan: StopPlan, options: StopOptions): Promise<void> {
    const onStep = (step: StopStep) => {
      // Before its stdin ends, so that it does not take a part of its input for all of it.
      if (step.do === "close_stdin") child.signal("SIGTERM");
      options.onStep?.(step);
    };
    try {
      await stop(child, plan, { ...options, onStep, signal: this.#isKilled.signal });
    } catch (error) {
      // The way stdin ended no longer matters.
      if (!(error instanceof PipeClosedError)) throw error;
    }
  }

  /** For the cell: jobs may end by themselves for a while; then their processes are ended. */
  async stopped(exit: Exit, context: Context<unknown>): Promise<void> {
    const drain = exit.reason === "shutdown" ? this.#settings.stop.drain : 0;
    const plan = { ...this.#settings.stop, drain };
    const ends = await Promise.allSettled(Array.from(this.#tasks, async ({ child, over }) => {
      const onStep = ({ do: step }: StopStep) => {
        if (step !== "drain") this.#cut.add(child);
        context.emit<ProcessEvent>({ type: "stop_step", step });
      };
      await this.#end(child, plan, { drained: over, timers: context.clock, onStep });
      await over;
    }));
    // Settles when all of them have ended: a failed one must not leave the others running.
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }

  /** For the cell: no more patience. */
  kill(): void {
    this.#isKilled.abort();
  }
}
