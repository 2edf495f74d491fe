import { assert, assertEquals, assertThrows } from "@std/assert";
import { cycles, type Import, importsOf, type Info, violations } from "./layers.ts";

const root = new URL("../../", import.meta.url);

/** An import for a graph made by hand: `a.ts -> b.ts`, `a.ts -> type b.ts`, or `a.ts -> "name"`. */
function edge(text: string): Import {
  const [from = "", right = ""] = text.split(" -> ");
  const typeOnly = right.startsWith("type ");
  const target = right.replace(/^type /, "");
  const named = target.startsWith('"');
  return {
    from,
    typeOnly,
    specifier: named ? target.slice(1, -1) : "./x.ts",
    to: named ? undefined : target,
  };
}

for (
  const allowed of [
    "src/actor/cell.ts -> src/actor/mailbox/mailbox.ts",
    "src/supervision/tree.ts -> src/actor/ref.ts",
    "src/manifest/resolve/child_specs.ts -> src/supervision/child_spec.ts",
    "src/manifest/resolve/child_specs.ts -> type src/process/command.ts",
    "src/manifest/load.ts -> src/manifest/fields/manifest.ts",
    "src/testing/simulation.ts -> src/supervision/tree.ts",
    "src/cli/verbs/up.ts -> actors/factories.ts",
    'src/cli/verbs/up.ts -> "@outrider/outrider"',
    'actors/pool/pool.ts -> "@outrider/outrider"',
    "actors/factories.ts -> actors/pool/pool.ts",
    "src/sidecar/sidecar.ts -> src/actor/ref.ts",
    "src/sidecar/sidecar.ts -> src/supervision/child_spec.ts",
    "mod.ts -> src/sidecar/sidecar.ts",
    "src/public/manifest.ts -> src/manifest/load.ts",
    'actors/factories.ts -> "@outrider/outrider/actors/sidecar"',
    "mod.ts -> src/actor/ref.ts",
    'src/log.ts -> "@std/log"',
    'src/process/framing/framing.ts -> "@std/streams"',
    "tests/actor/cell_test.ts -> src/actor/cell.ts",
  ]
) {
  Deno.test(`allowed: ${allowed}`, () => assertEquals(violations([edge(allowed)]), []));
}

for (
  const [refused, why] of [
    ["src/actor/cell.ts -> src/process/child.ts", "must not import src/process/child.ts"],
    ["src/actor/cell.ts -> type src/supervision/tree.ts", "must not import src/supervision/tree.ts"],
    ["src/process/child.ts -> type src/actor/exit.ts", "must not import src/actor/exit.ts"],
    [
      "src/supervision/tree.ts -> src/manifest/fields/manifest.ts",
      "must not import src/manifest/fields/manifest.ts",
    ],
    [
      "src/manifest/resolve/child_specs.ts -> src/process/command.ts",
      "must not import values of src/process/command.ts",
    ],
    ["src/launch/launch.ts -> src/cli/main.ts", "must not import src/cli/main.ts"],
    ["mod.ts -> src/cli/main.ts", "must not import src/cli/main.ts"],
    ["mod.ts -> src/testing/mod.ts", "must not import src/testing/mod.ts"],
    ["mod.ts -> src/manifest/load.ts", "must not import src/manifest/load.ts"],
    ["mod.ts -> src/public/protocol.ts", "must not import src/public/protocol.ts"],
    ["src/cli/verbs/up.ts -> mod.ts", "must not import mod.ts"],
    ["src/testing/simulation.ts -> src/sidecar/sidecar.ts", "must not import src/sidecar/sidecar.ts"],
    ["mod.ts -> actors/pool/pool.ts", "must not import actors/pool/pool.ts"],
    ["src/sidecar/sidecar.ts -> mod.ts", "must not import mod.ts"],
    ["actors/pool/pool.ts -> src/actor/ref.ts", "must not import src/actor/ref.ts"],
    ["actors/pool/pool.ts -> src/sidecar/sidecar.ts", "must not import src/sidecar/sidecar.ts"],
    ["src/supervision/tree.ts -> src/sidecar/sidecar.ts", "must not import src/sidecar/sidecar.ts"],
    ["src/process/child.ts -> src/sidecar/sidecar.ts", "must not import src/sidecar/sidecar.ts"],
    ['src/actor/cell.ts -> "@outrider/outrider"', "must not import @outrider/outrider"],
    ['src/actor/cell.ts -> "@std/log"', "must not import @std/log"],
    ['src/sidecar/sidecar.ts -> "jsr:@std/log@^0.224/levels"', "must not import @std/log"],
    ["src/actor/cell.ts -> tests/support/clock.ts", "must not import tests/support/clock.ts"],
    ["src/other.ts -> src/actor/ref.ts", "has no rule in tests/checkout/layers.ts"],
  ] as const
) {
  Deno.test(`refused: ${refused}`, () => {
    assertEquals(violations([edge(refused)]), [`${refused.split(" -> ")[0]} ${why}`]);
  });
}

Deno.test("cycles: found through type-only edges, and not where there are none", () => {
  const chain = ["a.ts -> b.ts", "b.ts -> c.ts", "a.ts -> c.ts"].map(edge);
  assertEquals(cycles(chain), []);
  assertEquals(cycles([...chain, edge("c.ts -> type b.ts")]), ["b.ts -> c.ts -> b.ts"]);
  assertEquals(cycles([edge("a.ts -> a.ts")]), ["a.ts -> a.ts"]);
});

Deno.test("importsOf: a type-only import has no code; a module that cannot be read is an error", () => {
  const target = { specifier: "file:///o/src/b.ts" };
  const dependencies = [
    { specifier: "./b.ts", type: target },
    { specifier: "b", code: target, type: target },
    { specifier: "npm:zod", code: { specifier: "npm:/zod@4" } },
  ];
  const info: Info = {
    modules: [{ specifier: "data:x" }, { specifier: "file:///o/src/a.ts", dependencies }],
  };
  const from = "src/a.ts";
  assertEquals(importsOf(info, "file:///o/"), [
    { from, specifier: "./b.ts", to: "src/b.ts", typeOnly: true },
    { from, specifier: "b", to: "src/b.ts", typeOnly: false },
    { from, specifier: "npm:zod", to: undefined, typeOnly: false },
  ]);
  const broken: Info = { modules: [{ specifier: "file:///o/src/a.ts", error: "gone" }] };
  assertThrows(() => importsOf(broken, "file:///o/"), Error, "Cannot read src/a.ts: gone");
});

/** Every module of mod.ts, src and actors, relative to the root. */
function* modules(folder = ""): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder || ".", root))) {
    const path = folder + name;
    if (folder === "" ? name === "src" || name === "actors" : isDirectory) yield* modules(`${path}/`);
    else if (folder === "" ? name === "mod.ts" : name.endsWith(".ts")) yield path;
  }
}

async function denoInfo(files: readonly string[]): Promise<Info> {
  // One root that imports every file, so that one run of Deno reports them all.
  const entry = files.map((file) => `import ${JSON.stringify(new URL(file, root).href)};`).join("");
  const map = new URL("tests/support/npm/import_map.json", root).href;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "info",
      "--json",
      `--import-map=${map}`,
      `data:application/typescript,${encodeURIComponent(entry)}`,
    ],
    cwd: root,
  }).output();
  assert(code === 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout)) as Info;
}

Deno.test("the checkout: every import is allowed, and none goes round in a circle", async () => {
  const files = [...modules()];
  const info = await denoInfo(files);
  const seen = new Set(info.modules.map(({ specifier }) => specifier));
  assertEquals(files.filter((file) => !seen.has(new URL(file, root).href)), []);
  const imports = importsOf(info, root.href);
  assertEquals(violations(imports), []);
  assertEquals(cycles(imports), []);
});
