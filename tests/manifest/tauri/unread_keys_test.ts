/** The promise of docs/from-tauri.md: each key of a Tauri file is read, or it is listed. */
import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4";
import { convert } from "../../../src/manifest/tauri/convert.ts";
import type { MergedFile, ReadFile, TauriProject } from "../../../src/manifest/tauri/project.ts";
import { Source } from "../../../src/manifest/source.ts";

type Json = Record<string, unknown>;

/** Keys that nobody knows; each is in a file once, so that a listed one can be told from the others. */
class Strangers {
  readonly #kinds: fc.GeneratorValue;
  readonly keys: string[] = [];

  constructor(kinds: fc.GeneratorValue) {
    this.#kinds = kinds;
  }

  /** The object with some strange keys, before or behind its own. */
  with(object: Json): Json {
    const strange = Array.from({ length: this.#kinds(fc.integer, { min: 0, max: 2 }) }, () => {
      const stem = this.#kinds(
        fc.constantFrom,
        "key",
        "Key",
        "some-key",
        "some_key",
        "__key",
        "k\u00e9y",
        "env",
      );
      const key = `${stem}${this.keys.length}`;
      this.keys.push(key);
      return [key, this.#kinds(fc.jsonValue, { maxDepth: 1 })];
    });
    const own = Object.entries(object);
    return Object.fromEntries(this.#kinds(fc.boolean) ? [...strange, ...own] : [...own, ...strange]);
  }
}

const NAMES = ["binaries/app", "tool", "bin/a b", "binaries/\u670d\u52a1"];
const SYSTEMS = ["linux", "macOS", "windows", "iOS"];

/** What may be merged: for one platform, and for all. */
const MERGED: [name: string, ...platforms: string[]][] = [
  ["tauri.windows-x86_64.conf.json", "windows-x86_64"],
  ["tauri.ci.conf.json"],
  ["tauri.late.conf.json"],
];

/** Some keys of an object, each there or not. */
function some(kinds: fc.GeneratorValue, object: Json): Json {
  return Object.fromEntries(Object.entries(object).filter(() => kinds(fc.boolean)));
}

/** An entry of a scope. */
function scope(kinds: fc.GeneratorValue, strangers: Strangers): Json {
  const isSidecar = kinds(fc.boolean);
  return strangers.with({
    name: kinds(fc.constantFrom, ...NAMES, "git"),
    ...(isSidecar
      ? { sidecar: true, ...some(kinds, { cmd: "" }) }
      : { cmd: kinds(fc.constantFrom, "git", "cmd", "") }),
    ...some(kinds, {
      args: kinds(fc.boolean)
        ? kinds(fc.boolean)
        : ["serve", strangers.with({ validator: "\\d+", ...some(kinds, { raw: true }) })],
    }),
  });
}

function scopes(kinds: fc.GeneratorValue, strangers: Strangers): Json[] {
  return Array.from({ length: kinds(fc.integer, { min: 0, max: 3 }) }, () => scope(kinds, strangers));
}

function capability(kinds: fc.GeneratorValue, strangers: Strangers, identifier: string): Json {
  return strangers.with({
    identifier,
    permissions: [
      "core:default",
      strangers.with({
        identifier: kinds(fc.constantFrom, "shell:allow-spawn", "shell:allow-execute"),
        ...some(kinds, { allow: scopes(kinds, strangers), deny: [] }),
      }),
    ],
    ...some(kinds, {
      description: "x",
      windows: ["main"],
      platforms: kinds(fc.boolean) ? null : kinds(fc.subarray, SYSTEMS, { minLength: 1 }),
    }),
  });
}

function binaries(kinds: fc.GeneratorValue, strangers: Strangers): unknown[] {
  return NAMES.filter(() => kinds(fc.boolean)).map((path) =>
    kinds(fc.boolean) ? path : strangers.with({
      path,
      ...some(kinds, { sidecar: true, args: ["a", strangers.with({ validator: "b" })] }),
    })
  );
}

/** The main file of an app of Tauri 1 or 2, or one that is laid over it. */
function configuration(kinds: fc.GeneratorValue, strangers: Strangers, isFirst: boolean): Json {
  const key = (camel: string, kebab: string) => kinds(fc.boolean) ? camel : kebab;
  const bundle = strangers.with(
    some(kinds, {
      active: true,
      targets: "all",
      [key("externalBin", "external-bin")]: binaries(kinds, strangers),
    }),
  );
  const name = some(kinds, { [key("productName", "product-name")]: "App", version: "1.0.0" });
  if (isFirst) {
    const shell = strangers.with(some(kinds, { all: true, open: true, scope: scopes(kinds, strangers) }));
    return strangers.with({
      ...some(kinds, { package: strangers.with(name), build: strangers.with({ distDir: "../dist" }) }),
      tauri: strangers.with({
        bundle,
        ...some(kinds, { allowlist: strangers.with({ shell }), windows: [{}] }),
      }),
    });
  }
  const inline = [capability(kinds, strangers, "inline"), ...kinds(fc.subarray, ["a", "b", "gone"])];
  return strangers.with({
    ...name,
    bundle,
    ...some(kinds, {
      identifier: "org.example.app",
      app: strangers.with({ security: strangers.with(some(kinds, { csp: null, capabilities: inline })) }),
      plugins: strangers.with({ shell: { open: true } }),
    }),
  });
}

function read(name: string, value: unknown): ReadFile {
  return { name, value, source: new Source("{}") };
}

Deno.test("each key of random Tauri files is read or listed, with the reason", () => {
  const seen = { listed: 0, programs: 0 };
  fc.assert(
    fc.property(fc.gen(), (kinds) => {
      const strangers = new Strangers(kinds);
      const isFirst = kinds(fc.boolean);
      const inFiles = ["a", "b"].map((name) => capability(kinds, strangers, name));
      const project: TauriProject = {
        file: "/app/tauri.conf.json",
        dir: "/app",
        config: read("tauri.conf.json", {
          ...configuration(kinds, strangers, isFirst),
        }),
        patches: kinds(fc.boolean) ? {} : {
          linux: read("tauri.linux.conf.json", configuration(kinds, strangers, isFirst)),
        },
        merges: kinds(fc.subarray, MERGED).map(([name, ...platforms]) => ({
          ...read(name, configuration(kinds, strangers, isFirst)),
          ...(platforms.length > 0 && { platforms }),
        })),
        capabilities: isFirst ? [] : [
          read("capabilities/one.json", inFiles[0]),
          read(
            "capabilities/list.json",
            kinds(fc.boolean) ? [inFiles[1]] : strangers.with({ capabilities: [inFiles[1]] }),
          ),
        ],
        unread: [],
      };
      const files = [project.config, ...Object.values(project.patches), ...project.merges];
      // A program that is always there, so that each of them is an app.
      const last = project.merges.findLast(({ platforms }) => platforms === undefined) ?? project.config;
      const home = (isFirst ? (last.value as Json).tauri : last.value) as Json;
      const bundle = home.bundle as Json;
      const spelt = "external-bin" in bundle ? "external-bin" : "externalBin";
      bundle[spelt] = [...(bundle[spelt] as unknown[] | undefined ?? []), "always"];
      const { manifest, ignored } = convert(project);
      const isWhole = ({ path }: { readonly path: string }) => !path.includes(": ");
      const covered = ignored.filter(isWhole).map(({ path }) => path);
      const written = files.map((file, index) =>
        JSON.stringify(withoutReplaced(file, files.slice(index + 1)))
      )
        .join() + JSON.stringify(project.capabilities);
      const lost = strangers.keys.filter((key) =>
        written.includes(`"${key}":`) &&
        !ignored.some(({ path }) => path.split(/[:.,] ?|\]\./).some((part) => part.trim() === key)) &&
        !isIn([...files, ...project.capabilities], { project, covered, key })
      );
      assertEquals(lost, [], JSON.stringify({ ignored, project }, null, 1));
      assertEquals(ignored.filter(({ why }) => why === ""), []);
      seen.listed += ignored.length;
      seen.programs += manifest.children.length + (manifest.templates?.length ?? 0);
    }),
    { numRuns: 1_000, seed: 12 },
  );
  assertEquals(Object.values(seen).map((count) => count > 1_000), [true, true]);
});

/** Whether a key is in something that is listed as a whole: a capability, an entry of a scope, or an item. */
function isIn(
  files: readonly ReadFile[],
  { project, covered, key }: {
    readonly project: TauriProject;
    readonly covered: readonly string[];
    readonly key: string;
  },
): boolean {
  const holds = (value: unknown) => JSON.stringify(value).includes(JSON.stringify(key).slice(1, -1));
  const inFile = project.capabilities.some(({ name, value }) => covered.includes(name) && holds(value));
  const entries = files.flatMap(({ value }) => entriesIn(value));
  return inFile ||
    entries.some((entry) =>
      holds(entry) &&
      covered.some((path) => path.endsWith(`"${entry.name ?? entry.path ?? entry.identifier}"`))
    );
}

/** Lists that a later file replaces as a whole: nothing of them is in force. */
const LISTS = ["externalBin", "external-bin", "scope", "capabilities"];

/** The value of a file without the lists that one laid over it on all platforms has, too. */
function withoutReplaced({ value }: ReadFile, later: readonly MergedFile[]): unknown {
  const replaced = LISTS.filter((list) =>
    later.some((file) =>
      file.name !== "tauri.linux.conf.json" && file.platforms === undefined &&
      JSON.stringify(file.value).includes(`"${list}":`)
    )
  );
  const isReplaced = (key: string) =>
    replaced.some((list) =>
      list.replace("external-bin", "externalBin") === key.replace("external-bin", "externalBin")
    );
  return JSON.parse(JSON.stringify(value, (key, inner) => isReplaced(key) ? undefined : inner));
}

/** All objects below a value that are listed by a name. */
function entriesIn(value: unknown): Json[] {
  if (typeof value !== "object" || value === null) return [];
  const own = ["name", "path", "identifier"].some((key) => key in value) ? [value as Json] : [];
  return [...own, ...Object.values(value).flatMap(entriesIn)];
}
