/**
 * Owns a child's stdin: turns any number of small writes into few large ones.
 *
 * Hold in mind: one write is in flight at a time. What arrives meanwhile waits and becomes the next single write, so a
 * busy pipe costs one promise a batch, and none a frame. What was handed to a write may or may not have reached the
 * child; what still waited when the pipe broke certainly did not, and {@linkcode StdinWriter.unsent} gives it back.
 *
 * Deno cannot cancel a write that is in flight. It ends when the last holder of the other end reads, closes or dies.
 *
 * @module
 */
import { PipeClosedError } from "./errors.ts";

/** From this many bytes on their way (strings: UTF-16 units, at most three bytes each) a write asks to be awaited. */
export const WRITE_HIGH_WATER = 65_536;

const encoder = new TextEncoder();

/** What may be written: text goes out as UTF-8, and bytes belong to the writer until they are written. */
export type Writable = string | Uint8Array;

/** The writing end of one child's stdin. */
export class StdinWriter {
  readonly #pid: number;
  readonly #pipe: WritableStreamDefaultWriter<Uint8Array>;
  #queue: Writable[] = [];
  #tokens: unknown[] = [];
  /** Of the write in flight: one frame's token, or those of a batch. */
  #flyingToken: unknown = undefined;
  #flyingTokens: readonly unknown[] = [];
  #lost: readonly unknown[] = [];
  #flying = false;
  #flyingSize = 0;
  #queuedSize = 0;
  #scratch: Uint8Array = new Uint8Array(1_024);
  /** Why nothing more is taken; the pipe may still be flushing. */
  #ended: { readonly reason: string; readonly cause?: unknown } | undefined;
  #broken = false;
  #drained: PromiseWithResolvers<void> | undefined;
  #idle: PromiseWithResolvers<void> | undefined;
  #closing: Promise<void> | undefined;

  /** Takes over `pipe`, the stdin of process `pid`. */
  constructor(pipe: WritableStream<Uint8Array>, options: { readonly pid: number }) {
    this.#pid = options.pid;
    this.#pipe = pipe.getWriter();
    this.#pipe.closed.catch(this.#failed);
  }

  /**
   * Takes one frame. Nothing comes back while fewer than {@linkcode WRITE_HIGH_WATER} bytes are on their way;
   * otherwise a promise that resolves when that is so again, and rejects with `PipeClosedError` if it never will be.
   *
   * @throws {PipeClosedError} if stdin was closed or broke; the frame was not taken
   */
  write(data: Writable, token?: unknown): void | Promise<void> {
    if (this.#ended !== undefined) throw this.#error();
    if (this.#flying) {
      this.#queue.push(data);
      this.#tokens.push(token);
      this.#queuedSize += data.length;
    } else {
      this.#flyingToken = token;
      this.#fly(typeof data === "string" ? this.#encode(data) : data, data.length);
    }
    if (this.#flyingSize + this.#queuedSize < WRITE_HIGH_WATER) return;
    return (this.#drained ??= quiet()).promise;
  }

  /** The tokens of the frames that were never handed to a write, in order; frames without a token are left out. */
  unsent(): unknown[] {
    return this.#tokens.filter((token) => token !== undefined);
  }

  /** The tokens of the frames whose write failed: a part of them may have arrived, but no more than that is known. */
  failed(): unknown[] {
    return this.#lost.filter((token) => token !== undefined);
  }

  /**
   * Takes no more, writes what waits, then closes the pipe: the child sees EOF. Resolves also if the child's end broke
   * first; may stay pending as long as the child does not read. Rejects with `PipeClosedError` if the pipe failed in
   * another way.
   */
  close(): Promise<void> {
    this.#ended ??= { reason: "its stdin was closed; start it again to send more" };
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    if (this.#flying) await (this.#idle ??= Promise.withResolvers<void>()).promise;
    if (!this.#broken) {
      try {
        return await this.#pipe.close();
      } catch (error) {
        this.#break({ reason: "its stdin broke", cause: error });
      }
    }
    const cause = this.#ended?.cause;
    if (cause !== undefined && !(cause instanceof Deno.errors.BrokenPipe)) throw this.#error();
  }

  /** Gives up: waiters are told `reason`, and the pipe is released as soon as the write in flight lets it go. */
  abort(reason: string): Promise<void> {
    this.#break({ reason });
    return this.#pipe.abort(reason); // without one, Deno makes an error, with its stack
  }

  #fly(bytes: Uint8Array, size: number): void {
    this.#flying = true;
    this.#flyingSize = size;
    this.#pipe.write(bytes).then(this.#landed, this.#failed);
  }

  #landed = (): void => {
    this.#flying = false;
    this.#flyingSize = 0;
    if (this.#broken) return;
    // Before 2.9, Deno says that a write landed although the pipe broke; `closed` is about to tell why.
    if (this.#pipe.desiredSize === null) return;
    this.#flyingToken = undefined;
    this.#flyingTokens = [];
    if (this.#queue.length > 0) {
      const [frames, size] = [this.#queue, this.#queuedSize];
      this.#queue = [];
      this.#flyingTokens = this.#tokens;
      this.#tokens = [];
      this.#queuedSize = 0;
      this.#fly(this.#join(frames), size);
    } else {
      this.#idle?.resolve();
    }
    if (this.#drained !== undefined && this.#flyingSize + this.#queuedSize < WRITE_HIGH_WATER) {
      this.#drained.resolve();
      this.#drained = undefined;
    }
  };

  #failed = (cause: unknown): void => {
    this.#flying = false;
    this.#break({ reason: "the process closed its stdin or ended", cause });
  };

  /** The first cause stays. */
  #break(why: { readonly reason: string; readonly cause?: unknown }): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#ended = why;
    this.#queue = [];
    this.#lost = [this.#flyingToken, ...this.#flyingTokens];
    this.#flyingSize = this.#queuedSize = 0;
    this.#scratch = new Uint8Array(0);
    this.#drained?.reject(this.#error());
    this.#idle?.resolve();
  }

  #error(): PipeClosedError {
    return new PipeClosedError(this.#pid, this.#ended ?? { reason: "its stdin was closed" });
  }

  #join(frames: Writable[]): Uint8Array {
    if (frames.every((frame) => typeof frame === "string")) return this.#encode(frames.join(""));
    const parts = frames.map((frame) => typeof frame === "string" ? encoder.encode(frame) : frame);
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
      this.#scratch = new Uint8Array(Math.min(2 * text.length, WRITE_HIGH_WATER));
    }
    if (text.length > this.#scratch.length) return encoder.encode(text);
    const { read, written } = encoder.encodeInto(text, this.#scratch);
    return read === text.length ? this.#scratch.subarray(0, written) : encoder.encode(text);
  }
}

/** A promise whose rejection is nobody's accident: those who got it learn of it, and those who did not ask need not. */
function quiet(): PromiseWithResolvers<void> {
  const resolvers = Promise.withResolvers<void>();
  resolvers.promise.catch(() => {});
  return resolvers;
}
