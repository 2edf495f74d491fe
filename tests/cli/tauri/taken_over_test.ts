/** What a program of a Tauri app is here: how often it runs, where, under which id, and with which arguments. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { launchFile } from "@outrider/outrider/actors/factories";
import { load, templateOf } from "@outrider/outrider/manifest";
import { Folder, Running } from "../outrider.ts";
import { Session } from "../session.ts";
import { HERE_TRIPLE } from "./shape.ts";

const session = new Session();

/** Writes an app with these sidecars, which do as `script` says, and these scopes, by the permission that they extend. */
async function app(
  folder: Folder,
  { externalBin, scopes = {}, script = "exec sleep 1000" }: {
    readonly externalBin: readonly string[];
    readonly scopes?: Readonly<Record<string, readonly unknown[]>>;
    readonly script?: string;
  },
): Promise<string> {
  await Deno.mkdir(`${folder.path}/src-tauri/capabilities`, { recursive: true });
  for (const path of externalBin) {
    const file = `src-tauri/${path}-${HERE_TRIPLE}`;
    await Deno.mkdir(`${folder.path}/${file.slice(0, file.lastIndexOf("/"))}`, { recursive: true });
    Deno.chmodSync(folder.write(file, `#!/bin/sh\n${script}\n`), 0o755);
  }
  const permissions = Object.entries(scopes).map(([identifier, allow]) => ({ identifier, allow }));
  folder.write("src-tauri/capabilities/main.json", { identifier: "main", permissions });
  return folder.write("src-tauri/tauri.conf.json", { productName: "kit", bundle: { externalBin } });
}

const sidecar = (name: string, ...args: unknown[]) => ({ name, sidecar: true, args });

Deno.test("a tool that the app waits for runs once when it fails, and its neighbour lives on", async () => {
  await using folder = new Folder();
  const file = await app(folder, {
    externalBin: ["bin/tool", "bin/web"],
    scopes: {
      "shell:allow-execute": [sidecar("bin/tool", "--version")],
      "shell:allow-spawn": [sidecar("bin/web", "serve")],
    },
    script: `case "$1" in serve) exec sleep 1000;; esac\necho once >> runs\nexit 1`,
  });
  const said =
    "tool: it runs once, as shell:allow-execute has it; a service, which is started again when it fails, " +
    "is permitted by shell:allow-spawn";
  const checked = await session.run(["check", file]);
  assertEquals(checked.code, 0, checked.stderr);
  assertStringIncludes(checked.stderr, said);
  await using up = new Running(["up", file]);
  await up.line(/tool#1 +finished +not started again: "no"/);
  up.signal("SIGTERM");
  const { code, stderr } = await up.ended();
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, said);
  assert(up.lines.some((line) => /web#1 +stopped/.test(line)), up.lines.join("\n"));
  assertEquals(await Deno.readTextFile(`${folder.path}/src-tauri/runs`), "once\n");
});

Deno.test("a sidecar runs beside tauri.conf.json when import has written its manifest elsewhere", async () => {
  await using folder = new Folder();
  const file = await app(folder, {
    externalBin: ["bin/web", "bin/other"],
    scopes: { "shell:allow-spawn": [sidecar("bin/web")] },
    script: `pwd; exec sleep 1000`,
  });
  const output = `${folder.path}/outrider.json`;
  assertEquals((await session.run(["import", file, "-o", output])).code, 0);
  const { children, templates } = JSON.parse(await Deno.readTextFile(output));
  assertEquals([children[0].cwd, templates[0].cwd], ["src-tauri", "src-tauri"]);
  for (const path of [file, output]) {
    await using up = new Running(["up", path]);
    const line = await up.line(/web#1 +stdout +/);
    assert(line.endsWith(`${folder.path}/src-tauri`), line);
    up.signal("SIGTERM");
    await up.ended();
  }
});

Deno.test("programs of one name have an id each, and each that is not its name is listed with the reason", async () => {
  await using folder = new Folder();
  const file = await app(folder, {
    externalBin: ["binaries/node", "bin/node", "other/node"],
    scopes: {
      "shell:allow-spawn": [
        sidecar("binaries/node", "s.js"),
        { name: "node", cmd: "sh", args: ["--version"] },
      ],
    },
  });
  const { code, stdout, stderr } = await session.run(["import", file]);
  assertEquals(code, 0, stderr);
  const { children, templates } = JSON.parse(stdout);
  const short = (command: string) =>
    command.replace(`-${HERE_TRIPLE}`, "").replace(/-x86_64-\S+|-aarch64-\S+/, "");
  assertEquals(children.map(({ id, command }: Named) => [id, short(command)]), [["node", "binaries/node"]]);
  assertEquals(templates.map(({ id, command }: Named) => [id, short(command)]), [
    ["node-3", "bin/node"],
    ["node-4", "other/node"],
    ["node-2", "sh"],
  ]);
  assertStringIncludes(stderr, `  "bin/node": its id is "node-3", as "binaries/node" has "node"\n`);
  assertStringIncludes(stderr, `  "node" of a scope: its id is "node-2", as "binaries/node" has "node"\n`);
});

Deno.test("a program of a scope keeps its name when the sidecars of that name are templates", async () => {
  await using folder = new Folder();
  const file = await app(folder, {
    externalBin: ["bin/tool", "tool"],
    scopes: { "shell:allow-execute": [{ name: "tool", cmd: "sh", args: ["-v"] }] },
  });
  const { manifest } = await load(file);
  const commands = manifest.templates!.map(({ id, command }) => [id, command.split("/src-tauri/").at(-1)!]);
  assertEquals(commands.map(([id, command]) => [id, command!.replace(`-${HERE_TRIPLE}`, "")]), [
    ["tool-3", "bin/tool"],
    ["tool", "tool"],
    ["tool-2", "sh"],
  ]);
});

interface Named {
  readonly id: string;
  readonly command: string;
}

Deno.test("a validator may repeat more often than an argument is long, and says what to write when it is not taken", async () => {
  await using folder = new Folder();
  const file = await app(folder, {
    externalBin: ["bin/long", "bin/word", "bin/many"],
    scopes: {
      "shell:allow-execute": [
        sidecar("bin/long", { validator: String.raw`[^{2,9999}]{1,4096}\{1,5000\}` }),
        sidecar("bin/word", { validator: String.raw`\bone\b` }),
        sidecar("bin/many", "-n", { validator: ".{1,2048}" }),
      ],
    },
  });
  const { code, stderr } = await session.run(["check", file]);
  assertEquals(code, 0, stderr);
  const { manifest } = await load(file);
  assertEquals(manifest.templates!.map(({ id }) => id), ["long"]);
  assertEquals(templateOf(manifest, "long").args, [
    { validator: String.raw`[^{2,9999}]{1,}\{1,5000\}`, secret: false },
  ]);
  const why = "it is left out, as the validator of its argument";
  assertStringIncludes(stderr, `bundle.externalBin "bin/word": ${why} 0 can't be used here: `);
  assertStringIncludes(stderr, `bundle.externalBin "bin/many": ${why} 1 can't be used here: `);
  assertStringIncludes(stderr, "write another there, such as .+ for any text");
});

Deno.test("an app of which no sidecar can be taken over is refused with the reason for each", async () => {
  await using folder = new Folder();
  const file = await app(folder, {
    externalBin: ["bin/word"],
    scopes: { "shell:allow-spawn": [sidecar("bin/word", { validator: String.raw`\bone\b` })] },
  });
  const { code, stderr } = await session.run(["import", file]);
  assertEquals(code, 2);
  assertStringIncludes(
    stderr,
    `none of its sidecars can be taken over; bundle.externalBin "bin/word": it is left out`,
  );
});

Deno.test("launchFile counts the settings of a Tauri app that have no effect, and names the rest", async () => {
  await using folder = new Folder();
  const file = await app(folder, {
    externalBin: ["bin/web", "bin/other"],
    scopes: { "shell:allow-spawn": [sidecar("bin/web")], "core:default": [], "shell:allow-open": [] },
  });
  const lines: string[] = [];
  await using running = await launchFile(file, { warn: (line) => lines.push(line) });
  assertEquals(running.status().map(({ path }) => path), ["web"]);
  const leftOut = lines.filter((line) => line.startsWith("Left out: "));
  assertEquals(leftOut.filter((line) => line.includes("bin/other")).length, 1);
  assertEquals(
    leftOut.filter((line) => /^Left out: settings of no effect here, \d+ in all; /.test(line)).length,
    1,
  );
  assert(!leftOut.some((line) => line.includes("core:default")), lines.join("\n"));
});

Deno.test("up names the missing program and starts nothing when a sidecar of an app is not there", async () => {
  await using folder = new Folder();
  const file = await app(folder, {
    externalBin: ["bin/web", "bin/other"],
    scopes: { "shell:allow-spawn": [sidecar("bin/web"), sidecar("bin/other")] },
  });
  const missing = `${folder.path}/src-tauri/bin/web-${HERE_TRIPLE}`;
  await Deno.remove(missing);
  const { code, stdout, stderr } = await session.run(["up", file]);
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(stderr, `Cannot start 'kit': 1 fault\n  web: there is no program "${missing}"\n`);
});
