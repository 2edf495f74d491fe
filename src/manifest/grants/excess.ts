/**
 * Finds permissions that are granted to a process and that a manifest does not need. Pure: the caller answers the
 * queries.
 *
 * Deno answers whether one permission is granted, and lists none. All of a permission (`--allow-run`) is always
 * seen, and each kind of `sys`. Of single values those are seen that are asked for here: programs that can run any
 * other, variables that most machines have or that hold a secret, folders around what is needed, hosts of this machine.
 */

import { dirname, isAbsolute } from "../../permissions/path.ts";
import type { ManifestPermission } from "./permissions.ts";
import { bareName, RUNS_ANYTHING } from "./run_anything.ts";

/** A permission of Deno. */
export type PermissionName = ManifestPermission["name"] | "sys" | "ffi" | "import";

/** One permission. */
export interface HeldPermission {
  /** Deno's name of it. */
  readonly name: PermissionName;
  /** The value it is granted for; `undefined`: all of it. */
  readonly value: string | undefined;
}

/** All that Deno has. */
const NAMES: readonly PermissionName[] = ["run", "env", "read", "write", "net", "sys", "ffi", "import"];

const VARIABLES =
  ("PATH HOME USER LOGNAME SHELL LANG TERM TMPDIR PWD XDG_STATE_HOME SSH_AUTH_SOCK LD_PRELOAD " +
    "LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES NODE_OPTIONS AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY " +
    "AWS_SESSION_TOKEN AZURE_CLIENT_SECRET GOOGLE_APPLICATION_CREDENTIALS GITHUB_TOKEN GH_TOKEN GITLAB_TOKEN " +
    "NPM_TOKEN DENO_AUTH_TOKENS DATABASE_URL PGPASSWORD KUBECONFIG DOCKER_HOST OPENAI_API_KEY ANTHROPIC_API_KEY")
    .split(" ");
const HOSTS = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "[::]"];
const FOLDERS = ["/tmp", "/etc", "/home", "/usr", "/var", "/proc", "/dev"];
const KINDS =
  ("hostname osRelease osUptime loadavg networkInterfaces systemMemoryInfo uid gid username cpus " +
    "homedir statfs getPriority setPriority userInfo").split(" ");

/** Facts about the holder of the permissions that its needs do not contain. */
export interface PermissionHolder {
  /** The folder that the process runs in. */
  readonly cwd: string;
  /** Whether it holds a permission; of all of one (`value` is `undefined`), also where some of it is denied. */
  readonly holds: (permission: HeldPermission) => boolean;
}

/**
 * Lists granted permissions that are not needed, in Deno's order of permissions: all of one in place of its values,
 * and a folder in place of those in it.
 *
 * @example
 * ```ts
 * import { excessPermissions, requiredPermissions, parse } from "@outrider/outrider/manifest";
 * import { isGranted } from "../../permissions/permit.ts";
 *
 * const file = "/srv/outrider.json";
 * const manifest = parse('{ "name": "tree", "children": [{ "id": "cat", "command": "cat" }] }', { file });
 * const needed = requiredPermissions(manifest, { file });
 * for (const { name, value = "all" } of excessPermissions(needed, { cwd: Deno.cwd(), holds: isGranted })) {
 *   console.log(`Not needed: ${name} ${value}`); // Not needed: run all
 * }
 * ```
 */
export function excessPermissions(
  permissions: readonly ManifestPermission[],
  { cwd, holds }: PermissionHolder,
): HeldPermission[] {
  return NAMES.flatMap((name): HeldPermission[] => {
    const needed = permissions.filter((permission) => permission.name === name).map(({ value }) => value);
    if (needed.includes(undefined)) return [];
    if (holds({ name, value: undefined })) return [{ name, value: undefined }];
    const values = needed.flatMap((value) => value ?? []);
    const found = candidates(name, { values, permissions, cwd })
      .filter((value) => !values.some((need) => covers(name, need, value)))
      .filter((value) => holds({ name, value }));
    return found.filter((value) => !found.some((other) => other !== value && covers(name, other, value)))
      .map((value) => ({ name, value }));
  });
}

/** Whether nothing that Deno could deny is left: `-A`. */
export function isEverything(found: readonly HeldPermission[]): boolean {
  return NAMES.every((name) => found.some((one) => one.name === name && one.value === undefined));
}

/** Values that are worth asking for. */
function candidates(
  name: PermissionName,
  { values, permissions, cwd }: {
    values: readonly string[];
    permissions: readonly ManifestPermission[];
    cwd: string;
  },
): string[] {
  const around = () => [...new Set([cwd, ...values.filter(isAbsolute)].flatMap(withParents))];
  switch (name) {
    case "run":
      return [...RUNS_ANYTHING, "deno"];
    case "env":
      return VARIABLES;
    case "read":
      return [...new Set([...around(), ...FOLDERS])];
    case "write":
      // A process that may write to a file that should only be read can change its content.
      return [
        ...new Set([
          ...around(),
          ...permissions.flatMap(({ name, value }) => name === "read" ? withParents(value ?? cwd) : []),
          ...FOLDERS,
        ]),
      ];
    case "net":
      return [...new Set([...HOSTS, ...values.flatMap(hostOf)])];
    case "sys":
      return KINDS;
    case "ffi":
      return withParents(cwd);
    case "import":
      return [];
  }
}

/** A path, the folder that it is in, and so on up to the root. */
function withParents(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [path, ...withParents(parent)];
}

/** The host of `host:port`, if there is a port. */
function hostOf(value: string): string[] {
  const host = /^(?!unix:)(.+):\d+$/.exec(value)?.[1];
  return host === undefined ? [] : [host];
}

/** Whether a grant of `value` includes `other`. */
function covers(name: PermissionName, value: string, other: string): boolean {
  if (value === other) return true;
  // A program of that name may well be the one that a bare name leads to.
  if (name === "run") return bareName(value) === bareName(other);
  if (name !== "read" && name !== "write" && name !== "ffi") return false;
  return withParents(other).includes(value);
}
