/**
 * The edit distance between a misspelt word and a known one.
 *
 * Written here because the packages that do it are CommonJS, and loading one takes Deno longer than all the rest of a
 * command line: words are misspelt seldom, and a start happens each time.
 *
 * @module
 */

/**
 * The fewest characters to insert, delete, replace or swap with their neighbour to get from `one` to `other`; a swapped
 * pair is left alone after that. Its work grows with both lengths.
 */
export function editDistance(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_, column) => column);
  let twoAbove = above;
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const replaced = above[column - 1]! + (one[row - 1] === other[column - 1] ? 0 : 1);
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const swapped = row > 1 && column > 1 && isSwapped ? twoAbove[column - 2]! + 1 : Infinity;
      current.push(Math.min(replaced, above[column]! + 1, current[column - 1]! + 1, swapped));
    }
    [twoAbove, above] = [above, current];
  }
  return above[other.length]!;
}
