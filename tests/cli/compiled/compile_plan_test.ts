/** What goes into an executable, and how deno is called for it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import deno from "../../../deno.json" with { type: "json" };
import { childrenOnly, unstartableLines } from "../../../src/cli/compile/compile.ts";
import { compileArgs, entryText, originOf } from "../../../src/cli/compile/build.ts";
import { resolveNames } from "../../../src/manifest/resolve/each_program.ts";
import {
  type Compiled,
  embeddedNames,
  programPaths,
  relocateManifest,
  unpackFolder,
} from "../../../src/cli/compile/plan.ts";
import { load } from "../../../src/manifest/load.ts";
import { parse } from "../../../src/manifest/parse.ts";
import { permissionFlags as needed, requiredPermissions } from "../../../src/manifest/grants/permissions.ts";
import { hashFile } from "../../../src/process/checksum.ts";
import { checkout, Folder, outrider } from "../outrider.ts";
import { Session } from "../session.ts";

type Fields = Record<string, unknown>;

const written = {
  name: "tree",
  children: [
    { id: "cat", command: "cat", args: ["./bin/a"], env: { command: "./bin/a", cwd: "/srv/app" } },
    {
      id: "team",
      children: [
        { id: "a", command: "./bin/a", probes: { liveness: { command: ["../b/a", "./bin/a"] } } },
        {
          id: "b",
          command: "../b/a",
          cwd: "data",
          protocol: { type: "lsp", rootUri: "src", workspaceFolders: ["../other", { uri: "file:///x" }] },
        },
        { id: "c", command: "./bin/a", cwd: "/elsewhere" },
      ],
    },
  ],
};
const manifest = parse(JSON.stringify(written), { file: "/srv/app/outrider.json" });
const programs = programPaths(manifest).map((path) => ({ path, sha256: "0".repeat(64) }));

Deno.test("the programs to embed are those given by path, in order, of probes too, each once", () => {
  assertEquals(programs.map(({ path }) => path), ["/srv/app/bin/a", "/srv/b/a"]);
  const names = embeddedNames([...programs, { path: "/x/lock", sha256: "1" }]);
  assertEquals(names.map(({ name }) => name), ["a", "2-a", "2-lock"]);
});

Deno.test("an embedded program runs from its unpacked place, and one of the manifest's folder where NAME is started", () => {
  const names = embeddedNames(programs);
  const moved = relocateManifest(manifest, { programs, names, folder: "/un", dir: "/srv/app" });
  const [cat, team] = moved.children as unknown as [Fields, { children: Fields[] }];
  assertEquals([cat.command, cat.cwd, cat.args, cat.env], [
    "cat",
    ".",
    ["./bin/a"],
    { command: "./bin/a", cwd: "/srv/app" },
  ]);
  assertEquals(team.children.map(({ command, cwd }) => [command, cwd]), [
    ["/un/a", "."],
    ["/un/2-a", "data"],
    ["/un/a", "/elsewhere"],
  ]);
  // A relative folder is relative to the working directory.
  assertEquals(team.children[1]!.protocol, {
    type: "lsp",
    rootUri: "../src",
    workspaceFolders: ["/srv/other", { uri: "file:///x" }],
  });
  const { liveness } = team.children[0]!.probes as { liveness: { command: string[] } };
  assertEquals(liveness.command, ["/un/2-a", "./bin/a"]);
});

Deno.test("names that are pinned, and those of sidecars with a PATH of their own, are paths from then on", () => {
  const sha256 = "0".repeat(64);
  const probes = { liveness: { command: ["look", "tool"] } };
  const env = { PATH: "/opt/bin" };
  const written = [
    { id: "named", command: "tool", probes },
    { id: "pinned", command: "tool", sha256, launcher: ["nice"], probes },
    { id: "own", command: "tool", env, launcher: ["nice"], probes },
    { id: "deno", command: "deno", env },
    { id: "path", command: "./tool", sha256, env },
    { id: "nowhere", command: "none", sha256 },
  ];
  const manifest = parse(JSON.stringify({ name: "tree", children: written }), {
    file: "/srv/app/outrider.json",
  });
  const asked: unknown[] = [];
  const { children } = resolveNames(manifest, (command, { path, cwd }) => {
    asked.push([command, path, cwd]);
    return command === "none" ? undefined : `${path ?? "/bin"}/${command}`;
  });
  const all = children as unknown as (Fields & { probes?: { liveness: { command: string[] } } })[];
  assertEquals(all.map(({ command, launcher, probes }) => [command, launcher, probes?.liveness.command]), [
    ["tool", undefined, ["look", "tool"]],
    ["/bin/tool", ["nice"], ["look", "tool"]],
    ["/opt/bin/tool", ["/opt/bin/nice"], ["/opt/bin/look", "tool"]],
    ["deno", undefined, undefined],
    ["/srv/app/tool", undefined, undefined],
    ["none", undefined, undefined],
  ]);
  assertEquals(asked.slice(0, 2), [["tool", undefined, "/srv/app"], ["tool", "/opt/bin", "/srv/app"]]);
});

Deno.test("embedding moves the programs of a pool's copies, and leaves messages alone", () => {
  const message = { command: "./bin/a", cwd: "/srv/app" };
  const manifest = parse(
    JSON.stringify({
      name: "tree",
      children: [
        { id: "p", size: 2, sidecar: { command: "./bin/a", probes: { liveness: { command: ["./bin/b"] } } } },
        { id: "q", command: "cat", protocol: "ndjson", ready: { reply: { ...message, command: 7 } } },
        { id: "r", command: "cat", protocol: { type: "lsp", initializationOptions: message } },
      ],
    }),
    { file: "/srv/app/outrider.json" },
  );
  const programs = programPaths(manifest).map((path) => ({ path, sha256: "0".repeat(64) }));
  assertEquals(programs.map(({ path }) => path), ["/srv/app/bin/a", "/srv/app/bin/b"]);
  const names = embeddedNames(programs);
  const moved = relocateManifest(manifest, { programs, names, folder: "/un", dir: "/srv/app" });
  const [p, q, r] = moved.children as unknown as [{ sidecar: Fields }, Fields, Fields];
  assertEquals([p.sidecar.command, p.sidecar.cwd], ["/un/a", "."]);
  assertEquals((p.sidecar.probes as { liveness: Fields }).liveness.command, ["/un/b"]);
  assertEquals((q.ready as Fields).reply, { ...message, command: 7 });
  assertEquals((r.protocol as Fields).initializationOptions, message);
});

Deno.test("compile leaves templates and their permissions out", async () => {
  await using folder = new Folder();
  const templates = [{ id: "render", command: "./render", inheritEnv: ["ONLY_RENDER"] }];
  const file = folder.manifest([{ id: "a", command: "cat" }], { templates });
  const { manifest, ignored } = childrenOnly(await load(file));
  assertEquals(manifest.templates, undefined);
  assertEquals(programPaths(manifest), []);
  assertEquals(ignored.map(({ path, why }) => `${path}: ${why}`), [
    "render (template): an executable starts the children of its manifest alone",
  ]);
  const none = folder.manifest([], { templates });
  const { code, stderr } = await outrider(["compile", none, "-o", `${folder.path}/app`]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "Cannot start 'tree': it has templates alone");
});

Deno.test("compile names each program that this machine can't start", async () => {
  await using folder = new Folder();
  folder.write("plain", "#!/bin/sh\n");
  Deno.chmodSync(folder.write("fine", "#!/bin/sh\n"), 0o755);
  const file = folder.manifest(["none", "plain", "fine"].map((id) => ({ id, command: `./${id}` })));
  assertEquals(unstartableLines((await load(file)).manifest), [
    "Would not start on this machine:",
    `  none: there is no program "${folder.path}/none"`,
    `  plain: ${folder.path}/plain is not executable; chmod +x makes it so`,
  ]);
});

Deno.test("the unpack folder is named after its content", async () => {
  const folder = (sum: string) => unpackFolder("/tmp", [{ name: "a", sha256: sum }]);
  assert(/^\/tmp\/outrider-[0-9a-f]{16}$/.test(await folder("1")));
  assertEquals(await folder("1"), await folder("1"));
  assert(await folder("1") !== await folder("2"));
});

Deno.test("a resolved manifest is the same after a way through JSON", async () => {
  for (const { name } of Deno.readDirSync(`${checkout}examples`)) {
    const file = `${checkout}examples/${name}/outrider.json`;
    if (!["quickstart", "one_for_one", "rest_for_one"].includes(name)) continue;
    const { manifest } = await load(file);
    assertEquals(JSON.parse(JSON.stringify(manifest)), manifest);
  }
});

Deno.test("from a checkout, its configuration and import map are used; from a registry, the version", () => {
  const here = "file:///o/src/cli/compile/build.ts";
  const npm = originOf("1.2.3", { here, std: "file:///o/tests/support/npm/log.ts" });
  assertEquals(npm.flags, ["--config=/o/deno.json", "--import-map=/o/tests/support/npm/import_map.json"]);
  assertEquals(npm.specifier("/tmp/a b"), "../../o/src/cli/main.ts");
  assertEquals(originOf("1.2.3", { here, std: "jsr:@std/log@^0.224" }).flags, ["--config=/o/deno.json"]);
  const jsr = originOf("1.2.3", {
    here: "https://jsr.io/@outrider/outrider/1.2.3/src/cli/compile/build.ts",
  });
  assertEquals([jsr.specifier("/tmp"), jsr.flags], ["jsr:@outrider/outrider@1.2.3/cli", []]);
});

Deno.test("deno gets the permissions as they are, never a prompt, and the files to include", () => {
  const flags = ["--allow-run=cat", "--allow-env=PATH"];
  const origin = { specifier: () => "x", flags: ["--config=/o/deno.json"] };
  assertEquals(
    compileArgs({ entry: "/w/entry.ts", output: "/out/app", origin, flags, include: "/w/programs" }),
    [
      ...["compile", "--quiet", "--no-check", "--no-prompt", "--no-code-cache", "--config=/o/deno.json"],
      ...["--include=/w/programs", ...flags, "--output=/out/app", "/w/entry.ts"],
    ],
  );
});

/** Writes the entry of an executable of `compiled`, and returns its path. */
function entryOf(folder: Folder, compiled: Compiled): string {
  return folder.write("entry.ts", entryText(compiled, originOf(deno.version).specifier(folder.path)));
}

/** Runs deno with the checkout's configuration. */
async function runDeno(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const [verb, ...rest] = args;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [verb!, "--quiet", ...originOf(deno.version).flags, ...rest],
    env: { NO_COLOR: "1" },
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("the entry runs, and needs the executable's permissions only", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "cat", command: "cat", inheritEnv: [], env: { A: '"`${\\' } }]);
  const { manifest } = await load(file);
  const flags = ["--allow-run=cat"];
  const entry = entryOf(folder, { version: deno.version, manifest, flags });
  Deno.removeSync(file);
  const run = (...args: string[]) => runDeno("run", "--no-prompt", ...flags, entry, ...args);
  assertEquals(await run("check"), {
    code: 0,
    stdout: [
      "tree: 1 sidecar, no fault found",
      "  a stop ends the sidecars, but not what they have started",
      "  if Outrider is killed, their stdin ends where it is a pipe, and nothing more",
      "  a second run of it is not noticed",
      "  for all of it, make it with --contain\n",
    ].join("\n"),
    stderr: `Not looked at, as it may not read them:\n  cat: its working directory ${folder.path}\n`,
  });
  assertEquals((await run("permissions")).stdout, "--allow-run=cat\n");
  const up = await run("--for", "2s");
  assertEquals([up.code, up.stderr], [0, ""]);
  assert(/cat#1 +started +cat, pid/.test(up.stdout), up.stdout);
  assertEquals(await run("chek"), {
    code: 2,
    stdout: "",
    stderr:
      "Cannot do 'chek': it takes nothing, or one of check, permissions, errors; did you mean 'check'?\nSee tree --help\n",
  });
});

Deno.test("NAME and NAME check report a program that is not on PATH, with 1", async () => {
  await using folder = new Folder();
  const { manifest } = await load(
    folder.manifest([{ id: "gone", command: "no-such-program", inheritEnv: [] }]),
  );
  const flags = ["--allow-run=no-such-program"];
  const entry = entryOf(folder, { version: deno.version, manifest, flags });
  const run = (...args: string[]) => runDeno("run", "--no-prompt", ...flags, entry, ...args);
  assertEquals(await run(), {
    code: 1,
    stdout: "",
    stderr: 'Cannot start "no-such-program": it is not on PATH; install it or correct the name\n',
  });
  const check = await run("check");
  assertEquals([check.code, check.stdout], [1, ""]);
  assertEquals(check.stderr.split("\n").slice(0, 2), [
    "Cannot start 'tree': 1 fault",
    '  gone: there is no program "no-such-program" on PATH',
  ]);
});

Deno.test("NAME check reports as outrider check does: secrets, pins, launchers, users, other programs", async () => {
  await using folder = new Folder();
  const tool = folder.write("tool", "#!/bin/sh\nexec cat\n");
  Deno.chmodSync(tool, 0o755);
  const key = folder.write("key", "secret\n");
  Deno.chmodSync(key, 0o644);
  const [sha256, inheritEnv] = ["0".repeat(64), ["PATH"]];
  const { manifest } = await load(folder.manifest([
    { id: "pinned", command: "./tool", sha256, inheritEnv },
    { id: "open", command: "cat", inheritEnv, env: { KEY: { file: "key" } } },
    { id: "lost", command: "cat", inheritEnv, env: { KEY: { file: "none" } } },
    { id: "measured", command: "cat", inheritEnv, limits: { cpu: 1 }, uid: 1, gid: 1 },
    { id: "nicely", command: "tail", inheritEnv, launcher: ["no-such-launcher", "1"] },
  ]));
  const flags = needed(requiredPermissions(manifest));
  const entry = entryOf(folder, { version: deno.version, manifest, flags });
  const { code, stdout, stderr } = await runDeno("run", "--no-prompt", ...flags, entry, "check");
  assertEquals([code, stdout], [1, ""]);
  assertEquals(stderr.split("\n"), [
    "Cannot start 'tree': 3 faults",
    `  pinned: ${tool} is not the pinned file: its SHA-256 is ${hashFile(tool)}, not ${sha256}`,
    `  lost: the file ${folder.path}/none for its variable KEY can't be used: there is no such file`,
    '  nicely: there is no program "no-such-launcher" on PATH',
    "Not looked at, as it may not read them:",
    `  pinned, open, lost, measured, nicely: its working directory ${folder.path}`,
    "  measured: whether it may run as another user or group",
    '  nicely: the program "tail"',
    "Warnings:",
    '  "no-such-launcher" is a launcher: it starts the program that its arguments name, so the permission to run it is that to run everything: launcher of nicely',
    `  open: anybody may read ${key}, the file for its variable KEY; chmod o-r forbids it`,
    "",
  ]);
});

Deno.test("compile names the way out when the base binary is missing", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "cat", command: "cat" }]);
  const env = { DENORT_BIN: `${folder.path}/denort` };
  const { code, stdout, stderr } = await outrider(["compile", file, "-o", `${folder.path}/app`], { env });
  assertEquals([code, stdout], [1, ""]);
  const { deno: version } = Deno.version;
  assertEquals(stderr.split("\n"), [
    `Cannot make an executable without its base binary, denort: DENORT_BIN names ${env.DENORT_BIN}, and no such file is there`,
    `Set DENORT_BIN to the denort of Deno ${version}: unpack https://dl.deno.land/release/v${version}/denort-${Deno.build.target}.zip`,
    "",
  ]);
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["outrider.json"]);
});

Deno.test("compile removes the result of a wrong base binary, and reports it", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "cat", command: "cat" }]);
  // Deno copies it and adds its own behind; what runs then is this.
  const env = { DENORT_BIN: folder.write("denort", "#!/bin/sh\necho no deno at all >&2\nexit 1\n") };
  Deno.chmodSync(env.DENORT_BIN, 0o755);
  const { code, stderr } = await outrider(["compile", file, "-o", `${folder.path}/app`], { env });
  assertEquals(code, 1);
  assert(/^Cannot (use what was made|make app: deno compile failed)/.test(stderr), stderr);
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), [
    "denort",
    "outrider.json",
  ]);
});

Deno.test("compile refuses a wrong command line with 2, and says what is wrong", async () => {
  const wrong: [args: string[], says: string][] = [
    [[], "Cannot go on: -o NAME is missing, the file to make"],
    [["-o", "app", "--take-over"], "Cannot use --take-over: there is no such option"],
    [["-o", "app", "--unpack-to", "/tmp"], "Cannot use --unpack-to without --embed: nothing is unpacked"],
  ];
  await using session = new Session({ flags: [] });
  const outcomes = await Promise.all(wrong.map(([args]) => session.run(["compile", "x.json", ...args])));
  assertEquals(
    outcomes,
    wrong.map(([, says]) => ({ code: 2, stdout: "", stderr: `${says}\nSee outrider compile --help\n` })),
  );
});

Deno.test("compile names missing permissions, unreadable or changed programs, and missing folders", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "a", command: "./none" }]);
  const output = `${folder.path}/app`;
  const bare = await outrider(["compile", file, "-o", output], { flags: [`--allow-read=${file}`] });
  assertEquals([bare.code, bare.stderr.split("\n")], [3, [
    "Cannot make app: permissions are missing",
    `Add to deno run: --allow-run=${Deno.execPath()},${output} --allow-read=${folder.path} --allow-write=${folder.path}`,
    "",
  ]]);
  const embed = await outrider(["compile", file, "-o", output, "--embed"]);
  assertEquals(embed.code, 1);
  assert(embed.stderr.startsWith(`Cannot embed ${folder.path}/none: No such file`), embed.stderr);
  Deno.writeTextFileSync(`${folder.path}/none`, "", { mode: 0o755 });
  Deno.truncateSync(`${folder.path}/none`, 500_000_000_000);
  const large = await outrider(["compile", file, "-o", output, "--embed"]);
  assertStringIncludes(
    large.stderr,
    `Cannot embed ${folder.path}/none: it has more than 1,073,741,824 bytes`,
  );
  Deno.removeSync(`${folder.path}/none`);
  const sha256 = "0".repeat(64);
  folder.write("none", "x");
  folder.manifest([{ id: "a", command: "./none", sha256 }]);
  const other = await outrider(["compile", file, "-o", output, "--embed"]);
  assertEquals([other.code, other.stderr], [
    1,
    `Cannot embed ${folder.path}/none: its SHA-256 is ${
      hashFile(`${folder.path}/none`)
    }, and 'a' is pinned to ${sha256}\n`,
  ]);
  const env = { HOME: "", XDG_STATE_HOME: "" };
  const homeless = await outrider(["compile", file, "-o", output, "--contain"], { env });
  assertEquals([homeless.code, homeless.stderr.split("\n")[0]], [
    2,
    "Cannot use --contain: no folder is known for it; set HOME or XDG_STATE_HOME",
  ]);
  const nowhere = await outrider(["compile", file, "-o", `${folder.path}/no/app`]);
  assertEquals([nowhere.code, nowhere.stderr], [
    1,
    `Cannot make ${folder.path}/no/app: there is no folder ${folder.path}/no\n`,
  ]);
});
