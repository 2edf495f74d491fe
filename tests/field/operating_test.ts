/** Trees of an operator, with programs: one bad child harms no other, and what waits starts in the end. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Folder, Running } from "../cli/outrider.ts";

const sleeper = { command: "sleep", args: ["1000"] };
const sh = (script: string) => ({ command: "sh", args: ["-c", script] });

/** Runs a tree until it is stopped, and gives the lines of its timeline. */
async function running(
  children: readonly unknown[],
  act: (up: Running, folder: Folder) => Promise<void>,
  more: Record<string, unknown> = {},
): Promise<string> {
  await using folder = new Folder();
  const placed = children.map((child) => ({ cwd: folder.path, ...child as Record<string, unknown> }));
  await using up = new Running(["up", folder.manifest(placed, more)]);
  await act(up, folder);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
  return up.lines.join("\n");
}

Deno.test("a first start that fails once is retried, and what waits for it starts then", async () => {
  const db = {
    id: "db",
    ...sh(
      "[ -e tried ] || { touch tried; echo cannot bind >&2; exit 1; }; echo listening >&2; exec sleep 1000",
    ),
    ready: { stderr: "listening" },
  };
  const told = await running([db, { id: "web", ...sleeper, after: ["db"] }], async (up) => {
    await up.line(/web#1 +ready/);
    await up.line(/tree +ready/);
  });
  assertMatch(told, /web +waiting +for db\n/);
  assertMatch(told, /tree +degraded +0 of 2 ready; not yet: db, web\n/);
  assertEquals(told.match(/web#1 +started/g)?.length, 1);
});

Deno.test("the siblings of a child that can't start run on, in a list without after", async () => {
  const bad = { id: "bad", ...sh("exit 1"), ready: { stderr: "listening" }, backoff: { initial: "10ms" } };
  const told = await running([{ id: "s1", ...sleeper }, bad, { id: "s2", ...sleeper }], async (up) => {
    await up.line(/tree +degraded +2 of 3 ready; not yet: bad$/);
    await up.line(/bad#6 +quarantine +held back after too many restarts, for 30 s$/);
  });
  for (const id of ["s1", "s2"]) {
    assertEquals(told.match(new RegExp(`${id}#1 +(started|crashed)`, "g"))?.length, 1);
  }
});

Deno.test("six children that each crash once leave their sibling alone, and run again", async () => {
  const once = (id: string) => ({
    id,
    ...sh(`[ -e ${id} ] || { touch ${id}; echo lost >&2; exit 1; }; exec sleep 1000`),
    after: ["db"],
  });
  const ids = ["s1", "s2", "s3", "s4", "s5", "s6"];
  const told = await running([{ id: "db", ...sleeper }, ...ids.map(once)], async (up) => {
    for (const id of ids) await up.line(new RegExp(`${id}#2 +ready`));
  });
  assertEquals(told.match(/db#\d+ +started/g)?.length, 1);
  assertEquals(told.includes("gave up"), false);
});

Deno.test("web does not serve before its migration is done when their database is restarted", async () => {
  const db = {
    id: "db",
    ...sh(
      "[ -e die ] && [ ! -e died ] && { touch died; exit 7; }; while [ ! -e die ]; do sleep 0.1; done; [ -e died ] || { touch died; exit 7; }; exec sleep 1000",
    ),
  };
  const migrate = {
    id: "migrate",
    ...sh("[ -e die ] && [ ! -e mended ] && { echo migration failed >&2; exit 1; }; exit 0"),
    restart: "transient",
    backoff: { initial: "50ms" },
    after: ["db"],
  };
  const web = {
    id: "web",
    ...sleeper,
    after: [{ id: "migrate", condition: "completed_successfully" }],
  };
  const told = await running([db, migrate, web], async (up, folder) => {
    await up.line(/web#1 +ready/);
    folder.write("die", "");
    await up.line(/migrate#3 +crashed/);
    folder.write("mended", "");
    await up.line(/web#2 +ready/);
  }, { strategy: "rest_for_one" });
  const lines = told.split("\n");
  const at = (pattern: RegExp) => lines.findIndex((line) => pattern.test(line));
  assert(at(/web#2 +started/) > lines.findLastIndex((line) => /migrate#\d+ +ended/.test(line)), told);
  assertEquals(told.match(/web#\d+ +started/g)?.length, 2);
});

Deno.test("children without a need of each other are stopped at the same time", async () => {
  const slow = (id: string) => ({
    id,
    ...sh("trap 'sleep 1; exit 0' TERM; echo up; while :; do sleep 0.1; done"),
    after: [],
  });
  const told = await running(["a", "b", "c"].map(slow), async (up) => {
    for (const id of ["a", "b", "c"]) await up.line(new RegExp(`${id}#1 +stdout +up`));
  });
  const lines = told.split("\n");
  const lastTold = lines.findLastIndex((line) => /#1 +stopping +sending SIGTERM/.test(line));
  const firstOver = lines.findIndex((line) => /#1 +stopped/.test(line));
  assert(lastTold < firstOver || lastTold < 0, told);
});
