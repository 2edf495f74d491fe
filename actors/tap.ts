/**
 * Copies the frames between a sidecar and its callers to a file or a function, for inspection.
 *
 * A tap never waits. Entries that its sink does not take in time are dropped and counted, and the copy says so;
 * the sidecar does not notice. It is made of everything that passes, secrets included: its file is for its owner alone.
 *
 * @module
 */

import { asError, sleep } from "@outrider/outrider/actor";
import {
  type CodecName,
  jsonOrText,
  type Malformed,
  type ProtocolTap,
  type ProtocolTypes,
  resolveProtocol,
  type SidecarConnection,
  type WritableData,
} from "@outrider/outrider/protocol";
import type { Protocol } from "@outrider/outrider";
import { checkOptions, key, shape, whole } from "@outrider/outrider/options";

/** The fields of every entry. */
export interface TapEntryBase {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The sidecar's place in the tree. */
  readonly path: string;
  /** The incarnation, counted from 1. */
  readonly generation: number;
}

/** One thing that passed. */
export type TapEntry = TapEntryBase & TapRecord;

/** A {@linkcode TapEntry} without the fields common to all. */
export type TapRecord =
  /**
   * A frame that was sent, as it is; a message that was received, as it was read (JSON where it is not text). `frame`
   * is its beginning, without a newline at the end, and `length` that of the whole: characters of a text, bytes of
   * bytes.
   */
  | { readonly direction: "sent" | "received"; readonly frame: string; readonly length: number }
  /**
   * A received frame that is not a message; `frame` is its beginning, at most 80 characters, and `length` its bytes.
   */
  | {
    readonly direction: "malformed";
    readonly kind: string;
    readonly frame: string;
    readonly length: number;
  }
  /** So many entries are missing here: the sink was too slow. */
  | { readonly direction: "lost"; readonly count: number };

/** Where entries go: a file, to which they are added one a line, or a function, that is called for one at a time. */
export type TapSink = string | URL | ((entry: TapEntry) => void | Promise<void>);

/** Options of {@linkcode tap}. */
export interface TapOptions {
  /** Characters of a frame that are copied. Default {@linkcode TAP_CAP}. */
  readonly cap?: number;
}

const tapOptions = shape({
  cap: key(whole(0, 1_000_000_000, { isOpen: true }), "Characters of a frame that are copied", {
    usual: 4_096,
  }),
});

/** Characters of a frame that are copied, unless set otherwise. */
export const TAP_CAP = 4_096;
/** Entries that wait for their sink; further ones are dropped and counted. */
export const TAP_CAPACITY = 1_024;
/** Milliseconds that a sink has for the remaining entries when the sidecar has ended. */
export const TAP_FLUSH_MS = 1_000;

/**
 * `protocol`, with a copy of everything that passes to `sink`.
 *
 * The file is opened when the process is started, with mode 600 if it is new; it takes `--allow-write`. If it can't be
 * opened, the start fails. A sink that fails later is reported in the log, and not used until the next start.
 *
 * @example
 * ```ts
 * import { launch, sidecar } from "@outrider/outrider";
 * import { tap } from "@outrider/outrider/actors/tap";
 *
 * const seen: string[] = [];
 * const protocol = tap("lines", (entry) => {
 *   if (entry.direction !== "lost") seen.push(`${entry.direction}: ${entry.frame}`);
 * });
 * const app = await launch(sidecar("echo", { command: "cat", protocol }));
 * await app.ref("echo").ask("hello");
 * await app.stop();
 * console.log(seen); // [ "sent: hello", "received: hello" ]
 * ```
 */
export function tap<const P extends CodecName | Protocol>(
  protocol: P,
  sink: TapSink,
  options: TapOptions = {},
): Protocol<ProtocolTypes<P>[0], ProtocolTypes<P>[1], ProtocolTypes<P>[2]> {
  const { cap } = checkOptions<{ cap: number }>("Cannot make a tap", tapOptions, options);
  return {
    ...resolveProtocol(protocol),
    tap: (connection) =>
      new Tap(connection, typeof sink === "function" ? functionSink(sink) : fileSink(sink), cap),
  };
}

/** A sink, opened for one incarnation. */
interface Opened {
  take(entries: readonly TapEntry[]): Promise<void>;
  close(): void;
}

function functionSink(take: (entry: TapEntry) => void | Promise<void>): Opened {
  return {
    async take(entries) {
      for (const entry of entries) await take(entry);
    },
    close() {},
  };
}

function fileSink(path: string | URL): Opened {
  const file = Deno.openSync(path, { append: true, create: true, mode: 0o600 });
  const encoder = new TextEncoder();
  return {
    async take(entries) {
      const bytes = encoder.encode(entries.map((entry) => JSON.stringify(entry) + "\n").join(""));
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    },
    close: () => file.close(),
  };
}

class Tap implements ProtocolTap {
  readonly #connection: SidecarConnection;
  readonly #sink: Opened;
  readonly #cap: number;
  #waiting: TapEntry[] = [];
  #lost = 0;
  #working: Promise<void> | undefined;
  #isBroken = false;

  constructor(connection: SidecarConnection, sink: Opened, cap: number) {
    this.#connection = connection;
    this.#sink = sink;
    this.#cap = cap;
  }

  sent(frame: WritableData): void {
    if (!this.#hasRoom() || frame.length === 0) return;
    const text = this.#beginning(frame);
    this.#add({ direction: "sent", frame: text.replace(/\n$/, ""), length: frame.length });
  }

  received(message: unknown): void {
    if (!this.#hasRoom()) return;
    const frame = typeof message === "string" || message instanceof Uint8Array
      ? message
      : jsonOrText(message);
    this.#add({ direction: "received", frame: this.#beginning(frame), length: frame.length });
  }

  malformed({ kind, sample, bytes }: Malformed): void {
    if (this.#hasRoom()) this.#add({ direction: "malformed", kind, frame: sample, length: bytes });
  }

  async close(): Promise<void> {
    this.#reportLost();
    const flushed = new AbortController();
    await Promise.race([this.#working, sleep(this.#connection.clock, TAP_FLUSH_MS, flushed.signal)]);
    flushed.abort();
    this.#isBroken = true;
    this.#sink.close();
  }

  /** Whether there is room; without room an entry is not even built. */
  #hasRoom(): boolean {
    if (this.#isBroken) return false;
    if (this.#waiting.length < TAP_CAPACITY) return true;
    this.#lost++;
    return false;
  }

  #add(record: TapRecord): void {
    this.#reportLost();
    const { path, generation, clock } = this.#connection;
    this.#waiting.push({ at: clock.wallTime(), path, generation, ...record });
    this.#working ??= this.#work();
  }

  #reportLost(): void {
    if (this.#lost === 0) return;
    const count = this.#lost;
    this.#lost = 0;
    this.#add({ direction: "lost", count });
  }

  async #work(): Promise<void> {
    await Promise.resolve(); // what passes in the same turn is one piece of work
    try {
      while (this.#waiting.length > 0 && !this.#isBroken) {
        const entries = this.#waiting;
        this.#waiting = [];
        await this.#sink.take(entries);
      }
    } catch (thrown) {
      if (this.#isBroken) return; // it was closed under a write that took too long
      this.#isBroken = true;
      this.#waiting = [];
      this.#connection.note(`Cannot go on with the tap: ${asError(thrown).message}`);
    } finally {
      this.#working = undefined;
    }
  }

  #beginning(frame: WritableData): string {
    const start = frame.slice(0, this.#cap);
    // Put together and cut again, it is a copy: a part of a text keeps all of that text in memory.
    return typeof start === "string" ? ` ${start}`.slice(1) : decoder.decode(start);
  }
}

const decoder = new TextDecoder();
