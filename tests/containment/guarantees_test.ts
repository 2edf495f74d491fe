import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { guaranteesOf } from "../../src/containment/guarantees.ts";
import { fileStem, openStateFolder } from "../../src/containment/folder.ts";
import { usesSetsid } from "../../src/process/start/setsid.ts";
import { Folder, outrider } from "../cli/outrider.ts";

const all = { scope: "tree", table: true, folder: true } as const;

Deno.test("the guarantees follow from the granted permissions", () => {
  const eof = { stop: "tree", hostDeath: "sweep", exclusive: true, orphans: true } as const;
  assertEquals(guaranteesOf(all, "eof"), eof);
  assertEquals(guaranteesOf(all, "guard"), { ...eof, hostDeath: "guard" });
  assertEquals(guaranteesOf({ ...all, table: false }, "eof"), { ...eof, hostDeath: "eof", orphans: false });
  assertEquals(guaranteesOf({ ...all, folder: false }, "eof"), {
    ...eof,
    hostDeath: "eof",
    exclusive: false,
  });
  assertEquals(guaranteesOf({ ...all, scope: "process" }, "eof"), {
    stop: "process",
    hostDeath: "eof",
    exclusive: true,
    orphans: false,
  });
});

Deno.test("a folder is used only if it is private and can be written", async () => {
  await using folder = new Folder();
  assertEquals(openStateFolder(`${folder.path}/a/b`), undefined);
  assertEquals(Deno.statSync(`${folder.path}/a/b`).mode! & 0o777, 0o700);
  assertEquals([...Deno.readDirSync(`${folder.path}/a/b`)], []);
  Deno.chmodSync(`${folder.path}/a/b`, 0o770);
  assertEquals(openStateFolder(`${folder.path}/a/b`), "others may write to it");
  folder.write("file", "");
  assertEquals(openStateFolder(`${folder.path}/file/b`), "Not a directory");
  assertEquals(openStateFolder(`${folder.path}/file`), "it is not a folder");
  assertEquals(typeof openStateFolder("/proc/nowhere"), "string");
});

Deno.test({
  name: "a folder of another user is not used, not even by root, who could",
  ignore: Deno.uid() !== 0,
  async fn() {
    await using folder = new Folder();
    Deno.mkdirSync(`${folder.path}/theirs`, { mode: 0o700 });
    Deno.chownSync(`${folder.path}/theirs`, 1_001, 1_001);
    assertEquals(openStateFolder(`${folder.path}/theirs`), "it belongs to another user");
    assertEquals([...Deno.readDirSync(`${folder.path}/theirs`)], []);
  },
});

Deno.test({
  name: "a folder in the home of another user, or behind a link of theirs, is not used, and left as it was",
  ignore: Deno.uid() !== 0,
  async fn() {
    await using folder = new Folder();
    Deno.mkdirSync(`${folder.path}/home/ann/.local`, { recursive: true });
    Deno.mkdirSync(`${folder.path}/ours`, { mode: 0o700 });
    Deno.symlinkSync(`${folder.path}/ours`, `${folder.path}/link`);
    const theirs = [`${folder.path}/home/ann`, `${folder.path}/link`];
    await new Deno.Command("chown", { args: ["-h", "1001", ...theirs] }).output();
    const state = `${folder.path}/home/ann/.local/state/outrider`;
    assertEquals(openStateFolder(state), `${folder.path}/home/ann belongs to user 1001`);
    assertEquals([...Deno.readDirSync(`${folder.path}/home/ann/.local/state`)], []);
    assertEquals(openStateFolder(`${folder.path}/link/outrider`), `${folder.path}/link belongs to user 1001`);
    const manifest = folder.manifest([{ id: "a", command: "cat" }]);
    const env = { XDG_STATE_HOME: `${folder.path}/home/ann/.local/state` };
    const { code, stdout } = await outrider(["up", manifest, "--for", "10ms"], { env });
    assertEquals(code, 0);
    assertMatch(
      stdout,
      /warning .*outrider can't be used: .*ann belongs to user 1001; XDG_STATE_HOME names another/,
    );
    const taken = await outrider(["up", manifest, "--take-over"], { env });
    assertEquals(taken.code, 1);
    assertStringIncludes(taken.stderr, "belongs to user 1001; XDG_STATE_HOME names another one");
  },
});

Deno.test("a manifest's files have names of their own, whatever its name holds", async () => {
  await using folder = new Folder();
  const [one, two] = [folder.write("a b%.json", "{}"), folder.write("c.json", "{}")];
  const stems = [await fileStem("/s", one), await fileStem("/s", two)];
  assertEquals(stems.map((stem) => /^\/s\/[\w.-]+-[0-9a-f]{16}$/.test(stem)), [true, true]);
  assertEquals(await fileStem("/s", `${folder.path}/./c.json`), stems[1]);
});

Deno.test("check lists the guarantees under its own permissions, and the flags for more", async () => {
  await using folder = new Folder();
  const manifest = folder.manifest([{ id: "a", command: "sh" }], { version: 2 });
  const env = { XDG_STATE_HOME: folder.path };
  const check = async (...flags: string[]) => {
    const { stdout } = await outrider(["check", manifest], {
      env,
      flags: ["--allow-read", "--allow-env", ...flags],
    });
    const lines = stdout.trimEnd().split("\n").slice(1).map((line) => line.trim());
    return lines.filter((line) => !/^(a start|a stop takes|its defaults|manifest version) /.test(line));
  };
  assertEquals(await check("--allow-run", "--allow-write"), [
    "a stop ends each sidecar and all that it has started",
    "if Outrider is killed, their stdin ends where it is a pipe, and the next start ends who is left",
    "a second runtime on this manifest is refused",
  ]);
  assertEquals(await check("--allow-run=sh"), [
    "a stop ends the sidecars, but not what they have started",
    "if Outrider is killed, their stdin ends where it is a pipe, and nothing more",
    "a second runtime on this manifest is not noticed",
    `for all of it, add --allow-run=kill,ps --allow-write=${folder.path}/outrider`,
  ]);
});

Deno.test("a guardian's permission is one that the manifest needs, and --contain prints all that helps", async () => {
  await using folder = new Folder();
  const env = { XDG_STATE_HOME: folder.path };
  const manifest = folder.manifest([{ id: "a", command: "cat", inheritEnv: [] }], { onHostDeath: "guard" });
  const least = await outrider(["permissions", manifest], { env });
  assertEquals(least.stdout, `--allow-run=cat,sh --allow-read=${manifest}\n`);
  const more = await outrider(["permissions", manifest, "--contain"], { env });
  assertEquals(
    more.stdout,
    `--allow-run=cat,sh,kill,ps${
      usesSetsid() ? ",setsid" : ""
    } --allow-env=XDG_STATE_HOME --allow-read=${manifest},${folder.path}/outrider ` +
      `--allow-write=${folder.path}/outrider\n`,
  );
  // They are all it takes: the folder is known by a variable.
  const up = await outrider(["up", manifest, "--for", "100ms"], {
    env,
    flags: more.stdout.trim().split(" "),
  });
  assertEquals([up.code, up.stderr], [0, ""]);
  assert(Deno.statSync(`${folder.path}/outrider`).isDirectory);
  const flags = ["--allow-run=cat", "--allow-read", "--allow-env"];
  assertEquals((await outrider(["up", manifest], { env, flags })).code, 3);
});
