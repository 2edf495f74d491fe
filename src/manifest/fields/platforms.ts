/**
 * The platform fields of a manifest, and the names of platforms.
 */

import { filled, flag, key, list, shape, types, word } from "../../options/build.ts";
import type { Field, Property, WordField } from "../../options/field.ts";
import type { PlatformName } from "./types.ts";
import { env, envFile, launcherField, sha256, variableNames } from "../../options/fields/program.ts";

/** Every operating system and architecture that Deno runs on, with its target triple. */
export const TARGETS = {
  "linux-x86_64": "x86_64-unknown-linux-gnu",
  "linux-aarch64": "aarch64-unknown-linux-gnu",
  "darwin-x86_64": "x86_64-apple-darwin",
  "darwin-aarch64": "aarch64-apple-darwin",
  "windows-x86_64": "x86_64-pc-windows-msvc",
  "windows-aarch64": "aarch64-pc-windows-msvc",
} as const;

/** A platform that something runs on: an operating system and an architecture. */
export type Target = keyof typeof TARGETS;

/** All of them. */
export const ALL_TARGETS: readonly Target[] = Object.keys(TARGETS) as Target[];

/** The names that a manifest may use: an operating system, or that and an architecture. */
export const PLATFORM_NAMES: readonly PlatformName[] = ["linux", "darwin", "windows", ...ALL_TARGETS];

const platformName: WordField = word(PLATFORM_NAMES, {
  types: types(
    "PlatformName",
    "PlatformName",
    "An operating system, or that and an architecture, as `Deno.build` names them.",
  ),
});

/** The platform fields of a sidecar; `args` are its arguments, `name` tells its overrides from those of templates. */
export function platformFields(args: Field, name: string): Record<string, Property> {
  const there = shape({
    command: key(filled, "The program there", { otherwise: "" }),
    args: key(args, "All arguments there", { otherwise: "" }),
    cwd: key(filled, "The working directory there", { otherwise: "" }),
    env: key(env, "Environment variables to set there, beside the others", { otherwise: "" }),
    envFile: key(envFile, "All files of variables there", { otherwise: "" }),
    inheritEnv: key(variableNames, "All environment variables to pass on there", { otherwise: "" }),
    launcher: key(launcherField, "A program with its arguments that starts it there", { otherwise: "" }),
    pty: key(flag, "Whether it runs in a terminal there", { otherwise: "" }),
    sha256: key(sha256, "The SHA-256 of the program's file there", { otherwise: "" }),
  }, {
    types: types(
      `${name}Input`,
      name,
      "What is different on one platform; a field that is left out stays as it is.",
    ),
    schema: { id: name, description: "What is different on one platform." },
  });
  const platforms = PLATFORM_NAMES.map((
    platform,
  ) => [platform, key(there, "What is different there", { otherwise: "" })]);
  return {
    platforms: key(
      list(platformName, { min: 1, tooFew: "needs at least one platform" }),
      "The platforms it is for, such as linux or linux-x86_64; elsewhere it is left out",
      { otherwise: "all", see: "platforms.md" },
    ),
    on: key(
      shape(Object.fromEntries(platforms), {
        input: `Readonly<Partial<Record<PlatformName, ${name}Input | undefined>>>`,
        output: `Readonly<Partial<Record<PlatformName, ${name} | undefined>>>`,
      }),
      "What is different on a platform; an architecture wins over its system",
      { otherwise: "nothing", see: "platforms.md" },
    ),
  };
}
