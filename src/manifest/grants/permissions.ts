/**
 * The smallest permissions that running a manifest needs. Pure: nothing is looked up or asked for here.
 *
 * Without any permission (tried on Deno 2.9): the working directory of a child, an explicit environment, signals.
 * A module's own imports each need read permission; they are not in the manifest, so they are not listed here, and
 * `outrider permissions` says so.
 */

import { isAbsolute } from "../../permissions/path.ts";
import type { CopyEntry, Manifest } from "../fields/types.ts";
import { accountFiles, launcherOf } from "../../options/launcher.ts";
import { runtimeVariables } from "../../options/env_value.ts";
import type { EnvEntry, ProbeEntry } from "../../options/types.ts";
import { logPaths } from "../../options/fields/log.ts";
import { logsOf, type ProgramEntry, programsOf } from "../resolve/children.ts";
import type { PermissionPurpose, PermissionReason } from "./reasons.ts";
import { hostPort, quote } from "../../text/words.ts";
import { OutriderError } from "../../outrider_error.ts";

/** One permission, and the sidecars that need it. */
export interface ManifestPermission {
  /** Which permission: to run a program, to read an environment variable, to read or write a file, to reach a port. */
  readonly name: "run" | "env" | "read" | "write" | "net";
  /** The program, variable, file, or host with its port (or `unix:` and a path); undefined for all of them. */
  readonly value: string | undefined;
  /** The paths of the sidecars that need it (`workers/w1`, without the tree's name); empty: Outrider itself. */
  readonly children: readonly string[];
  /** The reasons, each sidecar with each of its reasons once; a reason without a sidecar is Outrider's own. */
  readonly why: readonly PermissionReason[];
}

/** A need of Outrider itself. */
export function ownPermission(
  { name, value }: { readonly name: ManifestPermission["name"]; readonly value: string | undefined },
  purpose: PermissionPurpose,
): ManifestPermission {
  return { name, value, children: [], why: [{ purpose }] };
}

/** Facts about the platform that are not in the manifest. */
export interface PermissionHost {
  /** The manifest's absolute path; left out, no read permission is listed. */
  readonly file?: string | undefined;
  /** The real Deno, run for the command `deno`; see `Deno.execPath`. */
  readonly execPath?: string | undefined;
  /**
   * The files that a bare command of an entry may be, where the PATH of its process is not that of Deno: Deno looks a
   * name in `--allow-run` up on the PATH it was started with, which may lead elsewhere, or nowhere. `undefined` where
   * it leads to the same file, and none where there is no such file: then the name is listed.
   */
  readonly find?:
    | ((
      command: string,
      entry: Pick<CopyEntry, "cwd" | "env" | "inheritEnv">,
    ) => readonly string[] | undefined)
    | undefined;
  /**
   * The file of a bare command that is pinned by its SHA-256, for that file is read: on the `PATH` that the sidecar
   * sets, or, without one, on the runtime's. Where it is not known, all of read permission is listed.
   */
  readonly locate?: ((command: string, path: string | undefined) => string | undefined) | undefined;
}

/** A permission that no flag can express; `code` is `permission_not_expressible`. */
export class PermissionFlagError extends OutriderError {
  /** Stable over versions. */
  readonly code = "permission_not_expressible";
  /** The permission. */
  readonly need: Pick<ManifestPermission, "name" | "value">;

  /** Made by {@link permissionFlags}. */
  constructor(need: Pick<ManifestPermission, "name" | "value">) {
    const value = quote(need.value ?? "");
    super(
      `Cannot grant "${need.name}" for ${value}: Deno splits a flag's values at commas, so move or rename it, or ` +
        "use a set of permissions, as 'outrider permissions FILE --format deno.json' prints it",
    );
    this.need = need;
  }
}

/**
 * Lists the permissions that a run of the manifest needs, in the order of its children: programs, then variables,
 * then files (the manifest's own, those of variables, pinned programs, logs), then what probes connect to. The command of a
 * probe is a program like the sidecar's own; one with a launcher is not run by Outrider, the launcher is; limits are
 * read by running `ps`. A sidecar that sets or inherits a variable for the dynamic linker (`LD_…`, `DYLD_…`), other
 * than to nothing, needs to run anything: Deno allows it under no smaller permission.
 */
export function requiredPermissions(manifest: Manifest, platform: PermissionHost = {}): ManifestPermission[] {
  const sidecars = programsOf(manifest);
  const of = (wanted: (entry: ProgramEntry) => readonly WantedPermission[]): Wanted[] =>
    sidecars.flatMap(({ entry, path: child }) =>
      wanted(entry).map(([value, purpose]) => [value, { child, purpose }] as const)
    );
  const everything = of((entry) => bendsLinker(entry) ? [[undefined, "linker"]] : []);
  const guardian: Wanted[] = manifest.onHostDeath === "guard" ? [["sh", { purpose: "guardian" }]] : [];
  const logs = logsOf(manifest).flatMap(({ of, ...log }): Wanted[] =>
    logPaths(log).map((
      path,
    ) => [path, of === undefined ? { purpose: "log" } : { child: of, purpose: "childLog" }])
  );
  const own: Wanted[] = platform.file === undefined ? [] : [[platform.file, { purpose: "manifest" }]];
  return [
    ...grouped("run", everything),
    ...grouped("run", [...of((entry) => programs(entry, platform)), ...guardian]),
    ...grouped("env", of(variablesRead)),
    ...grouped("read", [...own, ...of((entry) => filesRead(entry, platform)), ...logs]),
    ...grouped("write", logs),
    ...grouped("net", of(probeHosts)),
  ];
}

/**
 * The flags of `deno run` that grant the needs, one a permission, not quoted: give them to a process as they are,
 * or to a shell through `shellQuote`.
 *
 * @throws {PermissionFlagError} for a value with a comma, which no flag can express
 */
export function permissionFlags(needs: readonly Pick<ManifestPermission, "name" | "value">[]): string[] {
  return (["run", "env", "read", "write", "net"] as const).flatMap((name) => {
    const wanted = needs.filter((need) => need.name === name);
    if (wanted.length === 0) return [];
    if (wanted.some(({ value }) => value === undefined)) return [`--allow-${name}`];
    const comma = wanted.find(({ value }) => value?.includes(","));
    if (comma !== undefined) throw new PermissionFlagError(comma);
    return [`--allow-${name}=${[...new Set(wanted.map(({ value }) => value))].join(",")}`];
  });
}

/** As Deno takes a set: of each permission the values, or `true` for all of it. */
export type PermissionSet = Readonly<Partial<Record<ManifestPermission["name"], true | readonly string[]>>>;

/** A permission set of that name, for a `deno.json`. Unlike a flag, it can hold a value with a comma. */
export function permissionSet(
  name: string,
  permissions: readonly ManifestPermission[],
): { readonly permissions: Readonly<Record<string, PermissionSet>> } {
  const set = [...Map.groupBy(permissions, ({ name }) => name)].map(([permission, wanted]) => {
    const values = wanted.flatMap(({ value }) => value ?? []);
    return [permission, values.length < wanted.length ? true : [...new Set(values)]] as const;
  });
  return { permissions: Object.fromEntries([[name, Object.fromEntries(set)]]) };
}

/**
 * Deno's rule, as `src/process/command.ts` has it too; neither may import the other, and a test holds them together.
 */
export function bendsLinker({ env, inheritEnv }: Pick<ProgramEntry, "env" | "inheritEnv">): boolean {
  return [...Object.keys(env), ...inheritEnv].some((name) =>
    /^\s*(LD|DYLD)_/i.test(name) && !(Object.hasOwn(env, name) && env[name] === "")
  );
}

/** The programs of a sidecar's probes, in the order of the probes. */
export function probeCommands({ probes = {} }: Pick<ProgramEntry, "probes">): string[] {
  return Object.values(probes).flatMap((probe: ProbeEntry | undefined) =>
    probe !== undefined && "command" in probe ? probe.command.slice(0, 1) : []
  );
}

/** The program of a sidecar's stop command, if it has one. */
export function stopCommands({ stop }: Pick<ProgramEntry, "stop">): string[] {
  return typeof stop === "object" ? stop.command?.slice(0, 1) ?? [] : [];
}

/** As `--allow-net` takes them. */
function probeHosts({ probes = {} }: Pick<ProgramEntry, "probes">): WantedPermission[] {
  return Object.values(probes).flatMap((probe: ProbeEntry | undefined): WantedPermission[] => {
    if (probe !== undefined && "tcp" in probe) {
      const { host, port } = probe.tcp;
      return [[hostPort(host, port), "probe"]];
    }
    if (probe === undefined || !("http" in probe)) return [];
    const { hostname, port, protocol } = new URL(probe.http.url);
    return [[`${hostname}:${port || (protocol === "https:" ? 443 : 80)}`, "probe"]];
  });
}

/**
 * The programs run for a sidecar, in this order: its launcher or program, its probes' commands, its stop command, `ps`
 * for its limits.
 */
function programs(entry: ProgramEntry, platform: PermissionHost): WantedPermission[] {
  const launcher = launcherOf(entry);
  const pinned = launcher !== undefined || entry.sha256 === undefined
    ? undefined
    : pinnedFile(entry, platform);
  const own = pinned === undefined ? program(launcher?.[0] ?? entry.command, entry, platform) : [pinned];
  const purpose = launcher === undefined ? "program" : "launcher";
  const probing = probeCommands(entry).flatMap((command) => program(command, entry, platform));
  const stopping = stopCommands(entry).flatMap((command) => program(command, entry, platform));
  return [
    ...own.map((file): WantedPermission => [file, purpose]),
    ...probing.map((file): WantedPermission => [file, "probe"]),
    ...stopping.map((file): WantedPermission => [file, "stop"]),
    ...(entry.limits === undefined ? [] : [["ps", "limits"] as const]),
  ];
}

/** The variables that are read for a sidecar; a pinned program is looked up on PATH by Outrider itself. */
function variablesRead({ inheritEnv, env, command, sha256 }: ProgramEntry): WantedPermission[] {
  // A variable that is set by the manifest is not read from the environment.
  const inherited = inheritEnv.filter((name) => !Object.hasOwn(env, name));
  const renamed = Object.values(env).flatMap(runtimeVariables).map(({ from }) => from);
  const searches = sha256 !== undefined && !isAbsolute(command) && command !== "deno" &&
    !Object.hasOwn(env, "PATH");
  return [
    ...[...inherited, ...renamed].map((name): WantedPermission => [name, "inherited"]),
    ...(searches ? [["PATH", "lookup"] as const] : []),
  ];
}

/** The files read for a sidecar; `undefined` is everything. */
function filesRead(entry: ProgramEntry, platform: PermissionHost): WantedPermission[] {
  const secrets = Object.values(entry.env).flatMap((value): WantedPermission[] =>
    typeof value === "object" && "file" in value ? [[value.file, "secret"]] : []
  );
  const files = entry.envFile.map(({ path }): WantedPermission => [path, "variables"]);
  const pin: WantedPermission[] = entry.sha256 === undefined ? [] : [[pinnedFile(entry, platform), "pin"]];
  const accounts = accountFiles(entry).map((file): WantedPermission => [file, "account"]);
  return [...secrets, ...files, ...pin, ...accounts];
}

function pinnedFile(
  { command, env }: ProgramEntry,
  { execPath, locate }: PermissionHost,
): string | undefined {
  if (command === "deno" && execPath !== undefined) return execPath;
  return isAbsolute(command) ? command : locate?.(command, textOf(env.PATH));
}

function textOf(value: EnvEntry | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function program(
  command: string,
  entry: ProgramEntry,
  { execPath, find }: PermissionHost,
): readonly string[] {
  if (command === "deno" && execPath !== undefined) return [execPath];
  const files = isAbsolute(command) ? [] : find?.(command, entry) ?? [];
  return files.length === 0 ? [command] : files;
}

/** A value that a sidecar needs, `undefined` for all of them, and its purpose. */
type WantedPermission = readonly [value: string | undefined, purpose: PermissionPurpose];
/** A value, and one reason for it. */
type Wanted = readonly [value: string | undefined, reason: PermissionReason];

function grouped(name: ManifestPermission["name"], wanted: readonly Wanted[]): ManifestPermission[] {
  return [...Map.groupBy(wanted, ([value]) => value)].map(([value, all]) => ({
    name,
    value,
    children: [...new Set(all.flatMap(([, { child }]) => child ?? []))],
    why: once(all.map(([, reason]) => reason)),
  }));
}

function once(reasons: readonly PermissionReason[]): PermissionReason[] {
  return [...new Map(reasons.map((reason) => [`${reason.purpose} ${reason.child ?? ""}`, reason])).values()];
}
