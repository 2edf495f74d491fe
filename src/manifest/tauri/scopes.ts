/**
 * Which programs an app may start, and with which arguments: the shell scope of Tauri 1's allowlist, and those of the
 * capabilities of Tauri 2. Pure.
 *
 * Where a name comes twice, Tauri goes by the first in a capability, and by the last in an allowlist.
 */

import { isObjectOrArray, type ManifestIssue } from "../issue.ts";
import type { IgnoredPart } from "../resolve/platform.ts";
import type { ReadFile, TauriSystem } from "./project.ts";
import {
  type Capability,
  capability,
  readAs,
  type ScopeArgs,
  type ScopeEntry,
  scopeEntry,
} from "./shapes.ts";

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
}

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
      : `tauri.allowlist.shell.${feature} is off, so Tauri does not start it either`;
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
  const enabled = child(child(child(config, "app"), "security"), "capabilities");
  const listed: readonly unknown[] = Array.isArray(enabled) ? enabled : [];
  const inline = listed.flatMap((value, index) =>
    isObjectOrArray(value)
      ? [{ value, name: "", at: ["app", "security", "capabilities", index] as readonly PropertyKey[] }]
      : []
  );
  const all = [...files.flatMap(inFile), ...inline];
  const read = all.map((one) => ({ ...one, ...readAs<Capability>(capability, one.value, one.at) }));
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
    if (platforms !== undefined && !platforms.includes(NAMES[system])) return [];
    const others = permissions.flatMap((one, index): TauriScopes[] => {
      if (typeof one === "string" || !SHELL.includes(one.identifier)) return [];
      return [
        entries(one.allow ?? [], [...at, "permissions", index, "allow"], { name, isAnchored: true, place }),
      ];
    });
    return [...others, { ...NONE, ignored: about(data, place) }];
  });
  return joined([...found, { ...NONE, issues }], "first");
}

const SHELL = ["shell:allow-execute", "shell:allow-spawn"];

/** The other settings of a capability. */
function about(
  data: Capability,
  place: string,
): IgnoredPart[] {
  const names = data.permissions.map((one) => String(isObjectOrArray(one) ? one.identifier : one));
  const others = [...new Set(names.filter((name) => !SHELL.includes(name)))];
  const whom = ["windows", "webviews", "remote"].filter((key) => key in data);
  const denied = data.permissions.some((one) =>
    isObjectOrArray(one) && SHELL.includes(String(one.identifier)) && "deny" in one
  );
  return [
    ...(others.length === 0
      ? []
      : [setting(`${place}: ${others.join(", ")}`, "a permission of the app's windows")]),
    ...(whom.length === 0 ? [] : [setting(`${place}: ${whom.join(", ")}`, "Outrider has no windows")]),
    ...(denied ? [setting(`${place}: deny`, "Tauri's shell plugin does not look at it either")] : []),
  ];
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
  { name, isAnchored, place }: {
    readonly name: string;
    readonly isAnchored: boolean;
    readonly place: string;
  },
  off: (scope: TauriScope) => string | undefined = () => undefined,
  wins: "first" | "last" = "first",
): TauriScopes {
  if (!Array.isArray(all)) return { ...NONE, issues: [{ path: at, message: "expected a list", name }] };
  const each = all.map((value: unknown, index): TauriScopes => {
    const { data, issues } = readAs<ScopeEntry>(scopeEntry, value, [...at, index]);
    if (data === undefined) return { ...NONE, issues: issues.map((issue) => ({ ...issue, name })) };
    const { args = false, cmd, sidecar = false, ...rest } = data;
    const scope = { name: rest.name, cmd: sidecar ? undefined : cmd, args, sidecar, isAnchored, at: place };
    const why = off(scope);
    if (why !== undefined) return { ...NONE, ignored: [setting(`${place} "${scope.name}"`, why)] };
    return { ...NONE, scopes: [scope] };
  });
  return joined(each, wins);
}

/** Joins them, one by name; another of that name that differs is listed. */
function joined(all: readonly TauriScopes[], wins: "first" | "last"): TauriScopes {
  const scopes = all.flatMap(({ scopes }) => scopes);
  const chosen = new Map<string, TauriScope>();
  for (const scope of wins === "first" ? scopes : scopes.toReversed()) {
    if (!chosen.has(scope.name)) chosen.set(scope.name, scope);
  }
  const beaten = scopes.filter((scope) => !areAlike(chosen.get(scope.name)!, scope)).map(({ at, name }) =>
    setting(`${at} "${name}"`, `Tauri goes by the ${wins} of that name, and this is another`)
  );
  return {
    scopes: scopes.filter((scope) => chosen.get(scope.name) === scope),
    ignored: [...all.flatMap(({ ignored }) => ignored), ...beaten],
    issues: all.flatMap(({ issues }) => issues),
  };
}

function areAlike(a: TauriScope, b: TauriScope): boolean {
  return JSON.stringify([a.cmd, a.args, a.sidecar]) === JSON.stringify([b.cmd, b.args, b.sidecar]);
}

function child(value: unknown, key: string): unknown {
  return isObjectOrArray(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function setting(path: string, why: string): IgnoredPart {
  return { path, kind: "setting", why };
}
