/**
 * Which programs an app may start, and with which arguments: the shell scope of Tauri 1's allowlist, and those of the
 * capabilities of Tauri 2. Pure.
 *
 * Where a name comes twice, Tauri goes by the first in a capability, and by the last in an allowlist.
 */

import { isObjectOrArray, type ManifestIssue } from "../issue.ts";
import type { IgnoredPart } from "../resolve/platform.ts";
import type { ReadFile } from "./project.ts";
import {
  type Capability,
  capability,
  child,
  readAs,
  type ScopeArgs,
  type ScopeEntry,
  scopeEntry,
} from "./shapes.ts";
import { SYSTEMS, type TauriSystem } from "./systems.ts";
import { NOT_TAURIS, notStarted, setting, unreadKeys, withoutNull } from "./unread.ts";

/** A program that may be started. */
export interface TauriScope {
  /** The app's name for it; of a sidecar, its path in `externalBin`. */
  readonly name: string;
  /** The program; undefined for a sidecar. */
  readonly cmd: string | undefined;
  readonly args: ScopeArgs;
  readonly sidecar: boolean;
  /** Whether a validator must match all of an argument, as from Tauri 2 on, unless it is `raw`. */
  readonly isAnchored: boolean;
  /** Where it stands. */
  readonly at: string;
  /** The permission of Tauri 2 that it extends: one that waits for the end of a program, or one that does not. */
  readonly permission?: ShellPermission | undefined;
}

/** What of Tauri's shell plugin a scope is for. */
type ShellPermission = "shell:allow-spawn" | "shell:allow-execute";

/** The scopes found, the ignored settings, and the faults, by file (`""` is the configuration). */
export interface TauriScopes {
  readonly scopes: readonly TauriScope[];
  readonly ignored: readonly IgnoredPart[];
  readonly issues: readonly (ManifestIssue & { readonly name: string })[];
}

const NONE: TauriScopes = { scopes: [], ignored: [], issues: [] };

/** Those of `tauri.allowlist.shell`. */
export function allowlistScopes(config: unknown): TauriScopes {
  const shell = child(child(child(config, "tauri"), "allowlist"), "shell");
  const at = ["tauri", "allowlist", "shell", "scope"];
  const all = child(shell, "scope");
  if (all === undefined) return NONE;
  const isOn = (feature: string) =>
    child(shell, "all") === true || child(shell, feature) === true ||
    child(child(child(config, "tauri"), "allowlist"), "all") === true;
  return entries(all, at, { name: "", isAnchored: false, place: "tauri.allowlist.shell.scope" }, (scope) => {
    const feature = scope.sidecar ? "sidecar" : "execute";
    return isOn(feature)
      ? undefined
      : `tauri.allowlist.shell.${feature} is off, so it permits nothing; for it to count, set that to true`;
  }, "last");
}

/** Tauri's names for systems in a capability. */
const NAMES: Readonly<Record<TauriSystem, string>> = { linux: "linux", darwin: "macOS", windows: "windows" };

/** Those of the capabilities that are in force on a system. */
export function capabilityScopes(
  config: unknown,
  files: readonly ReadFile[],
  system: TauriSystem,
): TauriScopes {
  const enabled = child(child(child(config, "app"), "security"), "capabilities") ?? [];
  if (!Array.isArray(enabled)) {
    const path = ["app", "security", "capabilities"];
    return { ...NONE, issues: [{ path, message: "expected a list", name: "" }] };
  }
  const listed: readonly unknown[] = enabled;
  const inline = listed.flatMap((value, index) =>
    isObjectOrArray(value)
      ? [{ value, name: "", at: ["app", "security", "capabilities", index] as readonly PropertyKey[] }]
      : []
  );
  const all = [...files.flatMap(inFile), ...inline];
  const read = all.map((one) => ({
    ...one,
    ...readAs<Capability>(capability, withoutNull(one.value, "platforms"), one.at),
  })).sort((a, b) => byIdentifier(a.data, b.data));
  const issues = read.flatMap(({ name, issues }) => issues.map((issue) => ({ ...issue, name })));
  const found = read.flatMap(({ data, name, at }): TauriScopes[] => {
    if (data === undefined) return [];
    const { identifier, platforms, permissions } = data;
    const place = name === "" ? `app.security.capabilities "${identifier}"` : name;
    // A list that is not empty says which ones count; one that stands in it counts.
    if (listed.length > 0 && name !== "" && !listed.includes(identifier)) {
      return [{
        ...NONE,
        ignored: [setting(place, `app.security.capabilities does not name "${identifier}"`)],
      }];
    }
    if (platforms !== undefined && !platforms.includes(NAMES[system])) {
      return [{ ...NONE, ignored: elsewhere(platforms, { place, isInline: name === "" }) }];
    }
    const others = permissions.flatMap((one, index): TauriScopes[] => {
      if (typeof one === "string") return [];
      const permission = SHELL.find((name) => name === one.identifier);
      if (permission === undefined) return [];
      const within = { name, isAnchored: true, place, permission };
      return [entries(one.allow ?? [], [...at, "permissions", index, "allow"], within)];
    });
    return [...others, { ...NONE, ignored: about(data, place) }];
  });
  const known = read.map(({ data }) => data?.identifier);
  const missing = listed.filter((one) => typeof one === "string" && !known.includes(one)).map((one) =>
    setting(`app.security.capabilities "${one}"`, "no capability of that name was read")
  );
  return joined(
    [...found, { ...NONE, issues, ignored: [...files.flatMap(aroundList), ...missing] }],
    "first",
  );
}

/** The order in which Tauri goes through capabilities, whichever files they stand in. */
function byIdentifier(a?: Capability, b?: Capability): number {
  const [one, other] = [a?.identifier ?? "", b?.identifier ?? ""];
  return one === other ? 0 : one < other ? -1 : 1;
}

/**
 * A capability that is in force on no system that Deno runs on. One that is inline may stand in a file for one system, and
 * is in force on another at most.
 */
function elsewhere(
  platforms: readonly string[],
  { place, isInline }: { readonly place: string; readonly isInline: boolean },
): IgnoredPart[] {
  const isForOne = SYSTEMS.some((system) => platforms.includes(NAMES[system]));
  if (isForOne && !isInline) return [];
  const names = platforms.join(", ") || "no platform";
  return [setting(place, `it is for ${names}${isForOne ? " alone" : ", and Deno runs on none of them"}`)];
}

/** Of a program that both permit, that of `spawn` counts: it is the one that lives on. */
const SHELL: readonly ShellPermission[] = ["shell:allow-spawn", "shell:allow-execute"];

/** What denies them both to windows. */
const DENIED = ["shell:deny-spawn", "shell:deny-execute"];

function isOfShell(identifier: string): boolean {
  return SHELL.some((name) => name === identifier);
}

/** The other settings of a capability. */
function about(data: Capability, place: string): IgnoredPart[] {
  const names = data.permissions.map((one) => typeof one === "string" ? one : one.identifier);
  const others = [...new Set(names.filter((name) => !isOfShell(name) && !DENIED.includes(name)))];
  const denied = names.filter((name) => DENIED.includes(name));
  const entries = data.permissions.flatMap((one) =>
    typeof one !== "string" && isOfShell(one.identifier)
      ? unreadKeys(one, place, { read: ["identifier", "allow"], reasons: OF_PERMISSION })
      : []
  );
  return [
    ...(others.length === 0
      ? []
      : [setting(`${place}: ${others.join(", ")}`, "a permission of the app's windows")]),
    ...denied.map((name) =>
      setting(`${place}: ${name}`, "it denies the app's windows what is permitted here")
    ),
    ...unreadKeys(data, place, { read: ["identifier", "permissions", "platforms"], reasons: OF_CAPABILITY }),
    ...entries,
  ];
}

const OF_CAPABILITY = Object.fromEntries(
  ["description", "windows", "webviews", "remote", "local"].map((key) => [key, "about the app's windows"]),
);

const OF_PERMISSION = { deny: "Tauri's shell plugin does not look at it either" };

/** The other keys of a file that holds its capabilities under a name. */
function aroundList({ name, value }: ReadFile): IgnoredPart[] {
  return Array.isArray(child(value, "capabilities"))
    ? unreadKeys(value, name, { read: ["capabilities"] })
    : [];
}

/** A file holds one capability, a list of them, or a list under a name. */
function inFile({ name, value }: ReadFile): { value: unknown; name: string; at: readonly PropertyKey[] }[] {
  const named = child(value, "capabilities");
  const list = Array.isArray(value) ? value : Array.isArray(named) ? named : undefined;
  if (list === undefined) return [{ value, name, at: [] }];
  return list.map((value, index) => ({
    value,
    name,
    at: list === value ? [index] : ["capabilities", index],
  }));
}

function entries(
  all: unknown,
  at: readonly PropertyKey[],
  { name, isAnchored, place, permission }: {
    readonly name: string;
    readonly isAnchored: boolean;
    readonly place: string;
    readonly permission?: ShellPermission;
  },
  off: (scope: TauriScope) => string | undefined = () => undefined,
  wins: "first" | "last" = "first",
): TauriScopes {
  if (!Array.isArray(all)) return { ...NONE, issues: [{ path: at, message: "expected a list", name }] };
  const each = all.map((value: unknown, index): TauriScopes => {
    const { data, issues } = readAs<ScopeEntry>(scopeEntry, withoutNull(value, "cmd"), [...at, index]);
    if (data === undefined) return { ...NONE, issues: issues.map((issue) => ({ ...issue, name })) };
    const { args = false, cmd, sidecar = false } = data;
    const scope = {
      ...{ name: data.name, cmd: sidecar ? undefined : cmd, args, sidecar },
      ...{ isAnchored, at: place, permission },
    };
    const why = off(scope);
    if (why !== undefined) return { ...NONE, ignored: [notStarted(`${place} "${scope.name}"`, why)] };
    return { ...NONE, scopes: [scope], ignored: unreadOf(data, `${place} "${scope.name}"`) };
  });
  return joined(each, wins);
}

/** Joins them, one by name; another of that name that differs is listed. */
function joined(all: readonly TauriScopes[], wins: "first" | "last"): TauriScopes {
  const scopes = all.flatMap(({ scopes }) => scopes);
  const chosen = new Map<string, TauriScope>();
  const inOrder = wins === "last" ? scopes.toReversed() : scopes;
  for (const scope of inOrder.toSorted((a, b) => rankOf(a) - rankOf(b))) {
    if (!chosen.has(scope.name)) chosen.set(scope.name, scope);
  }
  const beaten = scopes.filter((scope) => !areAlike(chosen.get(scope.name)!, scope)).map((scope) => {
    const isOther = scope.permission !== chosen.get(scope.name)!.permission;
    const why = isOther ? ALSO_SPAWNED : `Tauri goes by the ${wins} of that name, and this is another`;
    return setting(`${scope.at} "${scope.name}"`, why);
  });
  return {
    scopes: scopes.filter((scope) => chosen.get(scope.name) === scope),
    ignored: [...all.flatMap(({ ignored }) => ignored), ...beaten],
    issues: all.flatMap(({ issues }) => issues),
  };
}

const ALSO_SPAWNED =
  "shell:allow-spawn permits it in another way, which counts here; this is for shell:allow-execute";

function rankOf({ permission }: TauriScope): number {
  return permission === "shell:allow-execute" ? 1 : 0;
}

function areAlike(a: TauriScope, b: TauriScope): boolean {
  return JSON.stringify([a.cmd, a.args, a.sidecar]) === JSON.stringify([b.cmd, b.args, b.sidecar]);
}

/** What of an entry is not read: a program for a sidecar, and the keys that are not Tauri's. */
function unreadOf(entry: ScopeEntry, place: string): IgnoredPart[] {
  const { sidecar, cmd } = entry;
  return [
    ...(sidecar && cmd ? [setting(`${place}: cmd`, "Tauri does not look at it either, of a sidecar")] : []),
    ...unreadKeys(entry, place, { read: ["name", "cmd", "args", "sidecar"], otherwise: OWN_MANIFEST }),
    ...unreadRules(entry.args, place),
  ];
}

const OWN_MANIFEST = `${NOT_TAURIS}; give it to the sidecar in the manifest that 'outrider import' prints`;

/** The keys of arguments that are not read. */
export function unreadRules(args: ScopeArgs | undefined, place: string): IgnoredPart[] {
  if (args === undefined || typeof args === "boolean") return [];
  return args.flatMap((rule, index) =>
    unreadKeys(rule, `${place}: args[${index}]`, { read: ["validator", "raw"], otherwise: OF_RULE })
  );
}

const OF_RULE = `${NOT_TAURIS}, and refuses the entry; a pattern stands in "validator"`;
