/** Permissions as they are printed and as they are missed; that each is needed: `permission_matrix_test.ts`. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { usesSetsid } from "../../../src/process/start/setsid.ts";
import { checkout, Folder, outrider, Running } from "../outrider.ts";
import { Session } from "../session.ts";

const quickstart = `${checkout}examples/quickstart/outrider.json`;

/** For what is printed alone. */
const session = new Session();
const printed = (await session.run(["permissions", quickstart])).stdout.trim().split(" ");

Deno.test("the printed flags are three, scoped, and enough for up", async () => {
  assertEquals(printed.map((flag) => flag.split("=")[0]), ["--allow-run", "--allow-env", "--allow-read"]);
  assertEquals(printed[0], `--allow-run=sh,${Deno.execPath()}`);
  await using up = new Running(["up", quickstart], { flags: printed });
  await up.line(/quickstart +ready/);
  up.signal("SIGTERM");
  assertEquals(await up.ended(), { code: 0, stderr: "" });
});

Deno.test("up lists missing permissions with their sidecars, and once more to be copied", async () => {
  const flags = printed.filter((flag) => !flag.startsWith("--allow-run"));
  for (const verb of ["up", "check"]) {
    const { code, stderr } = await outrider([verb, quickstart], { flags });
    assertEquals(code, 3);
    const lines = stderr.split("\n");
    assertEquals(lines[0], "Cannot start 'quickstart': 2 permissions missing");
    assertMatch(lines[1]!, /^ {2}--allow-run=sh +needed by upper, clock$/);
    assertEquals(lines[2], `  --allow-run=${Deno.execPath()}  needed by workers/w1`);
    assertEquals(lines[3], `Add to deno run: --allow-run=sh,${Deno.execPath()}`);
  }
});

Deno.test("without read permission the manifest itself is named, with 3", async () => {
  const { code, stdout, stderr } = await outrider(["up", quickstart], { flags: [] });
  assertEquals([code, stdout], [3, ""]);
  assertStringIncludes(stderr, `--allow-read=${quickstart}`);
});

Deno.test("the imports of a manifest that is a module are not listed, which is said; without them it is 2", async () => {
  await using folder = new Folder();
  folder.write("part.ts", `export const id = "cat";`);
  const file = folder.write(
    "tree.ts",
    `import { id } from "./part.ts";\nexport default { name: "t", children: [{ id, command: "cat", inheritEnv: [] }] };`,
  );
  const { code, stdout, stderr } = await session.run(["permissions", file]);
  assertEquals([code, stdout], [0, `--allow-run=cat --allow-read=${file}\n`]);
  assertEquals(
    stderr,
    "Not listed: what tree.ts imports; each local file needs --allow-read too, and 'deno info tree.ts' names them\n",
  );
  const lacking = await outrider(["up", file, "--for", "50ms"], { flags: stdout.trim().split(" ") });
  assertEquals([lacking.code, lacking.stdout], [2, ""]);
  assertMatch(
    lacking.stderr,
    /^Cannot read manifest .*part\.ts.*needs --allow-read too; `deno info` on it lists them\n$/,
  );
  const enough = await outrider(["up", file, "--for", "50ms"], {
    flags: ["--allow-run=cat", `--allow-read=${file},${folder.path}/part.ts`],
  });
  assertEquals([enough.code, enough.stderr], [0, ""]);
  assertEquals((await session.run(["permissions", quickstart])).stderr, "");
});

/** The words that a real shell makes of `script`, where PRINTED is a variable with what was printed. */
async function wordsOf(script: string, printed: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `${script}\nprintf '%s\\0' "$@"`],
    env: { PRINTED: printed },
  }).output();
  return new TextDecoder().decode(stdout).split("\0").slice(0, -1);
}

Deno.test("permissions prints flags that a shell reads literally, or refuses, for any path", async () => {
  await using folder = new Folder();
  const names = ["ümläut", "a b", "it's", "a*", "$(id);", "a\\b\t"];
  // So that a pattern in a name would match.
  for (const name of ["aXb", "a", "b"]) Deno.mkdirSync(`${folder.path}/${name}`);
  const tree = { name: "tree", children: [{ id: "cat", command: "cat", inheritEnv: [] }] };
  const files = names.map((name) => {
    Deno.mkdirSync(`${folder.path}/${name}`);
    return folder.write(`${name}/tree.json`, tree);
  });
  const broken = folder.write("a\nb.json", tree);
  const formats = ["flags", "shell", "lines"];
  const outcomes = await Promise.all(
    [...files, broken].flatMap((file) =>
      formats.map((format) => session.run(["permissions", file, "--format", format]))
    ),
  );
  for (const [index, file] of files.entries()) {
    const exact = ["--allow-run=cat", `--allow-read=${file}`];
    const [flags, shell, lines] = outcomes.slice(3 * index);
    if (names[index] === "ümläut") {
      assertEquals(await wordsOf("set -- $PRINTED", flags!.stdout), exact, file);
    } else {
      assertEquals([flags!.code, flags!.stdout], [2, ""], file);
      assertMatch(
        flags!.stderr,
        /^Cannot print '--allow-read=[^]*; take --format shell for eval, lines, or deno\.json/,
      );
    }
    assertEquals(await wordsOf('eval "set -- $PRINTED"', shell!.stdout), exact, file);
    assertEquals(lines!.stdout.trimEnd().split("\n"), exact, file);
  }
  const [, shell, lines] = outcomes.slice(-3);
  assertEquals(lines!.code, 2);
  assertEquals(await wordsOf('eval "set -- $PRINTED"', shell!.stdout), [
    "--allow-run=cat",
    `--allow-read=${broken}`,
  ]);
});

Deno.test("permissions refuses a comma in a path, and names the set that can hold it", async () => {
  await using folder = new Folder();
  const file = folder.write("a,b.json", { name: "tree", children: [{ id: "cat", command: "cat" }] });
  const [set, ...others] = await Promise.all(
    ["deno.json", "flags", "shell", "lines"].map((format) =>
      session.run(["permissions", file, "--format", format])
    ),
  );
  for (const { code, stderr } of others) {
    assertEquals(code, 2);
    assertMatch(
      stderr,
      /^Cannot grant .* at commas, so move or rename it, or use a set .*--format deno\.json/,
    );
  }
  assertEquals(JSON.parse(set!.stdout).permissions.tree.read, [file]);
});

Deno.test("permissions --control prints the permissions of the socket, each of which a start needs", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "cat", command: "cat", inheritEnv: [] }]);
  const socket = `${folder.path}/control/s`;
  Deno.mkdirSync(`${folder.path}/control`);
  const { stdout } = await session.run(["permissions", file, "--control", socket]);
  const flags = stdout.trim().split(" ");
  const wanted = [
    `--allow-read=${file},${folder.path}/control`,
    `--allow-write=${socket}`,
    ...(newer() ? [`--allow-net=unix:${socket}`] : []),
  ];
  assertEquals(flags, ["--allow-run=cat", ...wanted]);
  await using up = new Running(["up", file, "--control", socket], { flags });
  await up.line(/tree +ready/);
  up.signal("SIGTERM");
  assertEquals(await up.ended(), { code: 0, stderr: "" });
  const missing = [`--allow-read=${folder.path}/control`, ...wanted.slice(1)];
  for (const flag of missing) {
    const rest = flag.startsWith("--allow-read")
      ? flags.map((other) => other.startsWith("--allow-read") ? `--allow-read=${file}` : other)
      : flags.filter((other) => other !== flag);
    const { code, stdout, stderr } = await outrider(["up", file, "--control", socket], { flags: rest });
    assertEquals([code, stdout], [3, ""]);
    assertEquals(
      stderr,
      [
        "Cannot start 'tree': 1 permission missing",
        `  ${flag}  needed by Outrider itself`,
        `Add to deno run: ${flag}\n`,
      ].join("\n"),
    );
  }
});

Deno.test("with --control in a shared folder, nothing around the socket is read, and hand-written flags go on working", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "cat", command: "cat", inheritEnv: [] }]);
  Deno.mkdirSync(`${folder.path}/shared`);
  Deno.chmodSync(`${folder.path}/shared`, 0o1777);
  const socket = `${folder.path}/shared/s`;
  const { stdout } = await session.run(["permissions", file, "--control", socket]);
  const exact = [
    "--allow-run=cat",
    `--allow-read=${file},${socket}`,
    `--allow-write=${socket}`,
    ...(newer() ? [`--allow-net=unix:${socket}/control`] : []),
  ];
  assertEquals(stdout.trim().split(" "), exact);
  const before = [
    "--allow-run=cat",
    `--allow-read=${file},${folder.path}/shared`,
    `--allow-write=${socket}`,
    ...(newer() ? [`--allow-net=unix:${socket}`] : []),
  ];
  for (const flags of newer() ? [exact, before] : [exact]) {
    await using up = new Running(["up", file, "--control", socket], { flags });
    await up.line(/tree +ready/);
    assertEquals(Deno.lstatSync(socket).isDirectory, flags === exact);
    const client = [`--allow-read=${socket}`, ...flags.slice(2)];
    const status = await outrider(["status", socket], { flags: client });
    assertEquals([status.code, status.stderr], [0, ""]);
    up.signal("SIGTERM");
    assertEquals(await up.ended(), { code: 0, stderr: "" });
    assertEquals([...Deno.readDirSync(`${folder.path}/shared`)], []);
  }
  const tmp = `/tmp/outrider-test-${crypto.randomUUID()}`;
  const hidden = await outrider(["permissions", file, "--control", tmp], { flags: [`--allow-read=${file}`] });
  assertMatch(hidden.stdout, new RegExp(`--allow-read=[^ ]*,${tmp} `));
});

Deno.test("status needs its socket only, and names missing permissions with 3", async () => {
  await using folder = new Folder();
  const socket = `${folder.path}/s`;
  const flags = [
    `--allow-read=${socket}`,
    `--allow-write=${socket}`,
    ...(newer() ? [`--allow-net=unix:${socket}`] : []),
  ];
  await using up = new Running([
    "up",
    folder.manifest([{ id: "cat", command: "cat" }]),
    "--control",
    socket,
  ]);
  await up.line(/tree +ready/);
  assertEquals((await outrider(["status", socket], { flags })).code, 0);
  for (const flag of flags) {
    const rest = flags.filter((other) => other !== flag);
    const { code, stdout, stderr } = await outrider(["status", socket], { flags: rest });
    assertEquals([code, stdout], [3, ""]);
    assertEquals(stderr, `Cannot connect to ${socket}: permissions are missing\nAdd to deno run: ${flag}\n`);
  }
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
});

Deno.test("permissions --explain lists each permission with its sidecars and purposes, and the programs that can run any other", async () => {
  const { code, stdout, stderr } = await session.run(["permissions", quickstart, "--explain"]);
  assertEquals([code, stderr], [0, ""]);
  const single = printed.flatMap((flag) => {
    const [name, values] = flag.split("=") as [string, string];
    return values.split(",").map((value) => `${name}=${value}`);
  });
  const width = Math.max(...single.map((flag) => flag.length));
  const everybody = "upper, clock, workers/w1";
  assertEquals(stdout.split("\n"), [
    "quickstart: 9 permissions",
    `  ${"--allow-run=sh".padEnd(width)}  program of upper, clock`,
    `  ${`--allow-run=${Deno.execPath()}`.padEnd(width)}  program of workers/w1`,
    ...["PATH", "HOME", "LANG", "TERM", "TMPDIR", "USER"].map((name) =>
      `  ${`--allow-env=${name}`.padEnd(width)}  inherited by ${everybody}`
    ),
    `  ${`--allow-read=${quickstart}`.padEnd(width)}  the manifest itself`,
    "Wider than they look:",
    `  "sh" is a shell, so the permission to run it is that to run everything: program of upper, clock`,
    "",
  ]);
});

Deno.test("permissions --explain includes the control socket and containment", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "cat", command: "cat", inheritEnv: [] }]);
  const options = ["--control", `${folder.path}/s`, "--contain", "--explain"];
  const env = { XDG_STATE_HOME: folder.path };
  const { stdout } = await outrider(["permissions", file, ...options], { env });
  const lines = stdout.replaceAll(folder.path, "").split("\n").map((line) =>
    line.trim().replace(/ {2,}/, ": ")
  );
  assertEquals(lines.filter((line) => !line.includes("net=unix")).slice(1), [
    "--allow-run=cat: program of cat",
    "--allow-read=/outrider.json: the manifest itself",
    "--allow-read=: the control socket",
    "--allow-write=/s: the control socket",
    "--allow-run=kill: ending all that sidecars have started",
    "--allow-run=ps: finding what a killed run has left",
    "--allow-env=XDG_STATE_HOME: the record of what runs",
    "--allow-read=/outrider: the record of what runs",
    "--allow-write=/outrider: the record of what runs",
    ...(usesSetsid()
      ? [
        "--allow-run=setsid: starts that do not hold up the runtime",
        "Wider than they look:",
        '"setsid" starts the program that its arguments name, so the permission to run it is that to run ' +
        "everything: cheap starts",
      ]
      : []),
    "",
  ]);
});

Deno.test("a set for deno.json is enough for up with -P, and grants nothing more", async () => {
  await using folder = new Folder();
  // Strict, so that more would be refused; a comma is no trouble in a set.
  Deno.mkdirSync(`${folder.path}/a,b`);
  const file = folder.write("a,b/outrider.json", {
    name: "tree.1",
    permissions: "strict",
    onHostDeath: "guard",
    children: [
      { id: "cat", command: "cat" },
      { id: "w", command: "deno", args: ["eval", "await new Promise(() => setTimeout(() => {}, 1e8))"] },
    ],
  });
  const socket = `${folder.path}/a,b/s`;
  for (const [name, more] of [["tree.1", []], ["other", ["--name", "other"]]] as const) {
    const options = ["--control", socket];
    const { code, stdout, stderr } = await outrider(
      ["permissions", file, "--format", "deno.json", ...options, ...more],
    );
    assertEquals([code, stderr], [0, ""]);
    const config = folder.write("deno.json", stdout);
    assertEquals(Object.keys(JSON.parse(stdout).permissions), [name]);
    await using up = new Running(["up", file, ...options], { flags: [`--config=${config}`, `-P=${name}`] });
    await up.line(/tree\.1 +ready/);
    up.signal("SIGTERM");
    assertEquals(await up.ended(), { code: 0, stderr: "" });
  }
});

Deno.test("a set has true for all of a permission, and misses nothing that is needed", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{
    id: "cat",
    command: "cat",
    env: { LD_LIBRARY_PATH: "/x" },
    inheritEnv: [],
  }], {
    permissions: "strict",
  });
  const { stdout } = await session.run(["permissions", file, "--format", "deno.json"]);
  assertEquals(JSON.parse(stdout), { permissions: { tree: { run: true, read: [file] } } });
  const up = async (set: object) => {
    const config = folder.write("deno.json", { permissions: { tree: set } });
    return await outrider(["up", file, "--for", "100ms"], { flags: [`--config=${config}`, "-P=tree"] });
  };
  const { tree } = JSON.parse(stdout).permissions;
  const whole = await up(tree);
  assertEquals([whole.code, whole.stderr], [0, ""]);
  assertEquals((await up({ ...tree, run: ["cat"] })).code, 3);
  assertEquals((await up({ run: true })).code, 3);
  assertEquals((await up({ ...tree, sys: true })).code, 3);
});

Deno.test("options of permissions that say nothing together are refused, with 2", async () => {
  for (
    const [args, says] of [
      [["--format", "toml"], "Cannot use --format toml: it takes flags, shell, lines, deno.json"],
      [["--explain", "--format", "deno.json"], "Cannot use --explain with --format deno.json"],
      [["--name", "x"], "Cannot use --name without --format deno.json"],
      [["--name", "", "--format", "deno.json"], "Cannot use --name: it is empty"],
    ] as const
  ) {
    const { code, stdout, stderr } = await session.run(["permissions", quickstart, ...args]);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, says);
  }
});

/** Deno has a permission for Unix sockets since 2.9. */
function newer(): boolean {
  const [major, minor] = Deno.version.deno.split(".").map(Number) as [number, number];
  return major > 2 || minor >= 9;
}

for (
  const { command, flags, hint } of [
    {
      command: "pyhton3",
      flags: ["--allow-env=PATH", "--allow-read=."],
      hint:
        'If that is there already, "pyhton3" is not on the PATH, and Deno drops such a name: did you mean "python3"?',
    },
    {
      command: "cat -u",
      flags: ["--allow-env=PATH", "--allow-read"],
      hint: '"cat -u" is not on the PATH, and Deno drops such a name: write arguments apart, into "args"',
    },
    {
      command: "no-such-thing",
      flags: ["--allow-read=."],
      hint:
        'If that is there already, "no-such-thing" is not on the PATH, and Deno drops such a name: install it or correct the name',
    },
  ]
) {
  Deno.test(`up says that Deno drops "${command}" from --allow-run beside ${flags.join(" ")}`, async () => {
    await using folder = new Folder();
    const file = folder.manifest([{ id: "a", command, inheritEnv: [] }]);
    const { code, stderr } = await outrider(["up", file], {
      flags: [`--allow-run=${command}`, ...flags],
      cwd: folder.path,
    });
    assertEquals(code, 3, stderr);
    assertEquals(stderr.trimEnd().split("\n").at(-1), hint);
  });
}

Deno.test("up gives the flag alone when the program is on the PATH", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "a", command: "cat", inheritEnv: [] }]);
  const { stderr } = await outrider(["up", file], { flags: ["--allow-read", "--allow-env=PATH"] });
  assertEquals(stderr.trimEnd().split("\n").at(-1), "Add to deno run: --allow-run=cat");
});
