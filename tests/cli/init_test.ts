/** `outrider init`: what it writes runs, and nothing of the user's is overwritten. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { firstManifest } from "../../src/cli/verbs/init.ts";
import { alive, Folder, Running } from "./outrider.ts";
import { Session } from "./session.ts";

const { outrider } = new Session();

const written = (folder: Folder, file = "outrider.json") => ({
  cwd: folder.path,
  flags: [`--allow-write=${folder.path}/${file}`, `--allow-write=${folder.path}/outrider.schema.json`],
});

Deno.test("init writes a manifest and its schema, and the commands that it prints work", async () => {
  await using folder = new Folder();
  const { code, stdout, stderr } = await outrider(["init"], written(folder));
  assertEquals([code, stderr], [0, ""]);
  const [wrote, ...next] = stdout.trimEnd().split("\n");
  assertEquals(wrote, "Wrote outrider.json. Try");
  const schema = JSON.parse(await Deno.readTextFile(`${folder.path}/outrider.schema.json`));
  assertEquals(schema.$schema, "http://json-schema.org/draft-07/schema#");
  assertStringIncludes(
    await Deno.readTextFile(`${folder.path}/outrider.json`),
    '"$schema": "./outrider.schema.json"',
  );
  const commands = next.map((line) => line.trim().split(" "));
  assertEquals(commands.map(([program, verb]) => `${program} ${verb}`), [
    "outrider check",
    "outrider ask",
    "outrider up",
  ]);
  const [check, ask, up] = commands.map(([, ...args]) => args);
  const options = { cwd: folder.path };
  const checked = await outrider(check!, options);
  assertEquals([checked.code, checked.stdout.split("\n")[0]], [0, "app: 2 sidecars, no fault found"]);
  assertEquals(await outrider(ask!, options), { code: 0, stdout: "Hello you\n", stderr: "" });
  await using running = new Running(up!, options);
  await running.line(/greeter#1 +ready/);
  running.signal("SIGTERM");
  assertEquals(await running.ended(), { code: 0, stderr: "" });
  assertEquals(await alive(running.pids()), []);
});

Deno.test("init writes a manifest that runs also for a machine without a shell", async () => {
  await using folder = new Folder();
  const file = folder.write("outrider.json", firstManifest("windows"));
  const { code, stdout } = await outrider(["ask", file, "greeter", "you"]);
  assertEquals([code, stdout], [0, "Hello you\n"]);
});

Deno.test("init leaves a file alone when it is there, be it a link that leads nowhere", async () => {
  await using folder = new Folder();
  folder.write("a.json", "mine");
  Deno.symlinkSync(`${folder.path}/nowhere`, `${folder.path}/b.json`);
  for (const name of ["a.json", "b.json"]) {
    const { code, stdout, stderr } = await outrider(["init", name], written(folder, name));
    assertEquals([code, stdout], [2, ""]);
    assertEquals(stderr, `Cannot write ${name}: it is there already; remove it or choose another name\n`);
  }
  assertEquals(await Deno.readTextFile(`${folder.path}/a.json`), "mine");
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), ["a.json", "b.json"]);
});

Deno.test("init keeps a schema that is there", async () => {
  await using folder = new Folder();
  folder.write("outrider.schema.json", "mine");
  assertEquals((await outrider(["init", "first.json"], written(folder, "first.json"))).code, 0);
  assertEquals(await Deno.readTextFile(`${folder.path}/outrider.schema.json`), "mine");
});

Deno.test("init names the flags to add when a permission is missing, and writes nothing", async () => {
  await using folder = new Folder();
  const { code, stdout, stderr } = await outrider(["init", "a.json"], { cwd: folder.path, flags: [] });
  assertEquals([code, stdout], [3, ""]);
  const [says, add] = stderr.trimEnd().split("\n");
  assertEquals(says, "Cannot write a.json: permissions are missing");
  assertMatch(add!, /^Add to deno run: --allow-write=\S*a\.json,\S*outrider\.schema\.json$/);
  const flags = add!.replace("Add to deno run: ", "").split(" ");
  assertEquals((await outrider(["init", "a.json"], { cwd: folder.path, flags })).code, 0);
});

Deno.test("init reports why the file cannot be written", async () => {
  await using folder = new Folder();
  const none = await outrider(["init", "none/a.json"], { cwd: folder.path });
  assertEquals(none.code, 2);
  assertMatch(none.stderr, /^Cannot write none\/a\.json: No such file or directory/);
  const module = await outrider(["init", "outrider.ts"], { cwd: folder.path });
  assertEquals([module.code, module.stderr.split("\n")[0]], [
    2,
    "Cannot write outrider.ts: a first manifest is JSON; name it NAME.json",
  ]);
  assert([...Deno.readDirSync(folder.path)].length === 0);
});
