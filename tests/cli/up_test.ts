/** `outrider up`: how a tree comes to its end, and what the command line says of it. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { alive, Folder, pidsIn, Running, runs, story } from "./outrider.ts";
import { Session } from "./session.ts";

const session = new Session();

const cat = { id: "cat", command: "cat", protocol: "lines" };
const once = (code: number, more = {}) => ({ ...runs("once", "exits_with_code", String(code)), ...more });

Deno.test("--for stops by itself, in reverse order, with 0", async () => {
  await using folder = new Folder();
  const file = folder.manifest([cat, { id: "sleep", command: "sleep", args: ["60"] }]);
  const { code, stdout, stderr } = await session.run(["up", file, "--for", "1s"]);
  assertEquals([code, stderr], [0, ""]);
  const verbs = story(stdout.split("\n")).map((line) => line.split(" ").slice(0, 2).join(" "));
  assertEquals(verbs, [
    "cat: started",
    "cat: ready",
    "sleep: started",
    "sleep: ready",
    "tree: ready",
    "tree: stopping",
    "sleep: stopped",
    "cat: stopped",
    "tree: stopped",
  ]);
  assertEquals(await alive(pidsIn(stdout)), []);
});

Deno.test("when every child has ended for good, it ends by itself with 0", async () => {
  await using folder = new Folder();
  const file = folder.manifest([
    once(0, { id: "well", restart: "transient" }),
    { id: "team", children: [once(3, { id: "badly", restart: "temporary" })] },
  ]);
  const { code, stdout, stderr } = await session.run(["up", file]);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /well#1 +finished +not started again: "on-failure"/);
  assertMatch(stdout, /team\/badly#1 +crashed +after .*: exit code 3/);
  assertMatch(stdout, /team\/badly#1 +finished/);
});

Deno.test("up goes on while one child is left after the others have ended for good", async () => {
  await using folder = new Folder();
  const file = folder.manifest([cat, once(0, { restart: "temporary" })]);
  await using up = new Running(["up", file]);
  await up.line(/once#1 +finished/);
  assertEquals((await alive(up.pids())).length, 1);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
});

Deno.test("a tree that gives up ends with 1 and names the child and its cause", async () => {
  await using folder = new Folder();
  const bad = { id: "bad", command: "sh", args: ["-c", "echo out of luck >&2; exit 4"] };
  const file = folder.manifest([cat, { id: "team", children: [{ ...bad, backoff: { initial: 0 } }] }], {
    defaults: "otp",
    intensity: { restarts: 0, within: "1m" },
  });
  const { code, stdout, stderr } = await session.run(["up", file]);
  assertEquals(code, 1);
  assertEquals(
    stderr,
    "Cannot keep 'tree' running: too many restarts; the last failure was of team/bad: " +
      "exit code 4, last words: out of luck\nSee outrider errors sidecar_exited\n",
  );
  assertMatch(stdout, /team\/bad#5 +restarting +at once \(restart 5 of 5\)/);
  assertMatch(stdout, /team#1 +gave up +more than 5 restarts within 3 min/);
  assertMatch(stdout, /tree +gave up +more than 0 restarts within 60 s/);
  assertEquals(await alive(pidsIn(stdout)), []);
});

Deno.test("up ends with 1 when a start fails, and stops the started children, last first", async () => {
  await using folder = new Folder();
  const never = {
    ...runs("never", "ignores_term"),
    ready: { stdout: "^other", within: "300ms" },
    stop: { term: 0 },
  };
  const children = [cat, { ...cat, id: "dog" }, never, { ...cat, id: "late" }];
  const file = folder.manifest(children, { defaults: "otp" });
  const { code, stdout, stderr } = await session.run(["up", file]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "Cannot start 'never': ");
  assertStringIncludes(stderr, "it did not get ready within 300 ms");
  assert(!stdout.includes("late"));
  const told = story(stdout.split("\n"));
  assertEquals(told.at(-1), "tree: failed because of never; what had started is stopped again");
  assertEquals(told.filter((line) => line.includes("stopped ")).map((line) => line.slice(0, 3)), [
    "dog",
    "cat",
    "tre",
  ]);
  assertEquals(await alive(pidsIn(stdout)), []);
});

Deno.test("a sidecar that ends before it is ready says how it ended", async () => {
  await using folder = new Folder();
  const args = ["-c", "echo no config >&2; exit 9"];
  const bad = { id: "bad", command: "sh", args, ready: { stdout: "^ready" } };
  const file = folder.manifest([bad], { defaults: "otp" });
  const { code, stdout, stderr } = await session.run(["up", file]);
  assertEquals(code, 1);
  assertEquals(
    stderr,
    "Cannot start 'bad': exit code 9, last words: no config\nSee outrider errors sidecar_exited\n",
  );
  assertMatch(stdout, /bad#1 +failed +exit code 9, last words: no config\n/);
});

Deno.test("up says once what a job died of when another sidecar can't start after it", async () => {
  await using folder = new Folder();
  const job = { id: "job", command: "sh", args: ["-c", "echo no table >&2; exit 3"], restart: "temporary" };
  const web = { ...cat, id: "web", after: [{ id: "job", condition: "completed_successfully" }] };
  const { code, stdout, stderr } = await session.run([
    "up",
    folder.manifest([job, web], { defaults: "otp" }),
  ]);
  assertEquals(code, 1);
  assertEquals(
    stderr,
    "Cannot start 'web': it starts after 'job', which failed: the process of 'job' exited with code 3, " +
      "its last words: no table\nSee outrider errors sidecar_exited\n",
  );
  assertMatch(stdout, /failed +because of web, which starts after job; what had started is stopped again\n/);
});

for (const defaults of ["operator", "otp"]) {
  Deno.test(`up names all that check finds missing, and starts nothing, when the defaults are ${defaults}`, async () => {
    await using folder = new Folder();
    const file = folder.manifest([
      { ...cat, command: "sh", args: ["-c", "touch started; exec cat"], cwd: folder.path },
      { id: "gone", command: "no-such-program", env: { PATH: "/nowhere:/usr/nowhere" } },
      { id: "group", children: [{ id: "away", command: "./away" }, { ...cat, id: "lost", cwd: "./none" }] },
    ], { defaults });
    const { code, stdout, stderr } = await session.run(["up", file]);
    assertEquals([code, stdout], [1, ""], stderr);
    assertMatch(stderr, /^Cannot start 'tree': 3 faults\n {2}gone: there is no program "no-such-program" in/);
    assertMatch(
      stderr,
      /\/nowhere, \/usr\/nowhere.*\n {2}group\/away: .*\n {2}group\/lost: its working directory/,
    );
    assert((await session.run(["check", file])).stderr.startsWith(stderr));
    assertEquals(await Deno.stat(`${folder.path}/started`).catch(() => "none"), "none");
  });
}

Deno.test("up starts a child whose program a job before it makes", async () => {
  await using folder = new Folder();
  const build = {
    id: "build",
    command: "sh",
    args: ["-c", "cp /bin/sleep made"],
    cwd: folder.path,
    restart: "temporary",
  };
  const made = {
    id: "made",
    command: `${folder.path}/made`,
    args: ["1000"],
    after: [{ id: "build", condition: "completed_successfully" }],
  };
  await using up = new Running(["up", folder.manifest([build, made])]);
  await up.line(/made#1 +ready/);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
});

Deno.test("up starts the others when a program is missing and it is to keep going", async () => {
  await using folder = new Folder();
  const away = { id: "away", command: `${folder.path}/away` };
  await using up = new Running(["up", "--keep-going", folder.manifest([away, cat])]);
  await up.line(/tree +degraded +1 of 2 ready; not yet: away/);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
});

Deno.test("up names the command that looks at each program when a missing one ends the run", async () => {
  await using folder = new Folder();
  const away = { id: "away", command: `${folder.path}/away` };
  const file = folder.manifest([cat, away], { defaults: "otp" });
  const { code, stderr } = await session.run(["up", "--keep-going", file]);
  assertEquals(code, 1, stderr);
  assertStringIncludes(stderr, `\nEach program is looked at by: outrider check ${file}\n`);
});

Deno.test("check and up say where arguments go when they stand in the command", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "both", command: "cat -u", env: { PATH: "/usr/bin:/bin" } }]);
  for (const verb of ["check", "up"]) {
    const { code, stderr } = await session.run([verb, file]);
    assertEquals(code === 0, false);
    assertMatch(stderr, /"cat -u".*write its arguments apart, into ["`]args["`]/);
  }
});

Deno.test("up names the file and starts nothing when a program is not executable", async () => {
  await using folder = new Folder();
  folder.write("plain.txt", "not a program");
  const file = folder.manifest([{ id: "plain", command: "./plain.txt" }]);
  const { code, stdout, stderr } = await session.run(["up", file]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, `plain: ${folder.path}/plain.txt is not executable; chmod +x`);
  assertEquals(stdout, "");
});

Deno.test("up ends at once with 0 when a signal stops it before a sidecar is ready", async () => {
  await using folder = new Folder();
  const never = { ...runs("never", "never_reads"), ready: { stdout: "^other", within: "1h" } };
  await using up = new Running(["up", folder.manifest([cat, never])]);
  await up.line(/never#1 +stdout +ready/);
  const began = performance.now();
  up.signal("SIGTERM");
  const { code, stderr } = await up.ended();
  assertEquals([code, stderr], [0, ""]);
  assert(performance.now() - began < 5_000);
  assertEquals(await alive(up.pids()), []);
});

Deno.test("a manifest may be a module", async () => {
  await using folder = new Folder();
  const text = `export default { name: "module", children: [{ id: "cat", command: "cat" as string }] };`;
  await using up = new Running(["up", folder.write("tree.ts", text)]);
  await up.line(/module +ready/);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
});
