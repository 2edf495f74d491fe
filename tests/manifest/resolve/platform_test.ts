/** A manifest on one platform and on another: what is left out, what is overridden, and what is said of it. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { requiredPermissions } from "../../../src/manifest/grants/permissions.ts";
import { HERE, isFor, onPlatform } from "../../../src/manifest/resolve/platform.ts";
import { PLATFORM_NAMES } from "../../../src/manifest/fields/platforms.ts";
import { parse, resolveText } from "../../../src/manifest/parse.ts";
import { programsIn } from "../../../src/manifest/resolve/programs.ts";
import { ManifestError } from "../../../src/manifest/manifest_errors.ts";
import { root } from "../../../src/manifest/fields/manifest.ts";
import { jsonSchema } from "../../../src/manifest/json_schema.ts";
import { resolveField } from "../../../src/options/check.ts";
import type { Manifest } from "../../../src/manifest/fields/types.ts";
import { asSidecar, asSupervisor, errorOf, FILE, resolveManifest, sidecarFaults, treeOf } from "../probe.ts";

const on = (platform: string, ...children: unknown[]) => parse(treeOf(...children), { file: FILE, platform });
const left = (platform: string, ...children: unknown[]) =>
  onPlatform(resolveField(root, { name: "t", children }) as Manifest, platform).ignored.map((
    { path, kind, why },
  ) => `${kind} ${path}: ${why}`);

Deno.test("a sidecar for other platforms is left out, and that is said", () => {
  const children = [
    { id: "all", command: "x" },
    { id: "some", command: "x", platforms: ["linux", "darwin-aarch64"] },
  ];
  assertEquals(on("linux-x86_64", ...children).children.map(({ id }) => id), ["all", "some"]);
  assertEquals(on("darwin-aarch64", ...children).children.length, 2);
  assertEquals(on("darwin-x86_64", ...children).children.map(({ id }) => id), ["all"]);
  assertEquals(left("linux-x86_64", ...children), []);
  assertEquals(left("darwin-x86_64", ...children), [
    "sidecar some: it is for linux, darwin-aarch64, and this is darwin-x86_64",
  ]);
});

Deno.test("a supervisor without children on the platform is left out, with the waits for it", () => {
  const children = [
    { id: "team", children: [{ id: "w", command: "x", platforms: ["windows"] }] },
    { id: "app", command: "x", after: ["team", { id: "other", condition: "ready" }] },
    { id: "other", command: "x" },
  ];
  assertEquals(asSidecar(on("linux-x86_64", ...children).children[0]).after?.map(({ id }) => id), ["other"]);
  assertEquals(left("linux-x86_64", ...children), [
    "sidecar team/w: it is for windows, and this is linux-x86_64",
    "sidecar team: none of its children is left",
    `setting app: it starts without waiting for "team", which is left out`,
  ]);
  assertEquals(asSupervisor(on("windows-x86_64", ...children).children[0]).children.length, 1);
});

Deno.test("a pool's copies have overrides, and a pool is left out as a whole", () => {
  const children = [
    {
      id: "pool",
      size: 2,
      sidecar: { command: "./run.sh", on: { windows: { command: "./run.exe", cwd: "win" } } },
    },
    { id: "few", size: 3, sidecar: { command: "x", platforms: ["darwin"] } },
    { id: "app", command: "x", after: ["few"] },
  ];
  const copyOn = (platform: string) => {
    const entry = on(platform, ...children).children[0]!;
    assert("sidecar" in entry);
    const { command, cwd, on: rest } = entry.sidecar;
    return { command, cwd, rest };
  };
  assertEquals(copyOn("linux-x86_64"), { command: "/srv/run.sh", cwd: "/srv", rest: undefined });
  assertEquals(copyOn("windows-x86_64"), { command: "/srv/run.exe", cwd: "/srv/win", rest: undefined });
  assertEquals(on("darwin-aarch64", ...children).children.length, 3);
  assertEquals(left("linux-x86_64", ...children), [
    "sidecar few: it is for darwin, and this is linux-x86_64",
    `setting app: it starts without waiting for "few", which is left out`,
  ]);
});

Deno.test("of a pool that is wrong, the program is the one for this platform", () => {
  const elsewhere = HERE.startsWith("linux") ? "windows" as const : "linux" as const;
  const commandsOf = (sidecar: object) =>
    programsIn({ children: [{ id: "p", sidecar }] }, "/srv").map(({ path, command }) => [path, command]);
  assertEquals(commandsOf({ command: "x", platforms: [elsewhere] }), []);
  assertEquals(commandsOf({ command: "x", on: { [HERE]: { command: "./y" } } }), [["p", "/srv/y"]]);
});

Deno.test("a manifest of which nothing is left is none", () => {
  const text = treeOf({ id: "a", command: "x", platforms: ["windows"] });
  const error = assertThrows(() => parse(text, { file: FILE, platform: "linux-x86_64" }), ManifestError);
  assertEquals(error.faults.map(({ path, line, message }) => [path, line, message]), [
    ["children", 3, "none is for linux-x86_64"],
  ]);
});

Deno.test("overrides: an architecture wins over its system, env is merged, the rest is replaced", () => {
  const child = {
    id: "a",
    command: "./run.sh",
    args: ["a", "b"],
    env: { A: "1", B: "1" },
    on: {
      "windows-x86_64": { command: "./run64.exe", env: { C: "3" } },
      windows: { command: "./run.exe", args: ["w"], env: { B: "2" }, cwd: "win", inheritEnv: ["TEMP"] },
      darwin: { args: [] },
    },
  };
  const at = (platform: string) => {
    const { command, args, env, cwd, inheritEnv } = asSidecar(on(platform, child).children[0]);
    return { command, args, env, cwd, inheritEnv: inheritEnv.length };
  };
  const plain = {
    command: "/srv/run.sh",
    args: ["a", "b"],
    env: { A: "1", B: "1" },
    cwd: "/srv",
    inheritEnv: 6,
  };
  assertEquals(at("linux-x86_64"), plain);
  assertEquals(at("darwin-aarch64"), { ...plain, args: [] });
  const windows = {
    command: "/srv/run.exe",
    args: ["w"],
    env: { A: "1", B: "2" },
    cwd: "/srv/win",
    inheritEnv: 1,
  };
  assertEquals(at("windows-aarch64"), windows);
  assertEquals(at("windows-x86_64"), {
    ...windows,
    command: "/srv/run64.exe",
    env: { A: "1", B: "2", C: "3" },
  });
});

Deno.test("platform overrides are removed once applied", () => {
  const entry = on("linux-x86_64", {
    id: "a",
    command: "x",
    platforms: ["linux"],
    on: { linux: { args: ["y"] } },
  });
  assertEquals(["platforms", "on"].filter((key) => key in entry.children[0]!), []);
});

Deno.test("this platform is the default, and has a name that a manifest may use", () => {
  assert(PLATFORM_NAMES.some((name) => name === HERE), HERE);
  const text = treeOf({ id: "a", command: "x", on: { [HERE]: { command: "here" } } });
  assertEquals(asSidecar(parse(text, { file: FILE }).children[0]).command, "here");
  assert(isFor(undefined, "haiku-x86_64"));
});

Deno.test("platform overrides report unknown names with the nearest one", () => {
  assertEquals(sidecarFaults({ platforms: [] }), ["children[0].platforms: needs at least one platform"]);
  const [fault = ""] = sidecarFaults({ platforms: ["linux-x86"] });
  assert(
    fault.startsWith("children[0].platforms[0]: expected") && fault.includes(`did you mean "linux-x86_64"?`),
    fault,
  );
  assertEquals(sidecarFaults({ on: { windows: { comand: "x" } } }), [
    `children[0].on.windows.comand: unknown key; did you mean "command"?`,
  ]);
  const [system = ""] = sidecarFaults({ on: { window: {} } });
  assertEquals(system, `children[0].on.window: unknown key; did you mean "windows"?`);
  assertEquals(sidecarFaults({ on: { linux: { args: "x" } } }), [
    `children[0].on.linux.args: expected an array, such as ["--port", "8080"], got a string`,
  ]);
  const text = treeOf({ id: "a", command: "x" }).replace(
    `"x"`,
    `"x", "on": { "linux": { "env": { "__proto__": "1" } } }`,
  );
  assertEquals(errorOf(text).faults.map(({ message }) => message), ["cannot be a variable's name"]);
});

Deno.test("permissions are those of the platform, templates' among them", () => {
  const manifest = resolveManifest({
    name: "t",
    children: [{ id: "a", command: "a", on: { windows: { command: "a.exe" } } }],
    templates: [{ id: "b", command: "b" }, { id: "c", command: "c", platforms: ["linux"] }],
  }, { file: FILE, platform: "windows-x86_64" });
  const run = requiredPermissions(manifest).filter(({ name }) => name === "run");
  assertEquals(run.map(({ value, children }) => [value, children]), [
    ["a.exe", ["a"]],
    ["b", ["b (template)"]],
  ]);
});

Deno.test("of a manifest that is wrong, the programs for other platforms are not looked for", () => {
  const children = [
    { id: "a", command: "a", platforms: ["haiku"] },
    { id: "b", command: "b", on: { [HERE]: { command: "b2" }, linux: 7 } },
    { id: "c", command: "c", platforms: 7 },
  ];
  assertEquals(programsIn({ children }, "/").map(({ command }) => command), ["b2", "c"]);
});

Deno.test("templates have ids of their own, and a manifest of templates alone is one", () => {
  const template = { id: "a", command: "x" };
  assertEquals(
    resolveManifest({ name: "t", children: [], templates: [template] }, { file: FILE }).children,
    [],
  );
  const faults = (value: unknown) =>
    assertThrows(() => resolveManifest(value, { file: FILE }), ManifestError).faults.map((
      { path, message },
    ) => `${path}: ${message}`);
  assertEquals(faults({ name: "t", children: [], templates: [] }), ["children: needs at least one child"]);
  assertEquals(faults({ name: "t", children: [], templates: [template, template] }), [
    `templates[1].id: duplicate id "a"; the first is templates[0].id`,
  ]);
  assertEquals(
    faults({ name: "t", children: [template], templates: [{ ...template, after: ["b"], args: [7] }] }),
    [
      `templates[0].args[0]: expected a text, or an object with "validator", got a number`,
      "templates[0].after: unknown key",
    ],
  );
  assertEquals(
    faults({
      name: "t",
      children: [template],
      templates: [{ ...template, args: [{ validator: "a", sekret: true }] }],
    }),
    ["templates[0].args[0].sekret: unknown key"],
  );
  assertEquals(
    faults({ name: "t", children: [template], templates: [{ ...template, args: [{ validator: "(a" }] }] }),
    ["templates[0].args[0].validator: not a regular expression: missing closing ): `(a`"],
  );
  assert(JSON.stringify(jsonSchema()).includes(`"validator"`));
});

Deno.test("a child starts without the one of another group that it names when that is left out", () => {
  const there = { id: "there", command: "x", platforms: ["windows"] };
  const web = { id: "web", command: "x", after: ["../infra/there", "../infra/db"] };
  const { manifest, ignored } = resolveText(
    treeOf({ id: "app", children: [web] }, { id: "infra", children: [there, { id: "db", command: "x" }] }),
    { file: FILE, platform: "linux-x86_64" },
  );
  const [app] = manifest.children;
  assert(app !== undefined && "children" in app);
  assertEquals(app.children[0]!.after?.map(({ id }) => id), ["../infra/db"]);
  assertEquals(ignored.at(-1), {
    path: "app/web",
    kind: "setting",
    why: `it starts without waiting for "../infra/there", which is left out`,
  });
});
