/**
 * One incarnation of a sidecar: one process, from its start to its last byte.
 *
 * Three short loops carry it. *Write* (`writer.ts`): the handler encodes a message
 * and hands it to stdin. *Read* (`reader.ts`): the stdout pump turns bytes into
 * messages, answers asks and publishes the rest. *Exit watch* (here): when the
 * process has ended and its pipes too, the incarnation ends. What its start waits
 * for is in `readiness.ts`.
 */

import { asError, causeOf, type Exit, isAskedFor } from "../../actor/exit.ts";
import { unwrapMessage } from "../../actor/asks/ask.ts";
import type { InjectedProcesses } from "../../process/injected.ts";
import { ExitUnknownError } from "../../process/process_errors.ts";
import { IncarnationEndedError } from "../../actor/actor_errors.ts";
import type { ChildProcess, ClosedProcess, ExitStatus, SpawnOptions } from "../../process/child_process.ts";
import { PIPE_DRAIN_MS } from "../../options/presets.ts";
import { stop } from "../../process/stop.ts";
import { redactValue } from "../../process/secrets/mask_values.ts";
import type { ActorEvent } from "../../actor/events/event.ts";
import { type Context, injectedOf, type TakenMessage } from "../../actor/behavior.ts";
import type { Command } from "../../process/command.ts";
import type { Redactor, TextCut } from "../../process/secrets/mask.ts";
import type { ProcessEvent } from "../../process/events.ts";
import type { SystemEvent } from "../../events.ts";
import { SidecarNoRepliesError } from "../messages/message_errors.ts";
import { SidecarExitedError, SidecarOverLimitError } from "../sidecar_errors.ts";
import { howEnded } from "../../text/words.ts";
import { SidecarWriter } from "./writer.ts";
import { enforceLimits } from "../health/usage_monitor.ts";
import { SidecarReader } from "./reader.ts";
import { openCorrelation } from "../replies/open_correlation.ts";
import type { SidecarRun } from "./run.ts";
import { matches } from "../../supervision/restart/restart_rules.ts";
import { implementation, type SidecarBehavior } from "../implementation.ts";
import type { ResolvedSidecarOptions } from "../options.ts";
import { startProcess } from "./start_process.ts";
import { requireIncarnationPermissions } from "./required_permissions.ts";
import { runStopCommand } from "./stop_command.ts";
import { Readiness } from "./readiness.ts";

/** The reason of an abort that only marks a moment: without one, Deno makes an unused error, with its stack. */
const OVER = "over";

type SidecarContext = Context<unknown, unknown, unknown>;

export class SidecarProcess implements SidecarBehavior {
  /** For the cell: one message. The way into the process; none without a protocol. */
  receive!: SidecarBehavior["receive"];
  takeStep!: SidecarBehavior["takeStep"];
  readonly #settings: ResolvedSidecarOptions;
  readonly #isKilled = new AbortController();
  readonly #exited = new AbortController();
  #run!: SidecarRun;
  #writer: SidecarWriter | undefined;
  #reader: SidecarReader | undefined;
  /** None before the process is about to be started. */
  #readiness: Readiness | undefined;
  #watching: Promise<void> | undefined;

  constructor(settings: ResolvedSidecarOptions) {
    this.#settings = settings;
  }

  // --- Start ----------------------------------------------------------------

  /** For the cell: fulfilled when the process is ready. */
  async started(context: SidecarContext): Promise<void> {
    const settings = this.#settings;
    const run: SidecarRun = this.#run = {
      context,
      settings,
      exited: this.#exited.signal,
      redact: Object.assign((text: string, cut?: TextCut) => run.child?.redact?.(text, cut) ?? text, {
        openAt: (text: string) => run.child?.redact?.openAt?.(text) ?? text.length,
      }),
      fail: (cause) => this.#fail(cause),
    };
    const { command, protocol, ready, limits } = settings;
    if (ready !== "started" && "reply" in ready && (protocol === undefined || protocol.pairing === "none")) {
      throw new SidecarNoRepliesError(context.path, protocol?.name ?? "none");
    }
    requireIncarnationPermissions(run);
    const readiness = this.#readiness = new Readiness(run, {
      spawn: (kind, command, options) => this.#spawn(command, options, `#${kind}`),
      ask: (message, reply) => this.#writer!.ask(message, reply),
      output: (stream) => this.#reader!.recent(stream),
      look: (stream, line) => this.#reader!.look(stream, line),
    });
    if (protocol === undefined) {
      context.refuseMessages(() => new SidecarNoRepliesError(context.path, "none"));
    } else {
      run.correlation = openCorrelation(run, protocol, {
        writer: () => this.#writer!,
        reader: () => this.#reader!,
      });
    }
    const reader = this.#reader = new SidecarReader(run, readiness);
    const child = run.child = this.#spawn(command, {
      timers: context.clock,
      onStderr: (line, marks) => reader.show("stderr", line, marks),
      onStderrSeen: (line) => reader.look("stderr", line),
      stderrLog: { batches: reader.log.batches("stderr"), room: reader.log.room },
      // Once is enough: the next incarnation is started from the same file.
      ...(context.generation === 1 && {
        onWarning: (message) => context.emit<ActorEvent>({ type: "warning", message }),
      }),
    });
    const { redact } = child;
    if (redact !== undefined) context.redact((event: SystemEvent) => this.#redacted(event, redact));
    if (protocol !== undefined) {
      const writer = this.#writer = new SidecarWriter(run, protocol, reader.resume);
      this.receive = writer.take;
      this.takeStep = writer.takeStep;
    }
    context.emit<ProcessEvent>({ type: "spawned", pid: child.pid, program: command.program });
    const watched = limits && enforceLimits(child, {
      limits,
      context,
      killed: this.#isKilled.signal,
      onOver: (excess) => {
        const { stderrTail } = child;
        this.#fail(new SidecarOverLimitError(context.path, { excess, stderrTail }));
      },
    });
    const measured = watched?.catch((thrown) => this.#fail(asError(thrown)));
    this.#watching = this.#watch(child, reader.read(child)).finally(() => measured);
    await readiness.wait();
  }

  /** `role` is not empty for a process that is not the sidecar's own. */
  #spawn(command: Command, options: SpawnOptions, role = ""): ChildProcess {
    const hurried = { ...options, hurry: this.#isKilled.signal };
    return startProcess(command, hurried, { context: this.#run.context, own: this.#settings.spawn, role });
  }

  /** A line of output is the most frequent event, and its line the only text in it that is not ours. */
  #redacted(event: SystemEvent, redact: Redactor): SystemEvent {
    if (event.type !== "output") return redactValue(event, redact);
    // Its own lines were masked where they were read.
    if (event.path === this.#run.context.path) return event;
    const line = redact(event.line);
    return line === event.line ? event : { ...event, line };
  }

  /** For the cell: see `Behavior.describeStart`. */
  describeStart(within: number): Error | string | undefined {
    return this.#readiness?.describeWait(within);
  }

  // --- End --------------------------------------------------------------------

  /** Marks the sidecar as failed and ends this incarnation. */
  #fail(cause: Error): void {
    const details = this.#told(cause);
    this.#readiness?.refuse(() => details);
    this.#run.context.exit({ reason: "crash", cause: details });
  }

  #told(thrown: unknown): Error {
    return redactValue(asError(thrown), this.#run.redact);
  }

  /**
   * Never rejects: an error on the way of the end is a crash of this incarnation, and the remaining steps still run.
   */
  async #watch(child: ChildProcess, reading: Promise<void>): Promise<void> {
    const { clock } = this.#run.context;
    let exitedAt = clock.now();
    const over = () => {
      exitedAt = clock.now();
      this.#exited.abort(OVER);
    };
    void child.exited.then(over, over);
    this.#watchStdout(reading).catch((thrown) => this.#fail(asError(thrown)));
    const faults: Error[] = [];
    let closed: ClosedProcess | undefined;
    try {
      closed = await child.closed;
    } catch (thrown) {
      faults.push(this.#told(thrown));
      // At once: a user's `spawn` may return a process that lives on, with its output; the stop sequence ends both.
      this.#run.context.exit(this.#exitOf(await statusOf(child), faults[0]));
    }
    await reading;
    const status = closed?.status ?? await statusOf(child);
    const tried = (step: () => void) => {
      try {
        step();
      } catch (thrown) {
        faults.push(this.#told(thrown));
      }
    };
    // A line without its end is a whole one only where the process ended well.
    tried(() =>
      this.#reader!.end({
        cut: status === undefined || !this.#isSuccess(status) || closed?.pipesHeld === true,
      })
    );
    if (closed?.pipesHeld) {
      const waited = this.#isKilled.signal.aborted ? Math.round(clock.now() - exitedAt) : PIPE_DRAIN_MS;
      tried(() => this.#run.context.emit<ProcessEvent>({ type: "pipes_held", waited }));
    }
    if (closed?.orphans) tried(() => this.#run.context.emit<ProcessEvent>({ type: "leftovers_killed" }));
    tried(() => this.#run.context.abandon(child.failed() as TakenMessage[]));
    const unsent = child.unsent() as TakenMessage[];
    const messages = [...unsent.map(unwrapMessage), ...this.#writer?.unwritten ?? []];
    tried(() => this.#run.context.giveBack(unsent));
    const refused = closed?.refused;
    const exit: Exit = refused === undefined
      ? this.#exitOf(status, faults[0])
      : { reason: "crash", cause: refused };
    const readiness = this.#readiness!;
    // First: it says why a handshake came to nothing.
    tried(() =>
      readiness.refuse(() => readiness.missed("it ended before it got ready", { cause: causeOf(exit) }))
    );
    const { path, generation } = this.#run.context;
    tried(() =>
      this.#run.correlation?.close(() => new IncarnationEndedError(path, generation, exit), messages)
    );
    this.#run.context.exit(faults.length === 0 ? exit : this.#exitOf(status, faults[0]));
  }

  /** Watches for the end of stdout of a process that lives on: no further replies come. */
  async #watchStdout(reading: Promise<void>): Promise<void> {
    await reading;
    if (!this.#exited.signal.aborted) await this.#writer?.stdoutEnded();
  }

  /** `status` is unknown if the end of the process was not seen; `fault` is an error on the way of the end. */
  #exitOf(status: ExitStatus | undefined, fault: Error | undefined): Exit {
    if (status !== undefined && !this.#isSuccess(status) && !(fault instanceof ExitUnknownError)) {
      const cause = new SidecarExitedError(
        this.#run.context.path,
        status,
        this.#run.child!.stderrTail,
        fault,
      );
      return { reason: "crash", cause };
    }
    if (fault !== undefined || status === undefined) return { reason: "crash", cause: asError(fault) };
    const readiness = this.#readiness!;
    if (!readiness.isPending) {
      const { code, signal } = status;
      return { reason: "normal", ...code !== 0 && { code, ...signal !== undefined && { signal } } };
    }
    return { reason: "crash", cause: readiness.missed(`it ${howEnded(status)} before it got ready`) };
  }

  #isSuccess(status: ExitStatus): boolean {
    return status.code === 0 || matches(this.#settings.successExitStatus, status);
  }

  /** For the cell: walks the stop sequence. */
  async stopped(exit: Exit, context: SidecarContext): Promise<void> {
    this.#readiness?.stopped();
    this.#reader?.log.letGo();
    try {
      const child = this.#run?.child;
      if (child !== undefined) await this.#stop(child, exit, context);
    } finally {
      await this.#run?.tap?.close();
    }
  }

  async #stop(child: ChildProcess, exit: Exit, context: SidecarContext): Promise<void> {
    const correlation = this.#run.correlation;
    const orderly = exit.reason === "shutdown" || (exit.reason === "normal" && isAskedFor(exit));
    // After a failure nothing is waited for that it might still say.
    const plan = orderly
      ? this.#settings.stop
      : { ...this.#settings.stop, drain: 0, stdin: 0, command: undefined };
    const { stepTime } = injectedOf<InjectedProcesses>(context);
    let asking: Promise<void> | undefined;
    try {
      const by = await stop(child, plan, {
        drained: correlation && (() => correlation.hasPending ? correlation.below(1) : undefined),
        goodbye: orderly && !this.#readiness?.isPending && correlation?.requestShutdown
          ? () => correlation.requestShutdown!()
          : undefined,
        runCommand: plan.command && (() =>
          asking = runStopCommand(this.#run, child, {
            spawn: (beside, options) => this.#spawn(beside, options, "#stop"),
            killed: this.#isKilled.signal,
          })),
        hasStdin: this.#settings.command.stdin !== "null",
        timers: context.clock,
        stepTime: stepTime && ((times) => stepTime(context.path, times)),
        onStep: (step) => {
          if (step.do !== "drain" && step.do !== "goodbye") correlation?.shutdownTimeUp?.();
          context.emit<ProcessEvent>({ type: "stop_step", step: step.do });
        },
        signal: this.#isKilled.signal,
      });
      // The step alone would blame a process that ended by itself in the moment before SIGKILL.
      const signal = (await statusOf(child) ?? { signal: by }).signal;
      if (orderly && signal === "SIGKILL") context.exit({ ...exit, signal });
    } finally {
      // It returns unsent messages before it settles; for a process that cannot be ended it would never settle.
      if (this.#exited.signal.aborted) await Promise.all([asking, this.#watching]);
      await this.#readiness?.over;
    }
  }

  /** For the cell: no more patience. */
  kill(): void {
    this.#isKilled.abort(OVER);
  }
}

/** How it ended, as far as that is known by now. */
async function statusOf({ exited }: ChildProcess): Promise<ExitStatus | undefined> {
  try {
    return await Promise.race([exited, undefined]);
  } catch {
    return undefined;
  }
}

implementation.SidecarProcess = SidecarProcess;
