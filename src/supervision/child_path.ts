/**
 * Paths of children in a tree, such as `workers/w1`. Used by what names children without running them, too.
 */

/** The path of the child `id` of the supervisor at `parent`. */
export function pathOf(parent: string, id: string): string {
  return parent === "/" ? id : `${parent}/${id}`;
}

/**
 * The path of the child that one of the supervisor at `parent` names in its `after`, such as `../infra/db`; `undefined`: it
 * leads out of the tree.
 */
export function pathNamed(parent: string, id: string): string | undefined {
  const steps = id.split("/");
  const up = steps.findIndex((step) => step !== "..");
  const above = parent === "/" ? [] : parent.split("/");
  if (up < 0 || up > above.length) return undefined;
  return [...above.slice(0, above.length - up), ...steps.slice(up)].join("/");
}

/** The path of a supervisor, and the id there of the child at `path`. */
export function splitPath(path: string): { parent: string; id: string } {
  const cut = path.lastIndexOf("/");
  return { parent: cut < 0 ? "/" : path.slice(0, cut), id: path.slice(cut + 1) };
}
