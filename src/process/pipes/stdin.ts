/**
 * Owns a child's stdin: turns any number of small writes into few large ones.
 *
 * One write is in flight at a time. To an idle pipe it begins at the end of the turn in which the first frame came, or at
 * once when there is much to write; frames that come while it is in flight go into the next one. So many frames cost one
 * call to the system and one promise. A frame in a write may or may not have reached the child; one that was still queued
 * when the pipe broke certainly did not, and {@linkcode StdinWriter.unsent} returns it.
 *
 * Deno cannot cancel a write that is in flight. It ends when the last holder of the other end reads, closes or dies.
 */
import { isDetached } from "../codecs/bytes.ts";
import { PipeClosedError } from "./pipe_errors.ts";

/** The bytes on their way (strings: UTF-16 units, at most three bytes each) from which a write is to be awaited. */
export const WRITE_HIGH_WATER = 65_536;

/** The queue size (in the same units) at which a write to an idle pipe begins at once, not at the end of the turn. */
export const WRITE_AT_ONCE = 32_768;

/** The bytes of the first buffer that texts are encoded into. */
const SMALLEST_SCRATCH = 1_024;
const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();

/** A frame to write: text goes out as UTF-8, and bytes belong to the writer until they are written. */
export type WritableData = string | Uint8Array;

/** The writing end of one child's stdin. */
export class StdinWriter {
  readonly #pid: number;
  readonly #pipe: WritableStreamDefaultWriter<Uint8Array>;
  #queue: WritableData[] = [];
  #tokens: unknown[] = [];
  #flyingTokens: readonly unknown[] = [];
  #lost: readonly unknown[] = [];
  /** "scheduled": a write begins at the end of this turn. */
  #state: "idle" | "scheduled" | "writing" = "idle";
  #flyingSize = 0;
  #queuedSize = 0;
  /** Created with the first text. */
  #scratch: Uint8Array = NOTHING;
  /** The reason why no more frames are taken; the pipe may still be flushing. */
  #ended: { readonly reason: string; readonly cause?: unknown } | undefined;
  #isBroken = false;
  #drained: PromiseWithResolvers<void> | undefined;
  #idle: PromiseWithResolvers<void> | undefined;
  #closing: Promise<void> | undefined;

  /** Takes over `pipe`, the stdin of process `pid`; without one, nothing can be written. */
  constructor(pipe: WritableStream<Uint8Array> | undefined, options: { readonly pid: number }) {
    this.#pid = options.pid;
    this.#pipe = (pipe ?? new WritableStream()).getWriter();
    if (pipe === undefined) {
      this.#ended = { reason: `its stdin is "null"; start it with "pipe" to write to it` };
    }
    this.#pipe.closed.catch(this.#failed);
  }

  /**
   * Takes one frame. Returns nothing while fewer than {@linkcode WRITE_HIGH_WATER} bytes are on their way; otherwise a
   * promise that resolves when that is so again, and rejects with `PipeClosedError` if it never will be.
   *
   * @throws {PipeClosedError} if stdin was closed or broke; the frame was not taken
   */
  readonly write = (data: WritableData, token?: unknown): void | Promise<void> => {
    if (this.#ended !== undefined) throw this.#error();
    const last = this.#queue.length - 1;
    const before = this.#queue[last];
    // The next text is appended to the last: joining many frames later takes longer.
    if (typeof before === "string" && typeof data === "string") this.#queue[last] = before + data;
    else this.#queue.push(data);
    this.#tokens.push(token);
    this.#queuedSize += data.length;
    if (this.#queuedSize >= WRITE_AT_ONCE) this.#fly();
    else if (this.#state === "idle") {
      this.#state = "scheduled";
      queueMicrotask(this.#fly);
    }
    if (this.#flyingSize + this.#queuedSize < WRITE_HIGH_WATER) return;
    return (this.#drained ??= quiet()).promise;
  };

  /** The tokens of the frames that were never handed to a write, in order; frames without a token are omitted. */
  unsent(): unknown[] {
    return this.#tokens.filter((token) => token !== undefined);
  }

  /** The tokens of the frames whose write failed: any part of them may have arrived. */
  failed(): unknown[] {
    return this.#lost.filter((token) => token !== undefined);
  }

  /**
   * Takes no more frames, writes the queued ones, then closes the pipe: the child sees EOF. Resolves also if its end broke
   * first; may stay pending as long as the child does not read. Rejects with `PipeClosedError` if the pipe failed in
   * another way.
   */
  close(): Promise<void> {
    this.#ended ??= { reason: "its stdin was closed; start it again to send more" };
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#fly();
    if (this.#state === "writing") await (this.#idle ??= Promise.withResolvers<void>()).promise;
    if (!this.#isBroken) {
      try {
        return await this.#pipe.close();
      } catch (error) {
        this.#break({ reason: "its stdin broke", cause: error });
      }
    }
    const cause = this.#ended?.cause;
    if (cause !== undefined && !(cause instanceof Deno.errors.BrokenPipe)) throw this.#error();
  }

  get isFlying(): boolean {
    return this.#state === "writing";
  }

  /**
   * Gives up: pending writes reject with `reason`, and the pipe is released as soon as the write in flight ends. Never
   * rejects: {@linkcode StdinWriter.failed} includes a write that fails meanwhile.
   */
  async abort(reason: string): Promise<void> {
    this.#break({ reason });
    try {
      await this.#pipe.abort(reason); // without one, Deno makes an error, with its stack
    } catch {
      // A pipe that broke under a write rejects here once more; it is released all the same.
    }
  }

  /** Writes the queued frames, unless a write is in flight. */
  #fly = (): void => {
    if (this.#state === "writing") return;
    if (this.#queue.length === 0) return void (this.#state = "idle");
    const frames = this.#queue;
    this.#queue = [];
    this.#flyingTokens = this.#tokens;
    this.#tokens = [];
    this.#flyingSize = this.#queuedSize;
    this.#queuedSize = 0;
    this.#state = "writing";
    let bytes: Uint8Array;
    try {
      bytes = this.#join(frames);
    } catch (error) {
      // There is no memory for it, or its buffer was transferred since. No caller is left to throw to.
      return this.#failed(error);
    }
    this.#pipe.write(bytes).then(this.#landed, this.#failed);
  };

  #landed = (): void => {
    this.#state = "idle";
    this.#flyingSize = 0;
    if (this.#isBroken) return;
    // Deno < 2.9 reports success on a broken pipe; `closed` is about to reject with the reason.
    if (this.#pipe.desiredSize === null) return;
    this.#flyingTokens = [];
    if (this.#queue.length > 0) this.#fly();
    else this.#idle?.resolve();
    if (this.#drained !== undefined && this.#flyingSize + this.#queuedSize < WRITE_HIGH_WATER) {
      this.#drained.resolve();
      this.#drained = undefined;
    }
  };

  #failed = (cause: unknown): void => {
    this.#state = "idle";
    this.#break({ reason: "the process closed its stdin or ended", cause });
  };

  /** Marks the pipe as broken; the first cause counts. */
  #break(why: { readonly reason: string; readonly cause?: unknown }): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#ended = why;
    this.#queue = [];
    this.#lost = this.#flyingTokens;
    this.#flyingSize = this.#queuedSize = 0;
    this.#scratch = NOTHING;
    this.#drained?.reject(this.#error());
    this.#idle?.resolve();
  }

  #error(): PipeClosedError {
    return new PipeClosedError(this.#pid, this.#ended ?? { reason: "its stdin was closed" });
  }

  #join(frames: readonly WritableData[]): Uint8Array {
    if (frames.length === 1) {
      const frame = frames[0]!;
      return typeof frame === "string" ? this.#encode(frame) : there(frame);
    }
    const parts = frames.map((frame) => typeof frame === "string" ? encoder.encode(frame) : there(frame));
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  /** The buffer is used again for the next write, which cannot start before this one has landed. */
  #encode(text: string): Uint8Array {
    if (text.length > this.#scratch.length && text.length <= WRITE_HIGH_WATER) {
      this.#scratch = new Uint8Array(Math.min(Math.max(2 * text.length, SMALLEST_SCRATCH), WRITE_HIGH_WATER));
    }
    if (text.length > this.#scratch.length) return encoder.encode(text);
    const { read, written } = encoder.encodeInto(text, this.#scratch);
    return read === text.length ? this.#scratch.subarray(0, written) : encoder.encode(text);
  }
}

/** Drops a frame whose buffer was transferred since: writing it would break the pipe for the frames behind it. */
function there(frame: Uint8Array): Uint8Array {
  return isDetached(frame) ? NOTHING : frame;
}

/** Creates a promise whose rejection is never an unhandled one: callers may or may not await it. */
function quiet(): PromiseWithResolvers<void> {
  const resolvers = Promise.withResolvers<void>();
  resolvers.promise.catch(() => {});
  return resolvers;
}
