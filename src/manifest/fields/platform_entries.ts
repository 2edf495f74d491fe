/**
 * What a manifest says of platforms.
 *
 * @module
 */

import type { EnvEntry, EnvInput } from "./environment_entries.ts";

/** An operating system, or that and an architecture, as `Deno.build` names them. */
export type PlatformName =
  | "linux"
  | "darwin"
  | "windows"
  | "linux-x86_64"
  | "linux-aarch64"
  | "darwin-x86_64"
  | "darwin-aarch64"
  | "windows-x86_64"
  | "windows-aarch64";

/** What is different on one platform, as written; a field that is left out stays as it is. */
export interface OverridesInput<Args = string[]> {
  /** The program there. */
  command?: string | undefined;
  /** All arguments there. */
  args?: Args | undefined;
  /** The working directory there. */
  cwd?: string | undefined;
  /** Environment variables to set there, beside the others. */
  env?: Record<string, EnvInput> | undefined;
  /** All environment variables to pass on there. */
  inheritEnv?: string[] | undefined;
  /** What starts the program there. */
  launcher?: [string, ...string[]] | undefined;
  /** The SHA-256 of the program there. */
  sha256?: string | undefined;
}

/** What is different on one platform. */
export interface Overrides<Args = readonly string[]> {
  /** The program there. */
  readonly command?: string | undefined;
  /** All arguments there. */
  readonly args?: Args | undefined;
  /** The working directory there. */
  readonly cwd?: string | undefined;
  /** Environment variables to set there, beside the others. */
  readonly env?: Readonly<Record<string, EnvEntry>> | undefined;
  /** All environment variables to pass on there. */
  readonly inheritEnv?: readonly string[] | undefined;
  /** What starts the program there. */
  readonly launcher?: readonly [string, ...string[]] | undefined;
  /** The SHA-256 of the program there. */
  readonly sha256?: string | undefined;
}
