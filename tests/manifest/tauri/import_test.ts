/** Tauri's configuration as a manifest: five apps, and the rules by which their files are read. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { argsFor, ArgumentError } from "../../../src/manifest/templates/arguments.ts";
import { load } from "../../../src/manifest/load.ts";
import { ALL_TARGETS, TARGETS } from "../../../src/manifest/fields/platforms.ts";
import { convert } from "../../../src/manifest/tauri/convert.ts";
import { mergePatch, readProject } from "../../../src/manifest/tauri/project.ts";
import { templateOf } from "../../../src/manifest/templates/templates.ts";
import { Folder } from "../../cli/outrider.ts";
import { asSidecar, rejection } from "../probe.ts";

const root = new URL("../../fixtures/tauri/", import.meta.url).pathname;
const app = (name: string) => `${root}${name}/tauri.conf.json`;
const converted = async (file: string) => convert(await readProject(file));

/** Which sidecars start on each platform, by id. */
async function starting(name: string): Promise<Record<string, string[]>> {
  const each = await Promise.all(ALL_TARGETS.map(async (platform) => {
    const children = await load(app(name), { platform }).then(
      ({ manifest }) => manifest.children.map(({ id }) => id),
      () => [],
    );
    return [platform, children] as const;
  }));
  return Object.fromEntries(each);
}

/** A folder with these files of an app, as JSON. */
async function written(folder: Folder, files: Record<string, unknown>): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    await Deno.mkdir(`${folder.path}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
    folder.write(name, typeof content === "string" ? content : JSON.stringify(content));
  }
  return `${folder.path}/tauri.conf.json`;
}

const scope = (...allow: unknown[]) => ({
  identifier: "main",
  permissions: [{ identifier: "shell:allow-execute", allow }],
});

Deno.test("Tauri 1, objects: arguments and platforms are taken from them", async () => {
  const some = ["indexer"];
  assertEquals(await starting("v1_objects"), {
    "linux-x86_64": some,
    "linux-aarch64": some,
    "darwin-x86_64": some,
    "darwin-aarch64": some,
    "windows-x86_64": ["indexer", "tray-helper"],
    "windows-aarch64": [],
  });
  const { manifest, ignored, reads } = await load(app("v1_objects"), { platform: "linux-x86_64" });
  assertEquals(manifest.name, "Photo-Desk");
  const { command, args, cwd } = asSidecar(manifest.children[0]);
  assertEquals([command, args, cwd], [
    `${root}v1_objects/binaries/indexer-x86_64-unknown-linux-gnu`,
    ["--watch", "--depth", "3"],
    `${root}v1_objects`,
  ]);
  assertEquals(reads, `${root}v1_objects`);
  assert(ignored.some(({ path, kind }) => path === "tray-helper" && kind === "sidecar"));
  assertEquals(argsFor(templateOf(manifest, "thumbnailer"), ["--size", "128"]), ["--size", "128"]);
});

Deno.test("each target has the file that Tauri gives it", async () => {
  for (const platform of ALL_TARGETS) {
    const { manifest } = await load(app("v1_allowlist"), { platform });
    const ending = platform.startsWith("windows") ? ".exe" : "";
    const { command } = asSidecar(manifest.children[0]);
    assertEquals(command, `${root}v1_allowlist/binaries/ledgerd-${TARGETS[platform]}${ending}`);
  }
  assertEquals(TARGETS[`${Deno.build.os}-${Deno.build.arch}` as keyof typeof TARGETS], Deno.build.target);
});

Deno.test("Tauri 1, strings and allowlist: fixed arguments start, given ones are templates", async () => {
  const { manifest } = await converted(app("v1_allowlist"));
  assertEquals(manifest.children.map(({ id }) => id), ["ledgerd"]);
  assertEquals(manifest.templates?.map(({ id, args }) => [id, args]), [
    ["convert", ["--to", { validator: "^(csv|json)$" }]],
    ["git-log", ["log", "--oneline", "-n", { validator: "^\\d+$" }]],
  ]);
});

Deno.test("Tauri 2, capabilities: execute and spawn, sidecars and programs", async () => {
  const { manifest } = await load(app("v2_capabilities"), { platform: "darwin-aarch64" });
  assertEquals(manifest.children.map((child) => asSidecar(child).args), [["--stdio"]]);
  assertEquals(manifest.templates?.map(({ id, command, args }) => [id, command.split("/").at(-1), args]), [
    ["encoder", "encoder-aarch64-apple-darwin", [
      "-b",
      { validator: "\\d+k", secret: false },
      "--out",
      { validator: "\\S+", secret: false },
    ]],
    ["ffmpeg", "ffmpeg-aarch64-apple-darwin", true],
    ["uname", "uname", ["-a"]],
  ]);
  assertEquals(templateOf(manifest, "ffmpeg").command, `${root}tools/ffmpeg-aarch64-apple-darwin`);
});

Deno.test("Tauri 2, platform files: merged as a JSON merge patch, on each platform its own", async () => {
  const [linux, mac] = [["syncd", "inotify-watch"], ["syncd"]];
  assertEquals(await starting("v2_platforms"), {
    "linux-x86_64": linux,
    "linux-aarch64": linux,
    "darwin-x86_64": mac,
    "darwin-aarch64": mac,
    "windows-x86_64": [],
    "windows-aarch64": [],
  });
  const { manifest } = await load(app("v2_platforms"), { platform: "darwin-x86_64" });
  assertEquals(
    asSidecar(manifest.children[0]).command,
    `${root}v2_platforms/binaries/mac/syncd-x86_64-apple-darwin`,
  );
  const { message } = await rejection(load(app("v2_platforms"), { platform: "windows-x86_64" }));
  assert(message.includes("none is for windows-x86_64"), message);
});

Deno.test("the Tauri import lists every setting without a counterpart, wherever it stands", async () => {
  const { manifest, ignored } = await converted(app("v2_everything"));
  assertEquals(manifest.children.map(({ id }) => id), ["render"]);
  assertEquals(manifest.templates?.map(({ id, args }) => [id, args]), [
    ["search", ["-r", { validator: "(?s:.*)(?:[a-z ]+)(?s:.*)" }, "."]],
    ["probe", true],
  ]);
  const paths = ignored.map(({ path }) => path);
  const config = JSON.parse(await Deno.readTextFile(app("v2_everything")));
  const expected = [
    ...["mainBinaryName", "version", "identifier"],
    ...Object.keys(config.build).map((key) => `build.${key}`),
    ...Object.keys(config.app).filter((key) => key !== "security").map((key) => `app.${key}`),
    ...["app.security.csp", "app.security.assetProtocol"],
    ...Object.keys(config.bundle).filter((key) => key !== "externalBin").map((key) => `bundle.${key}`),
    ...Object.keys(config.plugins).map((key) => `plugins.${key}`),
    ...["capabilities/extra.toml", "tauri.android.conf.json"],
    `bundle.externalBin "binaries/license-check"`,
    `bundle.externalBin "binaries/probe": restart`,
    `bundle.externalBin "binaries/probe": linux-armv7`,
    `capabilities/main.json "missing"`,
    `capabilities/main.json "lookaround"`,
    "capabilities/main.json: core:default, shell:allow-open, shell:allow-kill",
    "capabilities/main.json: windows, remote",
    "capabilities/main.json: deny",
    "capabilities/desktop/mac.json",
  ];
  assertEquals(expected.filter((path) => !paths.includes(path)), []);
  assert(ignored.every(({ why }) => why !== ""));
  // "unused" and "mac-only" are not named by app.security.capabilities.
  assert(!JSON.stringify(manifest).includes("say") && !JSON.stringify(manifest).includes(`"sh"`));
});

Deno.test("nothing in any of the five is lost: each name of a sidecar or program is in the manifest or listed", async () => {
  for (const name of ["v1_objects", "v1_allowlist", "v2_capabilities", "v2_platforms", "v2_everything"]) {
    const project = await readProject(app(name));
    const { manifest, ignored } = convert(project);
    const texts = [project.config, ...project.capabilities, ...Object.values(project.patches)].map((
      { value },
    ) => JSON.stringify(value)).join("\n");
    const names = [...texts.matchAll(/"((?:\.\.\/tools|binaries)\/[\w./-]+)"/g)].map(([, path]) => path!);
    assert(names.length > 0 || name === "");
    const told = JSON.stringify(manifest) + JSON.stringify(ignored);
    assertEquals(names.filter((one) => !told.includes(one)), [], name);
  }
});

Deno.test("the Tauri import keeps the meaning of a validator", async () => {
  await using folder = new Folder();
  const file = await written(folder, {
    "tauri.conf.json": { productName: "a", bundle: {} },
    "capabilities/a.json": scope(
      { name: "anchored", cmd: "x", args: [{ validator: "a|b" }] },
      { name: "raw", cmd: "x", args: [{ validator: "b", raw: true }] },
      { name: "whole", cmd: "x", args: [{ validator: "^a$|b", raw: true }] },
    ),
  });
  const { manifest } = await load(file);
  const takes = (id: string, value: string) => {
    try {
      return argsFor(templateOf(manifest, id), [value]).length === 1;
    } catch (error) {
      if (error instanceof ArgumentError) return false;
      throw error;
    }
  };
  assertEquals(["a", "b", "abc", "x"].map((value) => takes("anchored", value)), [true, true, false, false]);
  assertEquals(["a", "b", "abc", "a\nb\nc"].map((value) => takes("raw", value)), [false, true, true, true]);
  assertEquals(["a", "b", "abc", "xa"].map((value) => takes("whole", value)), [true, true, true, false]);
});

Deno.test("of two entries of one name Tauri 2 goes by the first and Tauri 1 by the last; the other is listed", async () => {
  const two = [{ name: "x", cmd: "one" }, { name: "x", cmd: "two" }];
  for (
    const [files, expected] of [
      [{ "tauri.conf.json": { bundle: {} }, "capabilities/a.json": scope(...two) }, "one"],
      [{ "tauri.conf.json": { tauri: { allowlist: { shell: { all: true, scope: two } } } } }, "two"],
    ] as const
  ) {
    await using folder = new Folder();
    const { manifest, ignored } = await converted(await written(folder, files));
    assertEquals(manifest.templates?.map(({ command }) => command), [expected]);
    assertEquals(ignored.filter(({ why }) => why.includes("of that name")).length, 1);
  }
});

Deno.test("the Tauri import permits nothing that an allowlist turns off, or a capability has for another system", async () => {
  await using folder = new Folder();
  const off = await written(folder, {
    "tauri.conf.json": {
      tauri: { allowlist: { shell: { sidecar: true, scope: [{ name: "x", cmd: "x" }] } } },
    },
  });
  const { message } = await rejection(converted(off));
  assert(
    message.includes('it has no program as a sidecar ("externalBin"), and no permission to run another'),
    message,
  );
  await using other = new Folder();
  const mac = await written(other, {
    "tauri.conf.json": { bundle: {} },
    "capabilities/a.json": { ...scope({ name: "x", cmd: "x" }), platforms: ["macOS"] },
  });
  assertEquals((await converted(mac)).manifest.templates?.[0]?.platforms, [
    "darwin-x86_64",
    "darwin-aarch64",
  ]);
});

Deno.test("the Tauri import reports invalid settings with their file and line", async () => {
  await using folder = new Folder();
  const file = await written(folder, {
    "tauri.conf.json": `{\n "bundle": {\n  "externalBin": [\n   7,\n   { "path": 1 }\n  ]\n }\n}`,
  });
  const error = await rejection(load(file));
  assertEquals(error.faults.map(({ path, line, message }) => [path, line, message]), [
    ["bundle.externalBin[0]", 4, `expected a path, or an object with "path", got 7`],
    ["bundle.externalBin[1].path", 5, "expected a string, got a number"],
  ]);
  await using other = new Folder();
  const bad = await written(other, {
    "tauri.conf.json": { bundle: {} },
    "capabilities/a.json":
      `{ "identifier": "a",\n "permissions": [\n  { "identifier": "shell:allow-spawn",\n   "allow": [{ "name": "x", "cmd": 7 }] }] }`,
  });
  const { file: where, faults } = await rejection(load(bad));
  assertEquals([where, faults[0]?.line, faults[0]?.message], [
    `${other.path}/capabilities/a.json`,
    4,
    "expected a string, got a number",
  ]);
});

Deno.test("of several files of one name Tauri's first is read, and the others are listed", async () => {
  await using folder = new Folder();
  await written(folder, {
    "tauri.conf.json": { bundle: { externalBin: [{ path: "a", sidecar: true, args: [] }] } },
    ...{ "tauri.conf.json5": "{}", "Tauri.toml": "", "tauri.linux.conf.json": "{}" },
    ...{ "tauri.macos.conf.json5": "{}", "Tauri.macos.toml": "", "Tauri.linux.toml": "" },
  });
  const { ignored } = await load(`${folder.path}/tauri.conf.json`);
  assertEquals(ignored.map(({ path, why }) => `${path}: ${why}`), [
    "Tauri.linux.toml: Tauri reads tauri.linux.conf.json instead of it",
    "Tauri.macos.toml: Tauri reads tauri.macos.conf.json5 instead of it",
    "Tauri.toml: Tauri reads tauri.conf.json instead of it",
    "tauri.conf.json5: Tauri reads tauri.conf.json instead of it",
  ]);
});

Deno.test("of two spellings of a key that in camel case counts in one file, and the last of several files", async () => {
  await using folder = new Folder();
  const file = await written(folder, {
    "tauri.conf.json": {
      "product-name": "hyphen",
      "bundle": { "external-bin": ["lost"], "externalBin": ["base"] },
    },
    "tauri.linux.conf.json": { bundle: { "external-bin": ["linux"] } },
    "over.json": { productName: "camel" },
  });
  const { manifest, ignored } = convert(await readProject(file, [`${folder.path}/over.json`]));
  assertEquals(manifest.name, "camel");
  assertEquals(manifest.templates?.map(({ id, platforms }) => [id, platforms?.length]), [
    ["linux", 2],
    ["base", 4],
  ]);
  assertEquals(ignored.filter(({ kind }) => kind === "setting").map(({ path, why }) => `${path}: ${why}`), [
    "bundle.external-bin: the same as bundle.externalBin, which counts; Tauri refuses both in one configuration",
  ]);
});

Deno.test("the Tauri import makes distinct ids from the names of programs", async () => {
  await using folder = new Folder();
  const externalBin = ["a/worker", "b/worker", "c/worker", "my tool!", "…"];
  const file = await written(folder, {
    "tauri.conf.json": { productName: "-- ü --", bundle: { externalBin } },
  });
  const { manifest } = await load(file);
  assertEquals(manifest.templates?.map(({ id }) => id), [
    "worker",
    "worker-2",
    "worker-3",
    "my-tool",
    "sidecar",
  ]);
});

Deno.test("a child and a template of one name have ids of their own, and backslashes are slashes", async () => {
  await using folder = new Folder();
  const file = await written(folder, {
    "tauri.conf.json": { bundle: { externalBin: ["binaries\\node", "bin/node"] } },
    "capabilities/a.json": {
      identifier: "main",
      permissions: ["shell:deny-spawn", {
        identifier: "shell:allow-spawn",
        allow: [{ name: "binaries\\node", sidecar: true }, { name: "node", cmd: "node" }, {
          name: "long",
          cmd: "x",
          args: [{ validator: "a{1,2048}" }],
        }],
      }],
    },
  });
  const { manifest, ignored } = await converted(file);
  const [child] = manifest.children;
  assertEquals([child?.id, child && "command" in child && child.command], [
    "node",
    "binaries/node-x86_64-unknown-linux-gnu",
  ]);
  assertEquals(manifest.templates?.map(({ id }) => id), ["node-3", "node-2"]);
  const told = ignored.map(({ path, why }) => `${path}: ${why}`).join("\n");
  for (
    const part of [
      "capabilities/a.json: shell:deny-spawn: it denies the app's windows what is permitted here",
      `capabilities/a.json "long": it is left out, as the validator of its argument 0 can't be used`,
      String.raw`"bin/node": its id is "node-3", as "binaries\\node" has "node"`,
      `"node" of a scope: its id is "node-2"`,
    ]
  ) assertStringIncludes(told, part);
});

Deno.test("merge patch: the examples of RFC 7396", () => {
  const cases: [unknown, unknown, unknown][] = [
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [["a", "b"], ["c", "d"], ["c", "d"]],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [value, patch, expected] of cases) assertEquals(mergePatch(value, patch), expected);
});
