/**
 * The schemas of what a manifest says of platforms.
 *
 * @module
 */

import { z } from "zod";
import { launcherSchema, sha256Schema } from "./confinement.ts";
import { variableNames, variables } from "./environment_schema.ts";
import { PLATFORM_NAMES } from "../resolve/platform.ts";
import { filledTextSchema, textSchema } from "./text.ts";

/** The platforms that a sidecar is for. */
export const platformsSchema = z.array(z.enum(PLATFORM_NAMES)).min(1, "needs at least one platform")
  .optional()
  .describe(
    "The platforms it is for, such as linux or linux-x86_64; elsewhere it is left out. Default all.",
  );

/** What is different by platform; `args` is the schema of the arguments, `id` the name that an editor shows. */
export function overridesSchema<Args extends z.ZodType>(args: Args, id: string) {
  const fields = z.strictObject({
    command: filledTextSchema.optional().describe("The program there."),
    args: args.optional().describe("All arguments there."),
    cwd: filledTextSchema.optional().describe("The working directory there."),
    env: variables.optional().describe("Environment variables to set there, beside the others."),
    inheritEnv: variableNames.optional().describe("All environment variables to pass on there."),
    launcher: launcherSchema.describe("A program with its arguments that starts it there."),
    sha256: sha256Schema.describe("The SHA-256 of the program's file there."),
  }).meta({ id, description: "What is different on one platform." });
  const there = fields.optional().describe("What is different there.");
  return z.strictObject({
    "linux": there,
    "darwin": there,
    "windows": there,
    "linux-x86_64": there,
    "linux-aarch64": there,
    "darwin-x86_64": there,
    "darwin-aarch64": there,
    "windows-x86_64": there,
    "windows-aarch64": there,
  }).optional().describe(
    "What is different on a platform: command, args, cwd, env, inheritEnv, launcher or sha256. An architecture wins over its system.",
  );
}

/** What is different for a sidecar. */
export const onSchema = overridesSchema(z.array(textSchema), "Overrides");

/** The keys that each object in it may have, by the property that holds it. */
export const PLATFORM_KEYS: Readonly<Record<string, readonly string[]>> = {
  on: PLATFORM_NAMES,
  ...Object.fromEntries(
    PLATFORM_NAMES.map((
      name,
    ) => [name, ["command", "args", "cwd", "env", "inheritEnv", "launcher", "sha256"]]),
  ),
};
