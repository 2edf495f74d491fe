/**
 * Standard input through a sidecar that answers: each line, or frame, is asked, and the replies come out in order.
 *
 * Nothing is read while too much is in flight or waits to be written, so the writer of the pipe waits for
 * the slowest part of it.
 */

import type { CodecName } from "../../options/fields/protocol.ts";
import { codecs } from "../../process/codecs/codecs.ts";
import { formatCount, printableLine } from "../../text/words.ts";
import { visibleJson, visibleLines } from "../../text/printable.ts";
import { isExpected, isOf, reasonOf } from "./answer.ts";
import { EXIT, type ExitCode } from "../verb.ts";
import { BufferedStdout } from "../../report/output/buffered_stdout.ts";
import { FailureReporter, type PipeCounts, Progress } from "./progress.ts";
import { PipeInput, type PipeMessage, readMessages } from "./pipe_input.ts";
import { type InFlightEntry, InFlightWindow, MAX_IN_FLIGHT, type PipeResult } from "./pipe_window.ts";
import type { Conversation } from "./conversation.ts";

/** Milliseconds without any answer before a hint is printed. */
export const SILENCE_MS = 10_000;

/** How to pipe. */
export interface MessageOptions {
  /** The codec of the sidecar. */
  readonly protocol: Exclude<CodecName, "bytes">;
  readonly maxFrame: number;
  /** Messages that its mailbox takes without loss. */
  readonly capacity: number;
  /** Whether replies have many frames. */
  readonly many: boolean;
  /** Milliseconds for each reply; `Infinity` for no limit. */
  readonly timeout: number;
  /** Whether the first failure ends it. */
  readonly failFast: boolean;
}

/** Pipes messages through a sidecar that replies. */
export class MessagePipe {
  readonly #conversation: Conversation;
  readonly #options: MessageOptions;
  readonly #asking: { readonly timeout: number };
  readonly #input: PipeInput;
  readonly #inFlight: InFlightWindow;
  readonly #output = new BufferedStdout(Deno.stdout);
  readonly #toTerminal = Deno.stdout.isTerminal();
  readonly #failures: FailureReporter;
  readonly #progress: Progress;
  /** No more is read and sent. */
  readonly #isClosed = new AbortController();
  /** No more is waited for. */
  readonly #cut = Promise.withResolvers<void>();
  #isCut = false;
  #answered = 0;
  /** Messages that were under way when a signal came. */
  #interrupted = 0;

  constructor(conversation: Conversation, options: MessageOptions) {
    this.#conversation = conversation;
    this.#options = options;
    this.#asking = { timeout: options.timeout };
    this.#input = new PipeInput(options.protocol, options);
    const { noun } = this.#input;
    // Of replies with many frames one is read after the other: more of them would only wait, half read.
    const limit = options.many ? 1 : Math.min(MAX_IN_FLIGHT, options.capacity);
    this.#inFlight = new InFlightWindow(limit, (result) => this.#take(result));
    this.#failures = new FailureReporter(noun, () => this.#progress.clear());
    this.#progress = new Progress({ counts: () => this.#counts(), noun });
    const { signal } = conversation;
    signal.addEventListener("abort", () => this.#isClosed.abort(), { once: true });
    if (signal.aborted) this.#isClosed.abort();
    void this.#output.broken.then(() => this.#end());
  }

  /** To the end of the input, or until it can't go on. */
  async run(): Promise<ExitCode> {
    const silence = setTimeout(() => this.#hint(), SILENCE_MS);
    try {
      await this.#feed();
      await Promise.race([this.#inFlight.empty(), this.#cut.promise]);
      await this.#output.flush();
    } finally {
      clearTimeout(silence);
    }
    const code = this.#exitCode();
    await this.#failures.reported();
    await this.#progress.end();
    return code;
  }

  async #feed(): Promise<void> {
    const { signal } = this.#isClosed;
    for await (const items of readMessages(this.#input, { signal, failures: this.#failures })) {
      for (const item of items) {
        while (this.#isFull && !signal.aborted) await this.#room();
        if (signal.aborted) return;
        this.#send(item);
      }
    }
  }

  get #isFull(): boolean {
    return this.#inFlight.isFull || this.#output.isFull;
  }

  #room(): Promise<void> {
    return Promise.race([
      this.#output.isFull ? this.#output.flush() : this.#inFlight.room(),
      this.#cut.promise,
    ]);
  }

  #send(item: PipeMessage): void {
    const entry = this.#inFlight.send(item.number, "fault" in item ? 0 : item.size);
    if ("fault" in item) return this.#inFlight.settle(entry, { error: new Fault(item.fault) });
    this.#conversation.ref.ask(item.message, this.#asking).then(
      (reply: unknown) =>
        this.#options.many
          ? this.#many(entry, reply)
          : this.#inFlight.settle(entry, { reply: this.#written(reply) }),
      (error: unknown) => this.#inFlight.settle(entry, { error }),
    );
  }

  /** Writes the frames of a reply as they come. */
  async #many(entry: InFlightEntry, reply: unknown): Promise<void> {
    try {
      for await (const frame of reply as AsyncIterable<unknown>) {
        this.#output.write(this.#written(frame));
        if (this.#output.isFull) await this.#output.flush();
        if (this.#isCut) break;
      }
      this.#inFlight.settle(entry, { reply: "" });
    } catch (error) {
      this.#inFlight.settle(entry, { error });
    }
  }

  /** As it came; but nothing reaches a terminal that it would obey. */
  #written(reply: unknown): string | Uint8Array {
    const { protocol } = this.#options;
    if (protocol === "lines") return `${this.#toTerminal ? printableLine(reply as string) : reply}\n`;
    if (this.#input.noun === "line") {
      const text = JSON.stringify(reply);
      return `${this.#toTerminal ? visibleJson(text) : text}\n`;
    }
    if (this.#toTerminal) return visibleLines(new TextDecoder().decode(reply as Uint8Array));
    return codecs[protocol].encode(reply as never) as Uint8Array;
  }

  /** Of each message in its turn. */
  #take(result: PipeResult & { readonly number: number }): void {
    if (this.#isCut) return;
    if ("reply" in result) {
      this.#failures.flush();
      if (result.reply.length > 0) this.#output.write(result.reply);
      this.#answered++;
      return;
    }
    const { number, error } = result;
    const isFault = error instanceof Fault;
    if (!isFault && !isExpected(error)) throw error;
    // A signal is reported once, and a sidecar that has ended for good answers no more.
    if (!isFault && this.#conversation.isInterrupted) this.#interrupted++;
    else this.#failures.add(number, isFault ? error.message : reasonOf(error));
    if (isOf(error, "actor_stopped")) this.#isClosed.abort();
    if (this.#options.failFast && this.#failures.count > 0) this.#end();
  }

  #end(): void {
    this.#isCut = true;
    this.#isClosed.abort();
    this.#cut.resolve();
  }

  /** Returns the exit code; reports pending failures. */
  #exitCode(): ExitCode {
    const { error, isBroken } = this.#output;
    if (error !== undefined) {
      this.#failures.report(`Cannot write to standard output: ${printableLine(error.message)}`);
      return EXIT.FAILED;
    }
    if (this.#conversation.isInterrupted && !isBroken) {
      const left = this.#interrupted === 0
        ? ""
        : `, ${this.#interrupted.toLocaleString("en")} under way were not`;
      this.#failures.flush();
      this.#failures.report(`Interrupted: ${formatCount(this.#answered, this.#input.noun)} answered${left}`);
      return EXIT.FORCED;
    }
    if (this.#failures.count > 0) return EXIT.FAILED;
    // Where the reader has had enough, that is all there is to do; a tree that has ended says itself why.
    return this.#isClosed.signal.aborted && !isBroken ? EXIT.FAILED : EXIT.OK;
  }

  #hint(): void {
    if (this.#answered > 0 || this.#inFlight.size === 0) return;
    this.#failures.report(
      `Nothing was answered within ${
        SILENCE_MS / 1_000
      } s. A program that keeps its output back until its input ends`,
      `can't be asked line by line; with "protocol": "bytes" all goes through it as one stream`,
    );
  }

  #counts(): PipeCounts {
    return { answered: this.#answered, failed: this.#failures.count, bytes: this.#output.written };
  }
}

/** A line or frame that is not a message. */
class Fault extends Error {}
