/**
 * A fake program for the accounts of messages: what it answers names the message and the life that answers, and what is
 * written to it is kept account of, write by write.
 *
 * @module
 */
import type { ChildProcess, Command, SpawnOptions } from "@outrider/outrider/process";
import type { JsonValue } from "@outrider/outrider";
import { SpawnedProcess } from "../../../src/process/child.ts";
import { ProcessLife } from "../../../src/testing/process_life.ts";
import type { ProcessScript } from "@outrider/outrider/testing";
import type { Life, Talk } from "./message_scenario.ts";

/** Frames of a reply of many. */
export const FRAMES = 3;

/** The life behind all that a scenario has: one that works. */
const SOUND: Life = {
  fate: { kind: "lives", at: 1, with: 0 },
  takes: 0,
  readyAfter: 0,
  twice: false,
  chatty: true,
  onEof: 0,
  ignoresTerm: false,
};

/** The mark by which message `n` is known in whatever it is written. */
export const markOf = (n: number): string => `#${n}#`;

/** The numbers of all messages that `text` names. */
export function marksIn(text: string): number[] {
  return [...text.matchAll(/#(\d+)#/g)].map(([, n]) => Number(n));
}

/** The message in the words of the protocol. */
export function messageFor(
  talk: Talk,
  n: number,
  { kind, filler }: { kind: string; filler: number },
): unknown {
  const mark = markOf(n);
  const rest = "x".repeat(filler);
  if (talk === "lines") return `${mark} ${kind} ${rest}`;
  return talk === "jsonrpc" ? { method: kind, params: { mark, rest } } : { mark, kind, rest };
}

/** All lives of the program. */
export class Program {
  readonly lives: ProcessLife[] = [];
  /** The messages that each life was written, by life, in order; the n-th is of life n + 1. */
  readonly written: number[][] = [];
  /** Told of each message that is given to a life's pipe, of each that the pipe took, and of each that a life has answered. */
  onWritten: (n: number, life: number) => void = () => {};
  onLanded: (n: number, life: number) => void = () => {};
  onAnswered: (n: number, life: number) => void = () => {};
  readonly #talk: Talk;
  readonly #plans: readonly Life[];

  constructor(talk: Talk, plans: readonly Life[]) {
    this.#talk = talk;
    this.#plans = plans;
  }

  /** The latest life. */
  get life(): ProcessLife {
    return this.lives.at(-1)!;
  }

  /** Whether the latest life is one that works. */
  get sound(): boolean {
    return this.lives.length > this.#plans.length;
  }

  /** For the option `spawn`. */
  readonly spawn = (command: Command, options: SpawnOptions = {}): ChildProcess => {
    const number = this.lives.length + 1;
    const life = new ProcessLife(this.#script(this.#plans[number - 1] ?? SOUND), {
      life: number,
      pid: number,
      command,
      timers: options.timers!,
    });
    this.lives.push(life);
    this.written.push([]);
    const { pid, stdout, stderr, status } = life;
    const stdin = this.#watched(life.stdin, number);
    return new SpawnedProcess(
      { pid, stdin, stdout, stderr, status, kill: (signal) => life.kill(signal) },
      options,
    );
  };

  /** Everything that is given to the pipe, whether it takes it or not. */
  #watched(pipe: WritableStream<Uint8Array>, life: number): WritableStream<Uint8Array> {
    const writer = pipe.getWriter();
    writer.closed.catch(() => {}); // whoever writes is told
    return new WritableStream<Uint8Array>({
      write: async (chunk) => {
        const marks = marksIn(new TextDecoder().decode(chunk));
        this.written[life - 1]!.push(...marks);
        for (const n of marks) this.onWritten(n, life);
        await writer.write(chunk);
        for (const n of marks) this.onLanded(n, life);
      },
      close: () => writer.close(),
      abort: (reason) => writer.abort(reason),
    });
  }

  #script(plan: Life): ProcessScript {
    const { fate, takes, readyAfter, onEof, ignoresTerm } = plan;
    const onMessage = fate.at;
    const dying = fate.kind === "dies unread" || fate.kind === "dies in mid-frame";
    // A line that is cut off is a whole one where the program ended well.
    const ending = fate.kind === "dies in mid-frame" && this.#talk === "lines" && fate.with === 0
      ? 3
      : fate.with;
    const common = {
      takes,
      onEof,
      says: [
        { after: readyAfter, stderr: "up" },
        ...fate.kind === "dies in mid-frame" ? [{ onMessage, raw: '{"id":1,"mark":"#' }] : [],
      ],
      ...dying ? { dies: { onMessage, with: ending } } : {},
      // Not before it is ready in its first life: a tree that can't start is another matter.
      ...fate.kind === "dies in time" ? { dies: { after: 10 * fate.at, with: ending } } : {},
      ...fate.kind === "hangs" ? { hangs: { onMessage } } : {},
      ...fate.kind === "closes stdin" ? { closesStdin: { onMessage } } : {},
      ...fate.kind === "closes stdout" ? { closesStdout: { onMessage } } : {},
      ...ignoresTerm ? { signals: { SIGTERM: "ignore" as const } } : {},
    };
    if (this.#talk === "lines") {
      return {
        ...common,
        protocol: "lines",
        reply: (line, about) =>
          line.includes("ask") ? this.#answers(plan, line, about)[0] as string : undefined,
      };
    }
    return {
      ...common,
      protocol: "ndjson",
      reply: (message, about) => {
        const life = this.lives[about.life - 1]!;
        if (plan.chatty) life.print('{"method":"news"}');
        const text = JSON.stringify(message);
        if (!text.includes('"ask"')) return undefined;
        const answers = this.#answers(plan, text, about);
        for (const answer of plan.twice ? [...answers, ...answers] : answers) {
          life.print(JSON.stringify({ id: (message as { id: number }).id, ...answer as object }));
        }
        return undefined;
      },
    };
  }

  /** What it answers, frame by frame. */
  #answers({ fate }: Life, text: string, { life, message }: { life: number; message: number }): JsonValue[] {
    const isIt = message === fate.at;
    if (fate.kind === "forgets" && isIt && this.#talk !== "lines") return [];
    const [n] = marksIn(text) as [number];
    if (fate.kind === "dies answered" && isIt) queueMicrotask(() => this.lives[life - 1]!.die(fate.with));
    this.onAnswered(n, life);
    const said = `${markOf(n)} @${life}`;
    if (this.#talk === "lines") return [said];
    if (this.#talk === "ndjson") return [{ said }];
    if (this.#talk === "stream") {
      return Array.from({ length: FRAMES }, (_, at) => ({ said, at, last: at === FRAMES - 1 }));
    }
    const jsonrpc = "2.0";
    return n % 5 === 0 ? [{ jsonrpc, error: { code: 1, message: said } }] : [{ jsonrpc, result: said }];
  }
}
