/**
 * Children as written, and how the names in an `after` lead from one to another.
 */

type Value = Readonly<Record<string, unknown>>;

/** A child as written, and where it is. */
export interface Placed {
  readonly child: Value;
  readonly at: readonly PropertyKey[];
}

/** The lists of children that one is in: its own last, that of the root first. */
export type Lists = readonly (readonly Placed[])[];

/** The children of a supervisor at `path`. */
export function placedIn(children: unknown, path: readonly PropertyKey[]): readonly Placed[] {
  if (!Array.isArray(children)) return [];
  return children.flatMap((child: unknown, index) =>
    typeof child === "object" && child !== null
      ? [{ child: child as Value, at: [...path, "children", index] }]
      : []
  );
}

/** The child that one in the last of `lists` names so. */
export function named(name: string, lists: Lists): Placed | undefined {
  const steps = name.split("/");
  const up = steps.findIndex((step) => step !== "..");
  let list = lists.at(-1 - up) ?? [];
  let found: Placed | undefined;
  for (const step of steps.slice(Math.max(up, 0))) {
    found = list.find(({ child }) => child.id === step);
    list = placedIn(found?.child.children, found?.at ?? []);
  }
  return found;
}

/** The name, in the last of `lists`, of a child of that id in an outer list or in a group of one. */
export function nameOf(id: string, lists: Lists): string | undefined {
  for (const [up, list] of lists.toReversed().entries()) {
    const prefix = "../".repeat(up);
    if (up > 0 && list.some(({ child }) => child.id === id)) return `${prefix}${id}`;
    const own = lists.at(-up)?.[0]?.at.slice(0, list[0]?.at.length);
    const group = list.find(({ child, at }) =>
      typeof child.id === "string" && (up === 0 || at.join() !== own?.join()) &&
      placedIn(child.children, at).some((member) => member.child.id === id)
    );
    if (group !== undefined) return `${prefix}${String(group.child.id)}/${id}`;
  }
}
