/**
 * Executables, made for real and run without Deno, where `DENORT_BIN` is set. It is of the Deno that
 * `DENO_FOR_COMPILE` names, if that is set, and else of the one that runs the tests.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { alive, Folder, type Outcome, Running, words } from "./outrider.ts";

const ignore = (Deno.env.get("DENORT_BIN") ?? "") === "";
const compiler = Deno.env.get("DENO_FOR_COMPILE") || Deno.execPath();

async function outcome(command: Deno.Command): Promise<Outcome> {
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Makes an executable, and returns what was told. */
async function compile(file: string, output: string, ...more: string[]): Promise<string> {
  const [, ...args] = words(["compile", file, "-o", output, ...more]);
  const made = await outcome(new Deno.Command(compiler, { args, env: { NO_COLOR: "1" } }));
  assertEquals([made.code, made.stderr], [0, ""]);
  return made.stdout;
}

/** A PATH with some programs and no others: above all no deno. */
function pathOf(folder: Folder, ...programs: string[]): string {
  const path = `${folder.path}/path`;
  Deno.mkdirSync(path);
  for (const program of programs) {
    const found = Deno.env.get("PATH")!.split(":").map((place) => `${place}/${program}`).find(isThere);
    Deno.symlinkSync(found!, `${path}/${program}`);
  }
  return path;
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** The executable in a world of its own: that PATH, and nothing else of our environment. */
function world(app: string, PATH: string, cwd: string): (...args: string[]) => Deno.Command {
  return (...args) =>
    new Deno.Command(app, {
      args,
      cwd,
      clearEnv: true,
      env: { PATH, NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
}

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
    assertEquals(await outcome(run("check")), {
      code: 0,
      stdout: "tree: 2 sidecars, no fault found\n",
      stderr: "",
    });
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

Deno.test("an executable says what is missing where it runs, as data too", { ignore }, async () => {
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
    const [, unpacked] = /--allow-read=([^,\s]+)/.exec(told)!;
    assertMatch(unpacked!, /\/outrider-[0-9a-f]{16}$/);
    assert(told.endsWith(`  ${worker} is in it, as worker\n`), told);
    Deno.removeSync(`${folder.path}/project`, { recursive: true });
    const run = world(app, pathOf(folder, "sh", "sleep"), folder.path);
    assertEquals(await outcome(run("check")), {
      code: 0,
      stdout: "tree: 1 sidecar, 1 program embedded, no fault found\n",
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
