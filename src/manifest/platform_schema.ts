/**
 * The schemas of what a manifest says of platforms.
 *
 * @module
 */

import { z } from "zod";
import { variableNames, variables } from "./environment_schema.ts";
import { PLATFORM_NAMES } from "./platform.ts";
import { filled, text } from "./text.ts";

/** The platforms that a sidecar is for. */
export const platforms = z.array(z.enum(PLATFORM_NAMES)).min(1, "needs at least one platform").optional()
  .describe(
    "The platforms it is for, such as linux or linux-x86_64; elsewhere it is left out. Default all.",
  );

/** What is different by platform; `args` is the schema of the arguments. */
export function overrides<Args extends z.ZodType>(args: Args) {
  const fields = z.strictObject({
    command: filled.optional(),
    args: args.optional(),
    cwd: filled.optional(),
    env: variables.optional(),
    inheritEnv: variableNames.optional(),
  });
  return z.strictObject({
    "linux": fields.optional(),
    "darwin": fields.optional(),
    "windows": fields.optional(),
    "linux-x86_64": fields.optional(),
    "linux-aarch64": fields.optional(),
    "darwin-x86_64": fields.optional(),
    "darwin-aarch64": fields.optional(),
    "windows-x86_64": fields.optional(),
    "windows-aarch64": fields.optional(),
  }).optional().describe(
    "What is different on a platform: command, args, cwd, env or inheritEnv. An architecture wins over its system.",
  );
}

/** What is different for a sidecar. */
export const on = overrides(z.array(text));

/** The keys that each object in it may have, by the property that holds it. */
export const PLATFORM_KEYS: Readonly<Record<string, readonly string[]>> = {
  on: PLATFORM_NAMES,
  ...Object.fromEntries(
    PLATFORM_NAMES.map((name) => [name, ["command", "args", "cwd", "env", "inheritEnv"]]),
  ),
};
