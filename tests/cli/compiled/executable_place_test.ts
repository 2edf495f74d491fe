/** Which files an executable trusts for where they are: none that another user could have put there. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname, resolve } from "node:path";
import { compile, ignore, isThere, outcome, pathOf } from "./executable.ts";
import { Folder, Running } from "../outrider.ts";

const strace = ["/usr/bin/strace", "/usr/local/bin/strace"].find(isThere);

/** A tree whose worker is in the executable; `ready` is the line that its start ends with. */
function project(folder: Folder): string {
  const worker = folder.write("worker", "#!/bin/sh\necho at $0\nexec sleep 60\n");
  Deno.chmodSync(worker, 0o755);
  return folder.manifest([{ id: "worker", command: "./worker", inheritEnv: ["PATH"] }]);
}

function pipes(args: string[], env: Record<string, string>, cwd: string): Deno.Command {
  const [program, ...rest] = args;
  return new Deno.Command(program!, {
    args: rest,
    cwd,
    clearEnv: true,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** The kernel's own, which Deno lets no test look at; only one folder in them is open to all. */
const KERNEL = /^\/(?:proc|sys|dev)(?!\/shm\/)(?:\/|$)/;

/** Paths that a traced run looked at, opened or made, and that others may exchange; `own` is this test's folder. */
function exchangeable(trace: string, own: string): string[] {
  const paths = trace.split("\n").flatMap((line) => {
    const [, call, rest] = /^\d+ +(\w+)\((.*)$/.exec(line) ?? [];
    const quoted = [...(rest ?? "").matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, path]) => path!);
    return call?.startsWith("exec") ? quoted.slice(0, 1) : quoted;
  });
  assert(paths.length > 20, trace);
  const all = new Set(paths.filter((path) => path !== "").map((path) => resolve(own, path)));
  return [...all].filter((path) => {
    if (KERNEL.test(path) || path === own) return false;
    if (path.startsWith("/dev/shm/")) return true;
    let parent = dirname(path);
    while (!isThere(parent)) parent = dirname(parent);
    return (Deno.statSync(parent).mode! & 0o022) !== 0;
  });
}

for (const flags of [[], ["--embed"], ["--contain", "--embed"]]) {
  Deno.test(
    `an executable opens no file that others may exchange when it is made with ${
      flags.join(" ") || "no flags"
    }`,
    {
      ignore,
    },
    async (test) => {
      await test.step({
        name: strace === undefined ? "skipped: needs strace" : "traced by strace",
        ignore: strace === undefined,
        fn: async () => {
          await using folder = new Folder();
          const app = `${folder.path}/app`;
          await compile(project(folder), app, ...flags);
          const shared = `${folder.path}/shared`;
          Deno.mkdirSync(shared);
          Deno.chmodSync(shared, 0o1777);
          const env = { PATH: pathOf(folder, "sh", "sleep", "ps", "kill"), HOME: `${folder.path}/home` };
          Deno.mkdirSync(env.HOME, { mode: 0o700 });
          const trace = `${folder.path}/trace`;
          const traced = [strace!, "-f", "-s", "4096", "-e", "trace=file", "-o", trace, app];
          const places: Record<string, string>[] = [{}, { TMPDIR: shared, TMP: shared, TEMP: shared }];
          for (const temporary of places) {
            for (const [ends, ...args] of [["check", "check"], ["up", "--for", "300ms"]]) {
              const { code, stderr } = await outcome(
                pipes([...traced, ...args], { ...env, ...temporary }, folder.path),
              );
              assertEquals(code, 0, `${ends}: ${stderr}`);
              assertEquals(exchangeable(Deno.readTextFileSync(trace), folder.path), []);
            }
          }
          assertEquals([...Deno.readDirSync(shared)], []);
        },
      });
    },
  );
}

Deno.test(
  "embedded programs are unpacked to the cache of the user who runs the executable",
  { ignore },
  async () => {
    await using folder = new Folder();
    const app = `${folder.path}/app`;
    const told = await compile(project(folder), app, "--embed");
    assertMatch(told, / --allow-env=PATH,XDG_CACHE_HOME,HOME --allow-read --allow-write --allow-sys=uid\n/);
    const PATH = pathOf(folder, "sh", "sleep");
    const cache = Deno.build.os === "darwin" ? "Library/Caches" : ".cache";
    const homes: [env: Record<string, string>, place: string][] = [
      [{ HOME: `${folder.path}/home` }, `${folder.path}/home/${cache}`],
      [
        { HOME: `${folder.path}/home`, XDG_CACHE_HOME: `${folder.path}/xdg/cache` },
        `${folder.path}/xdg/cache`,
      ],
      [{ HOME: `${folder.path}/home`, XDG_CACHE_HOME: "relative" }, `${folder.path}/home/${cache}`],
    ];
    for (const [env, place] of homes) {
      await using up = new Running(pipes([app], { PATH, ...env }, folder.path));
      const [, at] = /at (.*)\/worker$/.exec(await up.line(/worker#1 +stdout +at /))!;
      assertEquals(dirname(at!), place);
      assertEquals(Deno.lstatSync(at!).mode! & 0o777, 0o700);
      up.signal("SIGTERM");
      assertEquals((await up.ended()).code, 0);
      assert(!isThere(at!));
    }
    const homeless: Record<string, string>[] = [{}, { HOME: "" }, { HOME: "relative" }];
    for (const env of homeless) {
      for (const args of [[], ["check"]]) {
        const { code, stderr } = await outcome(pipes([app, ...args], { PATH, ...env }, folder.path));
        assertEquals(code, 1);
        assertStringIncludes(
          stderr,
          "set HOME or XDG_CACHE_HOME to an absolute path, or compile with --unpack-to",
        );
      }
    }
    const open = `${folder.path}/open`;
    Deno.mkdirSync(open);
    Deno.chmodSync(open, 0o777);
    for (const args of [[], ["check"]]) {
      const { code, stderr } = await outcome(
        pipes([app, ...args], { PATH, HOME: `${open}/home` }, folder.path),
      );
      assertEquals(code, 1);
      assertStringIncludes(stderr, `others may write to ${open} (mode 0777)`);
    }
    assertEquals([...Deno.readDirSync(open)], []);
  },
);

Deno.test(
  "an embedded program that was exchanged while the executable runs is not started again",
  { ignore },
  async () => {
    await using folder = new Folder();
    const app = `${folder.path}/app`;
    await compile(project(folder), app, "--embed", "--unpack-to", folder.path);
    const mark = `${folder.path}/ran`;
    await using up = new Running(pipes([app], { PATH: pathOf(folder, "sh", "sleep", "touch") }, folder.path));
    const [, file] = /at (.*\/worker)$/.exec(await up.line(/worker#1 +stdout +at /))!;
    Deno.removeSync(dirname(file!), { recursive: true });
    Deno.mkdirSync(dirname(file!), { mode: 0o700 });
    Deno.writeTextFileSync(file!, `#!/bin/sh\ntouch ${mark}\nexec sleep 60\n`, { mode: 0o500 });
    for (const pid of up.pids()) Deno.kill(pid, "SIGKILL");
    await up.line(/worker(#2)? .*is not the pinned file/);
    assert(!isThere(mark));
    up.signal("SIGTERM");
    await up.ended();
    assert(!isThere(mark));
  },
);
