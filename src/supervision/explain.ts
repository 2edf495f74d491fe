/**
 * What would happen if a child died: a dry run, by the very functions that supervisors decide with.
 *
 * It is thought of in a tree whose children all run, and where nothing else happens. A child that dies several times
 * in a row does so as soon as it is ready again; of waits that depend on chance, the middle is counted.
 *
 * @module
 */

import { type DeathCause, deathOf } from "../actor/exit.ts";
import { delayOf, nextStep } from "./backoff.ts";
import type { ChildSpec } from "./child_spec.ts";
import { countRestart, type Intensity, isTooMany } from "./intensity.ts";
import { Part, type Step } from "./rehearsal.ts";
import { groupRestart, shutsDown } from "./strategy.ts";
import { type RestartType, type Ruling, rulingOn, tally } from "./verdict.ts";

export type { Step } from "./rehearsal.ts";

/** What becomes of a child that died, and of its supervisor. */
export type Outcome =
  /** It is started again. */
  | "restart"
  /** It stays stopped, and is remembered. */
  | "keep"
  /** It is forgotten. */
  | "forget"
  /** It is held back: there would be too many restarts. */
  | "quarantine"
  /** Its supervisor gives up: there would be too many restarts. */
  | "give_up"
  /** Its supervisor ends, as significant children have. */
  | "shut_down";

/** What one supervisor makes of one death. */
export interface Decision {
  /** Who died. */
  readonly path: string;
  /** Whether that is a supervisor. */
  readonly type: ChildSpec["type"];
  /** What it died of. */
  readonly death: DeathCause;
  /** By which restart type it is judged. */
  readonly restart: RestartType;
  /** Whose decision it is. */
  readonly supervisor: string;
  /** Whether it would be started again, and which rule says so. */
  readonly ruling: Ruling;
  /** Which restart it is of those that count, where it would be one. */
  readonly nth?: number | undefined;
  /** How many restarts that supervisor may make. */
  readonly intensity: Intensity;
  /** Of a quarantine: milliseconds until the child is started again; `undefined` is never. */
  readonly coolDown?: number | undefined;
  /** What comes of it. */
  readonly outcome: Outcome;
  /** What happens, in order. */
  readonly steps: readonly Step[];
}

/** What would happen. */
export interface Explanation {
  /** Which death in a row is explained: the one asked for, or the last that there could be. 0: there could be none. */
  readonly nth: number;
  /** Whether a start fails rather than one that runs dies. */
  readonly failedStart: boolean;
  /** What its supervisor decides; then, if that one ends, what the next one above does, and so on. */
  readonly decisions: readonly Decision[];
  /** Whether anything in the tree runs after that, or will by itself. */
  readonly active: boolean;
}

/** Whether it is a start that fails of that: when a tree starts, that is final; later, it is a restart that fails. */
export function failsToStart({ kind }: DeathCause): boolean {
  return kind === "not_ready" || kind === "unstartable";
}

/** What would happen if the child at `path` died `times` times in a row; `undefined` if `root` has no such child. */
export function explain(
  root: ChildSpec,
  path: string,
  { death, times = 1 }: { readonly death: DeathCause; readonly times?: number },
): Explanation | undefined {
  const tree = new Part(root);
  if (path === "/" || tree.at(path) === undefined) return undefined;
  const dryRun = new DryRun();
  const failedStart = failsToStart(death);
  // A restart can only fail if there is one: the child has died once before.
  if (failedStart && !dryRun.isRestarted(tree.at(path)!)) {
    return { nth: 0, failedStart, decisions: [], active: false };
  }
  let [nth, decisions, failing]: [number, readonly Decision[], string] = [0, [], path];
  for (; nth < times; nth++) {
    const child = tree.at(path);
    if (child?.state !== "running") break;
    decisions = failedStart ? dryRun.startFails(child, tree.at(failing)!, death) : dryRun.dies(child, death);
    // Of a supervisor that is restarted, the next start to fail is that of the supervisor.
    failing = decisions.at(-1)!.path;
  }
  return { nth, failedStart, decisions, active: tree.active };
}

type Verdict = Pick<Decision, "outcome" | "steps"> & Partial<Decision>;

class DryRun {
  #now = 0;

  /** One that ran has ended by itself. */
  dies(child: Part, death: DeathCause): Decision[] {
    // Nobody is above the root: the tree has ended.
    if (child.parent === undefined) return [];
    child.step = nextStep(child.spec.backoff, child.step, 0);
    return this.#decide(child, { death, behind: undefined });
  }

  /**
   * A restart of `failing` fails as `child`, which is that or below it, does not start: what had been started is stopped,
   * and those behind have not been started.
   */
  startFails(child: Part, failing: Part, death: DeathCause): Decision[] {
    const undone: Step[] = [];
    for (let part = child; part !== failing; part = part.parent!) {
      const siblings = part.parent!.children;
      const at = siblings.indexOf(part);
      undone.push(...[...siblings.slice(0, at)].reverse().flatMap((sibling) => sibling.stop()));
      for (const one of siblings.slice(at)) one.state = "stopped";
    }
    const supervisor = failing.parent!;
    const { start } = groupRestart(supervisor.rules.strategy, supervisor.children, failing);
    const behind = start.slice(start.indexOf(failing) + 1);
    for (const waiting of behind) waiting.state = "stopped";
    const [first, ...above] = this.#decide(failing, { death, behind });
    return [{ ...first!, steps: [...undone, ...first!.steps] }, ...above];
  }

  /** Whether a child that died, and was to be restarted, is: counts that restart and its wait. */
  isRestarted(child: Part): boolean {
    const supervisor = child.parent!;
    const { intensity } = supervisor.rules;
    supervisor.restarts = countRestart(supervisor.restarts, this.#now, intensity);
    this.#now += delayOf(child.spec.backoff, child.step++, 0.5);
    return !isTooMany(supervisor.restarts, intensity);
  }

  /** `behind`, where it is a start that failed: those of its group that were to start after it. */
  #decide(
    child: Part,
    { death, behind }: { death: DeathCause; behind: readonly Part[] | undefined },
  ): Decision[] {
    const supervisor = child.parent!;
    const { autoShutdown, intensity, onLimit } = supervisor.rules;
    child.state = "stopped";
    child.tallied = tally(child.tallied, { at: this.#now, death });
    const ruling = rulingOn(child.spec, death, child.tallied);
    const startBehind = () => (behind ?? []).flatMap((waiting) => waiting.start());
    const decide = (verdict: Verdict) => decision(child, { death, ruling, ...verdict });
    if (ruling.verdict !== "restart") {
      retire(child);
      const others = supervisor.children.filter((other) => other !== child)
        .map(({ spec, state }) => ({ significant: spec.significant, active: state !== "stopped" }));
      if (!shutsDown(autoShutdown, child.spec, others)) {
        return [decide({ outcome: ruling.verdict, steps: startBehind() })];
      }
      return [decide({ outcome: "shut_down", steps: supervisor.stopChildren() }), ...this.#ends(supervisor)];
    }
    const wait = this.#nextWait(child);
    child.step++;
    supervisor.restarts = countRestart(supervisor.restarts, this.#now, intensity);
    const nth = supervisor.restarts.length;
    if (!isTooMany(supervisor.restarts, intensity)) {
      // A group is stopped before the wait; that of a failed restart when it is tried again.
      const steps = behind === undefined
        ? [...supervisor.stopGroup(child), ...this.#wait(wait)]
        : [...this.#wait(wait), ...supervisor.stopGroup(child)];
      return [decide({ outcome: "restart", nth, steps: [...steps, ...supervisor.startGroup(child)] })];
    }
    if (onLimit === "escalate") {
      const steps = supervisor.stopChildren();
      return [decide({ outcome: "give_up", nth, steps }), ...this.#ends(supervisor)];
    }
    supervisor.restarts = [];
    child.state = "quarantined";
    const { coolDown } = onLimit.quarantine;
    const steps = startBehind();
    if (coolDown !== undefined) {
      steps.push(...this.#wait({ min: coolDown, middle: coolDown, max: coolDown }));
      steps.push(...supervisor.stopGroup(child), ...supervisor.startGroup(child));
    }
    return [decide({ outcome: "quarantine", nth, coolDown, steps })];
  }

  /** What is made above of a supervisor that has ended in order. */
  #ends(supervisor: Part): Decision[] {
    return this.dies(supervisor, deathOf({ reason: "shutdown" }));
  }

  #nextWait({ spec: { backoff }, step }: Part): Wait {
    const of = (random: number) => delayOf(backoff, step, random);
    return { min: of(0), middle: of(0.5), max: of(1) };
  }

  #wait({ min, middle, max }: Wait): Step[] {
    this.#now += middle;
    return max === 0 ? [] : [{ do: "wait", min, max }];
  }
}

interface Wait {
  readonly min: number;
  readonly middle: number;
  readonly max: number;
}

function decision(
  { path, spec, parent }: Part,
  verdict: Verdict & Pick<Decision, "death" | "ruling">,
): Decision {
  const { path: supervisor, rules: { intensity } } = parent!;
  return { path, type: spec.type, restart: spec.restart, supervisor, intensity, ...verdict };
}

/** It is not started again: a temporary child, or one of a dynamic supervisor, is forgotten. */
function retire(child: Part): void {
  const supervisor = child.parent!;
  if (child.spec.restart !== "temporary" && supervisor.rules.maxChildren === undefined) return;
  supervisor.children = supervisor.children.filter((other) => other !== child);
}
