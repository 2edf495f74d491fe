/** Permissions as they are printed and as they are missed; that each is needed: `permission_matrix_test.ts`. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { checkout, Folder, outrider, Running } from "./outrider.ts";

const quickstart = `${checkout}examples/quickstart/outrider.json`;

const printed = (await outrider(["permissions", quickstart])).stdout.trim().split(" ");

Deno.test("the printed flags are three, scoped, and enough for up", async () => {
  assertEquals(printed.map((flag) => flag.split("=")[0]), ["--allow-run", "--allow-env", "--allow-read"]);
  assertEquals(printed[0], `--allow-run=sh,${Deno.execPath()}`);
  await using up = new Running(["up", quickstart], { flags: printed });
  await up.line(/quickstart +ready/);
  up.signal("SIGTERM");
  assertEquals(await up.ended(), { code: 0, stderr: "" });
});

Deno.test("what is missing is told with who needs it, and once more to be copied", async () => {
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
  const { code, stdout, stderr } = await outrider(["permissions", file]);
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
  assertEquals((await outrider(["permissions", quickstart])).stderr, "");
});

Deno.test("a folder with a space or quotes in its name is quoted for the shell; a comma can't be", async () => {
  await using folder = new Folder();
  for (const [name, says] of [["a b", "'--allow-read="], ["it's", `it'\\''s`]] as const) {
    Deno.mkdirSync(`${folder.path}/${name}`);
    const file = folder.write(`${name}/tree.json`, {
      name: "tree",
      children: [{ id: "cat", command: "cat" }],
    });
    const { code, stdout } = await outrider(["permissions", file]);
    assertEquals(code, 0);
    assertStringIncludes(stdout, says);
  }
  const file = folder.write("a,b.json", { name: "tree", children: [{ id: "cat", command: "cat" }] });
  const { code, stderr } = await outrider(["permissions", file]);
  assertEquals(code, 2);
  assertMatch(stderr, /^Cannot grant .* at commas, so move or rename it\n$/);
});

Deno.test("with --control, what the socket needs is printed too; each of it is needed before anything starts", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "cat", command: "cat", inheritEnv: [] }]);
  const socket = `${folder.path}/control/s`;
  Deno.mkdirSync(`${folder.path}/control`);
  const { stdout } = await outrider(["permissions", file, "--control", socket]);
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

Deno.test("a client needs its socket alone, and names what is missing, with 3", async () => {
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

/** Deno has a permission for Unix sockets since 2.9. */
function newer(): boolean {
  const [major, minor] = Deno.version.deno.split(".").map(Number) as [number, number];
  return major > 2 || minor >= 9;
}
