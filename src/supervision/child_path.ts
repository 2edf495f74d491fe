/**
 * Paths of children in a tree, such as `workers/w1`. Used by what names children without running them, too.
 *
 * @module
 */

/** The path of the child `id` of the supervisor at `parent`. */
export function pathOf(parent: string, id: string): string {
  return parent === "/" ? id : `${parent}/${id}`;
}
