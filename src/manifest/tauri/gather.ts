/**
 * Gathers the programs of an app over all platforms, and gives each an id. Pure; used by `convert.ts`.
 *
 * An id is the end of a program's name, and children and templates together have each id once: what the app's code calls
 * `node` is not another program here.
 */

import type { Target } from "../fields/platforms.ts";
import type { IgnoredPart } from "../resolve/platform.ts";
import { lastPart, type TauriProgram, type TauriPrograms } from "./programs.ts";
import { quote } from "../../text/words.ts";

/** The programs on one platform. */
export type On = TauriPrograms & { readonly target: Target };

/** A program as it is on a platform. */
export interface OnTarget {
  readonly target: Target;
  readonly program: TauriProgram;
}

/** A program with its form on each platform. */
export interface Gathered {
  /** Its name on the first of them. */
  readonly name: string;
  readonly starts: boolean;
  readonly isBundled: boolean;
  readonly on: OnTarget[];
}

/** Gathers the programs, those that start with the tree first. */
export function gather(each: readonly On[]): Gathered[] {
  const all = each.flatMap(({ target, programs }) => programs.map((program) => ({ target, program })));
  const keyOf = ({ program: { name, starts, isBundled } }: OnTarget) =>
    JSON.stringify([!starts, !isBundled, name]);
  const found: Gathered[] = [];
  for (const on of Map.groupBy(all, keyOf).values()) {
    const { name, starts, isBundled } = on[0]!.program;
    // A program with the same last part elsewhere, and on other platforms alone, is the same sidecar.
    const same = found.find((one) =>
      one.starts === starts && one.isBundled === isBundled && idOf(one.name) === idOf(name) &&
      !one.on.some(({ target }) => on.some((other) => other.target === target))
    );
    if (same === undefined) found.push({ name, starts, isBundled, on });
    else same.on.push(...on);
  }
  return found.sort((a, b) => Number(b.starts) - Number(a.starts));
}

/**
 * The id of each: of those that would have the same, the first that starts with the tree keeps it, or else the one whose
 * whole name it is. A sidecar that is a child on one platform and a template on another has one id.
 */
export function idsOf(found: readonly Gathered[]): Map<Gathered, string> {
  const rank = (one: Gathered) => one.starts ? 0 : one.name === idOf(one.name) ? 1 : 2;
  const taken = new Map<string, Gathered>();
  const ids = new Map<Gathered, string>();
  for (const one of found.toSorted((a, b) => rank(a) - rank(b))) {
    const isFree = (id: string) => {
      const other = taken.get(id);
      return other === undefined ||
        (other.name === one.name && other.isBundled === one.isBundled && other.starts !== one.starts);
    };
    const base = idOf(one.name);
    let id = base;
    for (let number = 2; !isFree(id); number++) id = `${base}-${number}`;
    if (!taken.has(id)) taken.set(id, one);
    ids.set(one, id);
  }
  return ids;
}

/** Lists the programs whose id is not the end of their name, with the one that has that. */
export function renamed(found: readonly Gathered[], ids: ReadonlyMap<Gathered, string>): IgnoredPart[] {
  return found.filter((one) => lastPart(one.name) !== ids.get(one)).map((one): IgnoredPart => {
    const id = ids.get(one)!;
    const holder = id === idOf(one.name)
      ? undefined
      : found.find((other) => other !== one && ids.get(other) === idOf(one.name));
    const why = holder === undefined ? "" : `, as ${describe(holder)} has ${quote(idOf(one.name))}`;
    return { path: describe(one), kind: "note", why: `its id is ${quote(id)}${why}` };
  });
}

/** A program by its name; a sidecar and a program of a scope may have the same. */
function describe({ name, isBundled }: Gathered): string {
  return isBundled ? quote(name) : `${quote(name)} of a scope`;
}

/** The last part of a path, or a name, as an id. */
function idOf(name: string): string {
  return plainName(lastPart(name)) || "sidecar";
}

/** A name as ids are: without accents, and with a hyphen for all else that an id has not; at the ends, without those. */
export function plainName(name: string): string {
  const plain = name.normalize("NFKD").replace(/\p{M}+/gu, "").replace(/[^A-Za-z0-9_.-]+/g, "-");
  return plain.replace(/^[.-]+|-+$/g, "").slice(0, 60);
}
