/**
 * From a Tauri app to a manifest: its sidecars on every platform as one, and all that was left out. Pure.
 *
 * The result does not depend on where this runs. A sidecar's file has another name on each platform, so its `command`
 * is that of the first, and `on` has the others.
 */

import { basename } from "node:path";
import { type Fault, ManifestError } from "../manifest_errors.ts";
import { manifestFileError } from "../read.ts";
import type { ManifestInput, SidecarInput, TemplateInput } from "../fields/types.ts";
import { isObjectOrArray, type ManifestIssue } from "../issue.ts";
import { ALL_TARGETS, type Target } from "../fields/platforms.ts";
import { HERE, type IgnoredPart, isFor } from "../resolve/platform.ts";
import { gather, type Gathered, idsOf, type On, type OnTarget, plainName, renamed } from "./gather.ts";
import { configOn, isFirst, laidOver, programsOn, type TauriPrograms } from "./programs.ts";
import type { ReadFile, TauriProject } from "./project.ts";
import { settingsWithout } from "./settings.ts";
import { child } from "./shapes.ts";
import { SYSTEMS } from "./systems.ts";
import { setting } from "./unread.ts";
import { pathText } from "../../text/words.ts";

/** A converted Tauri app. */
export interface Converted {
  /** As one would write it; relative paths are relative to the folder of `tauri.conf.json`. */
  readonly manifest: ManifestInput;
  /** Settings without a counterpart, each once. */
  readonly ignored: readonly IgnoredPart[];
}

/**
 * Converts an app for all platforms. Of its sidecars that do not start, those are listed that are for `platform`, or all of
 * them.
 *
 * @throws {ManifestError} if something is not as Tauri has it, or if there is no sidecar
 */
export function convert(project: TauriProject, platform?: string): Converted {
  const each = ALL_TARGETS.map((target) => ({ target, ...programsOn(project, target) }));
  failOn(each.flatMap(({ issues }) => issues), project);
  const found = gather(each);
  const ids = idsOf(found);
  const [children, templates] = [true, false].map((starts) =>
    found.filter((one) => one.starts === starts).map((one) => entryOf(ids.get(one)!, one.on))
  ) as [(SidecarInput | TemplateInput)[], (SidecarInput | TemplateInput)[]];
  const notes = [...renamed(found, ids), ...runOnce(found, ids)];
  const ignored = [...told(each, platform), ...notes, ...project.unread, ...settingsOf(project)];
  if (children.length + templates.length === 0) {
    const why = ignored.filter(({ kind }) => kind === "sidecar").map(({ path, why }) => `${path}: ${why}`);
    const message = why.some((line) => line.includes('externalBin "'))
      ? "none of its sidecars can be taken over"
      : 'it has no program as a sidecar ("externalBin"), and no permission to run another';
    const hint = besideHint(project) ?? "for programs that neither names, 'outrider init' starts a manifest";
    failOn([{ path: [], message: [message, ...why].join("; "), hint, name: "" }], project);
  }
  const manifest: ManifestInput = {
    name: nameOf(project),
    children: children as SidecarInput[],
    ...(templates.length > 0 && { templates: templates as TemplateInput[] }),
  };
  return { manifest, ignored };
}

/** Names the files beside a configuration that may have its sidecars. */
function besideHint({ unread }: TauriProject): string | undefined {
  const notes = unread.filter(({ kind }) => kind === "note").map(({ path, why }) => `${path}: ${why}`);
  return notes.length === 0 ? undefined : notes.join("; ");
}

/** @throws {ManifestError} none of its programs is for `platform` */
export function requirePlatform(
  { children, templates = [] }: ManifestInput,
  { project, platform = HERE }: { readonly project: TauriProject; readonly platform?: string | undefined },
): void {
  const each = [...children as readonly SidecarInput[], ...templates].map(({ platforms }) => platforms);
  if (each.some((platforms) => isFor(platforms, platform))) return;
  const systems = SYSTEMS.filter((system) =>
    each.some((names) => names?.some((name) => name.startsWith(system)))
  );
  const alone = systems.map((system) => SYSTEM_NAMES[system]).join(" and ");
  const message = `its programs are for ${alone} alone, and none is for ${platform}`;
  throw manifestFileError("manifest_invalid", project.file, message, { hint: besideHint(project) });
}

const SYSTEM_NAMES = { linux: "Linux", darwin: "macOS", windows: "Windows" };

/** The settings of all files that have no counterpart. */
function settingsOf(project: TauriProject): IgnoredPart[] {
  const { config, patches, merges, capabilities } = project;
  const version = isFirst(configOn(project, ALL_TARGETS[0]!)) ? 1 : 2;
  const others = [
    ...Object.values(patches).map((file) => ({ file, isNaming: false })),
    ...merges.map((file) => ({ file, isNaming: file.platforms === undefined })),
  ];
  return [
    ...settingsWithout(config, { version, front: "", isNaming: true }),
    ...others.flatMap(({ file, isNaming }) =>
      settingsWithout(file, { version, front: `${file.name}: `, isNaming })
    ),
    ...(version === 2 ? [] : capabilities.map(({ name }) => setting(name, "Tauri 1 has no capabilities"))),
  ];
}

/** Says that a sidecar which the app waits for runs once, in a note for all of them. */
function runOnce(found: readonly Gathered[], ids: ReadonlyMap<Gathered, string>): IgnoredPart[] {
  const once = found.filter(({ starts, on }) => starts && isAwaited(on)).map((one) => ids.get(one)!);
  if (once.length === 0) return [];
  const why =
    `${once.length === 1 ? "it runs" : "they run"} once, as shell:allow-execute has it; a service, ` +
    "which is started again when it fails, is permitted by shell:allow-spawn";
  return [{ path: once.join(", "), kind: "note", why }];
}

/** Whether the app waits for its end on each platform. */
function isAwaited(on: readonly OnTarget[]): boolean {
  return on.every(({ program }) => program.isAwaited);
}

function entryOf(id: string, on: readonly OnTarget[]): SidecarInput | TemplateInput {
  const { command, args } = on[0]!.program;
  const others = on.slice(1).flatMap(({ target, program }) => {
    const different = {
      ...(program.command !== command && { command: program.command }),
      ...(JSON.stringify(program.args) !== JSON.stringify(args) && { args: program.args }),
    };
    return Object.keys(different).length === 0 ? [] : [[target, different] as const];
  });
  const anywhere = on.length === ALL_TARGETS.length && others.length === 0;
  return {
    id,
    command,
    ...((args === true || args.length > 0) && { args }),
    // What Tauri starts runs once, with a pipe as its stdin. A service that ends with a failure is started again.
    restart: on[0]!.program.starts && !isAwaited(on) ? "transient" : "temporary",
    stdin: "pipe",
    ...(!anywhere && { platforms: on.map(({ target }) => target) }),
    ...(others.length > 0 && { on: Object.fromEntries(others) }),
  } as SidecarInput | TemplateInput;
}

/** Lists what is ignored on all platforms, and, with the platforms' names, what is ignored on some. */
function told(each: readonly On[], platform: string | undefined): IgnoredPart[] {
  const all = each.flatMap(({ target, ignored }) =>
    ignored.map((one) => ({ ...one, target, key: `${one.path}\n${one.why}` }))
  );
  return [...Map.groupBy(all, ({ key }) => key).values()].flatMap((same): IgnoredPart[] => {
    const { path, kind, why } = same[0]!;
    const targets = [...new Set(same.map(({ target }) => target))];
    const isHere = platform !== undefined && kind === "sidecar";
    if (isHere && !targets.some((target) => target === platform)) return [];
    const isWhole = isHere || targets.length === each.length;
    return [{ path, kind, why: isWhole ? why : `${why} (on ${systemsIn(targets).join(", ")})` }];
  });
}

/** Targets, with the name of a system where all of its targets are among them. */
function systemsIn(targets: readonly Target[]): readonly string[] {
  const system = (target: Target) => target.slice(0, target.indexOf("-"));
  const isWhole = (name: string) =>
    ALL_TARGETS.every((target) => system(target) !== name || targets.includes(target));
  return [...new Set(targets.map((target) => isWhole(system(target)) ? system(target) : target))];
}

/** The product's name, or the end of its identifier, or its folder: the first of which something is left in an id. */
function nameOf({ config, merges, dir }: TauriProject): string {
  const app = laidOver([config, ...merges.filter(({ platforms }) => platforms === undefined)]);
  const first = isFirst(app);
  const identifier = child(first ? child(child(app, "tauri"), "bundle") : app, "identifier");
  const names = [
    child(first ? child(app, "package") : app, "productName"),
    String(identifier ?? "").split(".").at(-1),
    basename(dir),
  ];
  const plain = names.map((name) => typeof name === "string" ? plainName(name) : "");
  return plain.find((name) => name !== "") ?? "app";
}

/** One error for the first file that has findings; each place once, though several platforms may have found it. */
function failOn(findings: TauriPrograms["issues"], project: TauriProject): void {
  const [first] = findings;
  if (first === undefined) return;
  const file = [...project.capabilities].find(({ name }) => name === first.name);
  const seen = new Set<string>();
  const faults = findings.filter(({ name }) => name === first.name).map((finding) => {
    const { path, message, hint } = finding;
    const { line, column } = place(finding, file ?? project.config, project) ?? {};
    return { path: pathText(path), line, column, message, hint };
  }).filter(({ path, message }) => !seen.has(path + message) && seen.add(path + message)) as Fault[];
  throw new ManifestError("manifest_invalid", {
    file: file === undefined ? project.file : `${project.dir}/${file.name}`,
    faults,
  });
}

/** Where a finding is, unless a file that is laid over it may have put it there. */
function place({ path }: ManifestIssue, { source }: ReadFile, { patches, merges }: TauriProject) {
  const top = path.slice(0, 1);
  const patched = [...Object.values(patches), ...merges].some(({ value }) =>
    isObjectOrArray(value) && top.some((key) => key in value)
  );
  return patched ? undefined : source?.locate(path, "value");
}
