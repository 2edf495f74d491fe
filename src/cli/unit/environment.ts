/**
 * What a service is started with. A service manager gives it next to none of a shell's variables, so the unit has those
 * that decide where programs, modules and state are found, as they are for the user who makes it.
 */

import type { ManifestPermission } from "../../manifest/grants/permissions.ts";
import { join, resolve } from "../../permissions/path.ts";
import { readVariable } from "../../permissions/permit.ts";
import { DEFAULT_INHERIT_ENV } from "../../process/command.ts";

/** The variables of a service, and its user. */
export interface ServiceEnvironment {
  /** The user who makes the unit, where that is known. */
  readonly user: string | undefined;
  /** Variables with their values. */
  readonly values: Readonly<Record<string, string>>;
  /** Variables that the manifest reads beyond these: their values may be secrets, so they are not in the unit. */
  readonly wanted: readonly string[];
}

/** Where programs, and the folders of Deno and Outrider, are found. */
const PLACES = ["PATH", "HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"];

/** Reads the environment; `permissions` are all of the run. */
export function serviceEnvironment(
  permissions: readonly ManifestPermission[],
  { usesDeno }: { /** Whether Deno loads modules. */ readonly usesDeno: boolean },
): ServiceEnvironment {
  const modules = usesDeno ? modulesFolder() : undefined;
  const values = {
    ...Object.fromEntries(
      PLACES.flatMap((name) => {
        const value = readVariable(name);
        return value === undefined || value === "" ? [] : [[name, value]];
      }),
    ),
    ...(modules !== undefined && { DENO_DIR: modules }),
  };
  // What a sidecar inherits by default it does without where that is not set.
  const known = [...DEFAULT_INHERIT_ENV, ...PLACES, ...Object.keys(values)];
  const wanted = permissions.flatMap(({ name, value, children }) =>
    name === "env" && value !== undefined && children.length > 0 && !known.includes(value) ? [value] : []
  );
  return { user: readVariable("USER"), values, wanted };
}

/** Where Deno keeps what it has fetched, by its own rules. */
function modulesFolder(): string | undefined {
  const own = readVariable("DENO_DIR");
  if (own !== undefined && own !== "") return resolve(own);
  const [cache, home] = ["XDG_CACHE_HOME", "HOME"].map(readVariable);
  if (Deno.build.os === "darwin") return home && join(home, "Library", "Caches", "deno");
  return cache?.startsWith("/") ? join(cache, "deno") : home && join(home, ".cache", "deno");
}
