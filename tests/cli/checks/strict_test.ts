/** `"permissions": "strict"`: with exactly what is needed it starts, and with more, as far as that can be seen, it does not. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Folder, outrider, Running } from "../outrider.ts";
import { Session } from "../session.ts";

const session = new Session();

const cat = { id: "cat", command: "cat", protocol: "lines", inheritEnv: ["HOME"] };

/** A strict manifest, and the flags that are printed for it. */
async function strict(folder: Folder, ...more: string[]): Promise<{ file: string; exact: string[] }> {
  const file = folder.manifest([cat], { permissions: "strict" });
  const { stdout } = await session.run(["permissions", file, ...more]);
  return { file, exact: stdout.trim().split(" ") };
}

const REFUSED = `Cannot start 'tree': its permissions are "strict", and more is granted than it needs`;

Deno.test("a strict manifest starts under exactly the printed permissions, with or without those of containment", async () => {
  await using folder = new Folder();
  const { exact } = await strict(folder);
  const { file, exact: contained } = await strict(folder, "--contain");
  assert(contained.join().length > exact.join().length);
  for (const flags of [exact, contained]) {
    await using up = new Running(["up", file], { flags });
    await up.line(/tree +ready/);
    up.signal("SIGTERM");
    assertEquals(await up.ended(), { code: 0, stderr: "" });
  }
  const asked = await outrider(["ask", file, "cat", "hello"], { flags: exact });
  assertEquals([asked.code, asked.stdout, asked.stderr], [0, "hello\n", ""]);
});

Deno.test("a strict manifest refuses -A with 3, and names the exact flags", async () => {
  await using folder = new Folder();
  const { file, exact } = await strict(folder);
  for (const verb of [["up", file], ["ask", file, "cat", "hello"], ["pipe", file, "cat"]]) {
    const { code, stdout, stderr } = await outrider(verb, { flags: ["-A"] });
    assertEquals([code, stdout], [3, ""]);
    assertEquals(stderr.split("\n"), [
      REFUSED,
      "  remove -A (--allow-all), which grants everything",
      `Give deno run these instead: ${exact.join(" ")}`,
      "",
    ]);
  }
});

/** All kinds but one: all of them are `-A`. */
const kinds = ["run", "env", "read", "write", "net", "sys", "import"];

/** Wider flags, and more of them; in the order in which they are told. */
const wider: [title: string, flags: string[], says: string[]][] = [
  [
    "one flag more",
    ["--allow-ffi"],
    ["--allow-ffi without values, which grants all of it"],
  ],
  [
    "flags without values",
    kinds.map((kind) => `--allow-${kind}`),
    kinds.map((kind) => `--allow-${kind} without values, which grants all of it`),
  ],
  [
    "more values",
    [
      ...["--allow-run=sh", "--allow-env=GITHUB_TOKEN", "--allow-read=/", "--allow-write=/tmp"],
      ...["--allow-net=localhost,[::1]", "--allow-sys=hostname"],
    ],
    [
      "sh from --allow-run: it is a shell",
      ...["GITHUB_TOKEN from --allow-env", "/ from --allow-read", "/tmp from --allow-write"],
      ...["localhost from --allow-net", "[::1] from --allow-net", "hostname from --allow-sys"],
    ],
  ],
];

for (const [title, added, says] of wider) {
  Deno.test(`a strict manifest is refused under ${title}, and each is named`, async () => {
    await using folder = new Folder();
    const { file, exact } = await strict(folder);
    const rest = new Map(exact.map((flag) => [flag.split("=")[0], flag]));
    for (const flag of added) {
      const [name, value] = flag.split("=") as [string, string?];
      const same = rest.get(name);
      // A flag without values is in place of one with values; Deno 2.6 takes no flag twice.
      rest.set(name, value === undefined || same === undefined ? flag : `${same},${value}`);
    }
    const { code, stdout, stderr } = await outrider(["up", file], { flags: [...rest.values()] });
    assertEquals([code, stdout], [3, ""]);
    assertEquals(stderr.split("\n"), [
      REFUSED,
      ...says.map((what) => `  remove ${what}`),
      `Give deno run these instead: ${exact.join(" ")}`,
      "",
    ]);
  });
}

Deno.test("a strict manifest reports missing and excess permissions together, in words and as data", async () => {
  await using folder = new Folder();
  const { file, exact } = await strict(folder);
  const flags = ["--allow-read", "--allow-run=cat"];
  const { code, stderr } = await outrider(["up", file], { flags });
  assertEquals([code, stderr.split("\n")], [3, [
    REFUSED,
    "  remove --allow-read without values, which grants all of it",
    "And 1 permission missing",
    "  --allow-env=HOME  needed by cat",
    `Give deno run these instead: ${exact.join(" ")}`,
    "",
  ]]);
  const json = await outrider(["up", file, "--log-format", "json"], { flags });
  assertEquals(json.code, 3);
  const { error } = JSON.parse(json.stderr);
  assertEquals(error.code, "permissions_excessive");
  const enough = folder.manifest([cat], { permissions: "enough" });
  const missing = await outrider(["up", enough], { flags });
  assertStringIncludes(missing.stderr, "Cannot start 'tree': 1 permission missing");
});

Deno.test("a part is held to the needs of the whole, so the flags of up are those of ask", async () => {
  await using folder = new Folder();
  const other = { id: "other", command: "sh", args: ["-c", "exec cat"], inheritEnv: ["LANG"] };
  const file = folder.manifest([cat, other], { permissions: "strict" });
  const { stdout } = await session.run(["permissions", file]);
  const flags = stdout.trim().split(" ");
  const asked = await outrider(["ask", file, "cat", "hello"], { flags });
  assertEquals([asked.code, asked.stdout, asked.stderr], [0, "hello\n", ""]);
});

Deno.test("check lists the refusals of up, and refuses nothing itself", async () => {
  await using folder = new Folder();
  const { file, exact } = await strict(folder);
  const { code, stderr } = await outrider(["check", file], { flags: [...exact, "--allow-sys"] });
  assertEquals([code, stderr.split("\n").slice(-5)], [0, [
    "Warnings:",
    `  its permissions are "strict": 'up' refuses those of this process, of which 'check' itself may need some`,
    "    remove --allow-sys without values, which grants all of it",
    `    and give deno run these instead: ${exact.join(" ")}`,
    "",
  ]]);
  const same = await outrider(["check", file], { flags: exact });
  assert(!same.stderr.includes("strict"), same.stderr);
});

Deno.test("compile embeds no programs for a strict manifest, as that takes all of --allow-run", async () => {
  await using folder = new Folder();
  const tool = folder.write("tool", "#!/bin/sh\nexec cat\n");
  Deno.chmodSync(tool, 0o755);
  const file = folder.manifest([{ id: "tool", command: "./tool" }], { permissions: "strict" });
  const { code, stderr } = await outrider(["compile", file, "-o", `${folder.path}/app`, "--embed"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, `Cannot embed programs: the manifest's permissions are "strict"`);
});
