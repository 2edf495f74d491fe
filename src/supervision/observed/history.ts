/**
 * Records from the events of a tree, for each child: when its state began, its pid, and its last exit.
 *
 * Used for `system.status()`, and for what a control socket and a replay tell. The tree itself has a child's state;
 * this only adds to it. Where events were lost, entries may be missing, but never belong to another generation than
 * they name.
 */

import type { SystemEvent } from "../../events.ts";
import { causeOf, deathOf, deathOfError } from "../../actor/exit.ts";
import { errorMessage, readField } from "../../actor/user_value.ts";
import type { ChildState } from "../child_state.ts";
import {
  type BareChildStatus,
  type ChildStatus,
  type LastExit,
  MAX_EXIT_MESSAGE,
  type NotReady,
} from "../status.ts";

/** The state that an event brings its child into; the other events say nothing of that. */
export const STATE_AFTER: { readonly [Type in SystemEvent["type"]]?: ChildState } = {
  starting: "starting",
  waiting: "waiting",
  degraded: "running",
  ready: "running",
  stopping: "stopping",
  exited: "ended",
  restarting: "restarting",
  retrying: "restarting",
  quarantined: "quarantined",
  ignored: "stopped",
  start_failed: "stopped",
  stopped: "stopped",
  finished: "stopped",
  called_off: "stopped",
};

/** The kinds of events that change a history. */
const RECORDED: ReadonlySet<string> = new Set(
  [...Object.keys(STATE_AFTER), "spawned", "readiness", "stop_step", "forgotten", "supervising"],
);

type Known =
  & Pick<ChildStatus, "since" | "until" | "ready" | "notReady" | "step" | "pid" | "lastExit" | "generation">
  /** Of a supervisor: not all its children have been ready. */
  & { readonly isDegraded?: boolean };

/** Adds pids, times and last exits to the status of children. */
export class ChildHistory {
  readonly #known = new Map<string, Known>();

  /** Begins with what `children` have. */
  constructor(children: readonly ChildStatus[] = []) {
    for (const { path, children: below, ...known } of children) {
      const { generation, since, until, ready, notReady, step, pid, lastExit } = known;
      this.#known.set(path, { generation, since, until, ready, notReady, step, pid, lastExit });
      for (const [path, known] of new ChildHistory(below).#known) this.#known.set(path, known);
    }
  }

  /** Whether it is to be shown events of this kind. */
  wants(type: string): boolean {
    return RECORDED.has(type);
  }

  see(event: SystemEvent): void {
    const { path } = event;
    if (path === "/" && event.type !== "supervising") return;
    if (event.type === "forgotten") return this.#remove((known) => known === path || isBelow(known, path));
    if (event.type === "supervising") {
      const ids = new Set(event.children.map(({ id }) => id));
      return this.#remove((known) => isBelow(known, path) && !ids.has(firstId(known, path)));
    }
    const before = this.#known.get(path);
    const after = next(event, before?.generation === event.generation ? before : leftOf(before));
    if (after !== undefined) this.#known.set(path, { ...after, generation: event.generation });
  }

  /** The tree as it stands; what is not known is left out. */
  complete(children: readonly BareChildStatus[]): readonly ChildStatus[] {
    return children.map(({ children: below, ...child }) => {
      const { path, generation } = child;
      const known = this.#known.get(path);
      const { since, until, ready, notReady, step, pid, lastExit } = known?.generation === generation
        ? known
        : { ...leftOf(known) };
      return {
        ...child,
        restarts: Math.max(0, generation - 1),
        ...(since !== undefined && { since }),
        ...(until !== undefined && { until }),
        ...(ready !== undefined && { ready }),
        ...(notReady !== undefined && { notReady }),
        ...(step !== undefined && { step }),
        ...(pid !== undefined && { pid }),
        ...(lastExit !== undefined && { lastExit }),
        ...(below !== undefined && { children: this.complete(below) }),
      };
    });
  }

  #remove(which: (path: string) => boolean): void {
    for (const path of [...this.#known.keys()]) if (which(path)) this.#known.delete(path);
  }
}

/** The record after `event`; `undefined` where the event does not concern it. */
function next(event: SystemEvent, known: Partial<Known> | undefined): Omit<Known, "generation"> | undefined {
  const { at, generation } = event;
  const { lastExit, pid } = known ?? {};
  switch (event.type) {
    case "spawned":
      return { ...known, pid: event.pid };
    case "readiness":
      return { ...known, ready: event.ready, notReady: event.ready ? undefined : notReadyBy(event) };
    case "stop_step":
      return { ...known, step: event.step };
    case "degraded":
      return { ...known, since: at, ready: false, isDegraded: true };
    case "ready":
      // A probe may have failed before it was ready.
      return known?.isDegraded ? { lastExit, pid, since: at } : { ...known, since: at };
    case "stopping":
      return { lastExit, pid, since: at };
    case "exited":
    case "stopped":
    case "start_failed":
      return { since: at, lastExit: { generation, at, how: event.type, ...reported(event) } };
    case "restarting":
      return { lastExit, since: at, until: at + event.delay };
    case "quarantined":
      return { lastExit, since: at, until: event.coolDown === undefined ? undefined : at + event.coolDown };
    default:
      return STATE_AFTER[event.type] === undefined ? undefined : { lastExit, since: at };
  }
}

/** The part of a child's record that stays when its next incarnation begins. */
function leftOf(known: Known | undefined): Partial<Known> | undefined {
  return known?.lastExit === undefined ? undefined : { lastExit: known.lastExit };
}

function reported(
  event: SystemEvent & { type: "exited" | "stopped" | "start_failed" },
): Pick<LastExit, "death" | "message"> {
  const cause = "cause" in event ? event.cause : causeOf(event.exit);
  const death = "cause" in event ? deathOfError(event.cause) : deathOf(event.exit);
  return { death, message: cause === undefined ? undefined : short(errorMessage(cause)) };
}

function notReadyBy({ at, cause }: SystemEvent & { type: "readiness" }): NotReady {
  const why = readField(cause, "why");
  return { since: at, why: short(typeof why === "string" ? why : errorMessage(cause)) };
}

function short(text: string): string {
  return text.length <= MAX_EXIT_MESSAGE ? text : `${text.slice(0, MAX_EXIT_MESSAGE - 1)}…`;
}

function isBelow(path: string, above: string): boolean {
  return above === "/" || path.startsWith(`${above}/`);
}

function firstId(path: string, above: string): string {
  return (above === "/" ? path : path.slice(above.length + 1)).split("/")[0]!;
}
