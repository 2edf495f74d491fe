/**
 * How a stop that has less time than its children may take divides it among them. Used by a launched tree, and by
 * `check`, which says how little a child may get.
 *
 * The invariant: a child gets its own time, or less only where what is left of the whole would not do for it and for the
 * longest way behind it; then both get the same share of theirs. So what a child leaves of its time is for those that
 * stop after it, each still gets its signal before SIGKILL, and all is over in time.
 */

import { pathOf } from "./child_path.ts";
import { haveDependencies, siblingsBefore, surveyDependencies } from "./dependencies.ts";
import { longestOf, longestStop, type Stopping } from "./stop_time.ts";

/** Of a deadline that is too short for all stop sequences, what their steps have: after the last one SIGKILL takes time. */
const STEPS_SHARE = 0.9;

/** A child that stops, or the beginning or the end of a group of them, which take no time. */
interface Span {
  /** The time that its steps have by themselves, and that as far as all of the tree has it. */
  readonly steps: number;
  readonly own: number;
  readonly next: Span[];
  /** The longest way to it, and from its end on. */
  before: number;
  behind: number;
  /** The share of the whole time that has gone by at the latest when it begins, and when it has ended. */
  latestBegin: number;
  latestEnd: number;
}

/** Of a child that did not run when the stop began. */
const UNPLANNED = { own: 1, steps: Infinity, behind: 0, latestEnd: 1 };

/** A step of a stop sequence, at its begin. */
export interface StopMoment {
  /** The time that the step has by itself, in ms. */
  readonly ms: number;
  /** The time that the steps after it have by themselves. */
  readonly after: number;
  /** The time since the stop of the tree began. */
  readonly elapsed: number;
}

/** The division of a time among all that stop. */
export class StopShares {
  readonly #within: number;
  readonly #spans = new Map<string, Span>();

  /** `root`: all that stops, its own path being `/`; `deadline`: milliseconds for all of it. */
  constructor(root: Stopping, deadline: number) {
    const isEnough = longestStop(root) <= deadline;
    const within = this.#within = isEnough ? deadline : STEPS_SHARE * deadline;
    const inOrder: Span[] = [];
    lay(root, "/", { within, inOrder, spans: this.#spans });
    for (const { before, own, next } of inOrder) {
      for (const span of next) span.before = Math.max(span.before, before + own);
    }
    for (const span of inOrder.toReversed()) {
      const { before, own, next } = span;
      span.behind = longestOf(next.map(({ own, behind }) => own + behind));
      span.latestEnd = next.reduce((earliest, { latestBegin }) => Math.min(earliest, latestBegin), 1);
      span.latestBegin = own === 0 ? span.latestEnd : before / (before + own + span.behind);
    }
  }

  /** Milliseconds that a step of the child at `path` has. */
  stepTime(path: string, { ms, after, elapsed }: StopMoment): number {
    const within = this.#within;
    if (within === Infinity || !(ms > 0)) return ms;
    const planned = this.#spans.get(path);
    const { own, steps, behind, latestEnd } = planned !== undefined && planned.steps > 0
      ? planned
      : UNPLANNED;
    const rest = steps === Infinity ? own : own * (ms + after) / steps;
    const most = steps === Infinity ? within : Infinity;
    const step = after === 0 ? 1 : Math.min(ms, most) / (Math.min(ms, most) + Math.min(after, most));
    const fair = (within - elapsed) * rest / (rest + behind);
    // Those behind it may have to wait longer for another one.
    const idle = within * latestEnd - elapsed;
    return Math.min(ms, Math.max(0, fair, idle) * step);
  }

  /** What each child has at least, in ms: its own time, or less where the longest way through it takes all of its. */
  *leastTimes(): IterableIterator<{ readonly path: string; readonly own: number; readonly least: number }> {
    for (const [path, { before, own, steps, behind }] of this.#spans) {
      if (own > 0) {
        yield { path, own: steps, least: Math.min(steps, own * this.#within / (before + own + behind)) };
      }
    }
  }
}

interface Layout {
  readonly within: number;
  /** Each before those that it has to wait for. */
  readonly inOrder: Span[];
  /** Those of children, by path. */
  readonly spans: Map<string, Span>;
}

function lay(
  { children, isUnordered, steps }: Stopping,
  path: string,
  layout: Layout,
): { readonly first: Span; readonly last: Span } {
  const add = (steps: number): Span => {
    const own = Math.min(steps, layout.within);
    const span = { steps, own, next: [], before: 0, behind: 0, latestBegin: 1, latestEnd: 1 };
    layout.inOrder.push(span);
    return span;
  };
  if (children.length === 0) {
    const only = add(steps);
    layout.spans.set(path, only);
    return { first: only, last: only };
  }
  const first = add(0);
  const isChained = !isUnordered && !haveDependencies(children);
  const inOrder = (isUnordered || isChained ? children : surveyDependencies(children).ordered).toReversed();
  const laid = new Map(inOrder.map((child) => [child.id, lay(child, pathOf(path, child.id), layout)]));
  const last = add(steps);
  let previous: Span | undefined;
  for (const child of inOrder) {
    const { first: begin, last: end } = laid.get(child.id)!;
    if (isChained) previous?.next.push(begin);
    else if (!isUnordered) end.next.push(...siblingsBefore(child).flatMap((id) => laid.get(id)?.first ?? []));
    previous = end;
    first.next.push(begin);
    end.next.push(last);
  }
  layout.spans.set(path, last);
  return { first, last };
}
