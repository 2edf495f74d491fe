/** Trees of an operator, with programs: one bad child harms no other, and what waits starts in the end. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { running, sh, sleeper, timesTold } from "./running.ts";

const quarantine = (coolDown: string) => ({ onLimit: { quarantine: { coolDown } } });

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
  assertEquals(timesTold(told, "web", "started"), 1);
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

Deno.test("children that each crash once leave their sibling alone, and run again, whatever their quarantine", async () => {
  const once = (id: string) => ({
    id,
    ...sh(`[ -e ${id} ] || { touch ${id}; echo lost >&2; exit 1; }; exec sleep 1000`),
    after: ["db"],
  });
  const ids = ["s1", "s2", "s3", "s4", "s5", "s6"];
  const group = [{ id: "db", ...sleeper }, ...ids.map(once)];
  const own = group.map((child) =>
    child.id === "db" ? child : { ...child, ...once(`own-${child.id}`), id: child.id }
  );
  const told = await running([...group, { id: "own", children: own, ...quarantine("30s") }], async (up) => {
    for (const id of ids) {
      await up.line(new RegExp(` ${id}#2 +ready`));
      await up.line(new RegExp(` own/${id}#2 +ready`));
    }
  });
  assertEquals([timesTold(told, "db", "started"), timesTold(told, "own/db", "started")], [1, 1]);
  assertEquals([told.includes("gave up"), told.includes("quarantine")], [false, false]);
});

Deno.test("a worker that is refused by its database stays down alone, and runs when the database is there", async () => {
  const worker = {
    id: "worker",
    ...sh(
      "[ -e dbup ] || { echo connect db:5432 ECONNREFUSED >&2; exit 1; }; echo connected; exec sleep 1000",
    ),
    backoff: { initial: "1ms" },
  };
  const web = { id: "web", ...sleeper };
  const mail = { id: "mail", ...sleeper };
  const told = await running([web, worker, mail], async (up, folder) => {
    assertMatch(await up.line(/worker#6 +crashed/), /last words: connect db:5432 ECONNREFUSED$/);
    await up.line(/worker#7 +crashed/);
    folder.write("dbup", "");
    await up.line(/worker#\d+ +stdout +connected/);
  }, { more: quarantine("50ms") });
  assertEquals(["web", "mail"].map((id) => timesTold(told, id, "started")), [1, 1]);
  assertMatch(told, /worker#7 +quarantine +held back/);
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
  }, { more: { strategy: "rest_for_one" } });
  const lines = told.split("\n");
  const at = (pattern: RegExp) => lines.findIndex((line) => pattern.test(line));
  assert(at(/web#2 +started/) > lines.findLastIndex((line) => /migrate#\d+ +ended/.test(line)), told);
  assertEquals(timesTold(told, "web", "started"), 2);
});
