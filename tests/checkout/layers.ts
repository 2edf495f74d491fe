/**
 * Who may import whom, as a table, and a pure check of a module graph against it. Paths are relative to the root
 * of the checkout; a rule is for the file or folder it names, and files of one rule may import each other.
 */

/** The package's own name, by which `actors/` imports it. */
export const PACKAGE = "@outrider/outrider";

/** Each file or folder with what it may import; after `type`, only its types. The first fitting row counts. */
export const RULES: readonly (readonly [from: string, may: readonly string[]])[] = [
  ["src/outrider_error.ts", []],
  ["src/text/", []],
  ["src/options/", ["src/text/", "src/outrider_error.ts"]],
  ["src/time/", []],
  ["src/permissions/", []],
  [
    "src/events.ts",
    ["src/actor/", "src/process/", "src/supervision/", "src/containment/"].map((part) => `type ${part}`),
  ],
  ["src/actor/", ["src/time/", "src/text/", "src/options/"]],
  ["src/process/", ["src/time/", "src/text/", "src/options/", "src/permissions/"]],
  ["src/supervision/", ["src/actor/", "src/time/", "src/text/", "src/options/", "type src/events.ts"]],
  ["src/sidecar/", [
    "src/options/",
    "src/actor/",
    "src/process/",
    "src/supervision/",
    "src/time/",
    "src/text/",
    "src/permissions/",
    "type src/events.ts",
  ]],
  ["src/containment/", ["src/process/", "src/time/", "src/text/", "src/permissions/"]],
  ["src/manifest/", [
    "src/text/",
    "src/options/",
    "src/permissions/",
    "src/supervision/",
    "type src/process/",
    "type src/actor/",
    "type src/sidecar/",
  ]],
  ["src/control/", [
    "src/options/",
    "src/text/",
    "src/time/",
    "src/permissions/",
    "src/supervision/",
    "src/actor/",
    "type src/events.ts",
    "src/process/codecs/json_shape.ts",
  ]],
  ["src/logs/", [
    "src/text/",
    "src/time/",
    "src/options/",
    "src/permissions/",
    "src/actor/",
    "type src/process/",
    "type src/events.ts",
  ]],
  ["src/log.ts", ["src/text/", "src/actor/", "src/logs/", "type src/process/", "type src/events.ts"]],
  ["src/report/", [
    "src/text/",
    "src/time/",
    "src/actor/",
    "src/supervision/",
    "type src/control/",
    "type src/process/",
    "src/logs/",
    "src/log.ts",
    "type src/events.ts",
  ]],
  ["src/testing/", [
    "src/options/",
    "src/actor/",
    "src/supervision/",
    "src/process/",
    "src/time/",
    "type src/events.ts",
  ]],
  ["src/launch/", [
    "src/options/",
    "src/actor/",
    "src/process/",
    "src/supervision/",
    "src/time/",
    "src/text/",
    "src/containment/",
    "src/text/",
    "src/permissions/",
    "src/logs/",
    "src/report/",
    "type src/events.ts",
  ]],
  ["src/service/", [
    "src/options/",
    "src/supervision/",
    "src/permissions/",
    "src/time/",
    "src/text/",
  ]],
  ["src/gateway/", ["src/time/", "src/text/"]],
  ["src/cli/", ["src/", "actors/", "deno.json", PACKAGE]],
  ["mod.ts", [
    "src/outrider_error.ts",
    "src/events.ts",
    "src/actor/",
    "src/process/",
    "src/supervision/",
    "src/sidecar/",
    "src/launch/",
    "type src/containment/",
  ]],
  ["src/public/", ["src/"]],
  ["actors/", [PACKAGE]],
];

/** What any file of `src` may import. */
const FOR_ALL = ["src/outrider_error.ts"];

/** Packages that only the files listed may import. */
export const RESERVED: Readonly<Record<string, readonly string[]>> = { "@std/log": ["src/log.ts"] };

/** One import: as written, and where it leads when that is a file of the checkout. */
export interface Import {
  readonly from: string;
  readonly specifier: string;
  readonly to?: string;
  readonly typeOnly: boolean;
}

/** The part of `deno info --json` that is read here. */
export interface Info {
  readonly modules: readonly {
    readonly specifier: string;
    readonly error?: string;
    readonly dependencies?: readonly {
      readonly specifier: string;
      readonly code?: { readonly specifier?: string };
      readonly type?: { readonly specifier?: string };
    }[];
  }[];
}

/** The imports of the checkout at `root` (a `file:` URL ending in `/`); throws if a module could not be read. */
export function importsOf(info: Info, root: string): Import[] {
  const local = (url?: string) => url?.startsWith(root) ? url.slice(root.length) : undefined;
  return info.modules.flatMap(({ specifier, error, dependencies = [] }) => {
    const from = local(specifier);
    if (from === undefined) return [];
    if (error !== undefined) throw new Error(`Cannot read ${from}: ${error}`);
    return dependencies.map((dependency) => ({
      from,
      specifier: dependency.specifier,
      to: local(dependency.code?.specifier ?? dependency.type?.specifier),
      // Deno reports `import type` without `code`, and one entry for all imports of the same specifier.
      typeOnly: dependency.code === undefined,
    }));
  });
}

/** Every import that the table does not allow, one sentence each. */
export function violations(imports: readonly Import[]): string[] {
  return imports.filter(({ from }) => /^(src\/|actors\/|mod\.ts$)/.test(from)).flatMap((edge) => {
    const rule = RULES.find(([prefix]) => edge.from.startsWith(prefix));
    if (rule === undefined) return [`${edge.from} has no rule in tests/checkout/layers.ts`];
    const target = targetOf(edge);
    if (target === undefined) return reserved(edge);
    const [own, may] = rule;
    const shared = edge.from.startsWith("src/") ? FOR_ALL : [];
    if ([own, ...may, ...shared].some((name) => covers(name, target))) return [];
    const typesAllowed = may.some((name) => name.startsWith("type ") && covers(name.slice(5), target));
    if (typesAllowed && edge.typeOnly) return [];
    return [`${edge.from} must not import ${typesAllowed ? "values of " : ""}${target}`];
  });
}

/** What an import is judged by: the package's own name as written, else the file; nothing for other packages. */
function targetOf({ specifier, to }: Import): string | undefined {
  if (specifier === PACKAGE || specifier.startsWith(`${PACKAGE}/`)) return specifier;
  return /^(\.|\/|file:)/.test(specifier) ? to ?? specifier : undefined;
}

function covers(name: string, target: string): boolean {
  return name.endsWith("/") ? target.startsWith(name) : target === name || target.startsWith(`${name}/`);
}

function reserved({ from, specifier }: Import): string[] {
  const name = Object.keys(RESERVED).find((name) => specifier.includes(name));
  return name === undefined || RESERVED[name]?.includes(from) ? [] : [`${from} must not import ${name}`];
}

/** The import cycles, type-only edges included, each as the way round it; at least one if there is any. */
export function cycles(imports: readonly Import[]): string[] {
  const next = Map.groupBy(imports, ({ from }) => from);
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) found.push([...path.slice(start), file].join(" -> "));
    if (start >= 0 || done.has(file)) return;
    for (const { to } of next.get(file) ?? []) if (to !== undefined) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  return found;
}
