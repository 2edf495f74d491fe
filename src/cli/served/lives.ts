/**
 * The last incarnations of each child: when they began and ended, how, and what was decided then. For `outrider why`.
 *
 * Fed with the events of a tree, and kept in the runtime, so that an operator who comes late finds what happened. Bounded:
 * of each child the last {@linkcode MAX_LIVES}, each in a few texts of bounded length.
 */

import { deathOfError, type Exit, isStoppedByForce } from "../../actor/exit.ts";
import type { Life } from "../../control/protocol.ts";
import type { SystemEvent } from "../../events.ts";
import { crashText, successText } from "../../report/cause.ts";
import { backgroundHint } from "../../report/foreground.ts";
import { finalText, heldBackText } from "../../report/restart_rule.ts";
import type { System } from "../../supervision/tree.ts";
import { formatDuration } from "../../text/words.ts";

/** Incarnations kept of each child. */
export const MAX_LIVES = 10;

/** The longest text that is kept. */
const MAX_TEXT = 500;

const BY_ITSELF = "ended by itself";

const TYPES = [
  "starting",
  "spawned",
  "ready",
  "start_failed",
  "exited",
  "stopping",
  "stopped",
  "pipes_held",
  "leftovers_killed",
  "requested",
  "restarting",
  "retrying",
  "quarantined",
  "finished",
  "called_off",
  "forgotten",
] as const;

type LifeEvent = Extract<SystemEvent, { readonly type: (typeof TYPES)[number] | "swept" }>;

type Written<T> = { -readonly [Key in keyof T]: T[Key] };

/** Remembers the lives of a tree's children. */
export class Lives {
  readonly #of = new Map<string, Written<Life>[]>();
  /** What an operator asked for last, until the child that it is about ends or starts. */
  readonly #asked = new Map<string, string>();
  readonly #programs = new Map<string, string>();
  /** Children whose process has ended, or is about to, and left another one. */
  readonly #leaving = new Set<string>();

  /** The incarnations of the child at `path`, the latest first. */
  of(path: string): readonly Life[] {
    return (this.#of.get(path) ?? []).toReversed();
  }

  /** Follows `system` from now on, until `signal` aborts or the tree has ended. */
  async follow(system: System, signal: AbortSignal): Promise<void> {
    for await (const event of system.events({ types: [...TYPES], signal })) {
      if (event.type !== "events_lost") this.see(event);
    }
  }

  /** Passes on what containment adds to the events, and takes the processes that children have left. */
  *noting(events: Iterable<SystemEvent>): IterableIterator<SystemEvent> {
    for (const event of events) {
      if (event.type === "swept" && event.leftBy === "child") this.see(event);
      yield event;
    }
  }

  /** Takes one event. */
  see(event: LifeEvent): void {
    const { path, at, generation } = event;
    if (path === "/") return;
    switch (event.type) {
      case "forgotten":
        this.#of.delete(path);
        this.#programs.delete(path);
        this.#leaving.delete(path);
        return void this.#asked.delete(path);
      case "requested":
        return void this.#asked.set(path, event.request);
      case "starting":
        return this.#begin(path, { generation, startedAt: at, ...this.#takeAsked(path) });
    }
    const life = this.#of.get(path)?.at(-1);
    if (life === undefined) return;
    switch (event.type) {
      case "spawned":
        life.pid = event.pid;
        this.#leaving.delete(path);
        return void this.#programs.set(path, event.program);
      case "pipes_held":
      case "leftovers_killed":
        return void this.#leaving.add(path);
      case "swept": {
        const left = this.#of.get(path)?.find((life) => life.generation === generation);
        if (left?.end === undefined) this.#leaving.add(path);
        else if (left.end.startsWith(BY_ITSELF)) {
          const hint = backgroundHint(this.#programs.get(path));
          if (!left.end.endsWith(hint)) left.end += hint;
        }
        return;
      }
      case "ready":
        life.readyAt = at;
        return;
      case "start_failed":
        return end(
          life,
          at,
          deathOfError(event.cause).kind === "unstartable"
            ? `could not be started: ${crashText(event.cause)}`
            : `did not get ready: ${crashText(event.cause)}`,
        );
      case "exited":
        end(life, at, endText(event.exit, this.#takeAsked(path).asked));
        if (this.#leaving.delete(path) && event.exit.reason === "normal") {
          life.end += backgroundHint(this.#programs.get(path));
        }
        return;
      case "stopped": {
        const asked = this.#takeAsked(path).asked;
        const by = asked === undefined ? "with its group or its supervisor" : "by hand";
        return end(life, at, `was stopped ${by}${isStoppedByForce(event.exit) ? ", by force" : ""}`);
      }
      case "restarting":
        life.decision = event.delay === 0
          ? `started again at once, restart ${event.restart} of ${event.limit}`
          : `started again after ${formatDuration(event.delay)}, restart ${event.restart} of ${event.limit}`;
        return;
      case "retrying":
        life.decision = "started again at once: its start had failed";
        return;
      case "quarantined":
        life.decision = heldBackText(event);
        return;
      case "finished":
        life.decision = finalText(event);
        return;
      case "called_off":
        life.decision = "not started again: it was stopped meanwhile";
        return;
    }
  }

  #begin(path: string, life: Life): void {
    const lives = this.#of.get(path) ?? [];
    lives.push(life);
    if (lives.length > MAX_LIVES) lives.shift();
    this.#of.set(path, lives);
  }

  #takeAsked(path: string): { asked?: string } {
    const asked = this.#asked.get(path);
    this.#asked.delete(path);
    return asked === undefined ? {} : { asked };
  }
}

function end(life: Written<Life>, at: number, text: string): void {
  life.endedAt = at;
  life.end = text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}

/** `asked` is what an operator asked for last: also a signal, of which it may have ended. */
function endText(exit: Exit, asked: string | undefined): string {
  switch (exit.reason) {
    case "crash": {
      const cause = crashText(exit.cause);
      return asked?.startsWith("SIG") && cause.startsWith(asked)
        ? `ended by a signal that was sent by hand: ${cause}`
        : `crashed: ${cause}`;
    }
    case "killed":
      return "was ended by force";
    case "normal": {
      const success = successText(exit);
      return success === undefined ? BY_ITSELF : `${BY_ITSELF}: ${success}`;
    }
    case "shutdown":
      return exit.cause === undefined ? BY_ITSELF : `ended: ${crashText(exit.cause)}`;
  }
}
