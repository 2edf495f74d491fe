/**
 * The way into a process: a message becomes a frame on stdin.
 *
 * When the pipe is full the handler waits, so the mailbox fills, so senders wait. It waits for nothing
 * else that the process does, but for replies where `maxInFlight` says so.
 */

import { setPatientTimeout } from "../../time/after_news.ts";
import { PipeClosedError, UnencodableMessageError } from "../../process/pipes/pipe_errors.ts";
import type { ChildProcess } from "../../process/child_process.ts";
import type { Context } from "../../actor/behavior.ts";
import type { Reply } from "../../actor/asks/options.ts";
import type { StreamStep } from "../../actor/streams.ts";
import type { WritableData } from "../../process/pipes/stdin.ts";
import { LateReplies } from "../replies/late_replies.ts";
import { markOf } from "../../options/fields/conversation.ts";
import {
  SidecarMuteError,
  SidecarNoRepliesError,
  SidecarTooManyAsksError,
} from "../messages/message_errors.ts";
import { SidecarDeafError, SidecarHungError } from "../sidecar_errors.ts";
import { MAX_PENDING_REQUESTS } from "../replies/pending_requests.ts";
import {
  MAX_UNREAD_ANSWERS,
  type Protocol,
  type ProtocolTap,
  type ReplyCorrelation,
  type SendOptions,
} from "../protocol.ts";
import { createMessageCheck, type MessageCheck, toRequestError } from "../messages/message_check.ts";
import type { SidecarRun } from "./run.ts";

/**
 * Milliseconds to learn whether a process that closed its stdin or its stdout is ending; if it lives on, messages, or
 * asks, are refused.
 */
export const CLOSED_GRACE_MS = 1_000;

export class SidecarWriter {
  readonly #context: Context<unknown, unknown, unknown>;
  readonly #child: ChildProcess;
  readonly #protocol: Protocol;
  readonly #correlation: ReplyCorrelation;
  readonly #check: MessageCheck | undefined;
  readonly #maxInFlight: number;
  readonly #tap: ProtocolTap | undefined;
  readonly #onAsked: () => void;
  /** None where a request that is given up is no reason to restart. */
  readonly #late: LateReplies | undefined;
  /** stdin is closed and the process lives on. */
  #isStdinClosed = false;
  /** stdout is closed and the process lives on. */
  #isStdoutClosed = false;
  #hasEnded = false;
  /** Bytes written past the mailbox that the process has not taken. */
  #unread = 0;
  /** Messages that were framed when stdin was closed already. */
  readonly unwritten: unknown[] = [];

  /** `onAsked` is called after each request, as a reply is awaited now. */
  constructor(run: SidecarRun, protocol: Protocol, onAsked: () => void) {
    this.#context = run.context;
    this.#child = run.child!;
    this.#protocol = protocol;
    this.#correlation = run.correlation!;
    this.#check = createMessageCheck(run, "message");
    this.#maxInFlight = run.settings.maxInFlight;
    this.#tap = run.tap;
    this.#onAsked = onAsked;
    const { whenGivenUp } = run.settings;
    if (typeof whenGivenUp === "object") {
      const { after } = whenGivenUp.restart;
      this.#late = new LateReplies({
        context: run.context,
        correlation: this.#correlation,
        after,
        inOrder: protocol.pairing === "in-order" && markOf(run.settings.until) === undefined,
        onHung: () => {
          const { stderrTail } = this.#child;
          run.fail(new SidecarHungError(run.context.path, { after, stderrTail }));
        },
      });
    }
    const over = () => void (this.#hasEnded = true);
    void this.#child.exited.then(over, over);
  }

  readonly take = (message: unknown): void | Promise<void> => {
    if (this.#late?.isHolding) return this.#takeLater(message);
    const context = this.#context;
    const reply = context.deferReply();
    let frame: WritableData;
    try {
      const sent = this.#check === undefined ? message : this.#check(message);
      frame = reply === undefined
        ? checkFrame(this.#correlation.frame(sent), this.#protocol)
        : this.#request(sent, reply);
    } catch (thrown) {
      // Whatever it fails with, it is the failure of this message alone: nothing of it was sent.
      if (reply !== undefined) reply.reject(toRequestError(thrown, this.#protocol));
      else context.deadLetter("refused", message);
      return;
    }
    try {
      const full = this.#write(frame);
      if (reply === undefined) return full;
      this.#onAsked();
      return this.#correlation.size < this.#maxInFlight ? full : this.#whenRoom(full);
    } catch (error) {
      if (!(error instanceof PipeClosedError)) throw error;
      if (reply !== undefined) this.#correlation.withdraw();
      this.unwritten.push(message);
      return this.#stdinClosed(message, error);
    }
  };

  /** Takes a message once the replies to requests that were given up have come. */
  async #takeLater(message: unknown): Promise<void> {
    const context = this.#context;
    const taken = context.taken();
    const reply = context.deferReply();
    await this.#orEnding(this.#late!.over());
    if (context.signal.aborted) {
      context.giveBack([taken]);
      return await this.#orEnding(new Promise(() => {}));
    }
    if (reply === undefined || reply.isOpen) await this.take(message);
  }

  /** Handles a chunk, or the end, of a stream; of one that was for another incarnation, nothing is written. */
  readonly takeStep = async (step: StreamStep): Promise<void> => {
    if (step.generation !== this.#context.generation) return;
    try {
      if (step.isEnd) void this.#child.closeStdin().catch(() => {}); // its end is told by that
      else {
        const { message } = step;
        const sent = this.#check === undefined ? message : this.#check(message);
        const frame = checkFrame(this.#correlation.frame(sent), this.#protocol);
        const full = frame.length === 0 ? undefined : this.#child.write(frame);
        this.#tap?.sent(frame);
        if (full !== undefined) await this.#orEnding(full);
      }
      step.taken.resolve();
    } catch (thrown) {
      // A pipe that broke, or a message that can't be written: the stream has it.
      step.isUnreadable = thrown instanceof PipeClosedError;
      step.taken.reject(thrown);
    }
  };

  /**
   * Sends a request of the sidecar's own, past the mailbox; a reply to it is never taken for another's, and held to no
   * schema.
   */
  ask(message: unknown, reply: Reply<unknown>): void {
    const frame = this.#request(message, Object.assign(reply, { isOwn: true }));
    try {
      void this.#child.write(frame)?.catch(() => {}); // the next write reports a broken pipe
      this.#tap?.sent(frame);
    } catch (error) {
      this.#correlation.withdraw();
      throw error;
    }
    this.#onAsked();
  }

  /** See {@linkcode SidecarConnection.send}. */
  send(frame: WritableData, { isAlone = false }: SendOptions = {}): void | Promise<void> {
    const { path } = this.#context;
    // One that is being ended for not reading needs no further frame.
    if (frame.length === 0 || this.#unread > MAX_UNREAD_ANSWERS) return;
    try {
      const full = this.#child.write(frame);
      this.#tap?.sent(frame);
      if (full === undefined || isAlone) return full;
      this.#unread += frame.length;
      if (this.#unread > MAX_UNREAD_ANSWERS) {
        this.#context.exit({ reason: "crash", cause: new SidecarDeafError(path, this.#unread) });
      } else void full.then(() => this.#unread = 0, () => {}); // the next write reports a broken pipe
      return full;
    } catch (error) {
      // Frames that answer a process that is ending may be dropped.
      if (!(error instanceof PipeClosedError)) throw error;
    }
  }

  #request(message: unknown, reply: Reply<unknown>): WritableData {
    const { path } = this.#context;
    if (this.#isStdoutClosed) throw new SidecarMuteError(path);
    if (this.#protocol.pairing === "none") throw new SidecarNoRepliesError(path, this.#protocol.name);
    if (this.#correlation.isFull) throw new SidecarTooManyAsksError(path, MAX_PENDING_REQUESTS);
    const made = this.#correlation.request(message, reply);
    this.#late?.watch(reply);
    try {
      const frame = checkFrame(made, this.#protocol);
      // No byte of a request may be missing, as replies are matched by order: the sender may transfer the
      // memory that it is in before it is written.
      return frame === message && typeof frame !== "string" ? frame.slice() : frame;
    } catch (error) {
      this.#correlation.withdraw();
      throw error;
    }
  }

  #write(frame: WritableData): void | Promise<void> {
    if (frame.length === 0) return; // it was answered without the process
    const full = this.#child.write(frame, this.#context.taken());
    this.#tap?.sent(frame);
    if (full !== undefined) return this.#whenDrained(full);
  }

  /** Until there is room in the pipe; also over when the incarnation is to end, or the pipe broke. */
  async #whenDrained(full: Promise<void>): Promise<void> {
    try {
      await this.#orEnding(full);
    } catch (error) {
      // The message that met the broken pipe is among those that `unsent` returns, or was on its way.
      if (!(error instanceof PipeClosedError)) throw error;
    }
  }

  /** Until the process may have another request, and there is room in the pipe. */
  async #whenRoom(full: void | Promise<void>): Promise<void> {
    const room = this.#orEnding(this.#correlation.below(this.#maxInFlight));
    await (full === undefined ? room : Promise.all([room, full]));
  }

  /** A process that is ending gives its message back for the next one; one that lives on can't take any. */
  async #stdinClosed(message: unknown, error: PipeClosedError): Promise<void> {
    const context = this.#context;
    const taken = context.taken();
    const reply = context.deferReply();
    if (await this.#isEnding()) {
      context.giveBack([taken]);
      // Busy until then: the cell would take the same message again, and again.
      return await this.#orEnding(new Promise(() => {}));
    }
    // It is refused, and comes to no other process.
    this.unwritten.splice(this.unwritten.indexOf(message), 1);
    if (reply !== undefined) reply.reject(error);
    else context.deadLetter("refused", taken);
  }

  /** Whether the process that closed its stdin is ending; one that lived on after a while counts as living on. */
  async #isEnding(): Promise<boolean> {
    if (this.#isStdinClosed) return this.#hasEnded || this.#context.signal.aborted;
    const isOver = await this.#isOver();
    this.#isStdinClosed = true;
    return isOver;
  }

  /** stdout has ended: if the process lives on, awaited replies and later asks are refused. */
  async stdoutEnded(): Promise<void> {
    if (await this.#isOver()) return;
    this.#isStdoutClosed = true;
    this.#correlation.onStdoutClosed(() => new SidecarMuteError(this.#context.path));
  }

  /** Whether the process ends, or is to end, within {@linkcode CLOSED_GRACE_MS}. */
  async #isOver(): Promise<boolean> {
    const { clock, signal } = this.#context;
    if (!this.#hasEnded && !signal.aborted) {
      const waited = Promise.withResolvers<void>();
      const end = () => waited.resolve();
      const cancel = setPatientTimeout(end, CLOSED_GRACE_MS, clock);
      signal.addEventListener("abort", end, { once: true });
      void this.#child.exited.then(end, end);
      await waited.promise;
      signal.removeEventListener("abort", end);
      cancel();
    }
    return this.#hasEnded || signal.aborted;
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
}

/**
 * Returns `frame`, if it can be written: a user's codec may return anything, and an unwritable frame would break the
 * pipe for everybody.
 *
 * @throws {UnencodableMessageError} it is neither a text nor bytes
 */
function checkFrame(frame: unknown, { name }: Pick<Protocol, "name">): WritableData {
  if (typeof frame === "string") return frame;
  if (ArrayBuffer.isView(frame) && frame instanceof Uint8Array) return frame;
  throw new UnencodableMessageError(name, {
    reason: `its codec gives ${
      frame === null ? "null" : `a ${typeof frame}`
    }, where a frame is a text or a Uint8Array`,
  });
}
