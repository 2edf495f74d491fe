/**
 * Reads JSON that is as `JSON.parse` takes it: without comments, and without what a manifest may not have besides.
 *
 * Used to spare a manifest in plain JSON the parser that knows where everything stands.
 */

/** How deep the JSON of a manifest may nest: enough for 32 supervisors, and no deeper than a parser's stack. */
export const MAX_DEPTH = 100;

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/g;

/** The value of `text`; `undefined` where it is not plain JSON, has a key twice or nests deeper than {@link MAX_DEPTH}. */
export function plainJson(text: string): { readonly value: unknown } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  /** The keys of each object that is open; of an array, none. */
  const open: Set<string>[] = [];
  let last = "";
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "{" || token === "[") {
      if (open.push(new Set()) > MAX_DEPTH) return undefined;
    } else if (token === "}" || token === "]") open.pop();
    else if (token === ":") {
      const key = JSON.parse(last) as string;
      const keys = open.at(-1)!;
      if (keys.has(key)) return undefined;
      keys.add(key);
    } else last = token;
  }
  return { value };
}
