/**
 * What always holds, whatever the tree and whatever happens to it: checked event by event, from the events alone and
 * the plan, without a word of the supervisor's own code.
 *
 * @module
 */

import type { SystemEvent } from "@outrider/outrider";
import type { Plan, SupervisorPlan } from "./plan.ts";
import {
  deathIn,
  DETAILS,
  isActive,
  isRestarted,
  isSignificant,
  parentOf,
  type Seen,
  unseen,
} from "./seen.ts";
import { addedTooEarly, startedTooEarly, stoppedTooEarly } from "./turns.ts";

export class Laws {
  /** What did not hold. */
  readonly broken: string[] = [];
  readonly #plans: ReadonlyMap<string, Plan>;
  /** Children that somebody started, stopped or deleted by hand: less is known of them. */
  readonly #manual: ReadonlySet<string>;
  readonly #seen = new Map<string, Seen>();

  constructor(plans: ReadonlyMap<string, Plan>, manual: ReadonlySet<string>) {
    this.#plans = plans;
    this.#manual = manual;
  }

  /**
   * At rest: nobody of a group is left stopped when its turn was to be started again; where there is no group, a start
   * or a stop that takes time holds nobody up.
   */
  atRest(): void {
    for (const [path, supervisor] of this.#seen) {
      if (supervisor.phase !== "running" || this.#isClosing(path)) continue;
      if (this.#above(path).some((at) => this.#mayBeEnding(at))) continue;
      const { strategy } = this.#plan(path);
      if (strategy === "one_for_one" || strategy === "dynamic") this.#nobodyWaits(supervisor);
      if (strategy === "dynamic") continue;
      const children = supervisor.order.map((child) => [child, this.#of(child)] as const);
      if (
        children.some(([, { last }]) =>
          /^(starting|stopping|exited|restarting|retrying|supervising)$/.test(last)
        )
      ) continue;
      // Who stops, by hand, the one that its group waits for leaves the group stopped: as in Erlang/OTP.
      if ([...this.#manual].some((child) => parentOf(child) === path)) continue;
      for (const [child, { last }] of children) {
        this.#hold(
          last !== "stopped",
          `${child} was stopped with its group and left behind`,
        );
      }
    }
  }

  #nobodyWaits({ order }: Seen): void {
    for (const child of order) {
      const { last } = this.#of(child);
      this.#hold(last !== "exited" && last !== "retrying", `${child} is left ${last}`);
    }
  }

  #significantEnded(path: string): void {
    const parent = this.#of(parentOf(path));
    if (this.#plan(parentOf(path)).autoShutdown === "any_significant") return void (parent.phase = "ending");
    const others = parent.order.filter((child) => child !== path && isSignificant(child, this.#plans));
    parent.isOver ||= !others.some((child) => isActive(this.#of(child)));
  }

  /** Whether the supervisor at `path` ends, or may: of a start that was cut short no event tells. */
  #mayBeEnding(path: string): boolean {
    const { phase, isOver } = this.#of(path);
    return isOver || phase === "starting";
  }

  /** Whether the supervisor at `path`, or one above it, is to stop. */
  #isClosing(path: string): boolean {
    return this.#above(path).some((at) => this.#of(at).phase === "ending");
  }

  /** `path`, and the supervisors above it. */
  #above(path: string): string[] {
    return path === "/" ? [path] : [path, ...this.#above(parentOf(path))];
  }

  /** Whether the child at `path` was to be started again after its last death. */
  #judge(path: string, at: number): boolean {
    const seen = this.#of(path);
    if (seen.unjudged) seen.tallied.push({ at, death: seen.death });
    seen.unjudged = false;
    return isRestarted(this.#plans.get(path)!, seen.tallied);
  }

  see(event: SystemEvent): void {
    const { path, type } = event;
    const seen = this.#of(path);
    if (DETAILS.includes(type)) return;
    switch (type) {
      case "supervising":
        seen.order = event.children.map(({ id }) => this.#under(path, id));
        for (const child of seen.order) {
          Object.assign(this.#of(child), {
            begun: false,
            ready: false,
            last: "",
            tallied: [],
            completed: false,
          });
        }
        return;
      case "added":
        this.#of(parentOf(path)).order.push(path);
        seen.begun = false;
        return;
      case "forgotten": {
        const parent = this.#of(parentOf(path));
        parent.order = parent.order.filter((child) => child !== path);
        this.#hold(!seen.alive, `${path} was forgotten while it was alive`);
        // Should it come again, it is another, and so are those below it.
        for (const [other, gone] of this.#seen) {
          if (other === path || other.startsWith(`${path}/`)) gone.generation = 0;
        }
        return;
      }
      case "starting":
        this.#starting(event, seen);
        break;
      case "ready":
      case "ignored":
        seen.ready = true;
        if (type === "ready") seen.phase = seen.phase === "starting" ? "running" : seen.phase;
        else this.#over(path, seen);
        seen.clean = true;
        seen.completed = type === "ignored";
        break;
      case "restarting":
        this.#restarting(event, seen);
        break;
      case "retrying":
        this.#hold(this.#judge(path, event.at), `${path} is tried again after ${seen.death.kind}`);
        break;
      case "quarantined":
        this.#hold(this.#judge(path, event.at), `${path} was quarantined after ${seen.death.kind}`);
        this.#atLimit(event);
        this.#of(parentOf(path)).restarts = [];
        seen.allowed = true;
        break;
      case "gave_up":
        this.#hold(
          this.#window(path, event.at).length === this.#plan(path).restarts,
          `${path} gave up too early or too late`,
        );
        seen.phase = "ending";
        break;
      case "finished":
        this.#hold(!this.#judge(path, event.at), `${path} was not started again after ${seen.death.kind}`);
        if (isSignificant(path, this.#plans)) this.#significantEnded(path);
        break;
      case "stopping":
        this.#stopping(path, seen);
        break;
      case "exited":
      case "stopped":
        seen.clean = event.exit.reason === "normal" || event.exit.reason === "shutdown";
        seen.death = deathIn(event);
        seen.unjudged = seen.completed = type === "exited";
        this.#over(path, seen);
        break;
      case "start_failed":
        seen.death = deathIn(event);
        seen.unjudged = true;
        this.#over(path, seen);
        if (path !== "/") this.#of(parentOf(path)).isOver ||= this.#of(parentOf(path)).phase === "starting";
        break;
      default:
    }
    seen.last = type;
  }

  #starting({ path, generation }: SystemEvent, seen: Seen): void {
    this.#hold(!seen.alive, `two incarnations of ${path}`);
    this.#hold(
      generation === seen.generation + 1,
      `generation ${generation} of ${path} after ${seen.generation}`,
    );
    const isFirst = !seen.begun;
    const { allowed } = seen;
    const family = { plans: this.#plans, of: (path: string) => this.#of(path) };
    if (isFirst) this.broken.push(...addedTooEarly(path, family));
    const past = { unjudged: false, completed: false };
    Object.assign(seen, { generation, alive: true, begun: true, ready: false, allowed: false, ...past });
    if (this.#plans.get(path)?.kind === "supervisor") {
      Object.assign(seen, { phase: "starting", isOver: false, restarts: [], order: [] });
    }
    if (path === "/") return;
    const parent = this.#of(parentOf(path));
    const plan = this.#plan(parentOf(path));
    this.#hold(parent.alive, `${path} started under a supervisor that is not alive`);
    this.#hold(!this.#isClosing(parentOf(path)), `${path} started after a shutdown above it began`);
    if (this.#manual.has(path)) return;
    const at = parent.order.indexOf(path);
    if (parent.phase === "starting") {
      return void this.broken.push(...startedTooEarly(path, parent.order, family));
    }
    if (plan.strategy === "one_for_one" || plan.strategy === "dynamic") {
      this.#hold(isFirst || allowed, `${path} was started again although nobody said so`);
    } else {
      const late = parent.order.slice(at + 1).filter((child) => this.#of(child).alive);
      this.#hold(late.length === 0, `${path} started again while ${late} after it was alive`);
    }
  }

  #restarting(event: SystemEvent & { type: "restarting" }, seen: Seen): void {
    const { path, at } = event;
    const parent = this.#of(parentOf(path));
    this.#hold(!seen.alive, `${path} is to be started again while it is alive`);
    this.#hold(this.#judge(path, at), `${path} was started again after ${seen.death.kind}`);
    parent.restarts = [...this.#window(parentOf(path), at), at];
    this.#hold(
      parent.restarts.length <= this.#plan(parentOf(path)).restarts,
      `${parentOf(path)} made more restarts than it may`,
    );
    seen.allowed = true;
  }

  #atLimit({ path, at }: SystemEvent): void {
    const { restarts } = this.#plan(parentOf(path));
    this.#hold(
      this.#window(parentOf(path), at).length === restarts,
      `${path} was quarantined too early or too late`,
    );
  }

  #stopping(path: string, seen: Seen): void {
    if (seen.phase !== "none") seen.phase = "ending";
    if (path === "/" || this.#manual.has(path)) return;
    const parent = this.#of(parentOf(path));
    const { strategy, children: family } = this.#plan(parentOf(path));
    if (strategy === "dynamic") return;
    const { order } = parent;
    const later = order.slice(order.indexOf(path) + 1).filter((child) => this.#of(child).alive);
    const early = stoppedTooEarly(path, { family, later }, { plans: this.#plans });
    this.#hold(early.length === 0, `${path} was stopped before ${early}`);
    if (strategy === "one_for_one") parent.phase = "ending"; // nothing else stops one of these
  }

  #over(path: string, seen: Seen): void {
    Object.assign(seen, { alive: false, phase: "none" });
    const prefix = path === "/" ? "" : `${path}/`;
    for (const [other, { alive }] of this.#seen) {
      this.#hold(
        !alive || !other.startsWith(prefix) || other === path,
        `${other} was alive after ${path} had ended`,
      );
    }
  }

  #window(path: string, now: number): number[] {
    return this.#of(path).restarts.filter((at) => now - at <= this.#plan(path).within);
  }

  #plan(path: string): SupervisorPlan {
    return this.#plans.get(path) as SupervisorPlan;
  }

  #under(path: string, id: string): string {
    return path === "/" ? id : `${path}/${id}`;
  }

  #of(path: string): Seen {
    const known = this.#seen.get(path);
    if (known !== undefined) return known;
    const seen = unseen();
    this.#seen.set(path, seen);
    return seen;
  }

  #hold(holds: boolean, otherwise: string): void {
    if (!holds) this.broken.push(otherwise);
  }
}
