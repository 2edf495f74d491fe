/**
 * Resolves a manifest for one platform: children for other platforms are left out, the rest get their overrides.
 *
 * The names are those that Tauri's updater and `Deno.build` use, an operating system or that and an
 * architecture. Left-out parts are returned beside the manifest.
 */

import { programOf } from "./children.ts";
import type { Dependency } from "../../supervision/dependencies.ts";
import { pathNamed, pathOf, splitPath } from "../../supervision/child_path.ts";
import { PLATFORM_NAMES } from "../fields/platforms.ts";
import type { Entry, Manifest, Overrides, PlatformName, TemplateOverrides } from "../fields/types.ts";
import type { EnvEntry } from "../../options/types.ts";

/** Where this process runs, as a manifest names it. */
export const HERE: string = `${Deno.build.os}-${Deno.build.arch}`;

/** Something of a file that plays no part in a run, or another than its name says, and why. */
export interface IgnoredPart {
  /** The path of a child or the id of a template; or where a setting stands, such as `app.windows`. */
  readonly path: string;
  /**
   * Whether it is a sidecar that does not start, a setting that has no counterpart, or something to know: a file that is
   * not merged, or a name that is another one here.
   */
  readonly kind: "sidecar" | "setting" | "note";
  /** Why, in words. */
  readonly why: string;
}

/** Whether something for those platforms is for that one; left out, it is for all. */
export function isFor(platforms: readonly string[] | undefined, platform: string): boolean {
  return platforms === undefined || platforms.some((name) => covers(name, platform));
}

function covers(name: string, platform: string): boolean {
  return name === platform || platform.startsWith(`${name}-`);
}

interface Overridable {
  readonly env?: Readonly<Record<string, EnvEntry>> | undefined;
  readonly platforms?: readonly PlatformName[] | undefined;
  readonly on?: Partial<Record<PlatformName, Overrides | TemplateOverrides>> | undefined;
}

/**
 * Something with the overrides of a platform: those of its operating system, then those of its architecture. Each field
 * takes the place of the one it overrides; of `env`, each variable does.
 */
export function overridden<Fields extends Overridable>(fields: Fields, platform: string): Fields {
  const { on = {}, platforms: _, ...plain } = fields;
  const names = PLATFORM_NAMES.filter((name) => covers(name, platform));
  return names.reduce<typeof plain>((so, name) => {
    const { env, ...more } = on[name] ?? {};
    return { ...so, ...more, ...(env && { env: { ...so.env, ...env } }) };
  }, plain) as Fields;
}

/**
 * Resolves the manifest for `platform`, and lists the parts for others. A supervisor without children is left out,
 * too.
 */
export function onPlatform(
  manifest: Manifest,
  platform: string,
): { readonly manifest: Manifest; readonly ignored: readonly IgnoredPart[] } {
  const ignored: IgnoredPart[] = [];
  const gone = new Set<string>();
  const here = childrenOn(manifest.children, platform, { parent: "/", ignored, gone });
  const children = gone.size === 0 ? here : withoutGone(here, { parent: "/", ignored, gone });
  const templates = manifest.templates?.flatMap((template) => {
    if (isFor(template.platforms, platform)) return [overridden(template, platform)];
    ignored.push({
      path: `${template.id} (template)`,
      kind: "sidecar",
      why: notFor(template.platforms, platform),
    });
    return [];
  });
  return { manifest: { ...manifest, children, ...(templates && { templates }) }, ignored };
}

interface Where {
  readonly parent: string;
  /** Grows. */
  readonly ignored: IgnoredPart[];
  /** The paths of those that are left out. Grows. */
  readonly gone: Set<string>;
}

function childrenOn(entries: readonly Entry[], platform: string, { parent, ignored, gone }: Where): Entry[] {
  const out = (entry: Entry, why: string): Entry[] => {
    const path = pathOf(parent, entry.id);
    gone.add(path);
    ignored.push({ path, kind: "sidecar", why });
    return [];
  };
  return entries.flatMap((entry): Entry[] => {
    if ("children" in entry) {
      const children = childrenOn(entry.children, platform, {
        parent: pathOf(parent, entry.id),
        ignored,
        gone,
      });
      return children.length > 0 ? [{ ...entry, children }] : out(entry, "none of its children is left");
    }
    const { platforms } = programOf(entry);
    if (!isFor(platforms, platform)) return out(entry, notFor(platforms, platform));
    if ("sidecar" in entry) return [{ ...entry, sidecar: overridden(entry.sidecar, platform) }];
    return [overridden(entry, platform)];
  });
}

/** A child that starts after one that is left out starts without it. */
function withoutGone(entries: readonly Entry[], where: Where): Entry[] {
  return entries.map((entry) => {
    const left = withoutMissing(entry, where);
    if (!("children" in left)) return left;
    return {
      ...left,
      children: withoutGone(left.children, { ...where, parent: pathOf(where.parent, left.id) }),
    };
  });
}

function withoutMissing(entry: Entry, { gone, parent, ignored }: Where): Entry {
  const isGone = ({ id }: Dependency) => isLeftOut(pathNamed(parent, id) ?? "", gone);
  const missing = entry.after?.filter(isGone) ?? [];
  if (missing.length === 0) return entry;
  const ids = missing.map(({ id }) => `"${id}"`).join(" and ");
  ignored.push({
    path: pathOf(parent, entry.id),
    kind: "setting",
    why: `it starts without waiting for ${ids}, which is left out`,
  });
  return { ...entry, after: entry.after?.filter((dependency) => !isGone(dependency)) };
}

/** Whether a child, or a group that it is in, is left out. */
function isLeftOut(path: string, gone: ReadonlySet<string>): boolean {
  if (gone.has(path)) return true;
  const { parent } = splitPath(path);
  return parent !== "/" && isLeftOut(parent, gone);
}

function notFor(platforms: readonly string[] | undefined, platform: string): string {
  return `it is for ${(platforms ?? []).join(", ")}, and this is ${platform}`;
}
