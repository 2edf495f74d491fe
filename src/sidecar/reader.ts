/**
 * The way out of a process: bytes on stdout become messages, which answer asks or go to the subscribers.
 *
 * Reading waits for slow subscribers and slow readers of streams, never for the mailbox, and not while a reply is
 * awaited: that may lie in the pipe behind unread output. Reading ahead has a limit, at which the slow reader is cut
 * off.
 */

import { asError } from "../actor/exit.ts";
import type { Codec } from "../process/codecs/codec.ts";
import { codecOf, codecs } from "../process/codecs/codecs.ts";
import { type Decoder, type FrameSink, type Malformed, SAMPLE_CHARS } from "../process/framing/framing.ts";
import { redactValue } from "../process/secrets/mask_values.ts";
import type { ChildProcess } from "../process/child.ts";
import type { ProcessEvent } from "../process/events.ts";
import type { Search } from "../text/search.ts";
import { SidecarProtocolError, SidecarSchemaError } from "./sidecar_errors.ts";
import { LineFilter, LineScanner, readyLine } from "./health/output_lines.ts";
import { createMessageCheck, type MessageCheck } from "./message_check.ts";
import type { Readiness } from "./readiness.ts";
import type { SidecarRun } from "./run.ts";
import type { ResolvedSidecarOptions } from "./options.ts";

/** Bytes still read from a process that has ended without regard to slow subscribers: four full pipes. */
export const LAST_WORDS_BYTES = 262_144;

export class SidecarReader implements FrameSink<unknown> {
  readonly #context: SidecarRun["context"];
  readonly #run: SidecarRun;
  readonly #readiness: Readiness;
  /** Looks at each message for the subscribers. */
  readonly #check: MessageCheck | undefined;
  readonly #decoder: Decoder;
  readonly #filter: LineFilter | undefined;
  #scanner: LineScanner | undefined;
  /** The line on stderr that readiness waits for; cleared once it has come. */
  #awaited: Search | undefined;
  #room: Promise<void> | undefined;
  #resumeReading: (() => void) | undefined;
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
    this.#check = createMessageCheck(run, "published");
    const { protocol, maxFrame, ready } = run.settings;
    this.#decoder = codecIn(run.settings).decoder(this, { maxFrame });
    if (ready !== "started" && "stderr" in ready) this.#awaited = readyLine(ready);
    if (ready !== "started" && "stdout" in ready) {
      this.#scanner = new LineScanner(readyLine(ready)!, (line, cut) => {
        readiness.line("stdout", line);
        this.#log("stdout", cut ? run.redact(line, "end") : line);
      });
    }
    if (!readiness.watchesStdout || protocol === undefined) return;
    // Output that is not lines is searched, and never held back.
    const decoder = isLinewise(run.settings) ? this.#decoder : undefined;
    this.#filter = new LineFilter(
      (line) => readiness.line("stdout", line),
      (bytes) => decoder?.push(bytes),
    );
  }

  /** Reads to the end; the time after the end of the process is bounded. */
  async read(child: ChildProcess): Promise<void> {
    const over = () => {
      this.#isOver = true;
      this.resume();
    };
    void child.exited.then(over, over);
    try {
      const { copies } = codecIn(this.#run.settings);
      await child.readStdout((chunk) => this.#take(chunk), { reuse: copies });
    } catch (error) {
      this.#context.exit({ reason: "crash", cause: redactValue(asError(error), this.#run.redact) });
    }
  }

  /** The pipe has ended. `cut`: an unfinished frame in it was cut off. */
  end({ cut }: { readonly cut: boolean }): void {
    this.#isCut = cut;
    try {
      this.#filter?.end();
      this.#decoder.end();
    } catch (error) {
      this.#context.exit({ reason: "crash", cause: redactValue(asError(error), this.#run.redact) });
    }
  }

  /** Reads on although a reader is behind, as a reply is awaited. */
  readonly resume = (): void => {
    this.#resumeReading?.();
    this.#resumeReading = undefined;
  };

  /** {@linkcode SidecarReader.resume}, where a request went out past the mailbox. */
  resumeIfAwaited(): void {
    if (this.#resumeReading !== undefined && this.#run.correlation?.isAwaited) this.resume();
  }

  /** The next chunk is read when there is `room`, or {@linkcode SidecarReader.resume} is called. */
  pauseReading(room: Promise<void>): void {
    this.#room = room;
  }

  #take(chunk: Uint8Array): void | Promise<void> {
    let bytes = chunk;
    if (this.#scanner !== undefined) {
      const rest = this.#scanner.scan(chunk);
      if (rest === undefined) return;
      this.#scanner = undefined;
      this.#readiness.onReady();
      bytes = rest;
    }
    if (this.#filter === undefined || !isLinewise(this.#run.settings)) this.#decoder.push(bytes);
    this.#filter?.push(bytes);
    const room = this.#room;
    if (room === undefined) return;
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

  message(message: unknown, size = 0): void {
    this.#run.tap?.received(message);
    if (this.#run.settings.protocol === undefined) {
      const line = message as string;
      this.#readiness.line("stdout", line);
      this.#log("stdout", this.#isCut ? this.#run.redact(line, "end") : line);
      this.#publish(message, size);
    } else if (this.#isCut || !this.#run.correlation!.match(message, size)) this.publish(message, size);
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
    const error = () => new SidecarProtocolError(this.#context.path, fault);
    // For a frame that the end of the process has cut off, the caller and the supervisor learn of that end.
    if (fault.dropped && !this.#isCut) this.#run.correlation?.lost(error);
    if (fault.dropped) {
      const { kind, bytes, sample } = fault;
      this.#context.noteDropped(kind, () => `${kind}, ${bytes} bytes: ${sample}`);
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

  stderr(line: string): void {
    this.#readiness.line("stderr", line);
    this.#log("stderr", line);
    if (this.#awaited === undefined || !this.#awaited(line)) return;
    this.#awaited = undefined;
    this.#readiness.onReady();
  }

  #log(stream: "stdout" | "stderr", line: string): void {
    this.#context.emit<ProcessEvent>({ type: "output", stream, line }, "without_end");
  }
}

/** Whether its messages are lines, so that one of them can be taken out. */
function isLinewise(settings: ResolvedSidecarOptions): boolean {
  const codec = settings.protocol && codecOf(settings.protocol.codec);
  return codec === codecs.lines || codec === codecs.ndjson;
}

/** Without a protocol, output is read as lines. */
function codecIn({ protocol }: ResolvedSidecarOptions): Codec<unknown, unknown> {
  return protocol === undefined ? codecs.lines : codecOf(protocol.codec);
}
