/**
 * Events as the lines of a timeline: when, who, what, and how exactly.
 *
 * @module
 */

import type { SystemEvent } from "../actor/event.ts";
import type { Exit } from "../actor/exit.ts";
import { StartError } from "../supervision/errors.ts";
import { count, duration, printable } from "./words.ts";

/** Options of a {@linkcode Timeline}. */
export interface TimelineOptions {
  /** The tree's name: it stands for the path of the root. */
  readonly name: string;
  /** The longest path in the tree, in characters, so that columns line up. */
  readonly width: number;
  /** Whether to colour. */
  readonly color: boolean;
  /** The moment that counts as 0, in ms since 1970. */
  readonly since: number;
}

type Tint = "good" | "bad" | "warn" | "dim" | "plain";

const TINTS: Readonly<Record<Tint, string>> = { good: "32", bad: "31", warn: "33", dim: "2", plain: "" };
/** Paths longer than this push their line out of the columns. */
const MAX_WIDTH = 32;
const VERB_WIDTH = 10;

/** What a line says of an event. */
interface Entry {
  readonly verb: string;
  readonly tint: Tint;
  readonly detail: string;
}

/** Turns events into lines; it remembers what several events say together. */
export class Timeline {
  readonly #options: TimelineOptions;
  readonly #width: number;
  /** Per path: the last rung of the stop ladder, and losses so far. */
  readonly #steps = new Map<string, string>();
  readonly #losses = new Map<string, number>();

  constructor(options: TimelineOptions) {
    this.#options = options;
    this.#width = Math.min(MAX_WIDTH, Math.max(options.width, options.name.length));
  }

  /** To be shown every event, also those whose line is not wanted: what ends a sidecar is told with its stop. */
  see(event: SystemEvent): void {
    if (event.type === "stop_step") this.#steps.set(event.path, event.step);
  }

  /** The line for `event`, or `undefined` where it says nothing that another line does not say. */
  line(event: SystemEvent): string | undefined {
    const entry = this.#entry(event);
    if (entry === undefined) return undefined;
    const time = ((event.at - this.#options.since) / 1_000).toFixed(3).padStart(8);
    const path = (event.path === "/" ? this.#options.name : event.path).padEnd(this.#width);
    const verb = this.#paint(entry.verb.padEnd(VERB_WIDTH), entry.tint);
    return `${this.#paint(time, "dim")}  ${path}  ${verb}  ${entry.detail}`.trimEnd();
  }

  #entry(event: SystemEvent): Entry | undefined {
    switch (event.type) {
      case "spawned": {
        const again = event.generation > 1 ? `, generation ${event.generation}` : "";
        return { verb: "started", tint: "plain", detail: `${event.program}, pid ${event.pid}${again}` };
      }
      case "ready":
        return { verb: "ready", tint: "good", detail: `after ${duration(event.took)}` };
      case "ignored":
        return { verb: "ignored", tint: "dim", detail: "there was nothing to start" };
      case "start_failed":
        return { verb: "failed", tint: "bad", detail: failure(event.cause, event.path) };
      case "exited":
        return ended(event.exit, event.uptime);
      case "finished":
        return { verb: "finished", tint: "dim", detail: "it is not started again" };
      case "restarting":
        return {
          verb: "restarting",
          tint: "warn",
          detail: `in ${duration(event.delay)} (restart ${event.restart} of ${event.limit})`,
        };
      case "gave_up":
        return {
          verb: "gave up",
          tint: "bad",
          detail: `more than ${count(event.limit, "restart")} within ${duration(event.within)}`,
        };
      case "stopping":
        return event.path === "/"
          ? { verb: "stopping", tint: "dim", detail: "everything, last first" }
          : undefined;
      case "stopped":
        return this.#stopped(event);
      case "pipes_held":
        return {
          verb: "pipes held",
          tint: "warn",
          detail: `by a process it left behind; closed after ${duration(event.waited)}`,
        };
      case "output":
        return { verb: event.stream, tint: "dim", detail: printable(event.line) };
      case "malformed":
        return {
          verb: "malformed",
          tint: "warn",
          detail: `${event.kind}, ${count(event.bytes, "byte")}, ${event.total} so far: ${event.sample}`,
        };
      case "dead_letter":
        return this.#lost(event);
      case "events_lost":
        return {
          verb: "lost",
          tint: "warn",
          detail: `${count(event.count, "event")}: output was not read in time`,
        };
      case "starting":
      case "stop_step":
        return undefined;
    }
  }

  #stopped({ path, exit, took }: SystemEvent & { type: "stopped" }): Entry {
    const step = this.#steps.get(path);
    this.#steps.delete(path);
    const by = STEP_WORDS[step ?? ""] ?? "";
    const tint = exit.reason === "killed" ? "warn" : "dim";
    return {
      verb: exit.reason === "killed" ? "killed" : "stopped",
      tint,
      detail: `${by}after ${duration(took)}`,
    };
  }

  /** Losses are told at the 1st, 2nd, 4th, 8th … for each actor: a flood of them is no flood of lines. */
  #lost({ path, reason }: SystemEvent & { type: "dead_letter" }): Entry | undefined {
    const total = (this.#losses.get(path) ?? 0) + 1;
    this.#losses.set(path, total);
    if ((total & (total - 1)) !== 0) return undefined;
    return {
      verb: "lost",
      tint: "warn",
      detail: `${count(total, "message")} so far: ${reason.replaceAll("_", " ")}`,
    };
  }

  #paint(text: string, tint: Tint): string {
    return this.#options.color && TINTS[tint] !== "" ? `\x1b[${TINTS[tint]}m${text}\x1b[0m` : text;
  }
}

const STEP_WORDS: Readonly<Record<string, string>> = {
  close_stdin: "when stdin closed, ",
  SIGTERM: "by SIGTERM, ",
  SIGKILL: "by SIGKILL, ",
};

function ended(exit: Exit, uptime: number): Entry {
  const after = `after ${duration(uptime)}`;
  switch (exit.reason) {
    case "normal":
      return { verb: "ended", tint: "plain", detail: `by itself, ${after}` };
    case "shutdown":
      return { verb: "ended", tint: "plain", detail: after };
    case "killed":
      return { verb: "killed", tint: "bad", detail: after };
    case "crash":
      return { verb: "crashed", tint: "bad", detail: `${after}: ${crash(exit.cause)}` };
  }
}

/** What is known of a process that ended; a sidecar's error has it. */
interface ProcessEnd {
  readonly code: string;
  readonly exitCode: number;
  readonly signal: string | undefined;
  readonly lastWords: string | undefined;
}

/** Why a start failed; of a supervisor, only which child it was: that one has had its own line. */
function failure(cause: Error, path: string): string {
  if (!(cause instanceof StartError) || cause.path === path) return crash(cause);
  return `because of ${cause.path}; what had started is stopped again`;
}

/** The cause of a crash; a process's own words are worth more than ours. */
function crash(cause: Error): string {
  if (!isProcessEnd(cause)) return printable(cause.message);
  const how = cause.signal ?? `exit code ${cause.exitCode}`;
  return cause.lastWords === undefined ? how : `${how}, last words: ${printable(cause.lastWords)}`;
}

function isProcessEnd(cause: Error): cause is Error & ProcessEnd {
  return (cause as Partial<ProcessEnd>).code === "sidecar_exited";
}
