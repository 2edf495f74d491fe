/** `check` holds the tasks of the nearest deno.json against the manifest; what it says of a task, a real run bears out. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { command, Folder, type Outcome, outrider } from "../../outrider.ts";

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

Deno.test("check is silent about matching tasks, and reports a lacking flag as a fault, an excess one as a warning", async () => {
  const { folder, file } = withManifest();
  await using _ = folder;
  const write = (tasks: Record<string, unknown>, more = "") =>
    folder.write("deno.jsonc", `{ // a comment\n${more} "tasks": ${JSON.stringify(tasks)},\n}`);
  write({
    good:
      `cd sub && deno run --allow-run=cat,./tool -E=PATH -R=outrider.json ${MAIN} up outrider.json --for 1s`,
    sure: { command: `deno run ${GOOD.replace("cat,", "cat,kill,ps,")} ${MAIN} up sub/outrider.json` },
    part: `deno run --allow-run=cat -E=PATH -R=sub/outrider.json ${MAIN} ask sub/outrider.json cat hi`,
    other: `deno run -A ${MAIN} up other.json`,
    none: { dependencies: ["good"] },
  });
  const fits = await outrider(["check", file]);
  assertEquals([fits.code, fits.stderr], [0, ""]);

  write({ wide: `deno run ${GOOD.replace("cat,", "cat,sh,")} -N ${MAIN} up sub/outrider.json` });
  const wide = await outrider(["check", file]);
  assertEquals([wide.code, wide.stderr], [
    0,
    `Warnings:
  task "wide" of deno.jsonc:
    --allow-run  has sh, which nothing needs
    --allow-net  has everything, which nothing needs
    exactly enough: --allow-run=cat,./sub/tool --allow-env=PATH --allow-read=sub/outrider.json
`,
  ]);

  const set = `"permissions": { "up": { "run": ["cat"], "env": true, "read": ["sub"] } },`;
  write({
    set: `deno run -P=up ${MAIN} up sub/outrider.json`,
    open: `deno run $(outrider permissions sub/outrider.json) --deny-net ${MAIN} up sub/outrider.json`,
    denies: `deno run ${GOOD} --deny-net ${MAIN} up sub/outrider.json`,
  }, set);
  const lacks = await outrider(["check", file]);
  assertEquals([lacks.code, lacks.stdout, lacks.stderr], [
    1,
    "",
    `Would be refused:
  task "set" of deno.jsonc, with its permissions "up":
    --allow-run   lacks ./sub/tool
    --allow-env   has everything, where PATH would do
    --allow-read  has sub, where sub/outrider.json would do
    exactly enough: --allow-run=cat,./sub/tool --allow-env=PATH --allow-read=sub/outrider.json
Not looked at:
  task "open" of deno.jsonc: what $(outrider permissions sub/outrider.json) gives is known only when it runs
  task "denies" of deno.jsonc: --deny-net, which may take away what is needed
`,
  ]);
});

Deno.test("the flags that it says are exactly enough are, and those that lack something are refused", async () => {
  const { folder, file } = withManifest();
  await using _ = folder;
  folder.write("deno.json", { tasks: { up: `deno run --allow-run=cat ${MAIN} up sub/outrider.json` } });
  const { code, stderr } = await outrider(["check", file]);
  assertEquals(code, 1);
  const flags = /exactly enough: (.*)/.exec(stderr)![1]!.split(" ");
  const up = (flags: readonly string[]) =>
    outrider(["up", "sub/outrider.json", "--for", "50ms"], { flags, cwd: folder.path });
  const [enough, less] = await Promise.all([up(flags), up(["--allow-run=cat"])]);
  assertEquals([enough.code, enough.stderr], [0, ""]);
  assertEquals(less.code, 3);
});

Deno.test("check reports an unreadable deno.json, and reads the nearest one", async () => {
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
  const broken = await outrider(["check", file]);
  assertEquals([broken.code, broken.stderr], [
    0,
    `Not looked at:\n  the tasks of ${folder.path}/sub/deno.json, which Deno can't read\n`,
  ]);
});

Deno.test({
  name: "check passes over a deno.json that is a pipe, too large or too much, and says so",
  ignore: Deno.build.os === "windows",
  async fn() {
    const { folder, file } = withManifest();
    await using _ = folder;
    const config = `${folder.path}/deno.json`;
    await new Deno.Command("mkfifo", { args: [config] }).output();
    const pipe = await ended(["check", file]);
    assertEquals(pipe.code, 0, pipe.stderr);
    assertStringIncludes(pipe.stdout + pipe.stderr, `the tasks of ${config}: it is no file`);

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

    const tasks = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`t${index}`, "true"]));
    folder.write("deno.json", JSON.stringify({ tasks: { long: "cd a && ".repeat(50_000), ...tasks } }));
    const many = await ended(["check", file]);
    assertEquals(many.code, 0, many.stderr);
    assertStringIncludes(
      many.stdout + many.stderr,
      `task "long" of deno.json: it has more than 10000 characters`,
    );
    assertStringIncludes(many.stdout + many.stderr, `more than the first 1000 tasks of ${config}`);
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
    assertEquals((await outrider(["check", file])).code, 1);
    Deno.chownSync(config, 65_534, null);
    const { code, stdout, stderr } = await outrider(["check", file]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(
      stdout + stderr,
      `the tasks of ${config}: it belongs to user 65534, and is not read`,
    );
    // A manifest of that user is another matter.
    Deno.chownSync(file, 65_534, null);
    assertEquals((await outrider(["check", file])).code, 1);
  },
});
