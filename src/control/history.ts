/**
 * Records from the events of a tree, for each child: when its state began, its pid, and its last exit.
 *
 * The tree itself has a child's state; this only adds to it. Where events were lost, entries may be missing, but
 * never belong to another generation than they name.
 *
 * @module
 */

import type { SystemEvent } from "../events.ts";
import { deathOf, deathOfError, type Exit } from "../actor/exit.ts";
import { errorMessage } from "../actor/user_value.ts";
import type { ChildStatus } from "../supervision/status.ts";
import { type ChildReport, type LastExit, MAX_MESSAGE } from "./protocol.ts";

type Known = Pick<ChildReport, "since" | "until" | "ready" | "pid" | "lastExit" | "generation">;

/** Adds pids, times and last exits to the status of children. */
export class ChildHistory {
  readonly #known = new Map<string, Known>();

  /** To be shown every event. */
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

  /** The tree as it stands, each child followed by those below it. */
  report(children: readonly ChildStatus[]): ChildReport[] {
    return children.flatMap(({ path, type, state, generation, children = [] }) => {
      const known = this.#known.get(path);
      const { lastExit, since, until, ready, pid } = known?.generation === generation
        ? known
        : { ...leftOf(known) };
      return [
        { path, type, state, generation, since, until, ready, pid, lastExit },
        ...this.report(children),
      ];
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
      return { ...known, ready: event.ready };
    case "starting":
      return { lastExit, since: at };
    case "ready":
      return { ...known, since: at };
    case "stopping":
      return { lastExit, pid, since: at };
    case "exited":
    case "stopped":
      return { since: at, lastExit: { generation, at, how: event.type, ...reported(event.exit) } };
    case "start_failed": {
      const { cause } = event;
      const death = deathOfError(cause);
      return {
        since: at,
        lastExit: { generation, at, how: "start_failed", death, message: short(errorMessage(cause)) },
      };
    }
    case "restarting":
      return { lastExit, since: at, until: at + event.delay };
    case "quarantined":
      return { lastExit, since: at, until: event.coolDown === undefined ? undefined : at + event.coolDown };
    case "retrying":
    case "finished":
    case "called_off":
    case "ignored":
      return { lastExit, since: at };
    default:
      return undefined;
  }
}

/** The part of a child's record that stays when its next incarnation begins. */
function leftOf(known: Known | undefined): Partial<Known> | undefined {
  return known?.lastExit === undefined ? undefined : { lastExit: known.lastExit };
}

function reported(exit: Exit): Pick<LastExit, "death" | "message"> {
  const cause = "cause" in exit ? exit.cause : undefined;
  return { death: deathOf(exit), message: cause === undefined ? undefined : short(errorMessage(cause)) };
}

function short(text: string): string {
  return text.length <= MAX_MESSAGE ? text : `${text.slice(0, MAX_MESSAGE - 1)}…`;
}

function isBelow(path: string, above: string): boolean {
  return above === "/" || path.startsWith(`${above}/`);
}

function firstId(path: string, above: string): string {
  return (above === "/" ? path : path.slice(above.length + 1)).split("/")[0]!;
}
