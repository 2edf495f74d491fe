/** The verbs of an executable on the run that listens, and that it never listens unless it was made to. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { compile, ignore, outcome, pathOf, world } from "./executable.ts";
import { alive, Folder, Running } from "../outrider.ts";

const inheritEnv = ["PATH"];
const children = [
  { id: "web", command: "sh", args: ["-c", "echo hello from web; exec sleep 60"], inheritEnv },
  { id: "cat", command: "cat", protocol: "lines", inheritEnv },
  { id: "raw", command: "cat", protocol: "bytes", inheritEnv },
  {
    id: "job",
    command: "sh",
    args: ["-c", 'echo "did $*"; exit ${1:-0}', "-"],
    restart: "temporary",
    inheritEnv,
  },
  { id: "workers", size: 1, sidecar: { command: "cat", protocol: "lines", inheritEnv } },
];

Deno.test(
  "an executable made with --control does every verb on its run, by its own name",
  { ignore },
  async () => {
    await using folder = new Folder();
    const app = `${folder.path}/app`;
    await compile(folder.manifest(children), app, "--control", `${folder.path}/s`);
    const run = world(app, pathOf(folder, "sh", "cat", "sleep"), "/");
    const verb = (...args: string[]) => outcome(run(...args));
    const before = await verb("ps");
    assertEquals([before.code, before.stdout], [1, ""]);
    assertStringIncludes(before.stderr, "It listens there while 'app' runs\n");
    await using up = new Running(run());
    await up.line(/tree +ready/);
    await up.line(/job#1 +finished/);
    await using events = new Running(run("events", "--types", "exited"));
    await using follower = new Running(run("logs", "-f", "web"));
    await follower.line(/hello from web/);

    const expected: [args: string[], says: RegExp][] = [
      [["status"], /^web +running /m],
      [["ps"], /^web +running +1 +0 /m],
      [["wait", "web"], /^web: ready$/m],
      [["logs", "web"], /web#1 +stdout +hello from web\n$/],
      [["logs", "--json", "web"], /"line":"hello from web"/],
      [["why", "web"], /^web: running .*\n {2}#1 /],
      [["ask", "cat", "hi"], /^hi\n$/],
      [["ask", "workers", "hi"], /^hi\n$/],
      [["scale", "workers", "2"], /^workers: 2 copies now/],
      [["replace", "workers"], /^workers: 2 copies replaced/],
      [["run", "job"], /^did \n$/],
      [["pipe", "raw"], /^$/],
      [["restart", "web"], /^web: running, generation 2/],
      [["stop", "web"], /^web: stopped/],
      [["start", "web"], /^web: running, generation 3/],
      [["signal", "web", "SIGTERM"], /^web: SIGTERM sent$/m],
    ];
    for (const [args, says] of expected) {
      const { code, stdout, stderr } = await verb(...args);
      assertEquals(code, 0, `${args}: ${stdout}${stderr}`);
      assertMatch(stdout, says);
    }
    await events.line(/web#3 .*SIGTERM/);
    assertEquals((await verb("run", "job", "--", "7", "--help")).code, 7);
    const wrong: [args: string[], code: number, says: string][] = [
      [["logs", "wbe"], 2, "did you mean 'web'?\nSee app --help\n"],
      [["stop"], 2, "and 'app down' ends the tree"],
      [["ask", "--own", "cat", "x"], 2, "Cannot use --own"],
      [["lgs"], 2, "did you mean 'logs'?"],
    ];
    for (const [args, code, says] of wrong) {
      const told = await verb(...args);
      assertEquals(told.code, code, `${args}: ${told.stderr}`);
      assertStringIncludes(told.stderr, says);
    }
    const help = await verb("logs", "--help");
    assertMatch(help.stdout, /^Usage: app logs \[CHILD\.\.\.\] \[OPTIONS\]\n/);
    assert(!(await verb("ps", "--help")).stdout.includes("TREE is FILE"));
    const pids = up.pids();
    assertEquals((await verb("down")).stdout, "tree: stopped\n");
    assertEquals((await up.ended()).code, 0);
    assertEquals([(await events.ended()).code, (await follower.ended()).code], [0, 0]);
    assertEquals(await alive(pids), []);
  },
);

Deno.test(
  "an executable made without --control listens nowhere, and says that its verbs need it",
  { ignore },
  async () => {
    await using folder = new Folder();
    const app = `${folder.path}/app`;
    await compile(folder.manifest(children), app, "--contain");
    const run = world(app, pathOf(folder, "sh", "cat", "sleep", "ps", "kill", "setsid"), "/");
    const state = { XDG_STATE_HOME: folder.path };
    await using up = new Running(run());
    await up.line(/tree +ready/);
    const { stdout } = await outcome(
      new Deno.Command("find", { args: [folder.path, "-type", "s"], env: state }),
    );
    assertEquals(stdout, "");
    const { code, stderr } = await outcome(run("logs"));
    assertEquals(code, 2);
    assertStringIncludes(stderr, "Cannot do 'logs': it was made without --control, so nothing listens");
    up.signal("SIGTERM");
    assertEquals((await up.ended()).code, 0);
  },
);
