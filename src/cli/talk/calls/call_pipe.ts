/**
 * Standard input through a child that speaks JSON-RPC: each line is a request or a notification, and what comes back is
 * a line each, in the order in which it came.
 *
 * The invariant: a request has one line of output, also where it was not answered, unless MCP has none for one that was
 * taken back.
 */

import { readField, textOfValue } from "../../../actor/user_value.ts";
import { BufferedStdout } from "../../../report/output/buffered_stdout.ts";
import type { JsonRpcId } from "../../../sidecar/json_rpc/dialects.ts";
import { visibleJson } from "../../../text/printable.ts";
import { formatCount, printableLine } from "../../../text/words.ts";
import { EXIT, type ExitCode } from "../../verb.ts";
import { isExpected, isOf, reasonOf } from "../answer.ts";
import type { Conversation } from "../conversation.ts";
import { PipeInput, type PipeMessage, readMessages } from "../pipe_input.ts";
import { MAX_IN_FLIGHT, MAX_IN_FLIGHT_BYTES } from "../pipe_window.ts";
import { FailureReporter, Progress } from "../progress.ts";
import { callOf, messageOf } from "./call_lines.ts";
import { CANCELLED, type Exchange, type ExchangedItem } from "./exchange.ts";

/** How to pipe. */
export interface CallPipeOptions {
  readonly maxFrame: number;
  /** Messages that its mailbox takes without loss. */
  readonly capacity: number;
  readonly family: "lsp" | "mcp" | undefined;
  /** Milliseconds for each reply; `Infinity` for no limit. */
  readonly timeout: number;
  /** Whether the first failure ends it. */
  readonly failFast: boolean;
}

/** A request under way. */
interface InFlightCall {
  readonly id: JsonRpcId;
  readonly size: number;
}

export class CallPipe {
  readonly #conversation: Conversation;
  readonly #options: CallPipeOptions;
  readonly #exchange: Exchange;
  readonly #input: PipeInput;
  readonly #inFlight = new Map<number, InFlightCall>();
  #bytes = 0;
  /** Resolved whenever a request is done. */
  #done = Promise.withResolvers<void>();
  readonly #output = new BufferedStdout(Deno.stdout);
  readonly #toTerminal = Deno.stdout.isTerminal();
  readonly #failures: FailureReporter;
  readonly #progress: Progress;
  /** No more is read and sent. */
  readonly #isClosed = new AbortController();
  /** Lines without an id. */
  #notifications = 0;
  #answered = 0;
  /** It was closed from here. */
  #isFinished = false;
  /** Nothing more came, and it was not. */
  #hasEnded = false;
  #received = 0;
  /** Requests that a signal left unanswered. */
  #interrupted = 0;

  constructor(conversation: Conversation, options: CallPipeOptions) {
    this.#conversation = conversation;
    this.#options = options;
    this.#exchange = conversation.exchange({ timeout: options.timeout });
    this.#input = new PipeInput("ndjson", options);
    this.#failures = new FailureReporter("line", () => this.#progress.clear());
    const counts = () => ({
      answered: this.#answered,
      failed: this.#failures.count,
      bytes: this.#output.written,
    });
    this.#progress = new Progress({ counts, noun: "line" });
    const { signal } = conversation;
    signal.addEventListener("abort", () => this.#isClosed.abort(), { once: true });
    if (signal.aborted) this.#isClosed.abort();
    void this.#output.broken.then(() => this.#isClosed.abort());
    this.#isClosed.signal.addEventListener("abort", () => this.#done.resolve());
  }

  /** To the end of the input and the last reply, or until it can't go on. */
  async run(): Promise<ExitCode> {
    const printed = this.#print();
    await this.#feed();
    while (this.#inFlight.size > 0 && !this.#isClosed.signal.aborted) await this.#next();
    this.#isFinished = true;
    this.#exchange.close();
    await printed;
    await this.#output.flush();
    const code = this.#exitCode();
    await this.#failures.reported();
    await this.#progress.end();
    return code;
  }

  async #feed(): Promise<void> {
    const { signal } = this.#isClosed;
    for await (const items of readMessages(this.#input, { signal, failures: this.#failures })) {
      for (const item of items) {
        while (this.#isFull && !signal.aborted) await this.#next();
        if (signal.aborted) return;
        await this.#send(item);
      }
    }
  }

  get #isFull(): boolean {
    const limit = Math.min(MAX_IN_FLIGHT, this.#options.capacity);
    return this.#inFlight.size >= limit || this.#bytes >= MAX_IN_FLIGHT_BYTES;
  }

  async #next(): Promise<void> {
    await this.#done.promise;
    if (!this.#isClosed.signal.aborted) this.#done = Promise.withResolvers();
  }

  /** A notification is waited for, as nothing else bounds how many there are. */
  #send(item: PipeMessage): void | Promise<void> {
    const { number } = item;
    const call = "fault" in item ? item : callOf(item.message, this.#options.family);
    if ("fault" in call) return this.#fail(number, call.fault);
    if ("cancels" in call) return this.#cancel(call.cancels);
    const { id, ...said } = call;
    const isRequest = id !== undefined;
    const size = "size" in item ? item.size : 0;
    if (isRequest) {
      this.#inFlight.set(number, { id, size });
      this.#bytes += size;
    } else this.#notifications++;
    const sent = this.#exchange.send({ number, ...said, isRequest })?.catch((error) => {
      if (!isExpected(error)) throw error;
      const code = isOf(error, "actor_stopped") ? "actor_stopped" : "refused";
      this.#take({ number, failure: { code, message: reasonOf(error) } });
    });
    return isRequest ? undefined : sent;
  }

  #cancel(id: JsonRpcId): void {
    const found = [...this.#inFlight].find(([, call]) => call.id === id);
    if (found !== undefined) this.#exchange.cancel(found[0]);
  }

  async #print(): Promise<void> {
    try {
      for await (const item of this.#exchange.received) {
        this.#received++;
        this.#take(item);
        if (this.#output.isFull) await this.#output.flush();
        if (this.#output.isBroken) break;
      }
    } catch (error) {
      if (!isExpected(error)) throw error;
      this.#lose(error);
    } finally {
      if (!this.#isFinished) this.#hasEnded = true;
      this.#isClosed.abort(); // nothing more comes
    }
  }

  /** The connection to a running tree is gone: nothing under way is answered. */
  #lose(error: Error): void {
    const message = reasonOf(error);
    if (this.#inFlight.size === 0) return this.#fail(undefined, message);
    for (const number of [...this.#inFlight.keys()]) {
      this.#take({ number, failure: { code: textOfValue(readField(error, "code")), message } });
    }
  }

  #take(item: ExchangedItem): void {
    const number = "notification" in item ? undefined : item.number;
    const call = number === undefined ? undefined : this.#inFlight.get(number);
    const message = messageOf(item, call?.id, this.#options.family);
    if (message !== undefined) {
      const text = JSON.stringify(message);
      this.#output.write(`${this.#toTerminal ? visibleJson(text) : text}\n`);
    }
    if (call !== undefined) {
      this.#inFlight.delete(number!);
      this.#bytes -= call.size;
      this.#done.resolve();
      if ("failure" in item && this.#conversation.isInterrupted) this.#interrupted++;
    }
    if (!("failure" in item)) this.#answered += call === undefined ? 0 : 1;
    else if (item.failure.code !== CANCELLED) this.#fail(number, item.failure.message);
  }

  #fail(number: number | undefined, why: string): void {
    if (this.#conversation.isInterrupted) return;
    if (number === undefined) {
      this.#failures.count++;
      this.#failures.report(printableLine(why));
    } else this.#failures.add(number, why);
    if (this.#options.failFast) this.#isClosed.abort();
  }

  /** Returns the exit code; reports pending failures. */
  #exitCode(): ExitCode {
    const { error, isBroken } = this.#output;
    const { isInterrupted, signal } = this.#conversation;
    if (error !== undefined) {
      this.#failures.report(`Cannot write to standard output: ${printableLine(error.message)}`);
      return EXIT.FAILED;
    }
    if (isInterrupted && !isBroken) {
      const count = this.#interrupted + this.#inFlight.size;
      const left = count === 0 ? "" : `, ${count.toLocaleString("en")} under way were not`;
      this.#failures.flush();
      this.#failures.report(`Interrupted: ${formatCount(this.#answered, "request")} answered${left}`);
      return EXIT.FORCED;
    }
    if (this.#notifications > 0 && this.#received === 0 && this.#answered === 0) {
      this.#failures.report(
        `Nothing came back: ${formatCount(this.#notifications, "line")} without an "id" asked for no answer`,
      );
    }
    if (this.#failures.count > 0) return EXIT.FAILED;
    if (isBroken || !(this.#hasEnded || signal.aborted)) return EXIT.OK;
    this.#failures.report(`Cannot go on: '${this.#conversation.ref.path}' has ended for good`);
    return EXIT.FAILED;
  }
}
