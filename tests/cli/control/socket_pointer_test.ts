/** A tree that listens at a place of its own, and is found by its manifest. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Folder, Running } from "../outrider.ts";
import { Session } from "../session.ts";

const { outrider } = new Session();

const cat = { id: "cat", command: "cat", protocol: "lines" };

/** What was left in the state folder for it. */
function pointers(state: string): string[] {
  return [...Deno.readDirSync(`${state}/outrider`)].map(({ name }) => name).filter((name) =>
    name.endsWith(".socket")
  );
}

Deno.test("a tree that was started with --control is found by its manifest, also at a path that a killed runtime has left", async () => {
  await using folder = new Folder();
  folder.manifest([cat]);
  const env = { XDG_STATE_HOME: folder.path };
  const options = { cwd: folder.path, env };
  const verb = (...args: string[]) => outrider(args, options);
  for (const [place, signal] of [["first", "SIGKILL"], ["second", "SIGTERM"]] as const) {
    await using up = new Running(["up", "--control", `${folder.path}/${place}`], options);
    await up.line(/tree +ready/);
    assertMatch((await verb("ps")).stdout, /^cat +running /m);
    const asked = await verb("ask", "cat", "hello");
    assertEquals([asked.code, asked.stdout], [0, "hello\n"]);
    assertStringIncludes(asked.stderr, `Using the running tree 'tree', process ${up.pid}`);
    up.signal(signal);
    await up.ended();
    assertEquals((await verb("ps")).code, 1);
  }
  assertEquals(pointers(folder.path), []);
});

Deno.test("a path that a killed runtime has left does not lead to the tree of another manifest that listens there now", async () => {
  await using folder = new Folder();
  const env = { XDG_STATE_HOME: folder.path };
  const [mine, other] = ["mine", "other"].map((name) =>
    folder.write(`${name}.json`, { name, children: [cat] })
  ) as [string, string];
  const socket = `${folder.path}/s`;
  await using killed = new Running(["up", mine, "--control", socket], { env });
  await killed.line(/mine +ready/);
  killed.signal("SIGKILL");
  await killed.ended();
  assertEquals(pointers(folder.path).length, 1);
  await using up = new Running(["up", other, "--control", socket], { env });
  await up.line(/other +ready/);
  const { code, stderr } = await outrider(["down", mine], { env });
  assertEquals(code, 1);
  assertStringIncludes(stderr, "none listens for it");
  assertEquals((await outrider(["down", other], { env })).stdout, "other: stopped\n");
  assertEquals((await up.ended()).code, 0);
});

Deno.test("a path that another user could have written is not followed", async () => {
  await using folder = new Folder();
  const file = folder.manifest([cat]);
  const env = { XDG_STATE_HOME: folder.path };
  await using up = new Running(["up", "--control", `${folder.path}/s`, file], { env });
  await up.line(/tree +ready/);
  const pointer = `${folder.path}/outrider/${pointers(folder.path)[0]}`;
  assertEquals(Deno.readTextFileSync(pointer), `${folder.path}/s`);
  assertEquals(Deno.lstatSync(pointer).mode! & 0o777, 0o600);
  Deno.chmodSync(pointer, 0o622);
  assertEquals((await outrider(["ps", file], { env })).code, 1);
  Deno.removeSync(pointer);
  Deno.writeTextFileSync(`${folder.path}/elsewhere`, `${folder.path}/s`);
  Deno.symlinkSync(`${folder.path}/elsewhere`, pointer);
  assertEquals((await outrider(["ps", file], { env })).code, 1);
  assertEquals((await outrider(["ps", `${folder.path}/s`], { env })).code, 0);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
  assert(Deno.lstatSync(pointer).isSymlink, "what is not ours stays");
});

Deno.test("ps finds no runtime, and says so, when the state folder is one that Deno keeps from it", async () => {
  if (Deno.build.os !== "linux") return;
  await using folder = new Folder();
  const file = folder.manifest([{ id: "a", command: "cat" }]);
  const { code, stderr } = await outrider(["ps", file], {
    flags: ["--allow-read", "--allow-write", "--allow-env"],
    env: { XDG_STATE_HOME: "/proc/none" },
  });
  assertEquals(code, 1, stderr);
  assertStringIncludes(stderr, `Cannot reach a runtime of ${file}: none listens for it`);
});
