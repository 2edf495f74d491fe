/**
 * Turns a worker's permissions into flags of `deno run`. Pure.
 */

import { OptionError } from "@outrider/outrider";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { loadFlag } from "./load.ts";

/** The permissions of a worker; `true` for anything of the kind, a list for no more than that. Default: none. */
export interface WorkerPermissions {
  /** Files and folders to read, besides the module's own folder. Relative ones are relative to `cwd`. */
  readonly read?: boolean | readonly (string | URL)[];
  /** Files and folders to write. */
  readonly write?: boolean | readonly (string | URL)[];
  /** Hosts, with a port or without. */
  readonly net?: boolean | readonly string[];
  /** Environment variables, of those that the process has: see `env` and `inheritEnv`. */
  readonly env?: boolean | readonly string[];
  /** Programs. One that may run anything may do anything. */
  readonly run?: boolean | readonly (string | URL)[];
  /** Information about the machine. */
  readonly sys?: boolean | readonly string[];
  /** Native libraries. */
  readonly ffi?: boolean | readonly (string | URL)[];
  /** Hosts that modules may be downloaded from. Default: none; modules in Deno's cache can be imported. */
  readonly import?: boolean | readonly string[];
}

/** Not a file, and not the letter of a drive. */
const REMOTE = /^(?!file:)[a-z][a-z0-9+.-]+:/i;

const KINDS = ["read", "write", "net", "env", "run", "sys", "ffi", "import"] as const;

/** Returns the flags for `permissions`, and `--no-prompt`. @throws {OptionError} no flag can express one of them */
export function workerPermissionFlags(permissions: WorkerPermissions): string[] {
  const flags = ["--no-prompt"];
  for (const kind of KINDS) {
    const granted = permissions[kind] ?? false;
    if (granted === true) flags.push(`--allow-${kind}`);
    else if (granted !== false && granted.length > 0) {
      flags.push(`--allow-${kind}=${granted.map(entryOf).join(",")}`);
    } // An import is a request to a remote server, and Deno allows some hosts unless told otherwise.
    else if (kind === "import") flags.push("--cached-only");
  }
  return flags;
}

/** Grants everything; Deno refuses it beside a flag of a single permission. */
const ALL = ["-A", "--allow-all"];

/** The flags of `deno run` for a worker: permissions, those of the caller, and {@linkcode loadFlag}. */
export function runFlags(
  { module, permissions, flags, cwd }: {
    readonly module: string | URL;
    readonly permissions: WorkerPermissions;
    readonly flags: readonly string[];
    readonly cwd?: string | undefined;
  },
): string[] {
  const { read = false } = permissions;
  const folder = read === true || flags.some((flag) => ALL.includes(flag))
    ? undefined
    : folderOf(module, cwd);
  const granted = folder === undefined
    ? permissions
    : { ...permissions, read: [folder, ...(typeof read === "boolean" ? [] : read)] };
  return [...workerPermissionFlags(granted), ...flags, loadFlag()];
}

/** Where a module that is a file is; one in the root is granted alone, as its folder would be everything. */
function folderOf(module: string | URL, cwd = ""): string | undefined {
  const text = String(module);
  if (REMOTE.test(text)) return undefined;
  const path = text.startsWith("file:") ? fileURLToPath(text) : text;
  const folder = resolve(cwd, dirname(path));
  return dirname(folder) === folder ? path : dirname(path);
}

function entryOf(entry: string | URL): string {
  const text = entry instanceof URL ? decodeURIComponent(entry.pathname) : entry;
  if (text === "" || text.includes(",")) {
    throw new OptionError(`Cannot grant '${text}': an entry of a permission is not empty and has no comma`);
  }
  return text;
}

/** The program that runs a worker. @throws {OptionError} in a compiled program, if none is named */
export function denoProgram(named: string | undefined, standalone: boolean): string {
  if (named !== undefined) return named;
  if (!standalone) return Deno.execPath();
  throw new OptionError(
    "Cannot run a worker: this program is compiled and has no deno in it; name one that is installed with the option deno, and a module on disk",
  );
}
