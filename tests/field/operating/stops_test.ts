/** How a tree of an operator stops: what started side by side stops so, and each child has its own way to be told. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { alive, checkout } from "../../cli/outrider.ts";
import { running, sh } from "./running.ts";

/** A database, and six services that need it; each says when it is told to stop, and takes a moment for that. */
const shop = ["db", "s1", "s2", "s3", "s4", "s5", "s6"].map((id) => ({
  id,
  ...sh(
    `trap 'echo told; sleep ${
      id === "db" ? 0.1 : 0.5
    }; echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done`,
  ),
  ready: { stdout: "up" },
  stop: { term: "30s" },
  after: id === "db" ? [] : ["db"],
}));

Deno.test("a database is told to stop once all that need it have ended, each with its whole stop sequence", async () => {
  const told = await running(shop, (up) => up.line(/tree +ready/));
  const lines = told.split("\n");
  const dbTold = lines.findIndex((line) => /db#1 +stdout +told/.test(line));
  assertEquals(lines.slice(0, dbTold).filter((line) => /s\d#1 +stdout +bye/.test(line)).length, 6);
  assertMatch(told, /db#1 +stdout +bye[^]*tree +stopped/);
  // Side by side: the last is told before the first has ended.
  assert(
    lines.findLastIndex((line) => /s\d#1 +stdout +told/.test(line)) <
      lines.findIndex((line) => /s\d#1 +stopped/.test(line)),
  );
});

Deno.test("each is told to stop, in the same order, when the stop is shorter than the sequences", async () => {
  const deaf = shop.map(({ id, ...rest }) =>
    id === "s1"
      ? { id, ...rest, ...sh("trap 'echo told' TERM; echo up; while :; do sleep 0.05; done") }
      : { id, ...rest }
  );
  const told = await running(deaf, (up) => up.line(/tree +ready/), { args: ["--stop-within", "3s"] });
  assertEquals(told.match(/#1 +stdout +told/g)?.length, 7);
  assertMatch(told, /s1#1 +killed +by SIGKILL[^]*db#1 +stdout +told[^]*db#1 +stdout +bye/);
});

const master = (scope: "group" | "process") => ({
  id: "celery",
  command: "python3",
  args: [`${checkout}examples/prefork/master.py`, "celery", "2"],
  ready: { stderr: "listening" },
  stop: { scope, term: "30s" },
});

Deno.test("the workers of a master finish their jobs when the signal goes to the master alone", async () => {
  const told = await running([master("process")], (up) => up.line(/celery worker 2, pid/));
  assertEquals(told.match(/worker \d has finished its job/g)?.length, 2);
  assertEquals(told.includes("lost its job"), false);
});

Deno.test("what a master leaves is ended when it has ended without its workers", async () => {
  const child = {
    id: "master",
    ...sh("sleep 1000 & echo left $!; trap 'exit 0' TERM; wait"),
    stop: { scope: "process" },
  };
  const told = await running([child], (up) => up.line(/left \d+$/));
  const [, pid] = /left (\d+)/.exec(told)!;
  assertEquals(await alive([Number(pid)]), []);
});

Deno.test("nginx's way, QUIT, and a command stop a child when its manifest says so", async () => {
  const loop = "echo up; while :; do sleep 0.05; done";
  const told = await running([
    {
      id: "nginx",
      ...sh(`trap 'echo quit; exit 0' QUIT; trap 'echo term; exit 1' TERM; ${loop}`),
      stop: { signal: "QUIT" },
    },
    {
      id: "db",
      ...sh(`trap 'echo hup; exit 0' HUP; ${loop}`),
      stop: { command: ["sh", "-c", "kill -HUP $MAINPID"] },
    },
  ], async (up) => {
    await up.line(/nginx#1 +stdout +up/);
    await up.line(/db#1 +stdout +up/);
  });
  assertMatch(told, /db#1 +stdout +hup[^]*nginx#1 +stdout +quit/);
  assertEquals(told.includes("by SIGKILL"), false);
});
