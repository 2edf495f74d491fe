/**
 * What supervisors of one tree tell each other about children that others name in their `after`: where these stand, and
 * whether those run that are restarted with them. Who knows what to do with it is `decide/elsewhere.ts`.
 *
 * Used by supervisors, and by the imagined ones of a dry run. Costs nothing where no `after` leads out of its list.
 */

import { pathNamed, pathOf, splitPath } from "./child_path.ts";
// @ts-types="./decide/decide.d.ts"
import { followersElsewhere, GONE, REMOVED, standingOf } from "./decide/decide.ts";
import { Ring } from "../time/ring.ts";
import type { SupervisorState } from "./decide/state.ts";
import type { SupervisorEvent } from "./decide/steps.ts";
import { SupervisionError } from "./supervision_errors.ts";
import { type Dependent, isElsewhere, isEnd, type KnownStanding } from "./dependencies.ts";
import type { ChildSpec } from "./child_spec.ts";

/** A supervisor, as others reach it. */
export interface Linked {
  readonly state: SupervisorState;
  take(event: SupervisorEvent): void;
}

/** One supervisor that names a child of another group, however many of its children do. */
interface Naming {
  readonly by: Linked;
  /** How it names it. */
  readonly name: string;
  /** The supervisor of that child, and its id there. */
  readonly parent: string;
  readonly id: string;
  told: KnownStanding | undefined;
  /** The paths of those that run, and are restarted with it. */
  followers: readonly string[];
}

/** The names across the groups of one tree. */
export class Links {
  readonly #running = new Map<string, Linked>();
  readonly #byNamer = new Map<Linked, Map<string, Naming>>();
  readonly #byParent = new Map<string, Set<Naming>>();
  /** The paths of children whose end one of another group waits for. */
  readonly #awaited = new Set<string>();
  /** News, each delivered behind the one before: a chain of groups may be longer than calls may be nested. */
  readonly #news = new Ring<{ readonly to: Linked; readonly event: SupervisorEvent }>();
  #isDelivering = false;

  /** Whether one of another group waits for the end of the child at `path`. */
  isEndAwaited(path: string): boolean {
    return this.#awaited.has(path);
  }

  /**
   * Knows what `spec`, a child of the supervisor at `parent`, names, before it runs.
   *
   * @throws {SupervisionError} `unknown_dependency`: none of `isThere`
   */
  expect(parent: string, { id, after = [] }: ChildSpec, isThere: (path: string) => boolean): void {
    for (const { id: name, condition } of after) {
      if (!isElsewhere(name)) continue;
      const path = pathNamed(parent, name);
      if (path === undefined || !isThere(path)) throw SupervisionError.unknownDependency(id, name);
      if (isEnd(condition)) this.#awaited.add(path);
    }
  }

  /** A supervisor begins. */
  join(linked: Linked, children: readonly Dependent[]): void {
    const { path } = linked.state;
    this.#running.set(path, linked);
    for (const child of children) this.name(linked, child);
    for (const { parent, id } of this.#namingsOf(path)) this.#tellFollowers(parent, id);
  }

  /** A supervisor has ended. */
  leave(linked: Linked): void {
    const { path } = linked.state;
    if (this.#running.get(path) === linked) this.#running.delete(path);
    for (const naming of this.#byNamer.get(linked)?.values() ?? []) {
      this.#byParent.get(naming.parent)!.delete(naming);
      if (naming.followers.length > 0) this.#tellFollowers(naming.parent, naming.id);
    }
    this.#byNamer.delete(linked);
    this.#tellStandings(this.#namingsOf(path), () => GONE);
  }

  /** A supervisor has, or is to have, that child, and is told where those stand that it names. */
  name(linked: Linked, { after = [] }: Dependent): void {
    for (const { id: name } of after) {
      const path = isElsewhere(name) ? pathNamed(linked.state.path, name) : undefined;
      if (path === undefined || this.#byNamer.get(linked)?.has(name)) continue;
      const { parent, id } = splitPath(path);
      const naming: Naming = { by: linked, name, parent, id, told: undefined, followers: [] };
      this.#byNamer.set(linked, (this.#byNamer.get(linked) ?? new Map()).set(name, naming));
      this.#byParent.set(parent, (this.#byParent.get(parent) ?? new Set()).add(naming));
      const other = this.#running.get(parent);
      if (other === undefined) continue;
      // At once: what it asks for next may depend on that.
      naming.told = standingIn(other, id);
      linked.take({ type: "elsewhere_changed", standings: new Map([[name, naming.told]]) });
    }
  }

  /** A supervisor has decided. */
  update(linked: Linked): void {
    if (this.#byNamer.size === 0) return;
    const { path } = linked.state;
    if (this.#running.get(path) !== linked) return;
    this.#tellStandings(this.#namingsOf(path), ({ id }) => standingIn(linked, id));
    for (const naming of [...this.#byNamer.get(linked)?.values() ?? []]) {
      const followers = followersElsewhere(known(linked), naming.name).map((id) => pathOf(path, id));
      if (followers.join() === naming.followers.join()) continue;
      naming.followers = followers;
      this.#tellFollowers(naming.parent, naming.id);
    }
  }

  /** Those that name children of the supervisor at `path`: a copy, as what they are told may change who does. */
  #namingsOf(path: string): readonly Naming[] {
    return [...this.#byParent.get(path) ?? []];
  }

  /** Tells each supervisor at once of all that it names and that stands elsewhere than it was told. */
  #tellStandings(namings: readonly Naming[], now: (naming: Naming) => KnownStanding): void {
    const changed = new Map<Linked, Map<string, KnownStanding>>();
    for (const naming of namings) {
      const { told, by, name } = naming;
      const standing = now(naming);
      if (told !== undefined && isSame(told, standing)) continue;
      naming.told = standing;
      changed.set(by, (changed.get(by) ?? new Map()).set(name, standing));
    }
    for (const [by, standings] of changed) this.#deliver(by, { type: "elsewhere_changed", standings });
  }

  #tellFollowers(parent: string, id: string): void {
    const paths = this.#namingsOf(parent).flatMap((other) => other.id === id ? other.followers : []);
    const to = this.#running.get(parent);
    if (to !== undefined) this.#deliver(to, { type: "followers_changed", id, paths });
  }

  #deliver(to: Linked, event: SupervisorEvent): void {
    this.#news.push({ to, event });
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      while (this.#news.size > 0) {
        const { to, event } = this.#news.shift()!;
        if (to.state.phase.is !== "over") to.take(event);
      }
    } finally {
      this.#isDelivering = false;
    }
  }
}

function known({ state }: Linked) {
  return { state, find: (id: string) => state.children.get(id) };
}

function standingIn(linked: Linked, id: string): KnownStanding {
  return standingOf(known(linked), id) ?? REMOVED;
}

function isSame(a: KnownStanding, b: KnownStanding): boolean {
  return a.state === b.state && a.completion === b.completion && a.isDegraded === b.isDegraded &&
    a.isGoing === b.isGoing && a.isLate === b.isLate;
}

const LINKS = new WeakMap<object, Links>();

/** The links of the tree that `system` is. */
export function linksOf(system: object): Links {
  const found = LINKS.get(system) ?? new Links();
  LINKS.set(system, found);
  return found;
}
