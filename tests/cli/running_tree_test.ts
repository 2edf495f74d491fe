/** The verbs on a running tree as an operator types them: named by its manifest, or by the folder that it is in. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { alive, Folder, Running, runs } from "./outrider.ts";
import { Session } from "./session.ts";

const { outrider } = new Session();

const cat = { id: "cat", command: "cat", protocol: "lines" };
const db = { id: "db", command: "cat", protocol: "lines" };
const web = { id: "web", command: "cat", protocol: "lines", after: ["db"] };

/** The command line in `folder`. */
const inside = (folder: Folder) => (...args: string[]) => outrider(args, { cwd: folder.path });

/** What `ps --json` tells of the children, by path. */
async function children(folder: Folder): Promise<Record<string, Record<string, unknown>>> {
  const { stdout } = await inside(folder)("ps", "--json");
  return Object.fromEntries(
    JSON.parse(stdout).children.map((child: { path: string }) => [child.path, child]),
  );
}

Deno.test("a tree is shown, stopped, started, restarted and ended by the folder that its manifest is in", async () => {
  await using folder = new Folder();
  folder.manifest([db, web, { id: "team", children: [cat] }]);
  const verb = inside(folder);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/tree +ready/);
  const { stdout } = await verb("ps");
  assertMatch(
    stdout,
    /^child +state +gen +restarts +uptime +cpu +memory +pid +ready +lines +last output +last exit$/m,
  );
  assertMatch(stdout, /^web +running +1 +0 +\d.*s +\S+ +\d\S* [MG]B +\d+ +yes +- +-$/m);
  assertMatch(stdout, /^team +running +1 +0 +\d.*s +- +- +- +yes +- +-$/m);
  assertEquals(await verb("stop", "db"), {
    code: 0,
    stdout: "db: stopped, generation 1\n",
    stderr: "Without it now: web, which starts after db\n",
  });
  assertEquals((await verb("stop", "db")).stdout, "db: stopped, generation 1, as it was\n");
  assertEquals((await verb("start", "d*")).stdout, "db: running, generation 2\n");
  assertEquals(
    (await verb("restart", "all")).stdout,
    "db: running, generation 3\nweb: running, generation 2\nteam: running, generation 2\n",
  );
  assertEquals((await verb("restart", "team/cat")).stdout, "team/cat: running, generation 3\n");
  assertEquals(await verb("wait", "web"), { code: 0, stdout: "web: ready\n", stderr: "" });
  assertEquals(await verb("down"), { code: 0, stdout: "tree: stopped\n", stderr: "" });
  assertEquals(await up.ended(), { code: 0, stderr: "" });
  assertEquals(await alive(up.pids()), []);
  assertEquals((await verb("wait", "--for", "stopped")).stdout, "not running\n");
  const gone = await verb("down");
  assertEquals(gone.code, 1);
  assertStringIncludes(gone.stderr, "none listens for it\nStart it by 'outrider up'; ");
});

Deno.test("a verb on a running tree names what is wrong when a child, a signal or the folder is", async () => {
  await using folder = new Folder();
  folder.manifest([db, { id: "team", children: [cat] }]);
  const verb = inside(folder);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/tree +ready/);
  const wrong: [args: string[], code: number, says: string][] = [
    [["stop", "dbb"], 2, "Cannot find the child 'dbb': did you mean 'db'?\n"],
    [["start", "cat"], 2, "Cannot find the child 'cat': did you mean 'team/cat'?\n"],
    [["restart", "x/y"], 2, "Cannot find the child 'x/y': children are db, team, team/cat\n"],
    [["restart", "db", "x*"], 2, "Cannot find the child 'x*': "],
    [["signal", "cat", "HUP"], 2, "Cannot find the child 'cat': did you mean 'team/cat'?\n"],
    [["signal", "team", "HUP"], 1, "Cannot signal 'team': it has no process now\n"],
    [["signal", "db", "1"], 2, "Cannot use the signal 1: it takes a name, such as HUP\n"],
    [["signal", "db", "NONE"], 1, "Cannot signal 'db': "],
    [["wait", "dbb"], 2, "Cannot find the child 'dbb': did you mean 'db'?\n"],
    [["stop"], 2, "'outrider down' ends the tree\n"],
  ];
  for (const [args, code, says] of wrong) {
    const told = await verb(...args);
    assertEquals([told.code, told.stdout], [code, ""], told.stderr);
    assertStringIncludes(told.stderr, says);
  }
  await verb("stop", "team");
  const below = await verb("start", "team/cat");
  assertEquals(below.code, 1);
  assertStringIncludes(below.stderr, "Cannot reach 'team': no supervisor runs there\n");
  const never = await verb("wait", "team");
  assertEquals(never.code, 1);
  assertStringIncludes(never.stderr, "it is stopped, and only a request starts it\n");
  const elsewhere = await outrider(["ps"], { cwd: "/" });
  assertEquals(elsewhere.code, 2);
  assertStringIncludes(elsewhere.stderr, "there is no outrider.json or outrider.jsonc here");
});

Deno.test("signal reaches the process of a child, and its supervisor restarts what ends of it", async () => {
  await using folder = new Folder();
  const script = "trap 'echo reloaded' HUP; echo ready; while :; do sleep 0.05; done";
  folder.manifest([{ id: "daemon", command: "sh", args: ["-c", script], ready: { stdout: "^ready" } }]);
  const verb = inside(folder);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/tree +ready/);
  assertEquals((await verb("signal", "daemon", "hup")).stdout, "daemon: SIGHUP sent\n");
  await up.line(/daemon#1 +stdout +reloaded/);
  assertEquals((await verb("signal", "daemon", "SIGKILL", "--group")).code, 0);
  await up.line(/daemon#1 +crashed .*SIGKILL/);
  await up.line(/daemon#2 +ready/);
});

Deno.test("wait ends with 5 and the names of those that are not ready when its time is over, and waits for a tree to come", async () => {
  await using folder = new Folder();
  const slow = {
    id: "slow",
    command: "sh",
    args: ["-c", "while [ ! -e go ]; do sleep 0.05; done; echo ready; exec sleep 60"],
    ready: { stdout: "^ready" },
  };
  folder.manifest([cat, slow]);
  const early = inside(folder)("wait", "--timeout", "60s");
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/cat#1 +ready/);
  const late = await inside(folder)("wait", "--timeout", "1s");
  assertEquals([late.code, late.stdout], [5, ""]);
  assertStringIncludes(late.stderr, "was not ready within 1000 ms\nNot ready: slow (starting)\n");
  folder.write("go", "");
  assertEquals(await early, { code: 0, stdout: "the tree: ready\n", stderr: "" });
});

Deno.test("up listens by itself only where that is permitted already, and never for a strict manifest or with --no-control", async () => {
  await using folder = new Folder();
  const file = folder.manifest([cat]);
  const strict = folder.write("strict.json", { name: "tree", permissions: "strict", children: [cat] });
  const exact = (await outrider(["permissions", strict])).stdout.trim().split(" ");
  const narrow = (await outrider(["permissions", file])).stdout.trim().split(" ");
  const silent: [args: string[], flags: string[] | undefined, file: string][] = [
    [["up", file], narrow, file],
    [["up", file, "--no-control"], undefined, file],
    [["up", strict], exact, strict],
  ];
  for (const [args, flags, of] of silent) {
    await using up = new Running(args, flags && { flags });
    await up.line(/tree +ready/);
    const { code, stderr } = await outrider(["ps", of]);
    assertEquals(code, 1, args.join(" "));
    assertStringIncludes(stderr, "none listens for it");
    up.signal("SIGTERM");
    assertEquals((await up.ended()).code, 0);
  }
  const both = await outrider(["up", file, "--control", "./s", "--no-control"]);
  assertEquals(both.code, 2);
});

Deno.test("a second runtime of a manifest runs without a socket and says so when the first is not noticed", async () => {
  await using folder = new Folder();
  const file = folder.manifest([cat]);
  // Without the record of runs the second one is not refused: there is no home.
  const flags = [
    "--allow-run=cat",
    "--allow-read",
    "--allow-write=/tmp",
    "--allow-env=PATH,HOME,LANG,TERM,TMPDIR,USER",
    "--allow-net",
  ];
  const env = { HOME: "", XDG_STATE_HOME: "" };
  await using first = new Running(["up", file], { flags, env });
  await first.line(/tree +ready/);
  await using second = new Running(["up", file], { flags, env });
  await second.line(
    /warning +it can't be looked at while it runs, as no socket could be made .*another runtime does/,
  );
  await second.line(/tree +ready/);
  second.signal("SIGTERM");
  assertEquals((await second.ended()).code, 0);
  const seen = await outrider(["ps", file], { env });
  assertEquals(seen.code, 0, seen.stderr);
});

Deno.test("the socket of a tree is in a folder of its own, short enough for every system, and gone with the tree", async () => {
  await using folder = new Folder();
  const file = folder.manifest([cat]);
  const state = `${folder.path}/${"long".repeat(20)}`;
  for (
    const [env, base] of [[{ XDG_STATE_HOME: `${folder.path}/state` }, `${folder.path}/state/outrider`], [{
      XDG_STATE_HOME: state,
    }, "/tmp"]] as const
  ) {
    await using up = new Running(["up", file], { env });
    await up.line(/tree +ready/);
    const [found] = [...Deno.readDirSync(base)].filter(({ name }) => /^(outrider-)?[0-9a-f]{16}$/.test(name))
      .map(({ name }) => `${base}/${name}`).filter((path) =>
        (Deno.statSync(path).mode! & 0o777) === 0o700 && isSocket(`${path}/control`)
      );
    assertEquals(new TextEncoder().encode(`${found}/control`).length <= 103, true);
    assertEquals((await outrider(["ps", file], { env })).code, 0);
    up.signal("SIGTERM");
    assertEquals((await up.ended()).code, 0);
    if (base !== "/tmp") {
      assertEquals(
        Deno.statSync(base).isDirectory &&
          [...Deno.readDirSync(base)].some(({ name }) => /^[0-9a-f]{16}$/.test(name)),
        false,
      );
    }
  }
});

function isSocket(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSocket === true;
  } catch {
    return false;
  }
}

Deno.test("a child that ignores its stop is ended by force, and stop says by what", async () => {
  await using folder = new Folder();
  const stubborn = {
    ...runs("stubborn", "ignores_term"),
    ready: { stdout: "^ready" },
    stop: { stdin: "10ms", term: "50ms" },
  };
  folder.manifest([cat, stubborn]);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/tree +ready/);
  assertEquals(
    (await inside(folder)("stop", "stubborn")).stdout,
    "stubborn: stopped, generation 1, ended by SIGKILL\n",
  );
  assertEquals((await children(folder)).stubborn!.state, "stopped");
});
