/** Executables, made for real and run without Deno, where `DENORT_BIN` is set. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { compile, ignore, isThere, outcome, pathOf, world } from "./executable.ts";
import { alive, Folder, Running } from "../outrider.ts";

Deno.test(
  "an executable runs its manifest without Deno, and ends in order on SIGTERM",
  { ignore },
  async () => {
    await using folder = new Folder();
    const inheritEnv = ["PATH"];
    const file = folder.manifest([
      { id: "cat", command: "cat", protocol: "lines", inheritEnv },
      { id: "clock", command: "sh", args: ["-c", "echo tick; exec sleep 60"], inheritEnv },
    ]);
    const app = `${folder.path}/app`;
    const flags = "--allow-run=cat,sh --allow-env=PATH";
    assertEquals(await compile(file, app), `${app}: ${flags}\n`);
    assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), ["app", "outrider.json"]);
    Deno.removeSync(file);
    const run = world(app, pathOf(folder, "cat", "sh", "sleep"), "/");
    assertEquals(await outcome(run("permissions")), { code: 0, stdout: `${flags}\n`, stderr: "" });
    const check = await outcome(run("check"));
    assertEquals([check.code, check.stdout.split("\n")[0]], [0, "tree: 2 sidecars, no fault found"]);
    assertMatch(
      check.stderr,
      /^Not looked at, as it may not read them:\n {2}cat, clock: its working directory/,
    );
    assertMatch((await outcome(run("--version"))).stdout, /^tree \(outrider \d+\.\d+\.\d+, deno \d+/);
    await using up = new Running(run());
    await up.line(/clock#1 +stdout +tick/);
    await up.line(/tree +ready/);
    const pids = up.pids();
    assertEquals((await alive(pids)).length, 2);
    up.signal("SIGTERM");
    assertEquals(await up.ended(), { code: 0, stderr: "" });
    assertEquals(await alive(pids), []);
  },
);

Deno.test("an executable names the missing programs of its machine, as data too", { ignore }, async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "cat", command: "cat", inheritEnv: ["PATH"] }]);
  const app = `${folder.path}/app`;
  await compile(file, app);
  const run = world(app, pathOf(folder, "sh"), "/");
  assertEquals(await outcome(run()), {
    code: 1,
    stdout: "",
    stderr: 'Cannot start "cat": it is not on PATH; install it or correct the name\n',
  });
  assertEquals((await outcome(run("check"))).code, 1);
  const { error } = JSON.parse((await outcome(run("--log-format", "json"))).stderr);
  assertEquals([error.code, error.program], ["program_not_found", "cat"]);
  // It is called by its own name, and not by that of the tree in it.
  assertMatch((await outcome(run("--help"))).stdout, /^Usage: app \[OPTIONS\]\n[^]*\n {2}app check /);
  assertEquals(await outcome(run("--fro", "1s")), {
    code: 2,
    stdout: "",
    stderr: "Cannot use --fro: there is no such option; did you mean --for?\nSee app --help\n",
  });
  const { code, stderr } = await outcome(run("--take-over"));
  assertEquals([code, stderr.split("\n")[0]], [
    2,
    "Cannot use --take-over: who else runs it can't be told, as it was made without --contain",
  ]);
});

Deno.test(
  "embedded programs need nothing but the executable, and are gone after it",
  { ignore },
  async () => {
    await using folder = new Folder();
    Deno.mkdirSync(`${folder.path}/project`);
    const worker = folder.write("project/worker", "#!/bin/sh\necho in $PWD\nexec sleep 60\n");
    Deno.chmodSync(worker, 0o755);
    const file = folder.write("project/outrider.json", {
      name: "tree",
      children: [{ id: "worker", command: "./worker", inheritEnv: ["PATH"] }],
    });
    const app = `${folder.path}/app`;
    const told = await compile(
      file,
      app,
      "--embed",
      "--unpack-to",
      folder.path,
      "--control",
      `${folder.path}/s`,
    );
    const [, unpacked] = /--allow-write=([^,\s]+)/.exec(told)!;
    assertMatch(unpacked!, /\/outrider-[0-9a-f]{16}$/);
    assert(told.endsWith(`  ${worker} is in it, as worker\n`), told);
    Deno.removeSync(`${folder.path}/project`, { recursive: true });
    const run = world(app, pathOf(folder, "sh", "sleep"), folder.path);
    assertEquals(await outcome(run("check")), {
      code: 0,
      stdout: [
        "tree: 1 sidecar, 1 program embedded, no fault found",
        "  a stop ends each sidecar and all that it has started",
        "  if Outrider is killed, their stdin ends where it is a pipe, and nothing more",
        "  a second run of it is not noticed",
        "  for all of it, make it with --contain\n",
      ].join("\n"),
      stderr: "",
    });
    assert(!isThere(unpacked!));
    // The second run finds what the first has left, as nobody can tidy up after SIGKILL.
    for (const signal of ["SIGKILL", "SIGTERM"] as const) {
      await using up = new Running(run());
      await up.line(new RegExp(`worker#1 +stdout +in ${folder.path}$`));
      assertEquals(Deno.lstatSync(unpacked!).mode! & 0o777, 0o700);
      const status = await outcome(run("status"));
      assertEquals(status.code, 0, status.stderr);
      assertMatch(status.stdout, /^worker +running +1 /m);
      const pids = up.pids();
      up.signal(signal);
      const { code } = await up.ended();
      if (signal === "SIGKILL") { for (const pid of await alive(pids)) Deno.kill(pid, "SIGKILL"); }
      else assertEquals([code, await alive(pids)], [0, []]);
    }
    assert(!isThere(unpacked!));
  },
);
