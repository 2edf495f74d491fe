/** `outrider explain`, as its user sees it. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { MAX_TIMES } from "../../src/cli/verbs/explain.ts";
import { Folder, outrider } from "./outrider.ts";
import { Session } from "./session.ts";

const session = new Session();

const leaf = (id: string, fields: Record<string, unknown> = {}) => ({ id, command: "cat", ...fields });

/** A root, `db`, and three workers under a supervisor of their own. */
function tree(
  folder: Folder,
  workers: Record<string, unknown> = {},
  w1: Record<string, unknown> = {},
): string {
  return folder.manifest([
    leaf("db", { restart: { on: "on-failure", prevent: [78], force: [0] } }),
    {
      id: "workers",
      strategy: "rest_for_one",
      intensity: { restarts: 1, within: "1m" },
      ...workers,
      children: [leaf("w1", w1), leaf("w2"), leaf("w3", { restart: "temporary" })],
    },
  ], { defaults: "otp" });
}

async function explained(...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await session.run(["explain", ...args]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  return stdout.trimEnd().split("\n");
}

Deno.test("explain prints the decision, the budget, and each stop and start with its delay when a child dies", async () => {
  await using folder = new Folder();
  assertEquals(await explained(tree(folder), "workers/w1"), [
    "workers/w1 exits with code 1",
    "",
    `  verdict   start it again: "permanent" restarts after a failure by exit code`,
    "  budget    restart 1 of 1 within 60 s, none left to workers",
    "  stop      workers/w3 (temporary: forgotten), workers/w2",
    "  wait      150 ms to 250 ms",
    "  start     workers/w1, workers/w2",
  ]);
});

Deno.test("explain prints that the supervisor gives up when the budget is spent, and the decision above it", async () => {
  await using folder = new Folder();
  assertEquals(await explained(tree(folder), "workers/w1", "SIGKILL", "--times", "2"), [
    "workers/w1 is ended by SIGKILL, for the 2nd time in a row",
    "",
    `  verdict   start it again: "permanent" restarts after a signal`,
    "  budget    it would be restart 2, and workers has 1 within 60 s",
    "  limit     workers gives up: it stops its children and ends",
    "  stop      workers/w2",
    "",
    "workers ends",
    "",
    `  verdict   start it again: "permanent" restarts after an end in order`,
    "  budget    restart 1 of 5 within 3 min, 4 left to tree",
    "  start     workers, workers/w1, workers/w2, workers/w3",
  ]);
});

Deno.test("the tree can end by it", async () => {
  await using folder = new Folder();
  const lines = await explained(tree(folder), "workers", "--times", "6");
  assertEquals(lines[0], "workers ends in order, for the 6th time in a row");
  assertEquals(lines.slice(-4), [
    "  limit     tree gives up: it stops its children and ends",
    "  stop      db",
    "",
    "Nothing runs any more: 'outrider up' ends, with exit code 1.",
  ]);
});

Deno.test("explain prints a quarantine and the start after its cool-down", async () => {
  await using folder = new Folder();
  const file = tree(folder, { onLimit: { quarantine: { coolDown: "30s" } }, strategy: "one_for_one" });
  assertEquals((await explained(file, "workers/w1", "--times=2")).slice(3), [
    "  budget    it would be restart 2, and workers has 1 within 60 s",
    "  limit     workers/w1 is held in quarantine for 30 s; its siblings live on, with a new budget",
    "  wait      30 s",
    "  start     workers/w1",
  ]);
});

Deno.test("the lists by exit code say so, and the last death there can be is explained", async () => {
  await using folder = new Folder();
  const file = tree(folder);
  assertEquals(await explained(file, "db", "78", "--times", "3"), [
    "db exits with code 78",
    "",
    `  verdict   leave it stopped: "prevent" names exit code 78`,
    "  others    nothing happens to them",
    "",
    "It can't die so 3 times in a row: after that it does not run.",
  ]);
  assertEquals(
    (await explained(file, "db", "0"))[2],
    `  verdict   start it again: "force" names exit code 0, after which "on-failure" ("transient") would not`,
  );
});

Deno.test("a full tally says how full", async () => {
  await using folder = new Folder();
  const restart = { tallies: [{ of: [9, "SIGABRT"], deaths: 2, within: "1m" }] };
  const file = tree(folder, { intensity: { restarts: 9 } }, { restart, backoff: { initial: 0 } });
  const lines = await explained(file, "workers/w1", "SIGABRT", "--times", "2");
  assertEquals(
    lines[2],
    "  verdict   leave it stopped: a tally is full, 2 deaths by exit code 9 or SIGABRT within 60 s",
  );
});

Deno.test("a significant child ends its supervisor", async () => {
  await using folder = new Folder();
  const file = folder.manifest([leaf("a", { restart: "transient", significant: true }), leaf("b")], {
    autoShutdown: "any_significant",
  });
  assertEquals(await explained(file, "a", "completed"), [
    "a exits with code 0",
    "",
    `  verdict   leave it stopped: "on-failure" ("transient") does not restart after an end in order`,
    "  shutdown  tree ends, as its autoShutdown says: a is significant",
    "  stop      b",
    "",
    "Nothing runs any more: 'outrider up' ends, with exit code 0.",
  ]);
});

Deno.test("explain distinguishes a failed first start, which is final, from a failed restart", async () => {
  await using folder = new Folder();
  assertEquals(await explained(tree(folder), "db", "unstartable"), [
    "When the tree starts, that is final: what had started is stopped again, and 'tree' does not start.",
    "Later it is a restart that fails:",
    "",
    "db can't be started at all",
    "",
    "  verdict   leave it stopped: what can't be started at all is never tried again",
    "  others    nothing happens to them",
  ]);
  const none = tree(folder, { intensity: { restarts: 0 } });
  assertEquals(await explained(none, "workers/w1", "not_ready"), [
    "When the tree starts, that is final: what had started is stopped again, and 'tree' does not start.",
    "Later no restart of it can fail, as none is allowed.",
  ]);
});

Deno.test("explain says of a death that it is final while the tree starts, when up then does not start", async () => {
  await using folder = new Folder();
  const fails = { id: "job", command: "sh", args: ["-c", "echo no table >&2; exit 3"] };
  const needs = (condition: string) => leaf("web", { after: [{ id: "job", condition }] });
  const cases: readonly [
    name: string,
    children: readonly unknown[],
    start: string | undefined,
    end: string,
  ][] = [
    [
      "needed",
      [{ ...fails, restart: "on-failure" }, needs("completed_successfully")],
      "web can't start",
      "Later:",
    ],
    ["waits", [{ ...fails, ready: { stdout: "^up" } }], "before it is ready", "Once it is ready:"],
    [
      "probed",
      [{ ...fails, probes: { startup: { command: ["false"] } } }],
      "before it is ready",
      "Once it is ready:",
    ],
    ["free", [{ ...fails, restart: "temporary" }, needs("completed")], undefined, ""],
  ];
  for (const [name, children, start, later] of cases) {
    const file = folder.write(
      `${name}.json`,
      JSON.stringify({ name, defaults: "otp", intensity: { restarts: 99 }, children }),
    );
    const lines = await explained(file, "job", "3");
    const { code, stderr } = await outrider(["up", file, "--for", "2s"]);
    assertEquals({ name, code }, { name, code: start === undefined ? 0 : 1 });
    if (start === undefined) {
      assertEquals(lines[0], "job exits with code 3");
      continue;
    }
    assertStringIncludes(lines[0]!, start);
    assertStringIncludes(lines[0]!, `that is final`);
    assertEquals(lines[1], later);
    assertEquals(stderr.match(/Cannot start/g)?.length, 1, stderr);
    assertStringIncludes(stderr, "last words: no table");
  }
});

Deno.test("a long list of children is broken into lines", async () => {
  await using folder = new Folder();
  const file = folder.manifest(Array.from({ length: 40 }, (_, i) => leaf(`worker-${i}`)), {
    strategy: "one_for_all",
  });
  const lines = await explained(file, "worker-7");
  for (const line of lines) assertEquals(line.length <= 100, true, line);
  assertEquals(lines.filter((line) => /^ {12}worker/.test(line)).length > 4, true);
});

Deno.test("an unknown child: the nearest path is suggested, exit code 2", async () => {
  await using folder = new Folder();
  const file = tree(folder);
  for (
    const [path, hint] of [["w1", "did you mean 'workers/w1'?"], ["workers/w4", "did you mean 'workers/w"], [
      "elsewhere",
      "children are db, workers, workers/w1, workers/w2, workers/w3",
    ]] as const
  ) {
    const { code, stdout, stderr } = await session.run(["explain", file, path]);
    assertEquals({ code, stdout }, { code: 2, stdout: "" });
    assertStringIncludes(stderr, `Cannot find the child '${path}': ${hint}`);
  }
});

Deno.test("explain reports a wrong command line with exit code 2", async () => {
  await using folder = new Folder();
  const file = tree(folder);
  const wrong: readonly [readonly string[], string][] = [
    [[], "there is no outrider.json"],
    [[file], "CHILD is missing"],
    [[file, "db", "1", "2"], "more than one CAUSE: 1, 2"],
    [[file, "db", "256"], "Cannot explain a death by '256'"],
    [[file, "db", "SIGKIL"], "did you mean 'SIGKILL'?"],
    [[file, "db", "unhealty"], "did you mean 'unhealthy'?"],
    [[file, "workers", "1"], "it is a supervisor, not a process"],
    [[file, "db", "--times", "0"], "Cannot use --times 0"],
    [[file, "db", "--times", String(MAX_TIMES + 1)], "1 to 10,000"],
  ];
  for (const [args, message] of wrong) {
    const { code, stdout, stderr } = await session.run(["explain", ...args]);
    assertEquals({ code, stdout }, { code: 2, stdout: "" }, message);
    assertStringIncludes(stderr, message);
  }
});

Deno.test("explain needs no permission but to read the manifest", async () => {
  await using folder = new Folder();
  const file = tree(folder);
  const { code } = await outrider(["explain", file, "db"], { flags: [`--allow-read=${file}`] });
  assertEquals(code, 0);
});

Deno.test("explain counts an end as a success, with its own code, when successExitStatus names it", async () => {
  await using folder = new Folder();
  const file = folder.manifest([
    leaf("job", { restart: "on-failure", successExitStatus: [2, "SIGTERM"] }),
  ]);
  for (const [cause, how] of [["2", "exits with code 2"], ["SIGTERM", "is ended by SIGTERM"]] as const) {
    assertEquals((await explained(file, "job", cause)).slice(0, 3), [
      `job ${how}, a success`,
      "",
      `  verdict   leave it stopped: "on-failure" ("transient") does not restart after an end in order`,
    ]);
  }
});
