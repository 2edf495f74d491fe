/**
 * Which patterns of `--allow` and `--deny`, and which names of `disabledTools`, are of no tool: they may be misspelt, and
 * what they were to keep away is shown. Pure.
 */

import type { GatewayOptions } from "../gateway_options.ts";
import { nameMatcher } from "./names.ts";

/** The tools of a server: by the name that is shown, their own. */
export interface ServerTools {
  readonly name: string;
  readonly disabled: readonly string[];
  readonly tools: ReadonlyMap<string, string>;
}

/** A sentence for each. */
export function unusedPatterns(
  { allow = [], deny = [] }: Pick<GatewayOptions, "allow" | "deny">,
  servers: readonly ServerTools[],
): readonly string[] {
  const shown = servers.flatMap(({ tools }) => [...tools.keys()]);
  const unused = (option: string, patterns: readonly string[]) =>
    patterns.filter((pattern) => !shown.some(nameMatcher([pattern])))
      .map((pattern) => `${option} '${pattern}' fits the name of no tool`);
  return [
    ...unused("--allow", allow),
    ...unused("--deny", deny),
    ...servers.flatMap(({ name, disabled, tools }) => {
      const own = new Set(tools.values());
      return disabled.filter((tool) => !own.has(tool))
        .map((tool) => `'${name}' has no tool '${tool}', which its "disabledTools" names`);
    }),
  ];
}
