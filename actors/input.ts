/**
 * The way into a process: a message becomes a frame on stdin.
 *
 * Hold in mind: when the pipe is full the handler waits, so the mailbox fills, so senders wait. It waits for nothing
 * else that the process does, but for replies where {@linkcode InputOptions.maxInFlight} says so.
 *
 * @module
 */

import { afterNews, PipeClosedError, UnencodableMessageError } from "@outrider/outrider";
import type { ChildProcess, Context, Reply, Writable } from "@outrider/outrider";
import {
  SidecarDeafError,
  SidecarMuteError,
  SidecarNoRepliesError,
  SidecarSchemaError,
  SidecarTooManyAsksError,
} from "./errors.ts";
import { MAX_UNANSWERED } from "./account.ts";
import { MAX_UNREAD_ANSWERS } from "./protocol.ts";
import type { Pairing, Protocol, Wiretap } from "./protocol.ts";
import type { Check } from "./check.ts";

/**
 * Milliseconds to learn whether a process that closed its stdin or its stdout is ending; if it lives on, messages, or
 * asks, are refused.
 */
export const CLOSED_GRACE_MS = 1_000;

/** What the way in needs. */
export interface InputOptions {
  /** How it is talked to. */
  readonly protocol: Protocol;
  /** Who answers whom. */
  readonly pairing: Pairing;
  /** Looks at each message before it is encoded. */
  readonly check: Check | undefined;
  /** Requests that the process is given before the first is answered. */
  readonly maxInFlight: number;
  /** Who looks at what passes, if anybody does. */
  readonly tap: Wiretap | undefined;
  /** Called after each request: somebody waits for a reply now. */
  readonly onAsked: () => void;
}

/** The way into one process. */
export class Input {
  readonly #context: Context<unknown, unknown, unknown>;
  readonly #child: ChildProcess;
  readonly #protocol: Protocol;
  readonly #pairing: Pairing;
  readonly #check: Check | undefined;
  readonly #maxInFlight: number;
  readonly #tap: Wiretap | undefined;
  readonly #onAsked: () => void;
  /** stdin is closed and the process lives on. */
  #deaf = false;
  /** stdout is closed and the process lives on. */
  #mute = false;
  #over = false;
  /** Bytes written past the mailbox that the process has not taken. */
  #unread = 0;

  constructor(context: Context<unknown, unknown, unknown>, child: ChildProcess, options: InputOptions) {
    this.#context = context;
    this.#child = child;
    this.#protocol = options.protocol;
    this.#pairing = options.pairing;
    this.#check = options.check;
    this.#maxInFlight = options.maxInFlight;
    this.#tap = options.tap;
    this.#onAsked = options.onAsked;
    const over = () => void (this.#over = true);
    void child.exited.then(over, over);
  }

  /** Handles one message from the mailbox. */
  take(message: unknown): void | Promise<void> {
    const context = this.#context;
    const reply = context.deferReply();
    try {
      const sent = this.#check === undefined ? message : this.#check(message);
      if (reply === undefined) return this.#write(this.#pairing.frame(sent));
      const full = this.#write(this.#request(sent, reply));
      this.#onAsked();
      return this.#pairing.size < this.#maxInFlight ? full : this.#whenRoom(full);
    } catch (error) {
      if (error instanceof PipeClosedError) {
        if (reply !== undefined) this.#pairing.withdraw();
        return this.#stdinClosed(error);
      }
      if (!isRefusal(error)) throw error;
      if (reply !== undefined) reply.reject(error);
      else context.deadLetter("refused", message);
    }
  }

  /** Sends a request of the sidecar's own, past the mailbox; a reply to it is never taken for another's. */
  ask(message: unknown, reply: Reply<unknown>): void {
    const frame = this.#request(message, reply);
    try {
      void this.#child.write(frame)?.catch(() => {}); // a broken pipe is told to whoever writes next
      this.#tap?.sent(frame);
    } catch (error) {
      this.#pairing.withdraw();
      throw error;
    }
    this.#onAsked();
  }

  /** See {@linkcode Line.send}. */
  send(frame: Writable): void {
    const { path } = this.#context;
    if (frame.length === 0) return;
    try {
      const full = this.#child.write(frame);
      this.#tap?.sent(frame);
      if (full === undefined) return;
      this.#unread += frame.length;
      if (this.#unread > MAX_UNREAD_ANSWERS) {
        this.#context.exit({ reason: "crash", cause: new SidecarDeafError(path, this.#unread) });
      }
      void full.then(() => this.#unread = 0, () => {}); // a broken pipe is told to whoever writes next
    } catch (error) {
      // What answers a process that is ending is owed to nobody.
      if (!(error instanceof PipeClosedError)) throw error;
    }
  }

  #request(message: unknown, reply: Reply<unknown>): Writable {
    const { path } = this.#context;
    if (this.#mute) throw new SidecarMuteError(path);
    if (this.#protocol.pairing === "none") throw new SidecarNoRepliesError(path, this.#protocol.name);
    if (this.#pairing.full) throw new SidecarTooManyAsksError(path, MAX_UNANSWERED);
    return this.#pairing.request(message, reply);
  }

  #write(frame: Writable): void | Promise<void> {
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
      // The message that met the broken pipe is among what `unsent` gives back, or was on its way.
      if (!(error instanceof PipeClosedError)) throw error;
    }
  }

  /** Until the process may have another request, and there is room in the pipe. */
  async #whenRoom(full: void | Promise<void>): Promise<void> {
    const room = this.#orEnding(this.#pairing.below(this.#maxInFlight));
    await (full === undefined ? room : Promise.all([room, full]));
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
    if (this.#deaf) return this.#over || this.#context.signal.aborted;
    const isOver = await this.#isOver();
    this.#deaf = true;
    return isOver;
  }

  /** stdout has ended: if the process lives on, who waits for a reply is refused, and whoever asks from now on. */
  async stdoutEnded(): Promise<void> {
    if (await this.#isOver()) return;
    this.#mute = true;
    this.#pairing.mute(() => new SidecarMuteError(this.#context.path));
  }

  /** Whether the process ends, or is to end, within {@linkcode CLOSED_GRACE_MS}. */
  async #isOver(): Promise<boolean> {
    const { clock, signal } = this.#context;
    if (!this.#over && !signal.aborted) {
      const waited = Promise.withResolvers<void>();
      const end = () => waited.resolve();
      const cancel = afterNews(end, CLOSED_GRACE_MS, clock);
      signal.addEventListener("abort", end, { once: true });
      void this.#child.exited.then(end, end);
      await waited.promise;
      signal.removeEventListener("abort", end);
      cancel();
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
}

/** Errors of one message, which say nothing against the process. */
function isRefusal(error: unknown): error is Error {
  return error instanceof UnencodableMessageError || error instanceof SidecarNoRepliesError ||
    error instanceof SidecarTooManyAsksError || error instanceof SidecarSchemaError ||
    error instanceof SidecarMuteError;
}
