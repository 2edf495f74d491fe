/**
 * The failure of an MCP tool, which is a result. Pure; used by `ask` and `call`.
 */

import { readField } from "../../../actor/user_value.ts";

/** The lines of its text that are shown: standard output has all of it. */
const SHOWN_LINES = 10;

/** What to say, in lines, of a result of MCP which says that a tool failed; `undefined` for any other. */
export function toolFailure(path: string, result: unknown): readonly string[] | undefined {
  if (readField(result, "isError") !== true) return undefined;
  const content = readField(result, "content");
  const texts: unknown[] = Array.isArray(content) ? content.map((part) => readField(part, "text")) : [];
  const text = texts.find((text) => typeof text === "string" && text !== "");
  if (typeof text !== "string") return [`A tool of '${path}' failed`];
  const [first = "", ...more] = text.trim().split("\n", SHOWN_LINES);
  return [`A tool of '${path}' failed: ${first}`, ...more.map((line) => `  ${line}`)];
}
