/**
 * The sidecars and permitted programs of an app on one target. Pure.
 *
 * Tauri starts nothing by itself. Here a sidecar starts with the tree if something says with which arguments. One whose
 * arguments are given at run time, or of which nothing says how it runs, and any program that the app is merely permitted
 * to start, becomes a template.
 */

import { isAbsolute } from "node:path";
import type { ArgumentRulesInput } from "../fields/types.ts";
import { isObjectOrArray, type ManifestIssue } from "../issue.ts";
import { type IgnoredPart, isFor } from "../resolve/platform.ts";
import { type Target, TARGETS } from "../fields/platforms.ts";
import { validator } from "../fields/validator.ts";
import { MAX_ARGUMENT_LENGTH } from "../templates/arguments.ts";
import { withSlash } from "../program_path.ts";
import { quote } from "../../text/words.ts";
import { mergePatch, type ReadFile, type TauriProject } from "./project.ts";
import { allowlistScopes, capabilityScopes, type TauriScope, unreadRules } from "./scopes.ts";
import { inCamelCase } from "./settings.ts";
import { child, type ExternalBin, externalBin, readAs, type ScopeArgs } from "./shapes.ts";
import { systemOf, systemsOf, type TauriSystem } from "./systems.ts";
import { notStarted, setting } from "./unread.ts";

/** A program of an app. */
export interface TauriProgram {
  /** Tauri's name for it: the path in `externalBin`, or the name in a scope. */
  readonly name: string;
  /** Whether it starts with the tree. */
  readonly starts: boolean;
  /** Whether it is one of the app's own, in `externalBin`. */
  readonly isBundled: boolean;
  /** Whether the app waits for its end, so that it is not a service. */
  readonly isAwaited: boolean;
  /** The program; relative to the configuration's folder if it has a slash in it. */
  readonly command: string;
  readonly args: ArgumentRulesInput;
}

/** All programs on a target, the ignored settings, and the faults, by file. */
export interface TauriPrograms {
  readonly programs: readonly TauriProgram[];
  readonly ignored: readonly IgnoredPart[];
  readonly issues: readonly (ManifestIssue & { readonly name: string })[];
}

/** Whether a configuration is one of Tauri 1. */
export function isFirst(config: unknown): boolean {
  return isObjectOrArray(child(config, "tauri"));
}

/** The configuration as it is on a target, with what is laid over it in Tauri's order. */
export function configOn({ config, patches, merges }: TauriProject, target: Target): unknown {
  const patch = patches[systemIn(target)];
  const here = merges.filter(({ platforms }) => isFor(platforms, target));
  return laidOver([config, ...(patch === undefined ? [] : [patch]), ...here]);
}

/** Configurations as one, each laid over those before it. */
export function laidOver(files: readonly ReadFile[]): unknown {
  return files.map(({ value }) => inCamelCase(value)).reduce(mergePatch);
}

function systemIn(target: Target): TauriSystem {
  return target.slice(0, target.indexOf("-")) as TauriSystem;
}

/** The programs of `project` on `target`. */
export function programsOn(project: TauriProject, target: Target): TauriPrograms {
  const config = configOn(project, target);
  const first = isFirst(config);
  const { scopes, ...rest } = first
    ? allowlistScopes(config)
    : capabilityScopes(config, project.capabilities, systemIn(target));
  const home = first ? child(config, "tauri") : config;
  const at = [...(first ? ["tauri"] : []), "bundle", "externalBin"];
  const binaries = child(child(home, "bundle"), "externalBin") ?? [];
  if (!Array.isArray(binaries)) {
    const finding = { path: at, message: "expected a list", name: "" };
    return { programs: [], ignored: rest.ignored, issues: [...rest.issues, finding] };
  }
  const found = binaries.map((value: unknown, index) => binary(value, [...at, index], { scopes, target }));
  const names = found.flatMap(({ known }) => known === undefined ? [] : [known]);
  const others = scopes.map((scope) => scope.sidecar ? unbundled(scope, names) : command(scope, target));
  return joined([...found, ...others, { ...NONE, ...rest }]);
}

const NONE: TauriPrograms = { programs: [], ignored: [], issues: [] };

function joined(all: readonly TauriPrograms[]): TauriPrograms {
  return {
    programs: all.flatMap(({ programs }) => programs),
    ignored: all.flatMap(({ ignored }) => ignored),
    issues: all.flatMap(({ issues }) => issues),
  };
}

function binary(
  value: unknown,
  at: readonly PropertyKey[],
  { scopes, target }: { readonly scopes: readonly TauriScope[]; readonly target: Target },
): TauriPrograms & { readonly known?: string } {
  const { data, issues } = readAs<ExternalBin>(externalBin, value, at);
  if (data === undefined) return { ...NONE, issues: issues.map((issue) => ({ ...issue, name: "" })) };
  const { path, sidecar = false, args, platforms, ...unknown } = typeof data === "string"
    ? { path: data, sidecar: true }
    : data;
  const place = `${at.slice(0, -1).join(".")} "${path}"`;
  const ignored = [
    ...Object.keys(unknown).map((key) => setting(`${place}: ${key}`, "there is no such setting here")),
    ...unreadRules(args, place),
  ];
  const left = (why: string) => ({ ...NONE, known: path, ignored: [...ignored, notStarted(place, why)] });
  if (!sidecar) return left(`it is not marked "sidecar": true`);
  ignored.push(
    ...(platforms ?? []).filter((name) => systemOf(name) === undefined).map((name) =>
      setting(`${place}: ${name}`, "Deno has no such platform")
    ),
  );
  if (!isFor(platforms?.map((name) => systemOf(name) ?? name), target)) {
    return { ...NONE, known: path, ignored };
  }
  const scope = scopes.find(({ name, sidecar }) => sidecar && isNameOf(name, path));
  const isBare = args === undefined && scope === undefined;
  const rules = args === undefined
    ? rulesOf(scope?.args ?? true, scope?.isAnchored ?? true)
    : rulesOf(args, true);
  if (typeof rules === "string") return left(rules);
  if (scope !== undefined && args !== undefined && JSON.stringify(scope.args) !== JSON.stringify(args)) {
    ignored.push(setting(`${scope.at} "${path}": args`, "externalBin has arguments for it"));
  }
  const starts = rules !== true && rules.every((rule) => typeof rule === "string");
  const suffix = `-${TARGETS[target]}${target.startsWith("windows") ? ".exe" : ""}`;
  const isAwaited = scope?.permission === "shell:allow-execute";
  const program = {
    ...{ name: path, starts, isBundled: true, isAwaited },
    ...{ command: `${atHome(path)}${suffix}`, args: rules },
  };
  if (!starts) ignored.push(notStarted(place, isBare ? bare(path) : givenLater(scope?.at ?? "externalBin")));
  return { programs: [program], ignored, issues: [], known: path };
}

/** Why a sidecar of which no scope speaks does not start; it is named as a scope has to name it. */
function bare(path: string): string {
  const entry = `{ "name": ${quote(path)}, "sidecar": true, "args": [] }`;
  return "no scope says with which arguments it runs, so it is a template: nothing starts it by itself, as in Tauri; " +
    `for it to start with the tree, permit it in the app's shell scope as ${entry}, with its arguments in "args"`;
}

function givenLater(at: string): string {
  return "its arguments are given at run time, so it is a template; for it to start with the tree, write them as " +
    `texts where ${at} permits it`;
}

/** Whether a scope is for an item of `externalBin`: Tauri wants it spelt the same, with or without an extension. */
function isNameOf(name: string, path: string): boolean {
  return name === path || name.replace(/(?<=[^/\\])\.[^./\\]*$/, "") === path;
}

/** Gives a relative path a slash, so that it is not looked up on PATH. It may be written as on Windows. */
function atHome(path: string): string {
  return withSlash(path.replaceAll("\\", "/"));
}

function unbundled({ at, name }: TauriScope, names: readonly string[]): TauriPrograms {
  if (names.some((path) => isNameOf(name, path))) return NONE;
  const near = names.find((path) => lastPart(path) === lastPart(name));
  const why = near === undefined
    ? "no sidecar of that name is in externalBin"
    : `externalBin has it as "${near}"; Tauri refuses a sidecar that is not spelt the same in both, so the scope has ` +
      `no effect: write "${near}" here`;
  return { ...NONE, ignored: [notStarted(`${at} "${name}"`, why)] };
}

/** The end of a path. */
export function lastPart(path: string): string {
  return path.split(/[\\/]/).at(-1)!;
}

function command({ at, name, cmd = "", args, isAnchored }: TauriScope, target: Target): TauriPrograms {
  if (!isFor(systemsOf(cmd), target)) return NONE;
  const place = `${at} "${name}"`;
  const left = (why: string) => ({ ...NONE, ignored: [notStarted(place, why)] });
  if (cmd === "") return left(`it has no "cmd"; if it is a sidecar, add "sidecar": true`);
  if (cmd.startsWith("$")) {
    return left(`its program starts with a folder that only the app knows: ${cmd.split(/[\\/]/)[0]}`);
  }
  const rules = rulesOf(args, isAnchored);
  if (typeof rules === "string") return left(rules);
  const program = {
    ...{ name, starts: false, isBundled: false, isAwaited: true },
    ...{ command: cmd, args: rules },
  };
  const why =
    "its program is relative to the app's working directory there, and to the configuration's folder here";
  const ignored = /[\\/]/.test(cmd) && !isAbsolute(cmd) ? [setting(`${place}: cmd`, why)] : [];
  return { ...NONE, programs: [program], ignored };
}

/** The rules as a template has them, or why it can't. */
function rulesOf(args: ScopeArgs, anchored: boolean): ArgumentRulesInput | string {
  if (typeof args === "boolean") return args ? true : [];
  const rules = args.map((rule) => {
    if (typeof rule === "string") return rule;
    const { raw = false } = rule;
    const validator = openEnded(rule.validator);
    // A pattern that Tauri does not anchor may have anything around it.
    const whole = (anchored && !raw) || anchorsItself(validator);
    return { validator: whole ? validator : `(?s:.*)(?:${validator})(?s:.*)` };
  });
  for (const [index, rule] of rules.entries()) {
    const problem = typeof rule === "string" ? undefined : validator(rule.validator).problem;
    if (problem !== undefined) return unusable(index, problem);
  }
  return rules;
}

/** A wider pattern would let through what the app refuses, so there is none in its place. */
function unusable(index: number, problem: string): string {
  return `it is left out, as the validator of its argument ${index} can't be used here: ${problem}; write another there, ` +
    "such as .+ for any text, within the limits of docs/templates.md";
}

/**
 * A pattern without the ends of repetitions that no argument is long enough for: `.{1,4096}` is `.{1,}` then. RE2 counts to
 * 1,000 alone.
 */
function openEnded(pattern: string): string {
  return pattern.replace(
    /\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(\d+),(\d+)\}/gs,
    (whole, least, most) => most !== undefined && Number(most) >= MAX_ARGUMENT_LENGTH ? `{${least},}` : whole,
  );
}

/** Whether a pattern begins with `^`, ends with `$` and has no alternative that does not. */
function anchorsItself(source: string): boolean {
  const [, inner] = /^\^(.*)\$$/s.exec(source) ?? [];
  if (inner === undefined) return false;
  // Escapes, classes and innermost groups are taken out, as often as there are any.
  let plain = inner.replace(/\\./gs, "").replace(/\[\^?\]?[^\]]*\]/g, "");
  for (let before = ""; plain !== before;) [before, plain] = [plain, plain.replace(/\([^()]*\)/g, "")];
  return !/[|()\\]/.test(plain);
}
