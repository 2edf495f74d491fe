/**
 * What a manifest says of platforms.
 *
 * @module
 */

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
  env?: Record<string, string> | undefined;
  /** All environment variables to pass on there. */
  inheritEnv?: string[] | undefined;
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
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** All environment variables to pass on there. */
  readonly inheritEnv?: readonly string[] | undefined;
}
