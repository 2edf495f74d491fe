/**
 * The way out of a process: bytes on stdout become messages, which answer asks or go to the subscribers.
 *
 * Reading waits for slow subscribers and slow readers of streams, never for the mailbox, and not while a reply is
 * awaited: that may lie in the pipe behind unread output. Reading ahead has a limit, at which the slow reader is cut
 * off.
 */

import { asError } from "../../actor/exit.ts";
import { codecOf } from "../../process/codecs/codecs.ts";
import { type Decoder, type FrameSink, type Malformed, SAMPLE_CHARS } from "../../process/framing/framing.ts";
import { redactValue } from "../../process/secrets/mask_values.ts";
import type { ChildProcess } from "../../process/child_process.ts";
import type { ProcessEvent } from "../../process/events.ts";
import type { LoggedStream } from "../../process/output_log.ts";
import type { Search } from "../../text/search.ts";
import { SidecarSchemaError } from "../messages/message_errors.ts";
import { faultText, SidecarProtocolError } from "../sidecar_errors.ts";
import { awaitedLine, type RecentOutput, UNBUFFERED } from "../health/awaited_line.ts";
import { isLinewise, LineFilter, LineSplitter, READY_LINE_CAP, readyLine } from "../health/output_lines.ts";
import { type LineMarks, LoggedLines, type LoggedLinesOptions } from "../../process/pipes/logged_lines.ts";
import { createMessageCheck, type MessageCheck } from "../messages/message_check.ts";
import { LoggedOutput } from "./logged_output.ts";
import type { Readiness } from "./readiness.ts";
import type { SidecarRun } from "./run.ts";

/** Bytes still read from a process that has ended without regard to slow subscribers: four full pipes. */
export const LAST_WORDS_BYTES = 262_144;

const NOTHING = new Uint8Array(0);

const NO_OUTPUT: RecentOutput = { tail: [], unfinished: "" };

export class SidecarReader implements FrameSink<unknown> {
  readonly #context: SidecarRun["context"];
  readonly #run: SidecarRun;
  readonly #readiness: Readiness;
  /** The way of lines to the logs. */
  readonly log: LoggedOutput;
  /** Looks at each message for the subscribers. */
  readonly #check: MessageCheck | undefined;
  /** Of the protocol. */
  readonly #decoder: Decoder | undefined;
  readonly #filter: LineFilter | undefined;
  /** What is logged of stdout: all of it without a protocol, else what comes before the line that readiness waits for. */
  #logged: LoggedLines | undefined;
  readonly #splitter: LineSplitter | undefined;
  /** The line that readiness waits for; cleared once it has come. */
  #awaited: { readonly stream: LoggedStream; readonly search: Search } | undefined;
  #room: Promise<void> | undefined;
  #resumeReading: (() => void) | undefined;
  /** What has pipes read on that wait for the logs. */
  readonly #waiting = new Set<() => void>();
  /** Whether anything came on stdout. */
  #hasOutput = false;
  #lastWords = LAST_WORDS_BYTES;
  #malformedCount = 0;
  #discarded = 0;
  #isOver = false;
  /** The output that is left was cut off. */
  #isCut = false;

  constructor(run: SidecarRun, readiness: Readiness) {
    this.#context = run.context;
    this.#run = run;
    this.#readiness = readiness;
    this.log = new LoggedOutput(run, this.#waiting, (stream) => this.#needsLines(stream));
    this.#check = createMessageCheck(run, "published");
    const { protocol, maxFrame, ready, command } = run.settings;
    const search = readyLine(ready);
    if (search !== undefined) this.#awaited = { stream: awaitedLine(ready)!.stream, search };
    if (protocol === undefined) {
      this.#logged = this.#openLog({
        cap: maxFrame,
        faults: { malformed: (fault) => this.malformed(fault), skipped: (bytes) => this.skipped(bytes) },
        onSeen: (line, _masked, written) => {
          this.look("stdout", line);
          this.#publish(written, written.length);
        },
      });
      return;
    }
    const silence = ["nothing came on stdout since its start", ...command.pty ? [] : [UNBUFFERED]].join("; ");
    this.#context.explainTimeouts((reply) =>
      this.#hasOutput ? run.correlation?.owedBefore?.(reply, run.redact) : silence
    );
    this.#decoder = codecOf(protocol.codec).decoder(this, { maxFrame });
    if (this.#awaited?.stream === "stdout") {
      this.#splitter = new LineSplitter();
      this.#logged = this.#openLog({ cap: READY_LINE_CAP, onSeen: (line) => this.look("stdout", line) });
    }
    if (!readiness.watches("stdout")) return;
    // Output that is not lines is searched, and never held back.
    const decoder = isLinewise(run.settings) ? this.#decoder : undefined;
    this.#filter = new LineFilter(
      (line) => readiness.line("stdout", line),
      (bytes) => decoder?.push(bytes),
    );
  }

  #openLog(options: Pick<LoggedLinesOptions, "cap" | "faults" | "onSeen">): LoggedLines {
    const { context, redact } = this.#run;
    const onShown = (line: string, marks?: LineMarks) => this.show("stdout", line, marks);
    const batches = this.log.batches("stdout");
    return new LoggedLines({ ...options, timers: context.clock, redact, onShown, batches });
  }

  /** Whether the lines of `stream` are needed one by one. */
  #needsLines(stream: LoggedStream): boolean {
    if (this.#awaited?.stream === stream || this.#readiness.watches(stream)) return true;
    return stream === "stdout" && this.#context.subscribers > 0;
  }

  /** Reads to the end; the time after the end of the process is bounded. */
  async read(child: ChildProcess): Promise<void> {
    const over = () => {
      this.#isOver = true;
      this.log.letGo();
      this.resume();
    };
    void child.exited.then(over, over);
    try {
      const { protocol } = this.#run.settings;
      const copies = protocol === undefined || codecOf(protocol.codec).copies;
      await child.readStdout((chunk) => this.#take(chunk), { reuse: copies });
    } catch (error) {
      this.#crash(error);
    }
  }

  /** What was thrown while output was read is the end of this incarnation. */
  #crash(thrown: unknown): void {
    this.#context.exit({ reason: "crash", cause: redactValue(asError(thrown), this.#run.redact) });
  }

  /** The pipe has ended. `cut`: an unfinished frame in it was cut off. */
  end({ cut }: { readonly cut: boolean }): void {
    this.#isCut = cut;
    try {
      this.#logged?.end({ cut });
      this.#filter?.end();
      this.#decoder?.end();
    } catch (error) {
      this.#crash(error);
    }
  }

  /** Reads on although a reader is behind, as a reply is awaited. */
  readonly resume = (): void => {
    if (this.#waiting.size > 0) { for (const go of this.#waiting) go(); }
    this.#resumeReading?.();
    this.#resumeReading = undefined;
  };

  /** {@linkcode SidecarReader.resume}, where a request went out past the mailbox. */
  resumeIfAwaited(): void {
    if (this.#run.correlation?.isAwaited) this.resume();
  }

  /** The next chunk is read when there is `room`, or {@linkcode SidecarReader.resume} is called. */
  pauseReading(room: Promise<void>): void {
    this.#room = room;
  }

  #take(chunk: Uint8Array): void | Promise<void> {
    this.#hasOutput = true;
    if (this.#decoder === undefined) this.#logged!.push(chunk);
    else {
      const bytes = this.#splitter === undefined ? chunk : this.#beforeProtocol(chunk, this.#splitter);
      if (this.#filter === undefined || !isLinewise(this.#run.settings)) this.#decoder.push(bytes);
      this.#filter?.push(bytes);
    }
    const room = this.#room;
    if (room === undefined) return this.#logged === undefined ? undefined : this.log.room();
    this.#room = undefined;
    if (this.#isOver) {
      // A process that has ended needs no backpressure; it has left little in its pipe.
      this.#lastWords -= chunk.length;
      return this.#lastWords > 0 ? undefined : room;
    }
    if (this.#run.correlation?.isAwaited) return;
    return new Promise((resolve) => {
      this.#resumeReading = resolve;
      room.then(resolve, () => resolve());
    });
  }

  /** Logs what comes up to the line that readiness waits for; returns what is behind it. */
  #beforeProtocol(chunk: Uint8Array, splitter: LineSplitter): Uint8Array {
    const logged = this.#logged;
    if (logged === undefined) return splitter.rest(chunk);
    return splitter.split(chunk, (line) => {
      logged.push(line);
      return this.#logged === undefined;
    }) ?? NOTHING;
  }

  message(message: unknown, size = 0): void {
    this.#run.tap?.received(message);
    if (this.#isCut || !this.#run.correlation!.match(message, size)) this.publish(message, size);
  }

  /** Publishes `message`; without a subscriber it is a dead letter. */
  publish(message: unknown, size = 0): void {
    const check = this.#check;
    if (this.#context.subscribers === 0) return this.#context.deadLetter("unclaimed", message);
    if (check === undefined) return this.#publish(message, size);
    let checked: unknown;
    try {
      checked = check(message);
    } catch (error) {
      if (!(error instanceof SidecarSchemaError)) throw error;
      const { sample } = error;
      return this.#fault({ kind: "schema", bytes: size, sample, dropped: true }, () => error);
    }
    this.#publish(checked, size);
  }

  #publish(message: unknown, size: number): void {
    const room = this.#context.publish(message, size);
    if (room !== undefined) this.#room = room;
  }

  malformed(found: Malformed): Malformed {
    // A sample is a part of the output: it may begin and end within a secret.
    const fault = { ...found, sample: this.#run.redact(found.sample, "both").slice(0, SAMPLE_CHARS) };
    this.#run.tap?.malformed(fault);
    // Made only where a caller receives it: an error costs more than the line.
    const { maxFrame } = this.#run.settings;
    const error = () => new SidecarProtocolError(this.#context.path, fault, { maxFrame });
    // For a frame that the end of the process has cut off, the caller and the supervisor learn of that end.
    if (fault.dropped && !this.#isCut) this.#run.correlation?.lost(error, fault);
    if (fault.dropped) {
      this.#context.noteDropped(fault.kind, () => faultText(fault, maxFrame));
    }
    this.#fault(fault, error);
    return fault;
  }

  #fault(fault: Malformed, error: () => Error): void {
    this.#malformedCount++;
    if (fault.dropped) this.#discarded += fault.bytes;
    // The first, second, fourth, eighth … are reported, so that a flood of garbage does not flood the events.
    if ((this.#malformedCount & (this.#malformedCount - 1)) === 0) {
      const { kind, bytes, sample } = fault;
      this.#context.emit<ProcessEvent>({
        type: "malformed",
        kind,
        bytes,
        sample,
        total: this.#malformedCount,
        discarded: this.#discarded,
      }, "without_end");
    }
    if (this.#run.settings.strict && !this.#isCut) this.#run.fail(error());
  }

  /** Called by the decoder: more bytes that it could not take. */
  skipped(bytes: number): void {
    this.#discarded += bytes;
  }

  /** Looks at a line of output for what readiness and probes wait for. */
  look(stream: LoggedStream, line: string): void {
    this.#readiness.line(stream, line);
    if (this.#awaited?.stream !== stream || !this.#awaited.search(line)) return;
    this.#awaited = undefined;
    if (this.#splitter !== undefined) this.#endLog();
    this.#readiness.onReady();
  }

  /** The protocol begins: its output is not logged. */
  #endLog(): void {
    const logged = this.#logged;
    this.#logged = undefined;
    // The line is seen before it is shown.
    queueMicrotask(() => {
      try {
        logged?.end({ cut: false });
      } catch (error) {
        this.#crash(error);
      }
    });
  }

  /** Logs a line of output. */
  show(stream: LoggedStream, line: string, marks?: LineMarks): void {
    this.#context.emit<ProcessEvent>({ type: "output", stream, line, ...marks }, "without_end");
  }

  /** The last lines of a logged stream, and its unfinished one. */
  recent(stream: LoggedStream): RecentOutput {
    if (stream === "stdout") return this.#logged ?? NO_OUTPUT;
    const { child } = this.#run;
    if (child === undefined) return NO_OUTPUT;
    const { stderrTail, stderrUnfinished: unfinished = "" } = child;
    return { tail: unfinished === "" ? stderrTail : stderrTail.slice(0, -1), unfinished };
  }
}
