/** What confines the sidecars of an executable: secrets, pins, limits, launchers, users; and a sidecar that is a deno. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { hashFile } from "../../../src/process/checksum.ts";
import { compile, compiling, ignore, outcome, pathOf, world } from "./executable.ts";
import { Folder, Running } from "../outrider.ts";

Deno.test("an executable confines as its manifest says, and may read the secrets and the pinned files only", {
  ignore,
}, async () => {
  await using folder = new Folder();
  const tool = folder.write("tool", '#!/bin/sh\necho "key $KEY"\nexec sleep 60\n');
  Deno.chmodSync(tool, 0o755);
  const key = folder.write("key", "hunter2-of-the-test\n");
  const PATH = pathOf(folder, "sh", "sleep", "nice", "ps", "cat");
  Deno.symlinkSync(Deno.execPath(), `${PATH}/deno`);
  const inheritEnv = ["PATH"];
  const file = folder.manifest([
    { id: "pinned", command: "tool", sha256: hashFile(tool), env: { PATH: `${folder.path}:${PATH}` } },
    {
      id: "keyed",
      command: "./tool",
      sha256: hashFile(tool),
      inheritEnv,
      env: { KEY: { file: "key" } },
      launcher: ["nice", "-n", "1"],
      limits: { memory: "1GB" },
    },
    {
      id: "sub",
      command: "deno",
      args: ["eval", "--quiet", "console.log(`deno ${Deno.version.deno}`)"],
      inheritEnv,
    },
  ].map((child) => ({ inheritEnv: [], restart: "temporary", ...child })));
  const app = `${folder.path}/app`;
  const told = await compile(file, app);
  assertEquals(
    told,
    `${app}: --allow-run=${tool},nice,ps,deno --allow-env=PATH --allow-read=${tool},${key}\n`,
  );
  const run = world(app, PATH, "/");
  const check = await outcome(run("check"));
  assertEquals(check.code, 0);
  assertMatch(check.stderr, /"nice" starts the program that its arguments name, .*: launcher of keyed/);
  await using up = new Running(run());
  await up.line(/pinned#1 +stdout +key$/);
  await up.line(/keyed#1 +stdout +key \*\*\*$/);
  await up.line(new RegExp(`sub#1 +stdout +deno ${Deno.version.deno}$`));
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
  assert(!up.lines.join("\n").includes("hunter2"));

  folder.write("tool", "#!/bin/sh\necho other\n");
  const changed = await outcome(run());
  assertEquals(changed.code, 1);
  assertStringIncludes(changed.stderr, `${tool} is not the pinned file`);
  assertStringIncludes(changed.stderr, "See app errors program_changed\n");
  assertStringIncludes((await outcome(run("check"))).stderr, `pinned: ${tool} is not the pinned file`);
});

Deno.test(
  "compile reports a pin without a file, which costs the permission to read",
  { ignore },
  async () => {
    await using folder = new Folder();
    const file = folder.manifest([{
      id: "a",
      command: "no-such-tool",
      sha256: "0".repeat(64),
      inheritEnv: [],
    }]);
    const { code, stdout, stderr } = await outcome(compiling(file, `${folder.path}/app`));
    assertEquals([code, stdout], [
      0,
      `${folder.path}/app: --allow-run=no-such-tool --allow-env=PATH --allow-read\n`,
    ]);
    const [cost, ...missing] = stderr.trimEnd().split("\n");
    assertMatch(cost!, /^It may read every file: 'a' pins "no-such-tool", which is not found here; /);
    assertEquals(missing[0], "Would not start on this machine:");
    assertMatch(missing.slice(1).join("\n"), /^ {2}a: there is no program "no-such-tool" in .*$/);
  },
);
