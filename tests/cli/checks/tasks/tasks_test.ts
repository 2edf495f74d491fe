/** `check` holds the tasks of the nearest deno.json against the manifest; what it says of a task, a real run bears out. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { command, Folder, type Outcome, outrider } from "../../outrider.ts";
import { Session } from "../../session.ts";

const session = new Session();

const children = [
  { id: "cat", command: "cat", inheritEnv: ["PATH"] },
  { id: "tool", command: "./tool", inheritEnv: [], after: ["cat"] },
];

function withManifest(): { folder: Folder; file: string } {
  const folder = new Folder();
  Deno.mkdirSync(`${folder.path}/sub`);
  folder.write("sub/tool", "#!/bin/sh\nexec cat\n");
  Deno.chmodSync(`${folder.path}/sub/tool`, 0o755);
  return { folder, file: folder.write("sub/outrider.json", { name: "tree", children }) };
}

/** As `outrider`, for what may wait for ever. */
async function ended(args: readonly string[]): Promise<Outcome> {
  const child = command(args).spawn();
  const late = setTimeout(() => child.kill("SIGKILL"), 120_000);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(late);
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

const MAIN = "jsr:@outrider/outrider/cli";
const GOOD = "--allow-run=cat,./sub/tool -E=PATH -R=sub/outrider.json";

/** Writes the tasks beside the folder of the manifest, with a comment and a trailing comma. */
function writeTasks(folder: Folder, tasks: Record<string, unknown>, more = ""): void {
  folder.write("deno.jsonc", `{ // a comment\n${more} "tasks": ${JSON.stringify(tasks)},\n}`);
}

Deno.test("check says nothing of tasks when their flags fit, however these are written", async () => {
  const { folder, file } = withManifest();
  await using _ = folder;
  const up = `${MAIN} up sub/outrider.json`;
  writeTasks(
    folder,
    {
      good: `deno run ${GOOD} ${up} --for 1s`,
      long:
        `deno run --allow-run=cat --allow-run=./sub/tool --allow-env=PATH --allow-read="sub/outrider.json" ${up}`,
      paths:
        `echo hi && deno run --quiet --allow-run=/usr/bin/cat,${folder.path}/sub/tool -E=PATH -R=. ${up}`,
      contained: { command: `deno run ${GOOD.replace("cat,", "cat,kill,ps,")} -E=HOME ${up}` },
      other: `deno run -A ${MAIN} up other.json`,
      asks: `deno run ${MAIN} ask sub/outrider.json cat hi`,
      none: { dependencies: ["good"] },
      set: `deno run -P ${up}`,
      partly: `deno run -P=part --allow-run=cat,./sub/tool ${up}`,
    },
    `"permissions": {
    "default": { "run": ["cat", "./sub/tool"], "env": ["PATH"], "read": ["sub/outrider.json"] },
    "part": { "run": ["cat"], "env": { "allow": ["PA*"] }, "read": ["sub"] } },`,
  );
  const fits = await session.run(["check", file]);
  assertEquals([fits.code, fits.stderr], [0, ""]);
});

Deno.test("check warns of a task when it grants what nothing needs", async () => {
  const { folder, file } = withManifest();
  await using _ = folder;
  writeTasks(folder, {
    wide: `deno run ${GOOD.replace("cat,", "cat,sh,")} -N ${MAIN} up sub/outrider.json`,
    all: `deno run -A ${MAIN} up sub/outrider.json`,
  });
  const enough =
    `    exactly enough: --allow-run=cat,${folder.path}/sub/tool --allow-env=PATH --allow-read=${file}`;
  const { code, stderr } = await session.run(["check", file]);
  assertEquals([code, stderr], [
    0,
    `Warnings:
  task "wide" of deno.jsonc:
    --allow-run has sh, and needs cat, ${folder.path}/sub/tool
    --allow-net has everything, and needs nothing
${enough}
  task "all" of deno.jsonc:
    --allow-all has everything
${enough}
`,
  ]);
});

Deno.test("check finds a fault in a task when it lacks a permission, and names the tasks that it can't judge", async () => {
  const { folder, file } = withManifest();
  await using _ = folder;
  const up = `${MAIN} up sub/outrider.json`;
  writeTasks(folder, {
    set: `deno run -P=up ${up}`,
    open: `deno run $(outrider permissions sub/outrider.json) ${up}`,
    denies: `deno run ${GOOD} --deny-net ${up}`,
    listens: `deno run ${GOOD} ${up} --control app.sock`,
  }, `"permissions": { "up": { "run": ["cat"], "env": true, "read": ["sub"] } },`);
  const { code, stdout, stderr } = await session.run(["check", file]);
  assertEquals([code, stdout], [1, ""]);
  const enough = `--allow-run=cat,${folder.path}/sub/tool --allow-env=PATH --allow-read=${file}`;
  assertStringIncludes(
    stderr,
    `Would be refused:
  task "set" of deno.jsonc, with its permissions "up":
    --allow-run lacks ${folder.path}/sub/tool
    --allow-env has everything, and needs PATH
    exactly enough: ${enough}
  task "listens" of deno.jsonc:
`,
  );
  assertStringIncludes(stderr, `    --allow-write lacks ${folder.path}/app.sock`);
  assertStringIncludes(
    stderr,
    `Not looked at:
  task "open" of deno.jsonc: its flags are known only when it runs
  task "denies" of deno.jsonc: --deny-net, which may take away what is needed
`,
  );
});

Deno.test("the flags that check says are exactly enough are, and those that lack something are refused", async () => {
  const { folder, file } = withManifest();
  await using _ = folder;
  folder.write("deno.json", { tasks: { up: `deno run --allow-run=cat ${MAIN} up sub/outrider.json` } });
  const { code, stderr } = await session.run(["check", file]);
  assertEquals(code, 1);
  const flags = /exactly enough: (.*)/.exec(stderr)![1]!.split(" ");
  const up = (flags: readonly string[]) =>
    outrider(["up", "sub/outrider.json", "--for", "50ms"], { flags, cwd: folder.path });
  const [enough, less] = await Promise.all([up(flags), up(["--allow-run=cat"])]);
  assertEquals([enough.code, enough.stderr], [0, ""]);
  assertEquals(less.code, 3);
});

Deno.test("check names a deno.json that may not be read or is not JSON, and reads the nearest one", async () => {
  const { folder, file } = withManifest();
  await using _ = folder;
  folder.write("deno.json", { tasks: { up: `deno run ${MAIN} up sub/outrider.json` } });
  const flags = [`--allow-run=cat,${folder.path}/sub/tool`, "--allow-env=PATH", `--allow-read=${file}`];
  const scoped = await outrider(["check", file], { flags });
  assertEquals(scoped.code, 0);
  assertStringIncludes(
    scoped.stderr,
    `  the tasks of a deno.json in or above ${folder.path}/sub; add --allow-read\n`,
  );
  folder.write("sub/deno.json", "{ tasks: 1 ");
  const broken = await session.run(["check", file]);
  assertEquals([broken.code, broken.stderr], [
    0,
    `Not looked at:\n  the tasks of ${folder.path}/sub/deno.json, which Deno can't read\n`,
  ]);
});

Deno.test({
  name: "check passes over a deno.json that is a pipe, too large or too deep, and says so",
  ignore: Deno.build.os === "windows",
  async fn() {
    const { folder, file } = withManifest();
    await using _ = folder;
    const config = `${folder.path}/deno.json`;
    await new Deno.Command("mkfifo", { args: [config] }).output();
    const pipe = await ended(["check", file]);
    assertEquals(pipe.code, 0, pipe.stderr);
    assertStringIncludes(pipe.stdout + pipe.stderr, `the tasks of ${config}: it is not a file`);

    Deno.removeSync(config);
    Deno.writeTextFileSync(config, "");
    Deno.truncateSync(config, 3_000_000_000);
    const large = await ended(["check", file]);
    assertEquals(large.code, 0, large.stderr);
    assertStringIncludes(
      large.stdout + large.stderr,
      `the tasks of ${config}: it is longer than 1000000 bytes`,
    );

    const nested = `{"tasks": ${'{"a": '.repeat(20_000)}`;
    folder.write("deno.json", nested);
    const deep = await ended(["check", file]);
    assertEquals(deep.code, 0, deep.stderr);
    assertStringIncludes(deep.stdout + deep.stderr, `the tasks of ${config}, which Deno can't read`);
  },
});

Deno.test({
  name: "check does not read a deno.json that belongs to another user, and says so",
  // To give a file away takes root.
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
  async fn() {
    const { folder, file } = withManifest();
    await using _ = folder;
    const config = folder.write(
      "deno.json",
      JSON.stringify({ tasks: { up: `deno run ${MAIN} up sub/outrider.json` } }),
    );
    assertEquals((await session.run(["check", file])).code, 1);
    Deno.chownSync(config, 65_534, null);
    const { code, stdout, stderr } = await session.run(["check", file]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(
      stdout + stderr,
      `the tasks of ${config}: it belongs to user 65534, and is not read`,
    );
    // A manifest of that user is another matter.
    Deno.chownSync(file, 65_534, null);
    assertEquals((await session.run(["check", file])).code, 1);
  },
});
