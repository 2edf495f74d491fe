/**
 * One life of a fake process: its state in the operating system, played
 * from a script. Everything from its pipes on (batching of writes, framing, limits,
 * deadlines) is the runtime's own code.
 */

import type { JsonValue } from "../process/codecs/json.ts";
import { constants } from "node:os";
import type { RunningProcess } from "../process/child_process.ts";
import { codecs } from "../process/codecs/codecs.ts";
import type { Command } from "../process/command.ts";
import { type Decoder, DEFAULT_MAX_FRAME } from "../process/framing/framing.ts";
import type { Timers } from "../time/clock.ts";
import type { Moment, ProcessEnding, ProcessScript, ScriptContext, SignalEffect } from "./script.ts";

/** Bytes that fit into the pipe of a process that does not read: more wait. */
export const PIPE_BYTES = 65_536;
/** Messages that a life remembers; the oldest go first. */
export const RECEIVED_KEPT = 10_000;

const encoder = new TextEncoder();

/** Options of a life. */
export interface LifeOptions {
  /** The number of the start, counted from 1. */
  readonly life: number;
  /** Its number. */
  readonly pid: number;
  /** The command that starts it. */
  readonly command: Command;
  /** The clock that it lives by. */
  readonly timers: Timers;
}

/** One life of a fake process. */
export class ProcessLife implements RunningProcess {
  /** The number of the start, counted from 1. */
  readonly life: number;
  /** Its number; no other life of any fake process has it. */
  readonly pid: number;
  /** The command that started it. */
  readonly command: Command;
  /** Messages it has read, oldest first. */
  readonly received: unknown[] = [];
  /** The signals that it was sent. */
  readonly signals: Deno.Signal[] = [];
  /** How it ended; `undefined` while it lives. */
  ending: ProcessEnding | undefined;
  /** @ignore */ readonly stdin: WritableStream<Uint8Array>;
  /** @ignore */ readonly stdout: ReadableStream<Uint8Array>;
  /** @ignore */ readonly stderr: ReadableStream<Uint8Array>;
  /** @ignore */ readonly status: Promise<{ readonly code: number; readonly signal: Deno.Signal | null }>;
  readonly #script: ProcessScript;
  readonly #timers: Timers;
  readonly #alarms = new Set<unknown>();
  readonly #decoder: Decoder;
  readonly #inbox: unknown[] = [];
  readonly #reap: (status: { code: number; signal: Deno.Signal | null }) => void;
  readonly #out = new FakeStream();
  readonly #err = new FakeStream();
  #unread = 0;
  #read = 0;
  #isBusy = false;
  #isHanging = false;
  #isStdinClosed = false;
  #hasEof = false;
  #room: PromiseWithResolvers<void> | undefined;

  /** @ignore Made by a fake process. */
  constructor(script: ProcessScript, { life, pid, command, timers }: LifeOptions) {
    this.life = life;
    this.pid = pid;
    this.command = command;
    this.#script = script;
    this.#timers = timers;
    const message = (value: unknown) => void this.#inbox.push(value);
    this.#decoder = codecs[script.protocol ?? "lines"].decoder({ message, malformed: () => {} }, {
      maxFrame: DEFAULT_MAX_FRAME,
    });
    this.stdin = new WritableStream<Uint8Array>({
      write: (chunk) => this.#written(chunk),
      close: () => this.#isClosed(),
    });
    this.stdout = this.#out.stream;
    this.stderr = this.#err.stream;
    const status = Promise.withResolvers<{ code: number; signal: Deno.Signal | null }>();
    this.status = status.promise;
    this.#reap = status.resolve;
    const { dies, hangs, closesStdin, closesStdout, says = [] } = script;
    for (const saying of says) this.#at(saying, () => this.#say(saying));
    this.#at(hangs, () => this.#isHanging = true);
    this.#at(closesStdin, () => this.#closeStdin());
    this.#at(closesStdout, () => this.#out.end());
    this.#at(dies, () => this.die(dies!.with ?? 1));
  }

  /** Whether it lives. */
  get isAlive(): boolean {
    return this.ending === undefined;
  }

  /** Ends it, by itself: with an exit code, or as by that signal. No effect on one that has ended. */
  die(ending: ProcessEnding = 1): void {
    if (this.ending !== undefined) return;
    this.ending = ending;
    for (const alarm of this.#alarms) this.#timers.clearTimeout(alarm);
    this.#closeStdin();
    if (!this.#script.leavesPipesOpen) {
      this.#out.end();
      this.#err.end();
    }
    this.#reap(
      typeof ending === "number"
        ? { code: ending, signal: null }
        : { code: 128 + numberOf(ending), signal: ending },
    );
  }

  /** Writes a line to stdout. */
  print(line: string): void {
    if (this.isAlive) this.#out.write(encoder.encode(`${line}\n`));
  }

  /** Writes a line to stderr. */
  printError(line: string): void {
    if (this.isAlive) this.#err.write(encoder.encode(`${line}\n`));
  }

  /** @ignore For the runtime: sends a signal. */
  kill(signal: Deno.Signal): void {
    if (!this.isAlive) throw new TypeError("Child process has already terminated");
    if (signal as unknown === 0) return; // only asks whether it lives
    this.signals.push(signal);
    const effect: SignalEffect = signal === "SIGKILL" ? signal : this.#script.signals?.[signal] ?? signal;
    if (effect === "ignore") return;
    if (typeof effect !== "object") return this.die(effect);
    this.#after(effect.after, () => this.die(effect.with));
  }

  // --- Its script -------------------------------------------------------------------

  #at(moment: Moment | undefined, act: () => void): void {
    if (moment !== undefined && "after" in moment) this.#after(moment.after, act);
  }

  #after(ms: number, act: () => void): void {
    const alarm = this.#timers.setTimeout(() => {
      this.#alarms.delete(alarm);
      act();
    }, ms);
    this.#alarms.add(alarm);
  }

  #say({ stdout, stderr, raw }: { stdout?: string; stderr?: string; raw?: string | Uint8Array }): void {
    if (stdout !== undefined) this.print(stdout);
    if (stderr !== undefined) this.printError(stderr);
    if (raw !== undefined) this.#out.write(typeof raw === "string" ? encoder.encode(raw) : raw);
  }

  // --- Its stdin --------------------------------------------------------------------

  #written(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#isStdinClosed) throw new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
    this.#unread += chunk.length;
    this.#decoder.push(chunk.slice()); // the writer uses its buffer again
    this.#readOn();
    if (this.#unread <= PIPE_BYTES || this.#isStdinClosed) return undefined;
    this.#room = Promise.withResolvers();
    return this.#room.promise;
  }

  #isClosed(): void {
    this.#hasEof = true;
    this.#decoder.end();
    this.#readOn();
  }

  #closeStdin(): void {
    this.#isStdinClosed = true;
    this.#room?.reject(new Deno.errors.BrokenPipe("Broken pipe (os error 32)"));
    this.#room = undefined;
  }

  #readOn(): void {
    while (!this.#isBusy && !this.#isHanging && !this.#isStdinClosed && this.#inbox.length > 0) {
      this.#handle();
    }
    if (this.#isBusy || this.#isHanging || this.#isStdinClosed) return;
    this.#unread = 0;
    this.#room?.resolve();
    this.#room = undefined;
    const { onEof = 0 } = this.#script;
    if (this.#hasEof && onEof !== "ignore") this.die(onEof);
  }

  #handle(): void {
    const message = this.#inbox.shift();
    this.#unread -= this.#unread / (this.#inbox.length + 1); // chunks are not messages: each counts as an equal share
    this.#read++;
    this.received.push(message);
    if (this.received.length > RECEIVED_KEPT) this.received.shift();
    const { takes = 0, dies, hangs, closesStdin, closesStdout, says = [] } = this.#script;
    const isNow = (moment: Moment | undefined) =>
      moment !== undefined && "onMessage" in moment && moment.onMessage === this.#read;
    for (const saying of says) if (isNow(saying)) this.#say(saying);
    if (isNow(closesStdin)) this.#closeStdin();
    if (isNow(closesStdout)) this.#out.end();
    if (isNow(dies)) return this.die(dies!.with ?? 1);
    if (isNow(hangs)) this.#isHanging = true;
    if (this.#isHanging) return;
    const about: ScriptContext = { life: this.life, message: this.#read };
    if (takes === 0) return this.#answer(message, about);
    this.#isBusy = true;
    this.#after(takes, () => {
      this.#isBusy = false;
      if (!this.#isHanging) this.#answer(message, about);
      if (this.#unread <= PIPE_BYTES) {
        this.#room?.resolve();
        this.#room = undefined;
      }
      this.#readOn();
    });
  }

  #answer(message: unknown, about: ScriptContext): void {
    const script = this.#script;
    if (script.protocol === undefined) return;
    if (script.protocol === "ndjson") {
      const reply = script.reply?.(message as JsonValue, about);
      if (reply !== undefined) this.#out.write(encoder.encode(`${JSON.stringify(withId(reply, message))}\n`));
    } else if (script.protocol === "bytes") {
      const reply = script.reply?.(message as Uint8Array, about);
      if (reply !== undefined) this.#out.write(reply);
    } else {
      const reply = script.reply?.(message as string, about);
      if (reply !== undefined) this.print(reply);
    }
  }
}

function numberOf(signal: Deno.Signal): number {
  return (constants.signals as Readonly<Record<string, number>>)[signal] ?? 0;
}

/** The writing side of a stream that may be left by its reader, and never blocks. */
export class FakeStream {
  readonly stream: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #isOver = false;

  constructor() {
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#controller = controller),
      cancel: () => void (this.#isOver = true),
    });
  }

  write(bytes: Uint8Array): void {
    if (!this.#isOver && bytes.length > 0) this.#controller.enqueue(bytes);
  }

  /** Ends the stream, behind unread bytes. */
  end(): void {
    if (!this.#isOver) this.#controller.close();
    this.#isOver = true;
  }
}

/** `reply` with the `id` of the message that it answers, unless it has one, or is not an object. */
export function withId(reply: JsonValue, message: unknown): JsonValue {
  const isObject = (value: unknown): value is { [key: string]: JsonValue } =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject(reply) || !isObject(message) || message.id === undefined || "id" in reply) return reply;
  return { id: message.id, ...reply };
}
