/**
 * One job of a filter: its input, its output, and the process between them.
 *
 * The two loops, stdin and stdout, know nothing of each other. The job is over when the process was
 * reaped and its pipes have ended, whatever the input does.
 */

import { asError } from "@outrider/outrider/actor";
import { type ChildProcess, PIPE_DRAIN_MS, PipeClosedError } from "@outrider/outrider/process";
import {
  codecs,
  LAST_WORDS_BYTES,
  type Malformed,
  SidecarOutputCutError,
  type WritableData,
} from "@outrider/outrider/protocol";
import { SidecarExitedError, SidecarProtocolError } from "@outrider/outrider";
import { PullStream } from "../pull_stream.ts";

/** A piece of input. */
export type FilterChunk = string | Uint8Array;

/** The input of a filter. */
export type FilterInput =
  | FilterChunk
  | Iterable<FilterChunk>
  | AsyncIterable<FilterChunk>
  | ReadableStream<FilterChunk>;

/** Chunks, of at most 64 KiB, that are read ahead of the reader. */
const CHUNKS_AHEAD = 2;
/** Lines that are read ahead of the reader, beyond which one more chunk may come. */
const LINES_AHEAD = 256;

/** The context of the job's process. */
export interface WorkOptions {
  /** Of the filter. */
  readonly path: string;
  /** Exit codes that mean success. */
  readonly success: readonly number[];
  /** Longest line. */
  readonly maxFrame: number;
  /** The job can't come to a good end: end the process. */
  readonly onFailed: () => void;
}

/** The message to the actor. */
export class FilterJob {
  /** The output. */
  readonly output: PullStream<string | Uint8Array>;
  readonly #as: "bytes" | "lines";
  readonly #input: Source;

  /** Not `instanceof`: a message may be a proxy, which would be asked, and may throw. */
  static is(message: unknown): message is FilterJob {
    return typeof message === "object" && message !== null && #input in message;
  }

  constructor(
    input: FilterInput,
    { as, onCancel }: { as: "bytes" | "lines"; onCancel: (reason: unknown) => void },
  ) {
    this.#as = as;
    this.#input = sourceOf(input);
    this.output = new PullStream({ capacity: as === "lines" ? LINES_AHEAD : CHUNKS_AHEAD, onCancel });
  }

  /** No more input is wanted. */
  stopInput(reason: unknown): void {
    this.#input.stop(reason);
  }

  /** Has `child` do the job; why it came to no good end, if it did. */
  async work(
    child: ChildProcess,
    { path, success, maxFrame, onFailed }: WorkOptions,
  ): Promise<Error | undefined> {
    let failure: Error | undefined;
    const fail = (thrown: unknown) => {
      failure ??= asError(thrown);
      onFailed();
    };
    const codec = codecs[this.#as];
    let room: Promise<void> | undefined;
    const decoder = codec.decoder({
      message: (item: string | Uint8Array) => room = this.output.push(item),
      malformed: (fault: Malformed) => fault.dropped && fail(new SidecarProtocolError(path, fault)),
    }, { maxFrame });
    let exited = false;
    let resume: (() => void) | undefined;
    const over = () => {
      exited = true;
      resume?.();
      this.stopInput(new PipeClosedError(child.pid, { reason: "the process has ended" }));
    };
    void child.exited.then(over, over);
    let lastWords = LAST_WORDS_BYTES;
    const reading = child.readStdout((chunk) => {
      room = undefined;
      decoder.push(chunk);
      if (!exited) return room && Promise.race([room, new Promise<void>((resolve) => resume = resolve)]);
      // A process leaves little in its pipe, and its reader may take longer than the pipe is kept for.
      lastWords -= chunk.length;
      return lastWords > 0 ? undefined : room;
    });
    reading.catch(fail); // of no use to wait for the end of a process whose output can't be read
    void this.#feed(child).catch(fail);
    const { status, pipesHeld, refused } = await child.closed;
    await reading;
    if (!pipesHeld) decoder.end();
    if (failure !== undefined) return failure;
    if (refused !== undefined) return refused;
    if (status.signal !== undefined || !success.includes(status.code)) {
      return new SidecarExitedError(path, status, child.stderrTail);
    }
    return pipesHeld ? new SidecarOutputCutError(path, PIPE_DRAIN_MS) : undefined;
  }

  async #feed(child: ChildProcess): Promise<void> {
    const encode = this.#as === "lines" ? codecs.lines.encode : bytesOf;
    try {
      for (;;) {
        const { value, done } = await this.#input.next();
        if (done) break;
        const frame = encode(value as string);
        if (frame.length > 0) await child.write(frame);
      }
      await child.closeStdin();
    } catch (error) {
      // It wants no more, which is its right; how it exits says whether that was well.
      if (!(error instanceof PipeClosedError)) throw error;
    } finally {
      this.stopInput(undefined);
    }
  }
}

function bytesOf(chunk: FilterChunk): WritableData {
  return typeof chunk === "string" ? chunk : codecs.bytes.encode(chunk);
}

/** Any input, as a source of chunks. */
interface Source {
  next(): Promise<{ value?: FilterChunk | undefined; done?: boolean }>;
  /** Has no effect once the source was read to its end. Its errors are ignored. */
  stop(reason: unknown): void;
}

function sourceOf(input: FilterInput): Source {
  if (typeof input === "string" || input instanceof Uint8Array) return sourceOf([input]);
  if (input instanceof ReadableStream) {
    const reader = input.getReader();
    return {
      next: () => reader.read() as ReturnType<Source["next"]>,
      stop: (reason) => void reader.cancel(reason).catch(() => {}),
    };
  }
  const iterator = Symbol.asyncIterator in input ? input[Symbol.asyncIterator]() : input[Symbol.iterator]();
  let over = false;
  return {
    // A plain iterator may hold promises.
    next: async () => {
      if (over) return { done: true };
      const { value, done } = await iterator.next();
      over ||= done === true;
      return { value: await value, done: over };
    },
    stop: () => {
      if (over) return;
      over = true;
      void Promise.try(() => iterator.return?.()).catch(() => {});
    },
  };
}
