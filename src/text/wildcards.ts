/**
 * Patterns with wildcards, matched in a time that neither the pattern nor the text can make long: both may be another's.
 * Pure; used for names and paths.
 */

/**
 * Whether `items` fit a pattern in which `isMany` parts stand for any number of them. Only the last of these is tried again,
 * as an earlier one could gain nothing: at most a step for each pair of part and item.
 */
export function fitsParts<Part, Item>(
  pattern: readonly Part[],
  items: readonly Item[],
  isMany: (part: Part) => boolean,
  isOne: (part: Part, item: Item) => boolean,
): boolean {
  let [part, item] = [0, 0];
  let [many, tried] = [-1, 0];
  while (item < items.length) {
    const here = pattern[part];
    if (here !== undefined && isMany(here)) [many, tried, part] = [part, item, part + 1];
    else if (here !== undefined && isOne(here, items[item]!)) [part, item] = [part + 1, item + 1];
    else if (many === -1) return false;
    else [part, item] = [many + 1, ++tried];
  }
  return pattern.slice(part).every(isMany);
}
