/**
 * Waits until one incarnation of a sidecar is ready, and follows its probes afterwards.
 *
 * In this order: the line or the reply that `output_lines.ts` speaks of, the handshake of the protocol, and the probes
 * that a start depends on. The latch is refused as soon as the incarnation has failed, with
 * the reason that comes first; a start that waits then fails with it.
 */

import { type Clock, sleep } from "../../time/clock.ts";
import { asError } from "../../actor/exit.ts";
import { redactValue } from "../../process/secrets/mask_values.ts";
import type { ChildProcess, SpawnOptions } from "../../process/child_process.ts";
import type { Command } from "../../process/command.ts";
import type { LoggedStream } from "../../process/output_log.ts";
import type { Reply } from "../../actor/asks/options.ts";
import {
  type AwaitedLine,
  awaitedLine,
  missedText,
  promptPause,
  type RecentOutput,
} from "../health/awaited_line.ts";
import { SidecarNotReadyError, SidecarProbeError, SidecarUnhealthyError } from "../sidecar_errors.ts";
import { ProbeSet } from "../health/probes.ts";
import type { ProbeKind, ResolvedProbes } from "../health/probe_options.ts";
import type { SidecarRun } from "./run.ts";
import { lastWordsOf } from "../../text/last_words.ts";

const STOP_REQUESTED = "it was told to stop before it got ready";

/** What readiness has done by its incarnation. */
export interface ReadinessHost {
  /** Starts the command of a probe. */
  readonly spawn: (kind: ProbeKind, command: Command, options: SpawnOptions) => ChildProcess;
  /** Sends a request of the sidecar's own. @throws if it can't be sent */
  readonly ask: (message: unknown, reply: Reply<unknown>) => void;
  /** What a stream has had last. */
  readonly output: (stream: LoggedStream) => RecentOutput;
  /** Looks at a line for what is waited for. */
  readonly look: (stream: LoggedStream, line: string) => void;
}

export class Readiness {
  readonly #run: SidecarRun;
  readonly #host: ReadinessHost;
  readonly #latch = new ReadinessLatch();
  readonly #probes: ProbeSet | undefined;
  #isPending: boolean;
  /** The line or the reply has come. */
  #isLineSeen = false;

  /** Made just before the process is started. @throws {PermissionMissingError} a probe lacks a permission */
  constructor(run: SidecarRun, host: ReadinessHost) {
    this.#run = run;
    this.#host = host;
    const { ready, protocol, probes } = run.settings;
    this.#probes = probes && this.#probeSet(probes);
    this.#isPending = ready !== "started" || protocol?.hasHandshake === true || this.#probes?.gates === true;
  }

  get isPending(): boolean {
    return this.#isPending;
  }

  /** Whether a probe waits for a line of that stream. */
  watches(stream: LoggedStream): boolean {
    return this.#probes?.watches(stream) ?? false;
  }

  /** Shows the probes a line; whether one has waited for it. */
  line(stream: "stdout" | "stderr", line: string): boolean {
    return this.#probes?.line(stream, line) ?? false;
  }

  /** Settles when the last probe has ended. */
  get over(): Promise<void> | undefined {
    return this.#probes?.over;
  }

  /** Fulfilled when the sidecar is ready. @throws {SidecarNotReadyError} or whatever it was refused with */
  async wait(): Promise<void> {
    const { ready, protocol } = this.#run.settings;
    const { clock, signal } = this.#run.context;
    if (ready !== "started") {
      if ("reply" in ready) this.#host.ask(ready.reply, this.#firstReply());
      const within = ready.within;
      const late = (stopped: boolean) =>
        stopped
          ? this.error(STOP_REQUESTED)
          : this.missed(`it did not get ready within ${within} ms`, { late: true });
      const unwatch = this.#watchPrompt();
      try {
        await this.#latch.pass(within, { clock, signal, late });
      } finally {
        unwatch();
      }
    }
    if (protocol?.hasHandshake) await this.#unlessRefused(this.#greeting());
    if (this.#probes !== undefined) await this.#passProbes(this.#probes);
    this.#isPending = false;
  }

  readonly onReady = (): void => {
    this.#isLineSeen = true;
    this.#isPending = (this.#probes?.gates ?? false) || this.#run.settings.protocol?.hasHandshake === true;
    this.#latch.open();
  };

  /** Nothing is to be waited for any more, see {@linkcode ReadinessLatch.refuse}. */
  refuse(why: () => Error): void {
    this.#latch.refuse(why);
  }

  stopped(): void {
    this.#latch.refuse(() => this.error(STOP_REQUESTED));
  }

  error(why: string, cause?: unknown, awaited?: AwaitedLine): SidecarNotReadyError {
    const { context, redact, child } = this.#run;
    const stderrTail = child?.stderrTail ?? [];
    const details = { stderrTail, awaited, cause: redactValue(cause, redact) };
    return new SidecarNotReadyError(context.path, redact(why), details);
  }

  /** {@linkcode Readiness.error}, with what has come in place of the line that the start waits for, if it does. */
  missed(
    why: string,
    { cause, late = false }: { cause?: unknown; late?: boolean } = {},
  ): SidecarNotReadyError {
    const wanted = this.#isLineSeen ? undefined : awaitedLine(this.#run.settings.ready);
    if (wanted === undefined) return this.error(why, cause);
    const { tail, unfinished } = this.#host.output(wanted.stream);
    const awaited = { ...wanted, lines: [...tail], unfinished };
    return this.error(`${why}; ${missedText(awaited, { late })}`, cause, awaited);
  }

  /** Looks at an unfinished line that stays as it is; the returned function ends that. */
  #watchPrompt(): () => void {
    const stream = awaitedLine(this.#run.settings.ready)?.stream;
    if (stream === undefined) return () => {};
    const { clock } = this.#run.context;
    const began = clock.now();
    let before = "";
    const look = () => {
      timer = clock.setTimeout(look, promptPause(clock.now() - began));
      const { unfinished } = this.#host.output(stream);
      if (unfinished !== "" && unfinished === before) this.#host.look(stream, unfinished);
      before = unfinished;
    };
    let timer = clock.setTimeout(look, promptPause(0));
    return () => clock.clearTimeout(timer);
  }

  /**
   * What a start that has taken `within` ms, all that it may, waits for: of a probe its own error, of a handshake a
   * clause with what came instead; `undefined`: neither is under way.
   */
  describeWait(within: number): SidecarNotReadyError | string | undefined {
    const { correlation, context, child } = this.#run;
    const pending = this.#probes?.pending;
    if (pending !== undefined) {
      const { probe, failure } = pending;
      const why = `its ${probe} probe did not succeed within ${within} ms (startWithin): ${failure.why}`;
      return this.error(why, new SidecarProbeError(context.path, probe, failure));
    }
    const unanswered = correlation?.unanswered ?? [];
    if (!this.#isPending || unanswered.length === 0) return undefined;
    const words = lastWordsOf(child?.stderrTail ?? []);
    return [
      `no reply to ${unanswered.join(", ")}`,
      ...(context.dropped.length === 0 ? [] : [`dropped instead: ${context.dropped.join("; ")}`]),
      ...(words === undefined ? [] : [`its last words: ${words}`]),
    ].join("; ");
  }

  async #greeting(): Promise<void> {
    try {
      await this.#run.correlation!.handshake!();
    } catch (error) {
      throw this.error(`its handshake failed: ${asError(error).message}`, error);
    }
  }

  #firstReply(): Reply<unknown> {
    const reject = (error: Error) => this.#latch.refuse(() => redactValue(error, this.#run.redact));
    return { isOpen: true, resolve: this.onReady, reject };
  }

  #unlessRefused<Result>(work: Promise<Result>): Promise<Result> {
    const { signal } = this.#run.context;
    return this.#latch.during(work, { signal, stopped: () => this.error(STOP_REQUESTED) });
  }

  /** Until the probes let the start go on, or it has taken too long: its supervisor ends it then. */
  async #passProbes(probes: ProbeSet): Promise<void> {
    const passed = probes.start();
    // An error that no check foresees must not go unreported.
    void probes.over.catch((thrown) => this.#run.fail(asError(thrown)));
    await this.#unlessRefused(passed);
  }

  #probeSet(probes: ResolvedProbes): ProbeSet {
    const { context, settings, exited, redact, fail } = this.#run;
    const { spawn, ask } = this.#host;
    const { command } = settings;
    const { clock, signal, path } = context;
    return new ProbeSet(probes, {
      clock,
      command,
      signal: AbortSignal.any([signal, exited]),
      spawn,
      ping: ask,
      isBusy: () => this.#run.correlation?.isBusy ?? false,
      onUnhealthy: ({ times, ...failure }) => {
        // An answer to a ping may quote anything.
        const cause = new SidecarProbeError(path, "liveness", redactValue(failure, redact));
        const stderrTail = this.#run.child?.stderrTail ?? [];
        fail(new SidecarUnhealthyError(path, { times, stderrTail, cause }));
      },
      onReadiness: (ready, failure) => {
        const cause = failure && new SidecarProbeError(path, "readiness", failure);
        context.emit({ type: "readiness", ready, cause });
      },
    });
  }
}

/** The gate of one incarnation: opened once, or refused for good. */
export class ReadinessLatch {
  #isOpen = false;
  #refusal: (() => Error) | undefined;
  /** The pending wait: for the opening, or only for a refusal. */
  #waiting: PromiseWithResolvers<void> | undefined;
  #waitsForOpening = false;

  open(): void {
    if (this.#refusal !== undefined) return;
    this.#isOpen = true;
    if (this.#waitsForOpening) this.#waiting?.resolve();
  }

  /** Refuses the latch for good; `why` makes the error of present and later waits. The first refusal counts. */
  refuse(why: () => Error): void {
    this.#refusal ??= why;
    this.#waiting?.reject(this.#refusal());
    this.#waiting = undefined;
  }

  /** Settles when the latch is opened. `late` makes the error when `within` ms have passed, or `signal` aborts. */
  async pass(
    within: number,
    { clock, signal, late }: { clock: Clock; signal: AbortSignal; late: (stopped: boolean) => Error },
  ): Promise<void> {
    if (this.#isOpen) return;
    const settled = new AbortController();
    const over = sleep(clock, within, AbortSignal.any([settled.signal, signal])).then(() => {
      if (!settled.signal.aborted) this.refuse(() => late(signal.aborted));
    });
    this.#waitsForOpening = true;
    try {
      await this.#wait();
    } finally {
      this.#waitsForOpening = false;
      this.#waiting = undefined;
      settled.abort("settled");
      await over;
    }
  }

  /**
   * Returns the result of `work`, unless the latch is refused before; `stopped` makes the error when `signal` aborts.
   */
  async during<Result>(
    work: Promise<Result>,
    { signal, stopped }: { signal: AbortSignal; stopped: () => Error },
  ): Promise<Result> {
    const refuse = () => this.refuse(stopped);
    signal.addEventListener("abort", refuse, { once: true });
    if (signal.aborted) refuse();
    try {
      return await Promise.race([work, this.#wait() as Promise<never>]);
    } finally {
      this.#waiting = undefined;
      signal.removeEventListener("abort", refuse);
    }
  }

  /** Rejects when the gate is refused, at once if it was. */
  #wait(): Promise<void> {
    const waiting = Promise.withResolvers<void>();
    waiting.promise.catch(() => {}); // who lost a race against it is told otherwise
    if (this.#refusal !== undefined) waiting.reject(this.#refusal());
    else this.#waiting = waiting;
    return waiting.promise;
  }
}
