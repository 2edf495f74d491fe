import { assertEquals, assertThrows } from "@std/assert";
import { ManifestError } from "../../../src/manifest/manifest_errors.ts";
import { parse } from "../../../src/manifest/parse.ts";
import { requiredPermissions } from "../../../src/manifest/grants/permissions.ts";
import { programsOf } from "../../../src/manifest/resolve/children.ts";
import { readEnvironment } from "../../../src/process/environment.ts";

const folder = await Deno.makeTempDir();
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

const parsed = (manifest: object) => parse(JSON.stringify(manifest), { file: `${folder}/outrider.json` });

const LEVELS = [
  "own env",
  "own file",
  "group env",
  "group file",
  "tree env",
  "tree file",
  Deno.env.get("HOME"),
];

/** The variable `HOME` with a value on each of the levels but for the first `skipped`. */
function manifestWithout(skipped: number): object {
  const fields = (who: string, name: string) => ({
    ...(LEVELS.indexOf(`${who} env`) >= skipped && { env: { HOME: `${who} env` } }),
    ...(LEVELS.indexOf(`${who} file`) >= skipped && { envFile: name }),
  });
  for (const [name, text] of [["own", "own file"], ["group", "group file"], ["tree", "tree file"]]) {
    Deno.writeTextFileSync(`${folder}/${name}`, `HOME=${text}`);
  }
  const child = { id: "web", command: "web", inheritEnv: ["HOME"], ...fields("own", "own") };
  return {
    name: "shop",
    ...fields("tree", "tree"),
    children: [{ id: "group", ...fields("group", "group"), children: [child] }],
  };
}

Deno.test("variable of a sidecar is the nearest one: its own, its group's, the tree's, the inherited one", () => {
  for (const [skipped, expected] of LEVELS.entries()) {
    const [placed] = programsOf(parsed(manifestWithout(skipped)));
    const { cwd, env, envFile, inheritEnv } = placed!.entry;
    const read = readEnvironment({ program: "web", cwd, env, envFile, inheritEnv });
    assertEquals(read.env.HOME, expected);
  }
});

Deno.test("environment of a tree is that of each sidecar, pool and template below, and of no supervisor", () => {
  const manifest = parsed({
    name: "shop",
    env: { TZ: "UTC", PORT: { from: "PORT", default: "80" }, KEY: { file: "key" } },
    envFile: [".env", { path: "more.env", required: false }],
    children: [
      { id: "web", command: "web", env: { TZ: "CET" } },
      { id: "workers", size: 2, sidecar: { command: "work" } },
      { id: "group", children: [{ id: "db", command: "db" }] },
    ],
    templates: [{ id: "job", command: "job" }],
  });
  assertEquals("env" in manifest || "envFile" in manifest, false);
  const all = programsOf(manifest).map(({ entry }) => entry);
  assertEquals(all.map(({ env }) => env.TZ), ["CET", "UTC", "UTC", "UTC"]);
  for (const { env, envFile } of all) {
    assertEquals(env.KEY, { file: `${folder}/key` });
    assertEquals(envFile.map(({ path, required }) => [path, required]), [
      [`${folder}/.env`, true],
      [`${folder}/more.env`, false],
    ]);
  }
  const needed = requiredPermissions(manifest);
  assertEquals(needed.filter(({ name }) => name === "read").map(({ value }) => value), [
    `${folder}/key`,
    `${folder}/.env`,
    `${folder}/more.env`,
  ]);
  assertEquals(needed.some(({ name, value }) => name === "env" && value === "PORT"), true);
});

Deno.test("PATH must be a text, in the tree's environment as well", () => {
  const children = [{ id: "web", command: "web" }];
  for (
    const manifest of [
      { name: "shop", env: { PATH: { from: "MY_PATH" } }, children },
      { name: "shop", children: [{ id: "group", env: { PATH: { file: "x" } }, children }] },
    ]
  ) {
    assertThrows(() => parsed(manifest), ManifestError, "must be a text: programs are looked up by it");
  }
});
