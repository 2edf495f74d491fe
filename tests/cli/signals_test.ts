/** Signals to `outrider up`: the first stops in order, the second at once; the same within half a second counts once. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { delay } from "@std/async";
import { SAME_SIGNAL_MS } from "../../src/launch/process_ends.ts";
import { PIPE_DRAIN_MS } from "../../src/options/presets.ts";
import { Witness } from "../containment/witness.ts";
import { alive, Folder, Running, runs, story } from "./outrider.ts";

const sleep = (id: string) => ({ id, command: "sleep", args: ["60"] });
const ready = { ready: { stdout: "^ready" } };

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  Deno.test(`${signal} stops all children in reverse order, with 0`, async () => {
    await using folder = new Folder();
    const children = [
      sleep("a"),
      { id: "b", strategy: "one_for_all", children: [sleep("c"), sleep("d")] },
      sleep("e"),
    ];
    await using up = new Running(["up", folder.manifest(children)]);
    await up.line(/tree +ready/);
    const pids = up.pids();
    assertEquals((await alive(pids)).length, 4);
    up.signal(signal);
    assertEquals(await up.ended(), { code: 0, stderr: "" });
    const stopped = story(up.lines).filter((line) => line.includes(": stopped ")).map((line) =>
      line.split(":")[0]
    );
    assertEquals(stopped, ["e", "b/d", "b/c", "b", "a", "tree"]);
    assertEquals(await alive(pids), []);
  });
}

Deno.test("a second signal ends everything at once with 130, though a child ignores SIGTERM", async () => {
  await using folder = new Folder();
  const stubborn = { ...runs("stubborn", "ignores_term"), ...ready, stop: { stdin: "1h", term: "1h" } };
  await using up = new Running(["up", folder.manifest([sleep("a"), stubborn, sleep("b")])]);
  await up.line(/tree +ready/);
  const pids = up.pids();
  up.signal("SIGTERM");
  await up.line(/b#1 +stopped/);
  assertEquals((await alive(pids)).length, 2);
  const began = performance.now();
  up.signal("SIGINT");
  const { code, stderr } = await up.ended();
  assertEquals([code, stderr], [130, ""]);
  assert(performance.now() - began < 3_000);
  assertMatch(up.lines.join("\n"), /stubborn#1 +killed +by SIGKILL/);
  assertEquals(await alive(pids), []);
});

/** Twice, as a terminal and `deno task` send one Ctrl-C, `ms` apart. */
async function pressOnce(up: Running, ms: number): Promise<void> {
  up.signal("SIGINT");
  await delay(ms);
  up.signal("SIGINT");
}

for (const ms of [0, 20, 100]) {
  Deno.test(`up stops in order when SIGINT comes again within ${ms} ms`, async () => {
    await using folder = new Folder();
    const slow = { ...runs("slow", "ignores_term"), ...ready, stop: { stdin: 0, term: "2s" } };
    await using up = new Running(["up", folder.manifest([sleep("a"), slow])]);
    await up.line(/tree +ready/);
    await pressOnce(up, ms);
    assertEquals(await up.ended(), { code: 0, stderr: "" });
    assertMatch(up.lines.join("\n"), /a#1 +stopped +by SIGTERM/);
  });
}

Deno.test("up ends with 0 when SIGINT comes again after its tree has ended", async () => {
  await using folder = new Folder();
  await using up = new Running(["up", folder.manifest([sleep("a")])]);
  await up.line(/tree +ready/);
  up.signal("SIGINT");
  await up.line(/tree +stopped/);
  try {
    up.signal("SIGINT");
  } catch (error) {
    // It has ended already.
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
  assertEquals(await up.ended(), { code: 0, stderr: "" });
});

Deno.test("up ends everything at once when the same signal comes again later", async () => {
  await using folder = new Folder();
  const stubborn = { ...runs("stubborn", "ignores_term"), ...ready, stop: { stdin: "1h", term: "1h" } };
  await using up = new Running(["up", folder.manifest([stubborn])]);
  await up.line(/tree +ready/);
  await pressOnce(up, SAME_SIGNAL_MS + 200);
  assertEquals((await up.ended()).code, 130);
});

const HOLDS =
  `trap '' TERM; $0 sh -c "trap '' TERM; while :; do sleep 1; done" & echo $!; while :; do sleep 1; done`;

/** Ends a tree by force whose pipe is held, and returns how long that was waited for, if the tree lived to tell it. */
async function waitedWhenForced(flag: string, wrapper: string, swept: string): Promise<number | undefined> {
  await using witness = new Witness();
  await using folder = new Folder();
  const holder = witness.sidecar("holder", "ignores_term", {
    args: ["-c", HOLDS, wrapper],
    stop: { stdin: "1h", term: "1h" },
  });
  const flags = [flag, "--allow-read", "--allow-write", "--allow-env"];
  await using up = new Running(["up", folder.manifest([holder]), "--log-format=json"], { flags });
  await up.line(/"path":"\/".*"type":"ready"/);
  up.signal("SIGTERM");
  await up.line(/"type":"stopping"/);
  up.signal("SIGINT");
  const { code, stderr } = await up.ended();
  assertEquals(code, 130);
  assertStringIncludes(stderr, swept);
  return up.lines.map((line) => JSON.parse(line)).find(({ type }) => type === "pipes_held")?.waited;
}

for (
  const [flag, wrapper, swept] of [
    ["--allow-run", "setsid", "swept"],
    ["--allow-run=sh", "command", ""],
  ] as const
) {
  Deno.test(`a second signal does not wait for a pipe that another process holds under ${flag}`, async () => {
    let waited: number | undefined;
    // The end of a forced tree has a second, which the death of a process alone may take where the machine is busy.
    for (let attempt = 0; attempt < 8 && waited === undefined; attempt++) {
      waited = await waitedWhenForced(flag, wrapper, swept);
    }
    assert(waited !== undefined && waited < PIPE_DRAIN_MS, `waited ${waited} ms`);
  });
}

Deno.test("a second signal during the start ends it at once with 130", async () => {
  await using folder = new Folder();
  const stubborn = {
    ...runs("stubborn", "ignores_term"),
    ready: { stdout: "^other", within: "1h" },
    stop: { stdin: "1h", term: "1h" },
  };
  await using up = new Running(["up", folder.manifest([sleep("a"), stubborn]), "--log-level", "debug"]);
  await up.line(/stubborn#1 +stdout +ready/);
  const pids = up.pids();
  up.signal("SIGTERM");
  await up.line(/stubborn#1 +stopping +closing stdin/);
  up.signal("SIGINT");
  assertEquals((await up.ended()).code, 130);
  assertEquals(await alive(pids), []);
});

Deno.test("a child that waits for its restart is not started again after a signal", async () => {
  await using folder = new Folder();
  const bad = { ...runs("bad", "exits_with_code", "3"), backoff: { initial: "1h", max: "2h" } };
  await using up = new Running(["up", folder.manifest([sleep("a"), bad])]);
  await up.line(/bad#1 +restarting/);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
  assertEquals(story(up.lines).filter((line) => line.startsWith("bad: started")).length, 1);
});

Deno.test("a child that ignores SIGTERM is killed when the stop sequence says so, and the rest follows", async () => {
  await using folder = new Folder();
  const stubborn = { ...runs("stubborn", "ignores_term"), ...ready, stop: { term: "200ms" } };
  await using up = new Running(["up", folder.manifest([sleep("a"), stubborn])]);
  await up.line(/tree +ready/);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
  const told = story(up.lines).slice(-4).map((line) => line.replace(/, took .*/, ""));
  assertEquals(told.slice(0, 3), [
    "tree: stopping everything, in reverse start order: SIGTERM",
    "stubborn: killed by SIGKILL",
    "a: stopped by SIGTERM",
  ]);
});
