/**
 * A program as an actor: the one place where actors and processes meet, written
 * against the public API alone.
 *
 * Three short loops carry it. *Write*: the handler encodes a message and hands it
 * to stdin; when the pipe is full it waits, so the mailbox fills, so senders
 * wait. *Read*: the stdout pump turns bytes into messages, answers asks and
 * publishes the rest; it never waits for the mailbox, only for slow subscribers.
 * *Exit watch*: when the process has ended and its pipes too, the incarnation ends.
 *
 * @module
 */

import {
  actor,
  asError,
  causeOf,
  codecs,
  DEFAULT_BACKOFF,
  DEFAULT_INHERIT_ENV,
  DEFAULT_MAX_FRAME,
  DEFAULT_STOP,
  PIPE_DRAIN_MS,
  PipeClosedError,
  sleep,
  spawn,
  stop,
  UnencodableMessageError,
} from "@outrider/outrider";
import type {
  Behavior,
  ChildOptions,
  ChildProcess,
  ChildSpec,
  Closed,
  CodecName,
  Command,
  Context,
  Decoder,
  Exit,
  FrameSink,
  MailboxOptions,
  Malformed,
  Reply,
  SpawnOptions,
  StartWithin,
  StopPlan,
  Taken,
} from "@outrider/outrider";
import {
  SidecarExitedError,
  SidecarNoRepliesError,
  SidecarNotReadyError,
  SidecarProbeError,
  SidecarProtocolError,
  SidecarTooManyAsksError,
  SidecarUnhealthyError,
} from "./errors.ts";
import { ById, InOrder, MAX_UNANSWERED } from "./pairing.ts";
import type { Pairing } from "./pairing.ts";
import { LineFilter } from "./probe_lines.ts";
import { resolveProbes } from "./probe_options.ts";
import type { Probes, ResolvedProbes } from "./probe_options.ts";
import { permitProbes, ProbeSet } from "./probes.ts";
import type { GateFailure } from "./probes.ts";
import { DEFAULT_READY_WITHIN_MS, LineScanner } from "./readiness.ts";
import type { Ready } from "./readiness.ts";

export { SidecarError, SidecarExitedError, SidecarNoRepliesError } from "./errors.ts";
export { SidecarNotReadyError, SidecarProtocolError, SidecarTooManyAsksError } from "./errors.ts";
export { SidecarProbeError, SidecarUnhealthyError } from "./errors.ts";
export type { SidecarErrorCode } from "./errors.ts";
export type { HttpTarget, Probe, ProbeHandler, ProbeKind, Probes } from "./probe_options.ts";
export { DEFAULT_PROBE } from "./probe_options.ts";
export type { ProbeTiming } from "./probe_run.ts";
export type { Thresholds } from "./probe_state.ts";
export type { Failure } from "./probe_checks.ts";
export type { LinePattern } from "./probe_lines.ts";
export { DEFAULT_READY_WITHIN_MS, READY_LINE_CAP } from "./readiness.ts";
export type { Ready } from "./readiness.ts";
export { MAX_UNANSWERED } from "./pairing.ts";

/** A program as a child. Milliseconds and bytes throughout. */
export interface SidecarOptions extends Omit<ChildOptions, "shutdown" | "startWithin"> {
  /** Default: `infinity` where `ready` or a probe, which have limits of their own, bounds the start; else 90,000 ms. */
  readonly startWithin?: StartWithin | undefined;
  /** A name to look up on PATH, or a path; a relative path is relative to `cwd`. */
  readonly command: string;
  /** Handed over as they are; there is no shell. Default: none. */
  readonly args?: readonly string[];
  /** Default: the runtime's own. */
  readonly cwd?: string;
  /** Variables to set. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** Names of variables to pass on. Default: PATH, HOME, LANG, TERM, TMPDIR, USER. */
  readonly inheritEnv?: readonly string[];
  /** How stdin and stdout are cut into messages. Without one, nothing is sent and stdout is logged line by line. */
  readonly protocol?: CodecName;
  /** Default `"started"`. */
  readonly ready?: Ready;
  /** Default: none. With `ready` as well, that comes first. @throws {TypeError} by `sidecar`, if they make no sense */
  readonly probes?: Probes | undefined;
  /** Default: 1,024 messages, and senders wait. */
  readonly mailbox?: MailboxOptions;
  /** Longest frame on stdout, in bytes. Default 10,000,000. */
  readonly maxFrame?: number;
  /** How it is stopped. Default: 1 s to drain, 2 s after closing stdin, 5 s after SIGTERM; without protocol 0, 0, 5 s. */
  readonly stop?: StopPlan;
  /** Whether output that is no message is a failure of the sidecar. Default `false`: it is dropped, counted, reported. */
  readonly strict?: boolean;
  /** What starts the process, and commands of probes; for tests, which have no processes. Default: the tree's own, else the runtime's `spawn`. */
  readonly spawn?: (command: Command, options?: SpawnOptions) => ChildProcess;
}

/** How a sidecar without protocol is stopped: stdin is closed and SIGTERM sent at once. */
export const STOP_WITHOUT_PROTOCOL: StopPlan = { drain: 0, stdin: 0, term: DEFAULT_STOP.term };
/** Milliseconds to learn whether a process that closed its stdin is ending; if it lives on, messages are refused. */
export const STDIN_GRACE_MS = 1_000;
/** Bytes still read from a process that has ended without regard to slow subscribers: four full pipes. */
export const LAST_WORDS_BYTES = 262_144;

/**
 * A sidecar as a child of a supervisor.
 *
 * Its messages are strings (`lines`), JSON (`ndjson`) or bytes (`bytes`). `tell`
 * writes one; `ask` writes one and pairs the reply: by `id` for `ndjson`, in order for
 * `lines`. What nobody asked for goes to subscribers. The mailbox survives restarts; what the process had
 * been given fails with {@linkcode SidecarExitedError} as the cause.
 *
 * @example
 * ```ts
 * import { start, supervisor } from "@outrider/outrider";
 * import { sidecar } from "@outrider/outrider/actors/sidecar";
 *
 * const upper = sidecar("upper", { command: "cat", protocol: "lines" });
 * await using system = await start(supervisor("root", [upper]));
 * console.log(await system.ref("upper").ask("hello")); // hello
 * ```
 */
export function sidecar(id: string, options: SidecarOptions): ChildSpec {
  const settings = resolve(options);
  const { drain, stdin, term } = settings.stop;
  const { ready, probes } = settings;
  // `ready` and the probes that a start waits for have limits of their own, which may be longer.
  const isBounded = ready !== "started" || probes?.startup !== undefined || probes?.readiness !== undefined;
  return actor<unknown, unknown, unknown>(id, () => new Sidecar(settings), {
    ...options,
    startWithin: options.startWithin ?? (isBounded ? "infinity" : undefined),
    backoff: options.backoff ?? DEFAULT_BACKOFF,
    // The ladder ends by itself; this is for a process that not even SIGKILL ends.
    shutdown: drain + stdin + term + PIPE_DRAIN_MS + 1_000,
  });
}

interface Settings {
  readonly command: Command;
  readonly protocol: CodecName | undefined;
  readonly ready: Ready;
  readonly probes: ResolvedProbes | undefined;
  readonly maxFrame: number;
  readonly stop: StopPlan;
  readonly strict: boolean;
  readonly spawn: ((command: Command, options?: SpawnOptions) => ChildProcess) | undefined;
}

/**
 * What a tree may be given as `provided.spawn`: it starts the processes of all sidecars that have no `spawn` of their
 * own. For the command of a probe, the path is such as `workers/w1#liveness`.
 */
export type ProvidedSpawn = (path: string, command: Command, options?: SpawnOptions) => ChildProcess;

function resolve(options: SidecarOptions): Settings {
  return {
    command: {
      program: options.command,
      args: options.args ?? [],
      cwd: options.cwd,
      env: options.env ?? {},
      inheritEnv: options.inheritEnv ?? DEFAULT_INHERIT_ENV,
    },
    protocol: options.protocol,
    ready: options.ready ?? "started",
    probes: options.probes && resolveProbes(options.probes, options.protocol),
    maxFrame: options.maxFrame ?? DEFAULT_MAX_FRAME,
    stop: options.stop ?? (options.protocol === undefined ? STOP_WITHOUT_PROTOCOL : DEFAULT_STOP),
    strict: options.strict ?? false,
    spawn: options.spawn,
  };
}

const TOLD_TO_STOP = "it was told to stop before it got ready";

type SidecarContext = Context<unknown, unknown, unknown>;

/** One incarnation: one process. */
class Sidecar implements Behavior<unknown, unknown, unknown>, FrameSink<unknown> {
  readonly #settings: Settings;
  readonly #pairing: Pairing | undefined;
  readonly #decoder: Decoder;
  readonly #killed = new AbortController();
  readonly #ready: PromiseWithResolvers<void> = Promise.withResolvers();
  /** Settled by what ends a start that waits for a probe. */
  readonly #refused: PromiseWithResolvers<never> = Promise.withResolvers();
  readonly #exited = new AbortController();
  #context!: SidecarContext;
  #child: ChildProcess | undefined;
  #scanner: LineScanner | undefined;
  #probes: ProbeSet | undefined;
  #filter: LineFilter | undefined;
  #awaited: RegExp | undefined;
  #watching: Promise<void> | undefined;
  #room: void | Promise<void> = undefined;
  #goOn: (() => void) | undefined;
  #lastWords = LAST_WORDS_BYTES;
  #faults = 0;
  /** What readiness waits for has not come yet. */
  #unready = false;
  /** stdin is closed and the process lives on. */
  #deaf = false;
  /** The process has ended. */
  #over = false;
  /** The output that is left was cut off. */
  #cut = false;

  constructor(settings: Settings) {
    const { protocol, maxFrame } = settings;
    this.#settings = settings;
    this.#pairing = protocol === "ndjson" ? new ById() : protocol === "lines" ? new InOrder() : undefined;
    this.#decoder = codecs[protocol ?? "lines"].decoder(this, { maxFrame });
    this.#ready.promise.catch(() => {});
    this.#refused.promise.catch(() => {});
  }

  // --- Start ----------------------------------------------------------------

  async started(context: SidecarContext): Promise<void> {
    this.#context = context;
    this.#awaitReadiness();
    this.#prepareProbes();
    const child = this.#spawn(this.#settings.command, {
      timers: context.clock,
      onStderr: (line) => this.#stderr(line),
    });
    this.#child = child;
    context.emit({ type: "spawned", pid: child.pid, program: this.#settings.command.program });
    const reading = child.readStdout((chunk) => this.#take(chunk));
    this.#watching = this.#watch(child, reading);
    const { ready } = this.#settings;
    if (ready !== "started") {
      if ("reply" in ready) child.write(this.#pairing!.request(ready.reply, this.#firstReply()));
      await this.#withinDeadline(ready.within ?? DEFAULT_READY_WITHIN_MS);
    }
    if (this.#probes !== undefined) await this.#passProbes(this.#probes);
  }

  /** `role` is not empty for a process that is not the sidecar's own. */
  #spawn(command: Command, options: SpawnOptions, role = ""): ChildProcess {
    const { path, provided } = this.#context;
    const { spawn: own } = this.#settings;
    if (own !== undefined) return own(command, options);
    const given = provided.spawn as ProvidedSpawn | undefined;
    return given === undefined ? spawn(command, options) : given(path + role, command, options);
  }

  #awaitReadiness(): void {
    const { ready } = this.#settings;
    if (ready === "started") return;
    this.#unready = true;
    if ("stdout" in ready) {
      this.#scanner = new LineScanner(ready.stdout, (line) => {
        this.#probes?.line("stdout", line);
        this.#log("stdout", line);
      });
    } else if ("stderr" in ready) this.#awaited = new RegExp(ready.stderr);
    else if (this.#pairing === undefined) throw new SidecarNoRepliesError(this.#context.path, this.#protocol);
  }

  #firstReply(): { open: boolean; resolve: () => void; reject: (error: Error) => void } {
    return { open: true, resolve: () => this.#gotReady(), reject: (error) => this.#ready.reject(error) };
  }

  #gotReady(): void {
    this.#unready = this.#probes?.gates ?? false;
    this.#ready.resolve();
  }

  // --- Probes ---------------------------------------------------------------

  #prepareProbes(): void {
    const { probes, command, spawn: own, protocol } = this.#settings;
    if (probes === undefined) return;
    const { clock, signal, provided } = this.#context;
    permitProbes(probes, { command, spawns: own === undefined && provided.spawn === undefined });
    this.#probes = new ProbeSet(probes, {
      clock,
      command,
      signal: AbortSignal.any([signal, this.#exited.signal]),
      spawn: (kind, command, options) => this.#spawn(command, options, `#${kind}`),
      ping: (message, reply) => this.#ping(message, reply),
      onUnhealthy: ({ times, ...failure }) => {
        const { path } = this.#context;
        const cause = new SidecarProbeError(path, "liveness", failure);
        const stderrTail = this.#child!.stderrTail;
        this.#fail(new SidecarUnhealthyError(path, { times, stderrTail, cause }));
      },
      onReadiness: (ready, failure) => {
        const cause = failure && new SidecarProbeError(this.#context.path, "readiness", failure);
        this.#context.emit({ type: "readiness", ready, cause });
      },
    });
    if (this.#probes.gates) this.#unready = true;
    if (!this.#probes.watchesStdout || protocol === undefined) return;
    // Bytes are nobody's lines: they are looked at, and never held back.
    this.#filter = new LineFilter(
      (line) => this.#probes!.line("stdout", line),
      (bytes) => protocol !== "bytes" && this.#decoder.push(bytes),
    );
  }

  /** Until the probes let the start go on. @throws {SidecarNotReadyError} they do not */
  async #passProbes(probes: ProbeSet): Promise<void> {
    const { signal } = this.#context;
    const stop = () => this.#refuse(this.#notReady(TOLD_TO_STOP));
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    try {
      const passed = probes.start();
      // What no check foresees must not go unheard.
      void probes.over.catch((thrown) => this.#fail(asError(thrown)));
      const failed = await Promise.race([passed, this.#refused.promise]);
      if (failed !== undefined) throw this.#notPassed(failed);
      this.#unready = false;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  #notPassed({ probe, failure }: GateFailure): SidecarNotReadyError {
    const { period, failureThreshold } = this.#settings.probes![probe]!.timing;
    const why =
      `its ${probe} probe did not succeed within ${failureThreshold} × ${period} ms: ${failure.why}`;
    return this.#notReady(why, new SidecarProbeError(this.#context.path, probe, failure));
  }

  /** Past the mailbox; a reply to it is never taken for another's. */
  #ping(message: unknown, reply: Reply<unknown>): void {
    const pairing = this.#pairing!;
    if (pairing.full) throw new SidecarTooManyAsksError(this.#context.path, MAX_UNANSWERED);
    const frame = pairing.request(message, reply);
    try {
      void this.#child!.write(frame);
    } catch (error) {
      pairing.withdraw();
      throw error;
    }
  }

  /** What waits for readiness is told `cause`. */
  #refuse(cause: Error): void {
    this.#ready.reject(cause);
    this.#refused.reject(cause);
  }

  /** It is of no use any more. */
  #fail(cause: Error): void {
    this.#refuse(cause);
    this.#context.exit({ reason: "crash", cause });
  }

  async #withinDeadline(within: number): Promise<void> {
    const { clock, signal } = this.#context;
    const settled = new AbortController();
    const late = sleep(clock, within, AbortSignal.any([settled.signal, signal])).then(() => {
      if (settled.signal.aborted) return;
      const why = signal.aborted ? TOLD_TO_STOP : `it did not get ready within ${within} ms`;
      this.#ready.reject(this.#notReady(why));
    });
    try {
      await this.#ready.promise;
    } finally {
      settled.abort();
      await late;
    }
  }

  #notReady(why: string, cause?: unknown): SidecarNotReadyError {
    return new SidecarNotReadyError(this.#context.path, why, {
      stderrTail: this.#child?.stderrTail ?? [],
      cause,
    });
  }

  // --- Write ----------------------------------------------------------------

  receive(message: unknown, context: SidecarContext): void | Promise<void> {
    const reply = context.deferReply();
    try {
      if (this.#protocol === "none" || (reply !== undefined && this.#pairing === undefined)) {
        throw new SidecarNoRepliesError(context.path, this.#protocol);
      }
      if (reply !== undefined && this.#pairing!.full) {
        throw new SidecarTooManyAsksError(context.path, MAX_UNANSWERED);
      }
      const frame = reply !== undefined
        ? this.#pairing!.request(message, reply)
        : this.#pairing?.frame(message) ?? codecs.bytes.encode(message as Uint8Array);
      const full = this.#child!.write(frame, context.taken());
      if (full !== undefined) return this.#whenDrained(full);
    } catch (error) {
      if (error instanceof PipeClosedError) {
        if (reply !== undefined) this.#pairing!.withdraw();
        return this.#stdinClosed(error);
      }
      if (!isRefusal(error)) throw error;
      if (reply !== undefined) reply.reject(error);
      else context.deadLetter("refused", message);
    }
  }

  /** Until there is room in the pipe; also over when the incarnation is to end, or the pipe broke. */
  async #whenDrained(full: Promise<void>): Promise<void> {
    try {
      await this.#orEnding(full);
    } catch (error) {
      // The message that met the broken pipe is among what `unsent` gives back, or was on its way.
      if (!(error instanceof PipeClosedError)) throw error;
    }
  }

  /** A process that is ending gives its message back for the next one; one that lives on can't take any. */
  async #stdinClosed(error: PipeClosedError): Promise<void> {
    const context = this.#context;
    const taken = context.taken();
    const reply = context.deferReply();
    if (await this.#isEnding()) {
      context.giveBack([taken]);
      // Busy until then: the cell would take the same message again, and again.
      return await this.#orEnding(new Promise(() => {}));
    }
    if (reply !== undefined) reply.reject(error);
    else context.deadLetter("refused", taken);
  }

  /** Whether the process that closed its stdin is ending; one that lived on after a while counts as living on. */
  async #isEnding(): Promise<boolean> {
    const { clock, signal } = this.#context;
    if (!this.#deaf && !this.#over) {
      const waited = new AbortController();
      const over = sleep(clock, STDIN_GRACE_MS, AbortSignal.any([waited.signal, signal]));
      await Promise.race([this.#child!.exited, over]);
      waited.abort();
      this.#deaf = true;
    }
    return this.#over || signal.aborted;
  }

  /** Waits for `work`, but no longer than until the incarnation is to end. */
  async #orEnding(work: Promise<void>): Promise<void> {
    const { signal } = this.#context;
    const ending = Promise.withResolvers<void>();
    const end = () => ending.resolve();
    signal.addEventListener("abort", end, { once: true });
    try {
      if (!signal.aborted) await Promise.race([work, ending.promise]);
    } finally {
      signal.removeEventListener("abort", end);
    }
  }

  // --- Read -----------------------------------------------------------------

  #take(chunk: Uint8Array): void | Promise<void> {
    let bytes = chunk;
    if (this.#scanner !== undefined) {
      const rest = this.#scanner.scan(chunk);
      if (rest === undefined) return;
      this.#scanner = undefined;
      this.#gotReady();
      bytes = rest;
    }
    if (this.#filter === undefined || this.#protocol === "bytes") this.#decoder.push(bytes);
    this.#filter?.push(bytes);
    const room = this.#room;
    this.#room = undefined;
    if (room === undefined) return;
    if (!this.#over) {
      return new Promise((resolve) => {
        this.#goOn = resolve;
        room.then(resolve);
      });
    }
    // A process that has ended is not slowed down any more; what it left in its pipe is little.
    this.#lastWords -= chunk.length;
    return this.#lastWords > 0 ? undefined : room;
  }

  /** For the decoder: one message. */
  message(message: unknown): void {
    const context = this.#context;
    if (this.#protocol === "none") {
      this.#probes?.line("stdout", message as string);
      this.#log("stdout", message as string);
    } else {
      const matched = this.#cut ? "unasked" : this.#pairing?.match(message) ?? "unasked";
      if (matched === "reply") return;
      if (matched === "late" || context.subscribers === 0) return context.deadLetter("unclaimed", message);
    }
    const room = context.publish(message);
    if (room !== undefined) this.#room = room;
  }

  /** For the decoder: something that is no message. */
  malformed(fault: Malformed): void {
    // Made only where somebody gets it: an error costs more than the line.
    const error = () => new SidecarProtocolError(this.#context.path, fault);
    if (fault.dropped) this.#pairing?.lost(error);
    this.#faults++;
    // The first, second, fourth, eighth … are told: a flood of garbage is no flood of events.
    if ((this.#faults & (this.#faults - 1)) === 0) {
      const { kind, bytes, sample } = fault;
      this.#context.emit({ type: "malformed", kind, bytes, sample, total: this.#faults });
    }
    if (this.#settings.strict) this.#fail(error());
  }

  #stderr(line: string): void {
    this.#probes?.line("stderr", line);
    this.#log("stderr", line);
    if (this.#awaited === undefined) return;
    this.#awaited.lastIndex = 0;
    if (!this.#awaited.test(line)) return;
    this.#awaited = undefined;
    this.#gotReady();
  }

  #log(stream: "stdout" | "stderr", line: string): void {
    this.#context.emit({ type: "output", stream, line });
  }

  // --- End --------------------------------------------------------------------

  async #watch(child: ChildProcess, reading: Promise<void>): Promise<void> {
    void child.exited.then(() => {
      this.#over = true;
      this.#exited.abort();
      this.#goOn?.();
    });
    const read = reading.catch((error) => this.#context.exit({ reason: "crash", cause: asError(error) }));
    const closed = await child.closed;
    await read;
    // A line without its end is a whole one only where the process ended well.
    this.#cut = closed.status.code !== 0 || closed.pipesHeld;
    this.#filter?.end();
    this.#decoder.end();
    if (closed.pipesHeld) this.#context.emit({ type: "pipes_held", waited: PIPE_DRAIN_MS });
    this.#context.abandon(child.failed() as Taken[]);
    this.#context.giveBack(child.unsent() as Taken[]);
    const exit = this.#exitOf(closed);
    this.#refuse(this.#notReady("it ended before it got ready", causeOf(exit)));
    this.#context.exit(exit);
  }

  #exitOf({ status }: Closed): Exit {
    if (status.code !== 0) {
      const cause = new SidecarExitedError(this.#context.path, status, this.#child!.stderrTail);
      return { reason: "crash", cause };
    }
    if (!this.#unready) return { reason: "normal" };
    return { reason: "crash", cause: this.#notReady("it exited with code 0 before it got ready") };
  }

  async stopped(exit: Exit, context: SidecarContext): Promise<void> {
    const child = this.#child;
    this.#refuse(this.#notReady(TOLD_TO_STOP));
    if (child === undefined) return;
    const pairing = this.#pairing;
    // After a failure nothing is waited for that it might still say.
    const plan = exit.reason === "shutdown"
      ? this.#settings.stop
      : { ...this.#settings.stop, drain: 0, stdin: 0 };
    await stop(child, plan, {
      drained: pairing === undefined ? undefined : () => pairing.answered(),
      timers: context.clock,
      onStep: (step) => context.emit({ type: "stop_step", step: step.do }),
      signal: this.#killed.signal,
    });
    await this.#watching; // which gives back what was not sent, before it is over
    await this.#probes?.over;
  }

  kill(): void {
    this.#killed.abort();
  }

  get #protocol(): CodecName | "none" {
    return this.#settings.protocol ?? "none";
  }
}

/** Errors of one message, which say nothing against the process. */
function isRefusal(error: unknown): error is Error {
  return error instanceof UnencodableMessageError || error instanceof SidecarNoRepliesError ||
    error instanceof SidecarTooManyAsksError;
}
