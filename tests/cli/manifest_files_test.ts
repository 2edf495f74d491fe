/** What FILE can turn out to be: the verbs that take one say what is wrong with it, and start nothing. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Folder, outrider, words } from "./outrider.ts";
import { Session } from "./session.ts";

const session = new Session();

const good = `{ "name": "tree", "children": [{ "id": "cat", "command": "cat" }] }`;

Deno.test("every verb reports all faults of a manifest at once, each with its line, with 2", async () => {
  await using folder = new Folder();
  const file = folder.write(
    "outrider.json",
    `{
  "name": "tree",
  "strategy": "one_for_al",
  "children": [
    { "id": "a", "comand": "cat" },
    { "id": "b", "command": "cat", "backoff": { "initial": "-5s" } },
    { "id": "b", "command": "cat", "ready": { "stdout": "(" } }
  ]
}`,
  );
  for (const verb of ["up", "check", "permissions"]) {
    const { code, stdout, stderr } = await session.run([verb, file]);
    assertEquals([code, stdout], [2, ""], stderr);
    for (
      const [line, word] of [[3, "one_for_all"], [5, "command"], [6, "initial"], [7, `"b"`], [7, "stdout"]]
    ) {
      assert(
        stderr.split("\n").some((told) => told.includes(`:${line}:`) && told.includes(`${word}`)),
        stderr,
      );
    }
  }
});

Deno.test("a manifest may begin with a byte order mark", async () => {
  await using folder = new Folder();
  const { code, stdout } = await session.run(["check", folder.write("bom.json", `\ufeff${good}`)]);
  assertEquals([code, stdout.split("\n")[0]], [0, "tree: 1 sidecar, no fault found"]);
});

const bad: [what: string, content: string | Uint8Array, says: string][] = [
  ["empty", "", "nothing in it"],
  ["only comments", "// nothing yet\n", "nothing in it"],
  ["10 MB long", good + " ".repeat(10_000_000), "larger than 1,000,000 bytes"],
  ["binary", new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]), "binary"],
  ["no UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), "not UTF-8"],
  ["no JSON", `{ "name": `, "1 fault"],
];

for (const [what, content, says] of bad) {
  Deno.test(`a manifest that is ${what} ends with 2`, async () => {
    await using folder = new Folder();
    const { code, stdout, stderr } = await session.run(["up", folder.write("bad.json", content)]);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, says);
    assertStringIncludes(stderr, `${folder.path}/bad.json`);
    assert(stderr.length < 1_000 && !stderr.includes("    at "), stderr);
  });
}

Deno.test("a manifest that is missing, or a folder, is 2", async () => {
  await using folder = new Folder();
  const missing = await session.run(["up", `${folder.path}/none.json`]);
  assertEquals([missing.code, missing.stdout], [2, ""]);
  assertStringIncludes(missing.stderr, "no such file");
  const dir = await session.run(["up", folder.path]);
  assertEquals([dir.code, dir.stdout], [2, ""]);
  assertStringIncludes(dir.stderr, "it is a folder");
});

Deno.test("a module that throws, or exports nothing, is 2", async () => {
  await using folder = new Folder();
  const throws = await session.run(["check", folder.write("throws.ts", `throw new Error("no luck");`)]);
  assertEquals([throws.code, throws.stdout], [2, ""]);
  assertStringIncludes(throws.stderr, "no luck");
  const empty = await session.run(["check", folder.write("empty.ts", "export const name = 1;")]);
  assertEquals([empty.code, empty.stdout], [2, ""]);
  assertStringIncludes(empty.stderr, "no default export");
});

Deno.test("check names every program and folder that is missing, with 1", async () => {
  await using folder = new Folder();
  folder.write("plain.txt", "");
  const file = folder.manifest([
    { id: "ok", command: "cat", inheritEnv: [] },
    { id: "gone", command: "no-such-program", env: { PATH: "/nowhere" } },
    { id: "plain", command: "./plain.txt" },
    { id: "folder", command: "./" },
    { id: "lost", command: "cat", cwd: "nowhere" },
    { id: "deno", command: "deno" },
  ]);
  const { code, stdout, stderr } = await session.run(["check", file]);
  assertEquals([code, stdout], [1, ""]);
  assertEquals(
    stderr,
    `Cannot start 'tree': 4 faults
  gone: there is no program "no-such-program" in /nowhere
  plain: ${folder.path}/plain.txt is not executable; chmod +x makes it so
  folder: ${folder.path} is a directory; name the program in it
  lost: its working directory ${folder.path}/nowhere is not a folder
${file}: 4 faults; nothing was started
`,
  );
});

/** Starts a program as a user who may not enter each folder: root without the power to. */
const HELD_OUT = Deno.uid() !== 0 ? ["env"] : [
  "setpriv",
  ...["bounding-set", "inh-caps"].map((set) => `--${set}=-dac_override,-dac_read_search`),
];

Deno.test({
  name: "check and up name a working directory when a folder above it is closed to this user",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using folder = new Folder();
    const closed = `${folder.path}/closed`;
    Deno.mkdirSync(`${closed}/inner`, { recursive: true });
    Deno.chmodSync(closed, 0);
    const file = folder.manifest([{ id: "lost", command: "cat", cwd: "closed/inner" }]);
    try {
      for (const verb of ["check", "up"]) {
        const [launcher, ...args] = [...HELD_OUT, ...words([verb, file])];
        const env = { NO_COLOR: "1", XDG_STATE_HOME: folder.path };
        const { code, stderr } = await new Deno.Command(launcher!, { args, env }).output();
        const fault =
          `lost: a folder above its working directory ${closed}/inner is closed to this user; open it, or set another "cwd"`;
        assertStringIncludes(new TextDecoder().decode(stderr), `Cannot start 'tree': 1 fault\n  ${fault}\n`);
        assertEquals(code, 1);
      }
    } finally {
      Deno.chmodSync(closed, 0o700);
    }
  },
});

Deno.test("check names unreadable files without calling them faults", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "cat", command: "cat", inheritEnv: [] }]);
  const { code, stderr } = await outrider(["check", file], {
    flags: [`--allow-read=${file}`, "--allow-run=cat"],
  });
  assertEquals(
    [code, stderr],
    [
      0,
      `Not looked at:\n  cat: its working directory ${folder.path}; add --allow-read=${folder.path}\n` +
      `  the tasks of a deno.json in or above ${folder.path}; add --allow-read\n`,
    ],
  );
});

Deno.test({
  name: "a manifest that is a named pipe is 2, and one that a shell passes as a pipe is read",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = new Folder();
    assertEquals(
      (await new Deno.Command("mkfifo", { args: [`${folder.path}/outrider.json`] }).output()).code,
      0,
    );
    const found = await outrider(["check"], { cwd: folder.path });
    assertEquals([found.code, found.stdout], [2, ""]);
    assertStringIncludes(found.stderr, "it is a named pipe");
    const script = `exec 7< <(cat "$0"); exec "$@" check /dev/fd/7`;
    const args = ["-c", script, folder.write("good.json", good), ...words([])];
    const { code, stdout } = await new Deno.Command("bash", { args, env: { NO_COLOR: "1" } }).output();
    assertEquals(code, 0);
    assertStringIncludes(new TextDecoder().decode(stdout), "tree: 1 sidecar, no fault found");
  },
});

Deno.test({
  name: "a working directory whose name is not UTF-8 is 2 when a verb needs it",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using folder = new Folder();
    folder.write("m.json", good);
    const script =
      `cd "$0" && mkdir "$(printf 'x\\377')" && cd x* && cp ../m.json . && exec "$@" unit m.json`;
    const args = ["-c", script, folder.path, ...words([])];
    const { code, stdout, stderr } = await new Deno.Command("sh", { args, env: { NO_COLOR: "1" } }).output();
    const said = new TextDecoder().decode(stderr);
    await new Deno.Command("sh", { args: ["-c", `rm -r "$0"/x*`, folder.path] }).output();
    assertEquals([code, stdout.length], [2, 0]);
    assertMatch(said, /^Cannot go on in this folder: .* is not valid UTF-8; rename it/);
  },
});
