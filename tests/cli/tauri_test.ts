/** `outrider import`, and the other verbs with a `tauri.conf.json`, or a manifest that is for other platforms in part. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parse } from "../../src/manifest/parse.ts";
import { HERE } from "../../src/manifest/resolve/platform.ts";
import { asSidecar } from "../manifest/probe.ts";
import { alive, checkout, Folder, outrider, pidsIn, Running } from "./outrider.ts";
import { Session } from "./session.ts";

const session = new Session();

const app = (name: string) => `${checkout}tests/fixtures/tauri/${name}/tauri.conf.json`;
const elsewhere = HERE.startsWith("windows") ? "linux" : "windows";

/** An app whose sidecar is there, for this target. */
function tauri(folder: Folder): string {
  const script = `#!/bin/sh\necho "up with $*"\nexec cat\n`;
  const program = folder.write(`worker-${Deno.build.target}`, script);
  Deno.chmodSync(program, 0o755);
  Deno.mkdirSync(`${folder.path}/capabilities`);
  folder.write("capabilities/main.json", {
    identifier: "main",
    permissions: [{
      identifier: "shell:allow-spawn",
      allow: [{ name: "worker", sidecar: true, args: ["serve", "a b"] }],
    }],
  });
  return folder.write("tauri.conf.json", {
    productName: "app",
    identifier: "org.example.app",
    bundle: { externalBin: ["worker", { path: "other", sidecar: true, platforms: [elsewhere] }] },
  });
}

Deno.test("up starts the sidecars of a tauri.conf.json with their arguments, and lists the ignored settings", async () => {
  await using folder = new Folder();
  const file = tauri(folder);
  await using up = new Running(["up", file]);
  await up.line(/worker#1 +stdout +up with serve a b$/);
  up.signal("SIGTERM");
  const { code, stderr } = await up.ended();
  assertEquals(code, 0);
  assertMatch(stderr, /^Left out:\n {2}other \(template\): it is for .*, and this is .*\n/);
  assertMatch(stderr, /\n {2}1 setting of no effect here/);
  assertEquals(await alive(pidsIn(up.lines.join("\n"))), []);
});

Deno.test("check lists it all, and finds a sidecar's file that is missing", async () => {
  await using folder = new Folder();
  const file = tauri(folder);
  const good = await session.run(["check", file]);
  assertEquals([good.code, good.stdout.split("\n")[0]], [0, "app: 1 sidecar, no fault found"]);
  assertStringIncludes(good.stderr, "  identifier: about the app, not its sidecars\n");
  Deno.removeSync(`${folder.path}/worker-${Deno.build.target}`);
  const bad = await session.run(["check", file]);
  assertEquals(bad.code, 1);
  assertStringIncludes(bad.stderr, `there is no program "${folder.path}/worker-${Deno.build.target}"`);
});

Deno.test("the permissions that are printed for it are enough, and no file of it can be read with fewer", async () => {
  await using folder = new Folder();
  const file = tauri(folder);
  const { stdout } = await session.run(["permissions", file]);
  const flags = stdout.trim().split(" ");
  assert(flags.includes(`--allow-read=${folder.path}`), stdout);
  const done = await outrider(["up", file, "--for", "1s"], { flags });
  assertEquals(done.code, 0, done.stderr);
  const fewer = await outrider(["up", file], { flags: [`--allow-read=${file}`] });
  assertEquals(fewer.code, 3);
  assertStringIncludes(fewer.stderr, `add --allow-read=${folder.path}\n`);
});

Deno.test("import prints a manifest to standard output, and the ignored settings to standard error", async () => {
  for (const name of ["v1_objects", "v1_allowlist", "v2_capabilities", "v2_platforms", "v2_everything"]) {
    const { code, stdout, stderr } = await session.run(["import", app(name)]);
    assertEquals(code, 0, stderr);
    const { children } = parse(stdout, { file: app(name), platform: "darwin-aarch64" });
    assert(children.length > 0, name);
    assertMatch(stderr, /^Left out:\n( {2}\S.*: .*\n)+$/);
  }
});

Deno.test("import -o writes a file that starts the same from its own folder, and never over another", async () => {
  await using folder = new Folder();
  const file = tauri(folder);
  Deno.mkdirSync(`${folder.path}/deploy`);
  const output = `${folder.path}/deploy/outrider.json`;
  const { code, stdout } = await session.run(["import", file, "-o", output]);
  assertEquals([code, stdout], [0, ""]);
  const { children } = parse(Deno.readTextFileSync(output), { file: output });
  const { command, cwd } = asSidecar(children[0]);
  assertEquals([command, cwd], [`${folder.path}/worker-${Deno.build.target}`, folder.path]);
  const again = await session.run(["import", file, "-o", output]);
  assertEquals([again.code, again.stderr.split("\n").at(-2)], [
    2,
    `Cannot write ${output}: it is there already; remove it or choose another name`,
  ]);
  const denied = await outrider(["import", file, "-o", `${output}2`], { flags: ["--allow-read"] });
  assertEquals(denied.code, 3);
  assertStringIncludes(denied.stderr, `add --allow-write=${output}2\n`);
});

Deno.test("import says which file to read, and which option has no value, when --merge is wrong", async () => {
  await using folder = new Folder();
  const file = tauri(folder);
  const no = `${folder.path}/none.json`;
  const missing = await session.run(["import", file, "--merge", no]);
  assertEquals([missing.code, missing.stdout], [2, ""]);
  assertStringIncludes(missing.stderr, `Cannot read manifest ${no}: no such file`);
  const bare = await session.run(["import", file, "--merge"]);
  assertEquals([bare.code, bare.stderr.split("\n")[0]], [
    2,
    "Cannot read the options: each of --from, --output, --merge, --input, --inputs-file needs a value",
  ]);
  const flags = [`--allow-read=${folder.path}`];
  await using other = new Folder();
  const denied = await outrider(["import", file, "--merge", other.write("x.json", {})], { flags });
  assertEquals(denied.code, 3);
  assertStringIncludes(denied.stderr, `add --allow-read=${other.path}/x.json\n`);
});

Deno.test("ask says of a template that a program of yours starts it", async () => {
  await using folder = new Folder();
  const file = folder.manifest([], { templates: [{ id: "render", command: "cat" }] });
  const { code, stderr } = await session.run(["ask", file, "render", "x"]);
  assertEquals([code, stderr.split("\n")[0]], [
    2,
    "Cannot talk to 'render': it is a template, which a program of yours starts with its arguments",
  ]);
});

Deno.test("a sidecar of a Tauri app is not started again when it has ended with 0", async () => {
  await using folder = new Folder();
  const file = tauri(folder);
  folder.write(`worker-${Deno.build.target}`, "#!/bin/sh\necho done\n");
  const up = await session.run(["up", file, "--for", "60s"]);
  assertEquals(up.code, 0, up.stderr);
  assertEquals(up.stdout.match(/worker#\d+ +(?:started|finished)/g), [
    "worker#1  started",
    "worker#1  finished",
  ]);
  const { stdout } = await session.run(["import", file]);
  const { children, templates } = JSON.parse(stdout);
  assertEquals([children[0].restart, children[0].stdin], ["transient", "pipe"]);
  assertEquals([templates[0].restart, templates[0].stdin], ["temporary", "pipe"]);
});

Deno.test("each verb names the file when its folder is not there, or has it under another name", async () => {
  await using folder = new Folder();
  folder.write("file", "");
  const cases = [
    ["none/tauri.conf.json", "no such file"],
    ["file/tauri.conf.json", "a part of its path is not a folder"],
    ["tauri.conf.json", `no such file; give ${folder.write("Tauri.toml", "")}`],
  ];
  for (const verb of ["check", "import", "permissions", "up"]) {
    for (const [name, why] of cases) {
      const { code, stdout, stderr } = await session.run([verb, `${folder.path}/${name}`]);
      assertEquals([code, stdout], [2, ""], stderr);
      assertStringIncludes(stderr, `Cannot read manifest ${folder.path}/${name}: ${why}`);
    }
  }
});

Deno.test("what is not a file below capabilities is passed over, and a file in its place", async () => {
  await using folder = new Folder();
  const file = tauri(folder);
  const { success } = await new Deno.Command("mkfifo", { args: [`${folder.path}/capabilities/pipe.json`] })
    .output();
  assert(success);
  const { code, stderr } = await session.run(["import", file]);
  assertEquals(code, 0);
  assertMatch(stderr, /capabilities\/pipe\.json: not read, as it is not a regular file/);
  await Deno.remove(`${folder.path}/capabilities`, { recursive: true });
  folder.write("capabilities", "");
  assertStringIncludes(
    (await session.run(["check", file])).stdout,
    "app: 0 sidecars, no fault found\n  starts nothing by itself: it has 1 template",
  );
});

Deno.test("a Tauri.toml is refused in a sentence when its keys nest without end", async () => {
  await using folder = new Folder();
  const file = folder.write("Tauri.toml", `${"a.".repeat(20_000)}a = 1\n`);
  const { code, stderr } = await session.run(["check", file]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "nests deeper than 100 levels");
});

Deno.test("a pipe that stands where Tauri merges a file is refused, and so is a link to one", async () => {
  await using folder = new Folder();
  const file = tauri(folder);
  const pipe = `${folder.path}/tauri.${Deno.build.os === "darwin" ? "macos" : "linux"}.conf.json`;
  const link = `${folder.path}/capabilities/link.json`;
  new Deno.Command("mkfifo", { args: [pipe] }).outputSync();
  for (const verb of ["import", "check", "up", "permissions"]) {
    const { code, stderr } = await session.run([verb, file]);
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, `Cannot read manifest ${pipe}: it is not a regular file`);
  }
  Deno.renameSync(pipe, `${folder.path}/pipe`);
  Deno.symlinkSync(`${folder.path}/pipe`, link);
  assertStringIncludes(
    (await session.run(["check", file])).stderr,
    `Cannot read manifest ${link}: it is not a regular file`,
  );
});

Deno.test("ask and pipe name the command that makes a manifest when the sidecar is a Tauri app's", async () => {
  await using folder = new Folder();
  const file = tauri(folder);
  for (const args of [["ask", file, "worker", "x"], ["pipe", file, "worker"]]) {
    const { code, stderr } = await session.run(args);
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, `in what this writes: outrider import ${file} -o outrider.json\n`);
  }
});

Deno.test("import ends with 2 and a message when a file cannot be read", async () => {
  await using folder = new Folder();
  const none = await session.run(["up", folder.write("tauri.conf.json", { bundle: { active: true } })]);
  assertEquals(none.code, 2);
  assertStringIncludes(
    none.stderr,
    'it has no program as a sidecar ("externalBin"), and no permission to run another',
  );
});

Deno.test("of a manifest of our own, check and up say which sidecar is for another platform", async () => {
  await using folder = new Folder();
  const file = folder.manifest([
    { id: "here", command: "./missing", on: { [HERE]: { command: "true" } }, restart: "temporary" },
    { id: "there", command: "./missing", platforms: [elsewhere] },
  ]);
  const said = `Left out:\n  there: it is for ${elsewhere}, and this is ${HERE}\n`;
  const check = await session.run(["check", file]);
  assertEquals([check.code, check.stderr], [0, said]);
  assertStringIncludes(check.stdout, "tree: 1 sidecar, no fault found\n");
  const up = await session.run(["up", file]);
  assertEquals([up.code, up.stderr], [0, said]);
});

Deno.test("a manifest of templates alone starts nothing, and check looks for their programs", async () => {
  await using folder = new Folder();
  const file = folder.manifest([], { templates: [{ id: "render", command: "./render" }] });
  const up = await session.run(["up", file]);
  assertEquals([up.code, up.stderr], [
    2,
    `Cannot start 'tree': it has templates alone, which a program of yours starts; for 'outrider up' to start one, ` +
    `move it from "templates" to "children", with its "args" as texts\nSee outrider up --help\n`,
  ]);
  const check = await session.run(["check", file]);
  assertEquals(check.code, 1);
  assertStringIncludes(check.stderr, `render (template): there is no program "${folder.path}/render"`);
});

Deno.test("check finds no fault when the program of a template is missing and the tree starts without it", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "a", command: "cat" }], {
    templates: [{ id: "render", command: "./render" }],
  });
  const check = await session.run(["check", file]);
  assertEquals(check.code, 0);
  assertStringIncludes(
    check.stderr,
    `Warnings:\n  render (template): there is no program "${folder.path}/render"; this template is unavailable\n`,
  );
});

Deno.test("templates cost no permission to start, and those of a program that starts them are printed with --templates", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "web", command: "tail", args: ["-f", "/dev/null"], inheritEnv: [] }], {
    templates: [{ id: "shell", command: "sh", args: true, inheritEnv: ["HOME"] }],
  });
  const plain = await session.run(["permissions", file, "--format", "lines"]);
  assertEquals(plain.stdout, `--allow-run=tail\n--allow-read=${file}\n`);
  assertEquals(
    plain.stderr,
    "Not listed: what the templates need, which 'outrider up' does not start (shell); " +
      "a program of yours that does needs the flags that --templates adds\n",
  );
  const flags = plain.stdout.trim().split("\n");
  const up = await outrider(["up", file, "--for", "300ms"], { flags });
  assertEquals(up.code, 0, up.stderr);
  const whole = await session.run(["permissions", file, "--templates", "--format", "lines"]);
  assertEquals([whole.stdout, whole.stderr], [
    `--allow-run=tail,sh\n--allow-env=HOME\n--allow-read=${file}\n`,
    "",
  ]);
});

Deno.test("a program of the machine that only a template names is a warning of check when it is missing", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "web", command: "true" }], {
    templates: [{ id: "open", command: "no-such-opener", args: true }],
  });
  const check = await session.run(["check", file]);
  assertEquals(check.code, 0, check.stderr);
  assertMatch(check.stderr, /Warnings:\n(.*\n)* {2}open \(template\): there is no program "no-such-opener"/);
});
