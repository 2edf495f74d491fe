/**
 * From a Tauri app to a manifest: its sidecars on every platform as one, and all that was left out. Pure.
 *
 * The result does not depend on where this runs. A sidecar's file has another name on each platform, so its `command`
 * is that of the first, and `on` has the others.
 */

import { basename } from "node:path";
import { type Fault, ManifestError } from "../manifest_errors.ts";
import type { ManifestInput, SidecarInput, TemplateInput } from "../fields/types.ts";
import { isObjectOrArray, type ManifestIssue } from "../issue.ts";
import { ALL_TARGETS, type Target } from "../fields/platforms.ts";
import type { IgnoredPart } from "../resolve/platform.ts";
import { programsOn, type TauriProgram, type TauriPrograms } from "./programs.ts";
import type { ReadFile, TauriProject } from "./project.ts";
import { settingsWithout } from "./settings.ts";
import { pathText } from "../../text/words.ts";

/** A converted Tauri app. */
export interface Converted {
  /** As one would write it; relative paths are relative to the folder of `tauri.conf.json`. */
  readonly manifest: ManifestInput;
  /** Settings without a counterpart, each once. */
  readonly ignored: readonly IgnoredPart[];
}

/** @throws {ManifestError} if something is not as Tauri has it, or if there is no sidecar */
export function convert(project: TauriProject): Converted {
  const each = ALL_TARGETS.map((target) => ({ target, ...programsOn(project, target) }));
  failOn(each.flatMap(({ issues }) => issues), project);
  const children = gathered(each, true);
  const templates = gathered(each, false);
  const { config, patches } = project;
  const ignored = [
    ...told(each),
    ...project.unread,
    ...settingsWithout(config, true),
    ...Object.values(patches).flatMap((patch) => settingsWithout(patch, false)),
  ];
  if (children.length + templates.length === 0) {
    const message = "it names no sidecar, and permits no program";
    const why = ignored.filter(({ kind }) => kind === "sidecar").map(({ path, why }) => `${path}: ${why}`);
    failOn([{ path: [], message: [message, ...why].join("; "), name: "" }], project);
  }
  const manifest: ManifestInput = {
    name: nameOf(config.value) ?? idOf(basename(project.dir)),
    children: children as SidecarInput[],
    ...(templates.length > 0 && { templates: templates as TemplateInput[] }),
  };
  return { manifest, ignored };
}

type On = TauriPrograms & { readonly target: Target };

/** Gathers the programs that start with the tree, or those that do not, each with its form on each platform. */
function gathered(each: readonly On[], starts: boolean): (SidecarInput | TemplateInput)[] {
  const names = new Set(
    each.flatMap(({ programs }) => programs).filter((one) => one.starts === starts)
      .map(({ name }) => name),
  );
  const found: { readonly base: string; readonly on: OnTarget[] }[] = [];
  for (const name of names) {
    const on = each.flatMap(({ target, programs }) => {
      const program = programs.find((one) => one.starts === starts && one.name === name);
      return program === undefined ? [] : [{ target, program }];
    });
    // A program with the same last part elsewhere, and on other platforms alone, is the same sidecar.
    const same = found.find(({ base, on: others }) =>
      base === idOf(name) && !others.some(({ target }) => on.some((one) => one.target === target))
    );
    if (same === undefined) found.push({ base: idOf(name), on });
    else same.on.push(...on);
  }
  const ids = new Set<string>();
  return found.map(({ base, on }) => entryOf(unusedId(base, ids), on));
}

interface OnTarget {
  readonly target: Target;
  readonly program: TauriProgram;
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
    ...(!anywhere && { platforms: on.map(({ target }) => target) }),
    ...(others.length > 0 && { on: Object.fromEntries(others) }),
  } as SidecarInput | TemplateInput;
}

/** Lists the settings ignored on all platforms, and, with the platforms' names, those ignored on some. */
function told(each: readonly On[]): IgnoredPart[] {
  const all = each.flatMap(({ target, ignored }) =>
    ignored.map((one) => ({ ...one, target, key: `${one.path}\n${one.why}` }))
  );
  return [...Map.groupBy(all, ({ key }) => key).values()].map((same): IgnoredPart => {
    const { path, kind, why } = same[0]!;
    const targets = [...new Set(same.map(({ target }) => target))];
    return { path, kind, why: targets.length === each.length ? why : `${why} (on ${targets.join(", ")})` };
  });
}

/** The last part of a path, or a name, as an id. */
function idOf(name: string): string {
  const plain = (name.split(/[\\/]/).at(-1) ?? "").replace(/[^A-Za-z0-9_.-]+/g, "-").replace(/^[.-]+/, "");
  return plain.slice(0, 60) || "sidecar";
}

/** The id of a program, with a number if another has it. */
function unusedId(id: string, ids: Set<string>): string {
  let unused = id;
  for (let number = 2; ids.has(unused); number++) unused = `${id}-${number}`;
  ids.add(unused);
  return unused;
}

function nameOf(config: unknown): string | undefined {
  if (!isObjectOrArray(config)) return undefined;
  const name = config.productName ??
    (isObjectOrArray(config.package) ? config.package.productName : undefined);
  return typeof name === "string" ? idOf(name) : undefined;
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

/** Where a finding is, unless a platform's file may have put it there. */
function place({ path }: ManifestIssue, { source }: ReadFile, { patches }: TauriProject) {
  const top = path.slice(0, 1);
  const patched = Object.values(patches).some(({ value }) =>
    isObjectOrArray(value) && top.some((key) => key in value)
  );
  return patched ? undefined : source.locate(path, "value");
}
