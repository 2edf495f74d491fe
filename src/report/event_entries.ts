/**
 * Says in words what events of supervision are: the verb and the details of their lines in a timeline.
 *
 * Several events are one story, so what came before counts: the line of a stop names what ended the sidecar, that of a
 * death what decides over it.
 */

import type { SystemEvent } from "../events.ts";
import { type Exit, isStoppedByForce } from "../actor/exit.ts";
import { localDate, utcOffset } from "./clock_time.ts";
import { crashText, guaranteeSentences, heldPipesText, startFailureText, successText } from "./cause.ts";
import { backgroundHint } from "./foreground.ts";
import { finalText, heldBackText } from "./restart_rule.ts";
import { splitPath } from "../supervision/child_path.ts";
import { formatCount, formatDuration, printableLine } from "../text/words.ts";

/** How an entry is coloured. */
export type Tint = "good" | "bad" | "warn" | "dim" | "plain";

/** The tint of a line of output. */
export const LEVEL_TINTS = { error: "bad", warn: "warn", info: "dim", debug: "dim" } as const;

/** The parts of an event's line; unprintable characters of the detail are escaped when the line is made. */
export type EventEntry = readonly [verb: string, tint: Tint, detail: string];

type StillStopping = SystemEvent & { readonly type: "still_stopping" };

/** The events of one tree in words. */
export class EventEntries {
  readonly #time: "clock" | "date" | "elapsed";
  /** Per path: the last step of the stop sequence, and losses so far. */
  readonly #steps = new Map<string, string>();
  readonly #losses = new Map<string, number>();
  /** Supervisors whose first start is under way: until it is over they leave deaths alone. */
  readonly #unready = new Set<string>();
  /** Supervisors that try a failed start again, and deal with deaths from the first moment on. */
  readonly #retrying = new Set<string>();
  /** Children that an operator wants started. */
  readonly #byHand = new Set<string>();
  /** Children in quarantine. */
  readonly #quarantined = new Set<string>();
  /** Children whose last process ended in order, and those of which a process was left. */
  readonly #endedWell = new Set<string>();
  readonly #leaving = new Set<string>();
  /** What each child runs. */
  readonly #programs = new Map<string, string>();
  /** How far a stop reaches, once that is known. */
  #stopReaches: "tree" | "process" | undefined;
  #missing = 0;
  #reportAt = 1;

  /** `time`: as the timeline counts it, which its first line says. */
  constructor(time: "clock" | "date" | "elapsed") {
    this.#time = time;
  }

  /** Takes every event, also those without a line: the line of a stop names what ended the sidecar. */
  see(event: SystemEvent): void {
    const { type, path } = event;
    if (type === "contained") this.#stopReaches = event.stop;
    if (type === "stop_step") this.#steps.set(path, event.step);
    if (type === "supervising") (event.onStartFailure === "retry" ? this.#retrying : this.#unready).add(path);
    if (type === "ready" || type === "stopping" || type === "start_failed" || type === "exited") {
      this.#unready.delete(path);
    }
    if (type === "spawned") this.#programs.set(path, event.program);
    if (type === "quarantined") this.#quarantined.add(path);
    if (type === "starting" || type === "forgotten") {
      this.#quarantined.delete(path);
      this.#leaving.delete(path);
    }
    if (type === "pipes_held" || type === "leftovers_killed") this.#leaving.add(path);
    if (type === "exited" && event.exit.reason === "normal") this.#endedWell.add(path);
    else if (type === "exited" || type === "stopped" || type === "forgotten") this.#endedWell.delete(path);
    if (type === "forgotten") this.#programs.delete(path);
    if (type === "requested" && /start$/.test(event.request)) this.#byHand.add(path);
    if (type === "ready" || type === "restarting") this.#byHand.delete(path);
  }

  /** What `event` says, or `undefined` where another one says it. */
  entryOf(event: SystemEvent): EventEntry | undefined {
    switch (event.type) {
      case "starting":
        return ["starting", "dim", this.#starting(event)];
      case "spawned":
        return ["started", "plain", `${event.program}, pid ${event.pid}`];
      case "waiting":
        // One that waits for what is on its way is as usual in a start.
        return event.late ? ["waiting", "warn", `for ${event.for.join(", ")}`] : undefined;
      case "degraded":
        return event.path === "/" ? ["degraded", "warn", degradedText(event)] : undefined;
      case "ready":
        return ["ready", "good", `took ${formatDuration(event.took)}`];
      case "readiness":
        return event.ready
          ? ["ready", "good", "its readiness probe succeeds"]
          : ["not ready", "warn", event.cause === undefined ? "" : crashText(event.cause)];
      case "ignored":
        return ["ignored", "dim", "there was nothing to start"];
      case "start_failed":
        return ["failed", "bad", this.#startFailure(event)];
      case "exited":
        return this.#exited(event);
      case "finished":
        return ["finished", "dim", finalText(event)];
      case "restarting":
        return ["restarting", "warn", `${wait(event.delay)} (restart ${event.restart} of ${event.limit})`];
      case "gave_up":
        return [
          "gave up",
          "bad",
          `more than ${formatCount(event.limit, "restart")} within ${formatDuration(event.within)}`,
        ];
      case "quarantined":
        return ["quarantine", "bad", heldBackText(event)];
      case "stopping":
        return ["stopping", "dim", event.path === "/" ? stoppingAll(event.reason) : ""];
      case "requested":
        return [
          "requested",
          "plain",
          `${event.request}, asked ${event.via === "mcp" ? "by a tool of MCP" : "over the control socket"}${
            this.#release(event)
          }`,
        ];
      case "still_stopping":
        return ["waiting", "warn", `for ${event.children.map(stoppingText).join(", ")}`];
      case "stop_step":
        return ["stopping", "dim", stepText(event.step).now];
      case "stopped":
        return this.#stopped(event);
      case "pipes_held":
        return ["pipes held", "warn", heldPipesText(event.waited, this.#stopReaches)];
      case "leftovers_killed":
        return ["left over", "warn", "processes that it had started; ended by SIGKILL"];
      case "contained":
        return ["contained", "dim", guaranteeSentences(event).join("; ")];
      case "swept":
        return [
          "swept",
          "warn",
          `process ${event.pid}, which ${
            event.leftBy === "child" ? "it" : "the run before"
          } had left behind, ` +
          (event.ended ? "was ended" : "is there in spite of SIGKILL") + sweptDetail(event) +
          (event.leftBy === "child" && this.#endedWell.has(event.path)
            ? backgroundHint(this.#programs.get(event.path))
            : ""),
        ];
      case "warning":
        return ["warning", "warn", printableLine(event.message)];
      case "output":
        return [event.stream, LEVEL_TINTS[event.level ?? "info"], event.line];
      case "malformed":
        return [
          "malformed",
          "warn",
          `${event.kind.replaceAll("_", " ")}, ${formatCount(event.bytes, "byte")}, ${event.total} so far: ${
            printableLine(event.sample)
          }`,
        ];
      case "dead_letter":
        return this.#lost(event);
      case "events_lost":
        return this.#missed(event.count);
    }
  }

  #stopped({ path, exit, took }: SystemEvent & { type: "stopped" }): EventEntry {
    const step = this.#lastStep(path);
    const by = step === undefined ? "" : stepText(step).done;
    const killed = isStoppedByForce(exit);
    return [killed ? "killed" : "stopped", killed ? "warn" : "dim", `${by}took ${formatDuration(took)}`];
  }

  /** A failure that the process did not end with by itself, such as that of a liveness probe, has a stop sequence too. */
  #exited({ path, exit, uptime }: SystemEvent & { type: "exited" }): EventEntry {
    const [verb, tint, detail] = ended(exit, uptime);
    const killed = this.#lastStep(path) === "SIGKILL" ? "; ended by SIGKILL" : "";
    const waits = this.#unready.has(splitPath(path).parent) && path !== "/"
      ? "; what follows is decided once all beside it are ready"
      : "";
    const left = this.#leaving.delete(path) && exit.reason === "normal"
      ? backgroundHint(this.#programs.get(path))
      : "";
    return [verb, tint, detail + killed + waits + left];
  }

  #startFailure({ path, cause }: SystemEvent & { type: "start_failed" }): string {
    const why = startFailureText(cause, path);
    const isFinal = this.#byHand.delete(path) && !this.#retrying.has(splitPath(path).parent);
    return isFinal ? `${why}; it stays stopped until it is started by hand` : why;
  }

  /** What a start by hand makes of a quarantine. */
  #release({ path, request }: SystemEvent & { type: "requested" }): string {
    const isStart = /start$/.test(request);
    return isStart && this.#quarantined.has(path) ? "; its restart budget is whole again" : "";
  }

  #lastStep(path: string): string | undefined {
    const step = this.#steps.get(path);
    this.#steps.delete(path);
    return step;
  }

  /**
   * Losses have a line at the 1st, 2nd, 4th, 8th … of each actor, so that a flood of them does not flood the output.
   */
  #lost({ path, reason }: SystemEvent & { type: "dead_letter" }): EventEntry | undefined {
    const total = (this.#losses.get(path) ?? 0) + 1;
    this.#losses.set(path, total);
    if ((total & (total - 1)) !== 0) return undefined;
    return ["lost", "warn", `${formatCount(total, "message")} so far: ${reason.replaceAll("_", " ")}`];
  }

  /** Like losses of messages, by their number: as often as it has doubled. */
  #missed(more: number): EventEntry | undefined {
    this.#missing += more;
    if (this.#missing < this.#reportAt) return undefined;
    this.#reportAt = this.#missing * 2;
    const detail = `${formatCount(this.#missing, "event")} so far: they came faster than this output is read`;
    return ["lost", "warn", detail];
  }

  #starting({ at, path }: SystemEvent): string {
    if (path !== "/") return "";
    if (this.#time === "elapsed") return `at ${new Date(at).toISOString()}; times are in seconds from here`;
    return `on ${localDate(at)}; times are local, ${utcOffset(at)}`;
  }
}

/** The steps of the stop sequence: while it is taken, and once it has ended the process. */
const STEPS: Readonly<Record<string, { readonly now: string; readonly done: string }>> = {
  drain: { now: "waiting for what is under way", done: "" },
  command: { now: "running its stop command", done: "by its stop command, " },
  close_stdin: { now: "closing stdin", done: "when stdin closed, " },
};

/** `db (sent SIGTERM, 5 s)`. */
function stoppingText({ path, step, for: time }: StillStopping["children"][number]): string {
  const at = step === undefined
    ? "told to stop"
    : step.startsWith("SIG")
    ? `sent ${step}`
    : stepText(step).now;
  return `${path} (${at}, ${formatDuration(time)})`;
}

function stepText(step: string): { readonly now: string; readonly done: string } {
  return STEPS[step] ??
    (step.startsWith("SIG") ? { now: `sending ${step}`, done: `by ${step}, ` } : { now: step, done: "" });
}

function sweptDetail({ ended, program, signal }: SystemEvent & { type: "swept" }): string {
  const by = ended && signal !== undefined ? ` by ${signal}` : "";
  return program === undefined ? by : `${by}: ${program}`;
}

function stoppingAll(reason: string | undefined): string {
  const order = "everything, in reverse start order";
  return reason === undefined ? order : `${order}: ${reason}`;
}

/** The names of children that are shown, at most. */
const SHOWN_NAMES = 10;

function degradedText({ ready, of, waiting }: SystemEvent & { type: "degraded" }): string {
  const more = waiting.length - SHOWN_NAMES;
  const names = waiting.slice(0, SHOWN_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
  return `${ready} of ${of} ready; not yet: ${names}`;
}

function wait(delay: number): string {
  return delay === 0 ? "at once" : `in ${formatDuration(delay)}`;
}

function ended(exit: Exit, uptime: number): EventEntry {
  const after = `after ${formatDuration(uptime)}`;
  switch (exit.reason) {
    case "normal": {
      if (exit.isAsked) return ["ended", "plain", `as its client has gone, ${after}`];
      const success = successText(exit);
      return ["ended", "plain", `by itself, ${after}${success === undefined ? "" : `: ${success}`}`];
    }
    case "shutdown":
      return ["ended", "plain", after];
    case "killed":
      return ["killed", "bad", `by force, ${after}`];
    case "crash":
      return ["crashed", "bad", `${after}: ${crashText(exit.cause)}`];
  }
}
