/**
 * A reply of many frames: an async iterable, with backpressure.
 */

import { Subscription } from "../../actor/events/subscription.ts";
import type { Reply } from "../../actor/asks/options.ts";

/** The position of a frame in its reply: one of more, the last one, or a mark behind the last one. */
export type FramePosition = "more" | "last" | "end";

/** When a reply of many frames is complete. */
export type Until = (frame: unknown) => FramePosition;

/** Frames of one reply that may lie unread before the process is slowed down. */
export const REPLY_STREAM_CAPACITY = 1_024;

/** A reply of many frames: the {@linkcode Reply} is settled with an async iterable of them. */
export class ReplyStream implements Reply<unknown> {
  /** Called when no more frames are wanted: the reader has left, or has received the last one. */
  onCancel: (() => void) | undefined;
  readonly #path: string;
  readonly #until: Until;
  /** The caller's. */
  readonly reply: Reply<unknown>;
  #frames: Subscription<unknown> | undefined;
  #isCancelled = false;

  /** Settles `reply` with an async iterable at the first frame. */
  constructor(path: string, reply: Reply<unknown>, until: Until) {
    this.#path = path;
    this.reply = reply;
    this.#until = until;
  }

  /** Whether the caller still waits for the first frame. */
  get isAwaited(): boolean {
    return this.#frames === undefined && this.reply.isOpen;
  }

  /** Whether it is the stream for that caller. */
  isFor(reply: Reply<unknown>): boolean {
    return this.reply === reply;
  }

  /** See `PendingRequest.isOwn`. */
  get isOwn(): boolean {
    return (this.reply as { readonly isOwn?: boolean }).isOwn ?? false;
  }

  /** Whether it still has a reader. */
  get isOpen(): boolean {
    return this.#frames === undefined ? this.reply.isOpen : !this.#isCancelled;
  }

  /** Takes a frame of `size` bytes; whether it was the last, and a promise where the reader is behind. */
  take(frame: unknown, size = 0): { readonly over: boolean; readonly room: Promise<void> | undefined } {
    const position = this.#until(frame);
    const frames = this.#begin();
    const room = position === "end" ? undefined : frames.push(frame, size);
    const over = position !== "more";
    if (over) this.resolve();
    return { over, room: this.#isCancelled || over ? undefined : room };
  }

  /** The last frame has come. */
  resolve(): void {
    this.#begin().end();
  }

  /** Ends the stream: the reader gets the queued frames, and then `error`. */
  reject(error: Error): void {
    if (this.#frames === undefined) return this.reply.reject(error);
    this.#frames.fail(error);
  }

  #begin(): Subscription<unknown> {
    if (this.#frames !== undefined) return this.#frames;
    const frames = this.#frames = new Subscription(this.#path, { capacity: REPLY_STREAM_CAPACITY }, () => {
      this.#isCancelled = true;
      this.onCancel?.();
    });
    if (this.reply.isOpen) this.reply.resolve(frames);
    else void frames.return();
    return frames;
  }
}
