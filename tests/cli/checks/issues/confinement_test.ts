/** Secrets, pins, users, limits and launchers on the command line. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { hashFile } from "../../../../src/process/checksum.ts";
import { Folder, outrider, Running } from "../../outrider.ts";
import { Session } from "../../session.ts";

const session = new Session();

const SECRET = "hunter2-of-the-test";

/** A folder with a program that tells its secret, the secret, and a manifest of that program with `fields`. */
function tattler(fields: Record<string, unknown> = {}): { folder: Folder; file: string; tool: string } {
  const folder = new Folder();
  const tool = folder.write(
    "tattle",
    '#!/bin/sh\necho "out $KEY"; echo "err $KEY" >&2\nread -r line; exit 3\n',
  );
  Deno.chmodSync(tool, 0o755);
  Deno.chmodSync(folder.write("key", SECRET + "\n"), 0o600);
  const child = {
    id: "tattler",
    command: "./tattle",
    env: { KEY: { file: "key" } },
    inheritEnv: [],
    ...fields,
  };
  return { folder, tool, file: folder.manifest([child]) };
}

Deno.test("the printed permissions suffice for secrets, and no output contains the secret", async () => {
  const { folder, file, tool } = tattler();
  await using _ = folder;
  const fields = {
    command: "tattle",
    env: { KEY: { file: "key" }, PATH: `${folder.path}:/usr/bin:/bin` },
    sha256: hashFile(tool),
    limits: { memory: "1GiB", cpu: 100 },
  };
  const { file: full } = { file: folder.manifest([{ id: "tattler", inheritEnv: [], ...fields }]) };
  assertEquals(full, file);
  const { stdout } = await session.run(["permissions", file]);
  const flags = stdout.trim().split(" ");
  assertEquals(flags, [`--allow-run=${tool},ps`, `--allow-read=${file},${folder.path}/key,${tool}`]);
  for (const format of ["text", "json"]) {
    const options = ["--log-format", format, "--log-level", "debug"];
    await using up = new Running(["up", file, ...options], { flags });
    await up.line(/out \*\*\*/);
    await up.line(/err \*\*\*/);
    up.signal("SIGTERM");
    const { code, stderr } = await up.ended();
    assertEquals([code, stderr], [0, ""]);
    assert(!up.lines.join("\n").includes("hunter2"));
  }
});

Deno.test("a sidecar that can't start says its last words without its secret, on every way out", async () => {
  const { folder, file } = tattler({ ready: { stdout: "never" }, stop: { stdin: 0 } });
  await using _ = folder;
  for (const format of ["text", "json"]) {
    await Deno.writeTextFile(`${folder.path}/tattle`, '#!/bin/sh\necho "my key is $KEY" >&2; exit 3\n');
    const { code, stdout, stderr } = await outrider([
      "up",
      file,
      "--wait-ready",
      "2s",
      "--log-format",
      format,
    ]);
    assertEquals(code, 1);
    assert(!(stdout + stderr).includes("hunter2"));
    assertStringIncludes(stdout + stderr, "my key is ***");
  }
});

Deno.test("check finds a secret's file that is missing, and a program that is not the pinned one, with 1", async () => {
  const { folder, file, tool } = tattler({ sha256: "0".repeat(64), env: { KEY: { file: "none" } } });
  await using _ = folder;
  const { code, stdout, stderr } = await session.run(["check", file]);
  assertEquals([code, stdout, stderr], [
    1,
    "",
    `Cannot start 'tree': 2 faults\n` +
    `  tattler: ${tool} is not the pinned file: its SHA-256 is ${hashFile(tool)}, not ${"0".repeat(64)}\n` +
    `  tattler: the file ${folder.path}/none for its variable KEY can't be used: there is no such file\n` +
    `${file}: 2 faults; nothing was started\n`,
  ]);
});

Deno.test("check warns of settings that weaken a sidecar's limits, with 0", async () => {
  const { folder, file, tool } = tattler({ launcher: ["nice", "-n", "1"], uid: 1 });
  await using _ = folder;
  Deno.chmodSync(tool, 0o777);
  Deno.chmodSync(`${folder.path}/key`, 0o644);
  const { code, stdout, stderr } = await session.run(["check", file]);
  assertEquals([code, stdout.split("\n")[0]], [0, "tree: 1 sidecar, no fault found"]);
  assertEquals(stderr.split("\n"), [
    "Not looked at:",
    "  tattler: whether it may run as another user or group; add --allow-sys=uid",
    "Warnings:",
    `  "nice" starts the program that its arguments name, so the permission to run it is that to run everything: ` +
    "launcher of tattler",
    `  tattler: the program "${tool}" can be replaced: anybody may write to ${tool}`,
    `  tattler: it runs as user 1, and in the runtime's own group: set "gid" as well`,
    `  tattler: anybody may read ${folder.path}/key, the file for its variable KEY; chmod o-r forbids it`,
    "",
  ]);
});

Deno.test("check and up warn when others can exchange a manifest or a secret, or a variable runs other code", async () => {
  await using folder = new Folder();
  const open = `${folder.path}/open`;
  Deno.mkdirSync(open);
  folder.write("open/key", SECRET);
  Deno.chmodSync(`${open}/key`, 0o600);
  const file = folder.write("open/tree.json", {
    name: "tree",
    children: [{
      id: "cat",
      command: "cat",
      env: { KEY: { file: "key" }, BASH_ENV: "x", PYTHONUNBUFFERED: "1", GIT_PAGER: "" },
      inheritEnv: ["NODE_OPTIONS", "RUBYOPT"],
    }],
  });
  Deno.chmodSync(open, 0o777);
  const why = `others may write to ${Deno.realPathSync(open)} (mode 0777)`;
  const manifest =
    `the manifest can be exchanged: ${why}; whoever may has Outrider run what they like: take their right to write`;
  const secret =
    `its secret in ${open}/key can be exchanged: ${why}; keep it in a folder that only you may write to`;
  const variable = (name: string, from: string, by: string) =>
    `its environment has ${name} (from "${from}"), by which ${by}; remove it if that is not meant`;
  const bash = variable("BASH_ENV", "env", "a shell runs other commands");
  const node = variable("NODE_OPTIONS", "inheritEnv", "Node runs other code");
  const { code, stderr } = await session.run(["check", file]);
  assertEquals(code, 0);
  assertEquals(stderr.trimEnd().split("\n"), [
    "Warnings:",
    `  ${manifest}`,
    ...[secret, bash, node, variable("RUBYOPT", "inheritEnv", "Ruby runs other code")].map((line) =>
      `  cat: ${line}`
    ),
  ]);
  // At a start, what the runtime does not have is not inherited; what may not be read is passed over.
  const env = { NODE_OPTIONS: "--no-warnings" };
  const cases = [[undefined, [manifest, secret, node, bash]], [await exact(file), [node, bash]]] as const;
  for (const [flags, told] of cases) {
    await using up = new Running(["up", file, "--log-format", "json"], { env, ...(flags && { flags }) });
    await up.line(/"type":"ready","path":"cat"|"path":"cat".*"type":"ready"/);
    up.signal("SIGTERM");
    assertEquals(await up.ended(), { code: 0, stderr: "" });
    const warnings = up.lines.map((line) => JSON.parse(line)).filter(({ type }) => type === "warning");
    assertEquals(warnings.map(({ message }) => message), [...told]);
  }
});

/** The flags that `permissions` prints. */
async function exact(file: string): Promise<string[]> {
  return (await session.run(["permissions", file])).stdout.trim().split(" ");
}

Deno.test("a launcher that is missing is a fault; the permissions are the launcher's", async () => {
  const { folder, file } = tattler({ launcher: ["no-such-launcher"] });
  await using _ = folder;
  const { code, stderr } = await session.run(["check", file]);
  assertEquals(code, 1);
  assertMatch(stderr, /tattler: there is no program "no-such-launcher" in /);
  const { stdout } = await session.run(["permissions", file]);
  assertStringIncludes(stdout, "--allow-run=no-such-launcher ");
});

Deno.test("a secret that may not be read is a permission that is missing, with 3", async () => {
  const { folder, file, tool } = tattler();
  await using _ = folder;
  for (const verb of ["up", "check"]) {
    const flags = [`--allow-run=${tool}`, `--allow-read=${file}`];
    const { code, stderr } = await outrider([verb, file], { flags });
    assertEquals(code, 3);
    assertStringIncludes(stderr, `--allow-read=${folder.path}/key  needed by tattler\n`);
  }
});

Deno.test("up reports a sidecar over its limits, and the reason of its restart", async () => {
  const { folder, file } = tattler({ limits: { memory: "1KB", for: "1s" }, stop: { stdin: 0 } });
  await using _ = folder;
  await using up = new Running(["up", file]);
  assertMatch(
    await up.line(/crashed/),
    /tattler#1 +crashed +after .*used [\d.]+ MB, for [\d.]+ s more than the 1 kB that its limits allow$/,
  );
  await up.line(/tattler#2 +ready/);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
});

Deno.test("explain prints the steps after a sidecar exceeds its limits", async () => {
  const { folder, file } = tattler();
  await using _ = folder;
  const { code, stdout } = await session.run(["explain", file, "tattler", "over_limit"]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "uses more than its limits allow");
});

Deno.test("check names the package when a sidecar has a terminal and there is no script", async () => {
  const { folder, file } = tattler({ pty: true, env: { PATH: "/nowhere" } });
  await using _ = folder;
  const { code, stderr } = await session.run(["check", file]);
  assertEquals(code, 1);
  assertMatch(stderr, /tattler: there is no program "script" in \/nowhere; install util-linux, which has it/);
});
