/**
 * One incarnation of a sidecar: one process, from its start to its last byte.
 *
 * Three short loops carry it. *Write* (`writer.ts`): the handler encodes a message
 * and hands it to stdin. *Read* (`reader.ts`): the stdout pump turns bytes into
 * messages, answers asks and publishes the rest. *Exit watch* (here): when the
 * process has ended and its pipes too, the incarnation ends. What its start waits
 * for is in `readiness.ts`.
 *
 * @module
 */

import { asError, causeOf, type Exit } from "../actor/exit.ts";
import { ExitUnknownError } from "../process/errors.ts";
import { IncarnationEndedError } from "../actor/errors.ts";
import {
  type ChildOptions as SpawnOptions,
  type ChildProcess,
  type Closed,
  type ExitStatus,
  PIPE_DRAIN_MS,
} from "../process/child.ts";
import { stop } from "../process/stop.ts";
import { withoutSecrets } from "../process/secrets/mask_values.ts";
import type { ActorEvent } from "../actor/events/event.ts";
import type { Behavior, Context, Taken } from "../actor/behavior.ts";
import type { Command } from "../process/command.ts";
import type { Mask } from "../process/secrets/mask.ts";
import type { ProcessEvent } from "../process/events.ts";
import type { SystemEvent } from "../events.ts";
import { SidecarExitedError, SidecarNoRepliesError, SidecarOverLimitError } from "./errors.ts";
import { Input } from "./writer.ts";
import { holdToLimits, permitLimits } from "./health/usage_monitor.ts";
import { Output } from "./reader.ts";
import { pairingOf } from "./replies/pairing.ts";
import type { Line, Pairing, Wiretap } from "./protocol.ts";
import { checkOf } from "./message_check.ts";
import type { Settings } from "./options.ts";
import { startProcess } from "./spawning.ts";
import { Readiness } from "./readiness.ts";
import { guardedTap } from "./tap_guard.ts";

/** Why a signal aborts that only says when: without one, Deno makes an error, with its stack, for nobody. */
const OVER = "over";

type SidecarContext = Context<unknown, unknown, unknown>;

/** See the module. */
export class Sidecar implements Behavior<unknown, unknown, unknown> {
  readonly #settings: Settings;
  readonly #killed = new AbortController();
  readonly #exited = new AbortController();
  #context!: SidecarContext;
  #child: ChildProcess | undefined;
  #pairing: Pairing | undefined;
  #tap: Wiretap | undefined;
  #input: Input | undefined;
  #output!: Output;
  /** None before the process is about to be started. */
  #readiness: Readiness | undefined;
  #watching: Promise<void> | undefined;
  /** What the process was given as secrets is in no error. */
  readonly #mask: Mask = (text, cut) => this.#child?.mask?.(text, cut) ?? text;

  /** Not started. */
  constructor(settings: Settings) {
    this.#settings = settings;
  }

  // --- Start ----------------------------------------------------------------

  /** For the cell: fulfilled when the process is ready. */
  async started(context: SidecarContext): Promise<void> {
    this.#context = context;
    const { command, protocol, ready, maxInFlight, schemas } = this.#settings;
    if (ready !== "started" && "reply" in ready && (protocol === undefined || protocol.pairing === "none")) {
      throw new SidecarNoRepliesError(context.path, protocol?.name ?? "none");
    }
    const readiness = this.#readiness = this.#openReadiness();
    if (this.#settings.limits !== undefined && context.provided.readUsage === undefined) {
      permitLimits(command.program);
    }
    this.#pairing = this.#openPairing();
    const pairing = this.#pairing;
    const output = this.#output = new Output(context, this.#settings, {
      pairing,
      tap: this.#tap,
      check: checkOf(schemas.published, { path: context.path, role: "published", mask: this.#mask }),
      onLine: (stream, line) => readiness.line(stream, line),
      filters: readiness.watchesStdout,
      mask: this.#mask,
      onReady: readiness.come,
      onBroken: (cause) => this.#fail(cause),
    });
    const child = this.#child = this.#spawn(command, {
      timers: context.clock,
      onStderr: (line) => output.stderr(line),
      // Once is enough: the next incarnation is started from the same file.
      ...(context.generation === 1 && {
        onWarning: (message) => context.emit<ActorEvent>({ type: "warning", message }),
      }),
    });
    const { mask } = child;
    if (mask !== undefined) context.censor((event: SystemEvent) => this.#censored(event, mask));
    if (protocol !== undefined) {
      const check = checkOf(schemas.message, { path: context.path, role: "message", mask: this.#mask });
      const onAsked = output.goOn;
      this.#input = new Input(context, child, {
        protocol,
        pairing: pairing!,
        check,
        maxInFlight,
        tap: this.#tap,
        onAsked,
      });
    }
    context.emit<ProcessEvent>({ type: "spawned", pid: child.pid, program: command.program });
    const { limits } = this.#settings;
    const watched = limits && holdToLimits(child, {
      limits,
      context,
      killed: this.#killed.signal,
      onOver: (excess) => {
        const { stderrTail } = child;
        this.#fail(new SidecarOverLimitError(context.path, { excess, stderrTail }));
      },
    });
    const measured = watched?.catch((thrown) => this.#fail(asError(thrown)));
    this.#watching = this.#watch(child, output.read(child)).finally(() => measured);
    await readiness.wait();
  }

  /** `role` is not empty for a process that is not the sidecar's own. */
  #spawn(command: Command, options: SpawnOptions, role = ""): ChildProcess {
    return startProcess(command, options, { context: this.#context, own: this.#settings.spawn, role });
  }

  #openReadiness(): Readiness {
    return new Readiness({
      context: this.#context,
      settings: this.#settings,
      exited: this.#exited.signal,
      mask: this.#mask,
      stderrTail: () => this.#child?.stderrTail ?? [],
      spawn: (kind, command, options) => this.#spawn(command, options, `#${kind}`),
      ask: (message, reply) => this.#input!.ask(message, reply),
      hello: () => this.#pairing!.hello!(),
      onBroken: (cause) => this.#fail(cause),
    });
  }

  #openPairing(): Pairing | undefined {
    const { protocol, until, maxInFlight, schemas } = this.#settings;
    if (protocol === undefined) return undefined;
    const { path, generation, clock, signal } = this.#context;
    const line: Line = {
      path,
      generation,
      clock,
      signal,
      send: (frame) => {
        this.#input!.send(frame);
        this.#output.goOnIfAwaited();
      },
      publish: (item, size) => this.#output.publish(item, size),
      unclaimed: (item) => this.#context.deadLetter("unclaimed", item),
      hold: (room) => this.#output.hold(room),
      malformed: (fault) => this.#output.malformed(fault),
      note: (text) =>
        this.#context.emit<ProcessEvent>(
          { type: "output", stream: "stderr", line: this.#mask(text) },
          "without_end",
        ),
    };
    this.#tap = protocol.tap && guardedTap(protocol.tap(line), line.note);
    const { codec, pairing } = protocol;
    if (typeof pairing === "function") return pairing(line);
    const check = checkOf(schemas.reply, { path, role: "reply", mask: this.#mask });
    return pairingOf(pairing, line, { codec, until, check, bounded: maxInFlight !== Infinity });
  }

  /** A line of output is the most frequent event, and its line the only text in it that is not ours. */
  #censored(event: SystemEvent, mask: Mask): SystemEvent {
    if (event.type !== "output") return withoutSecrets(event, mask);
    // One on stderr has been masked where it was read, and one on stdout that was cut, where it was cut.
    if (event.stream === "stderr" && event.path === this.#context.path) return event;
    const line = mask(event.line);
    return line === event.line ? event : { ...event, line };
  }

  // --- Messages -------------------------------------------------------------

  /** For the cell: one message. */
  receive(message: unknown, context: SidecarContext): void | Promise<void> {
    if (this.#input !== undefined) return this.#input.take(message);
    const reply = context.deferReply();
    if (reply === undefined) context.deadLetter("refused", message);
    else reply.reject(new SidecarNoRepliesError(context.path, "none"));
  }

  // --- End --------------------------------------------------------------------

  /** It is of no use any more. */
  #fail(cause: Error): void {
    const told = this.#told(cause);
    this.#readiness?.refuse(() => told);
    this.#context.exit({ reason: "crash", cause: told });
  }

  #told(thrown: unknown): Error {
    return withoutSecrets(asError(thrown), this.#mask);
  }

  /** Never rejects: what is thrown on the way of the end is a crash of this incarnation, and the way is gone to its end. */
  async #watch(child: ChildProcess, reading: Promise<void>): Promise<void> {
    const over = () => this.#exited.abort(OVER);
    void child.exited.then(over, over);
    this.#watchStdout(reading).catch((thrown) => this.#fail(asError(thrown)));
    const faults: Error[] = [];
    let closed: Closed | undefined;
    try {
      closed = await child.closed;
    } catch (thrown) {
      faults.push(this.#told(thrown));
      // At once: a process of somebody's own making may live on, and its output too; the stop ladder ends them.
      this.#context.exit(this.#exitOf(await statusOf(child), faults[0]));
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
    tried(() => this.#output.end({ cut: status?.code !== 0 || closed?.pipesHeld === true }));
    if (closed?.pipesHeld) {
      tried(() => this.#context.emit<ProcessEvent>({ type: "pipes_held", waited: PIPE_DRAIN_MS }));
    }
    if (closed?.leftovers) tried(() => this.#context.emit<ProcessEvent>({ type: "leftovers_killed" }));
    tried(() => this.#context.abandon(child.failed() as Taken[]));
    tried(() => this.#context.giveBack(child.unsent() as Taken[]));
    const refused = closed?.refused;
    const exit: Exit = refused === undefined
      ? this.#exitOf(status, faults[0])
      : { reason: "crash", cause: refused };
    const readiness = this.#readiness!;
    // First: it says why a handshake came to nothing.
    tried(() => readiness.refuse(() => readiness.error("it ended before it got ready", causeOf(exit))));
    const { path, generation } = this.#context;
    tried(() => this.#pairing?.close(() => new IncarnationEndedError(path, generation, exit)));
    this.#context.exit(faults.length === 0 ? exit : this.#exitOf(status, faults[0]));
  }

  /** stdout of a process that lives on: nobody gets a reply any more. */
  async #watchStdout(reading: Promise<void>): Promise<void> {
    await reading;
    if (!this.#exited.signal.aborted) await this.#input?.stdoutEnded();
  }

  /** `status` is not known of a process whose end could not be seen; `fault` is what was thrown on the way. */
  #exitOf(status: ExitStatus | undefined, fault: Error | undefined): Exit {
    if (status !== undefined && status.code !== 0 && !(fault instanceof ExitUnknownError)) {
      const cause = new SidecarExitedError(this.#context.path, status, this.#child!.stderrTail, fault);
      return { reason: "crash", cause };
    }
    if (fault !== undefined || status === undefined) return { reason: "crash", cause: asError(fault) };
    const readiness = this.#readiness!;
    if (!readiness.pending) return { reason: "normal" };
    return { reason: "crash", cause: readiness.error("it exited with code 0 before it got ready") };
  }

  /** For the cell: walks the stop ladder. */
  async stopped(exit: Exit, context: SidecarContext): Promise<void> {
    this.#readiness?.stopped();
    try {
      if (this.#child !== undefined) await this.#stop(this.#child, exit, context);
    } finally {
      await this.#tap?.close();
    }
  }

  async #stop(child: ChildProcess, exit: Exit, context: SidecarContext): Promise<void> {
    const pairing = this.#pairing;
    const orderly = exit.reason === "shutdown";
    // After a failure nothing is waited for that it might still say.
    const plan = orderly ? this.#settings.stop : { ...this.#settings.stop, drain: 0, stdin: 0 };
    try {
      await stop(child, plan, {
        drained: pairing && (() => pairing.owes ? pairing.below(1) : undefined),
        goodbye: orderly && !this.#readiness?.pending && pairing?.goodbye
          ? () => pairing.goodbye!()
          : undefined,
        timers: context.clock,
        onStep: (step) => context.emit<ProcessEvent>({ type: "stop_step", step: step.do }),
        signal: this.#killed.signal,
      });
    } finally {
      // It gives back what was not sent, before it is over; of a process that can't be ended it would not be over.
      if (this.#exited.signal.aborted) await this.#watching;
      await this.#readiness?.over;
    }
  }

  /** For the cell: no more patience. */
  kill(): void {
    this.#killed.abort(OVER);
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
