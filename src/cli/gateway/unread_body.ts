/**
 * The body of an answer that is a stream, with the number of bytes in it that its reader has not taken yet.
 */

import { Ring } from "../../time/ring.ts";

/** Bytes that are given at a time: Deno holds some pieces of each stream, however large they are. */
const GIVEN_BYTES = 32_768;
/** Bytes that a piece takes besides its own. */
const PIECE_BYTES = 256;

/** What is told of it. */
export interface UnreadListener {
  /** So many more bytes wait, or less. */
  readonly onChange: (bytes: number) => void;
  /** It was read to its end, dropped, or its reader has gone. */
  readonly onEnd: () => void;
}

/** Reads a stream ahead of whoever reads its own. */
export class UnreadBody {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #source: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #listener: UnreadListener;
  readonly #waiting = new Ring<Uint8Array<ArrayBuffer>>();
  /** How much of the first piece was given. */
  #given = 0;
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #wake: (() => void) | undefined;
  #hasEnded = false;
  #isOver = false;

  constructor(source: ReadableStream<Uint8Array<ArrayBuffer>>, listener: UnreadListener) {
    this.#source = source.getReader();
    this.#listener = listener;
    this.stream = new ReadableStream({
      start: (controller) => void (this.#controller = controller),
      pull: () => this.#give(),
      cancel: (reason) => this.#leave(reason),
    }, { highWaterMark: 0 });
    void this.#read().finally(() => {
      this.#hasEnded = true;
      this.#wake?.();
    });
  }

  /** Lets go of what waits, and ends the stream; not with an error, as Deno prints that. */
  drop(why: string): void {
    if (this.#isOver) return;
    this.#controller.close();
    this.#leave(why);
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const { value } = await this.#source.read();
        if (value === undefined || this.#isOver) return;
        this.#waiting.push(value);
        this.#listener.onChange(costOf(value));
        this.#wake?.();
      }
    } catch {
      // Of a stream that fails no more comes.
    }
  }

  async #give(): Promise<void> {
    while (this.#waiting.size === 0) {
      if (this.#isOver) return;
      if (this.#hasEnded) {
        this.#controller.close();
        return this.#end();
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const piece = this.#waiting.peek();
    // A copy: what was given out of a large piece would keep all of it.
    const part = piece.slice(this.#given, this.#given + GIVEN_BYTES);
    this.#given += part.length;
    if (this.#given === piece.length) {
      this.#waiting.shift();
      this.#given = 0;
      this.#listener.onChange(-costOf(piece));
    }
    this.#controller.enqueue(part);
  }

  #leave(reason: unknown): void {
    this.#end();
    this.#source.cancel(reason).catch(() => {});
    this.#wake?.();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting.forEach((piece) => this.#listener.onChange(-costOf(piece)));
    this.#waiting.clear();
    this.#listener.onEnd();
  }
}

function costOf({ length }: Uint8Array): number {
  return length + PIECE_BYTES;
}
