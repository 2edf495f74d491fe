/** Twenty programs: a crash of each in turn leaves the other nineteen alone, and one bad one of each kind harms no other. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Running } from "../../cli/outrider.ts";
import { Session } from "../../cli/session.ts";
import { running, sh, timesTold } from "./running.ts";

const service = (id: string, more: object = {}) => ({
  id,
  ...sh("echo listening >&2; exec sleep 1000"),
  ready: { stderr: "listening", within: "60s" },
  backoff: { initial: "1ms", jitter: 0 },
  ...more,
});
const services = (prefix: string, count: number, more: object = {}) =>
  Array.from({ length: count }, (_, n) => service(`${prefix}${n + 1}`, more));

/** Five groups with a job between them, as a box has them: 20 programs that stay. */
const groups = [
  { id: "infra", children: services("db", 4) },
  { id: "migrate", ...sh("echo migrated"), restart: "transient", after: ["infra"] },
  {
    id: "api",
    children: services("api", 5, { after: [] }),
    after: [{ id: "migrate", condition: "completed_successfully" }],
  },
  {
    id: "workers",
    children: services("w", 5, { after: [] }),
    after: [{ id: "migrate", condition: "completed_successfully" }],
  },
  { id: "edge", children: services("e", 3, { after: [] }), after: [{ id: "api", condition: "started" }] },
  { id: "obs", children: services("o", 3, { after: [] }), after: [] },
];

const trees: Readonly<Record<string, readonly object[]>> = {
  "a list": services("s", 20),
  "groups with after": groups,
};

/** The pid of each child that runs, by its path. */
function pids(up: Running): Map<string, number> {
  return new Map(up.lines.flatMap((line) => {
    const [, path, pid] = / {2}(\S+)#\d+ +started +\S+, pid (\d+)$/.exec(line) ?? [];
    return path === undefined || path === "migrate" ? [] : [[path, Number(pid)] as const];
  }));
}

for (const [shape, children] of Object.entries(trees)) {
  Deno.test(`a crash of each of twenty children in turn leaves the other nineteen alone, in ${shape}`, async () => {
    const told = await running(children, async (up) => {
      await up.line(/ tree +ready/);
      const first = pids(up);
      assertEquals(first.size, 20);
      let before = first;
      for (const [path, pid] of first) {
        Deno.kill(pid, "SIGKILL");
        await up.line(new RegExp(` ${path}#2 +ready`));
        const now = pids(up);
        assertEquals([...now].filter(([one, its]) => before.get(one) !== its).map(([one]) => one), [path]);
        before = now;
      }
    });
    assertEquals(told.match(/#3 +started|gave up|quarantine|waiting +for migrate.*\n[^]*migrate#2/), null);
  });
}

Deno.test("one that crashes, one that hangs and one that floods harm no other of twenty, and are mended by hand", async () => {
  const bad: Readonly<Record<string, object>> = {
    api3: sh(
      "[ -e mended ] || { echo listening >&2; sleep 0.02; echo no licence >&2; exit 1; }; echo listening >&2; exec sleep 1000",
    ),
    w2: {
      ...sh("[ -e mended ] && echo listening >&2; exec sleep 1000"),
      ready: { stderr: "listening", within: "200ms" },
    },
    o1: sh("echo listening >&2; seq -f 'line %g' 20000; exec sleep 1000"),
  };
  const children = groups.map((group) => ({
    ...group,
    ...group.children && { children: group.children.map((child) => ({ ...child, ...bad[child.id] })) },
  }));
  const told = await running(children, async (up, folder) => {
    await using session = new Session({ cwd: folder.path });
    const verb = (...args: string[]) => session.run(args);
    await up.line(/ api\/api3#6 +quarantine/);
    await up.line(/ workers\/w2#6 +quarantine/);
    await up.line(/ edge\/e3#1 +ready/);
    await up.line(/ obs\/o1#1 +stdout +line 20000$/);
    await up.line(/ tree +degraded +\d+ of 21 ready; not yet: .*workers\/w2/);
    const { stdout } = await verb("ps");
    assertEquals(stdout.match(/^(api\/api3|workers\/w2) +quarantine/gm)?.length, 2, stdout);
    assertMatch(stdout, /^obs\/o1 .* 20,001 /m);
    assertMatch((await verb("why", "api/api3")).stdout, /no licence/);
    assertEquals((await verb("signal", "obs/o1", "TERM")).code, 0);
    await up.line(/ obs\/o1#2 +ready/);
    const why = (await verb("why", "obs/o1")).stdout;
    assertMatch(why, /ended by a signal that was sent by hand: SIGTERM/);
    assertEquals(why.includes("crashed") || why.includes("started, by hand"), false);
    folder.write("mended", "");
    assertEquals(await verb("restart", "api/api3", "workers/w2").then(({ code }) => code), 0);
    await up.line(/ tree +ready/);
  });
  for (const [path] of told.matchAll(/ \S+\/\S+(?=#1 +started)/g)) {
    const times = /api3|w2/.test(path) ? 7 : path.endsWith("o1") ? 2 : 1;
    assertEquals(timesTold(told, path.trim(), "started"), times);
  }
  assert(!told.includes("lost"));
});
