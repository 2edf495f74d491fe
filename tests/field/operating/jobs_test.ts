/** Jobs of an operator's tree: a run for the sake of one, one that others wait for, and one that is run again. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Session } from "../../cli/session.ts";
import { running, sh, sleeper, timesTold } from "./running.ts";

const server = { id: "server", ...sh("echo listening >&2; exec sleep 1000"), ready: { stderr: "listening" } };
const tests = { id: "tests", significant: true, after: ["server"], backoff: { initial: "1ms" } };
const more = { autoShutdown: "any_significant" };

for (const [restart, lives] of [["temporary", 1], ["transient", 6]] as const) {
  Deno.test(`a run ends with 1 when its significant ${restart} job fails for good`, async () => {
    const failing = { ...tests, ...sh("echo tests done; exit 3"), restart };
    const told = await running([server, failing], async () => {}, { more, isStopped: false, code: 1 });
    assertEquals(timesTold(told, "tests", "started"), lives);
    assertMatch(told, /server#1 +stopped +by SIGTERM/);
    assertMatch(told, /'tests' .*exit(ed with)? code 3\n/);
  });
}

Deno.test("a job that has ended stays in ps and is run again by hand, while its database and web run on", async () => {
  const db = { id: "db", ...sh("sleep 0.2; echo ready >&2; exec sleep 1000"), ready: { stderr: "ready" } };
  const web = { id: "web", ...sleeper, after: ["db"] };
  const job = { id: "job", ...sh("echo done >> jobs"), restart: "temporary", after: ["db"] };
  const told = await running([db, web, job], async (up, folder) => {
    await using session = new Session({ cwd: folder.path });
    const verb = (...args: string[]) => session.run(args);
    await up.line(/job#1 +finished/);
    assertMatch((await verb("ps")).stdout, /^job +stopped +1 /m);
    assertEquals((await verb("start", "job")).code, 0);
    assertEquals((await verb("wait", "job")).code, 0);
    assertEquals((await verb("run", "job")).code, 0);
    assertEquals(Deno.readTextFileSync(`${folder.path}/jobs`), "done\n".repeat(3));
  });
  assertEquals(["db", "web"].map((id) => timesTold(told, id, "started")), [1, 1]);
});

Deno.test("a restart by hand takes what an envFile says now, and says so when the manifest is another by now", async () => {
  const a = { id: "a", ...sh("echo V=$V; exec sleep 1000"), envFile: { path: "a.env", required: false } };
  const children = [a, { id: "b", ...sleeper }];
  const told = await running(children, async (up, folder) => {
    await using session = new Session({ cwd: folder.path });
    await up.line(/a#1 +stdout +V=$/);
    folder.write("a.env", "V=2\n");
    assertEquals((await session.run(["restart", "a"])).stderr, "");
    await up.line(/a#2 +stdout +V=2$/);
    folder.manifest(children.map((child) => ({ ...child, env: { V: "3" } })));
    const { code, stderr } = await session.run(["restart", "a"]);
    assertEquals([code, stderr.split(":")[0]], [0, "The manifest was changed since"]);
    await up.line(/a#3 +stdout +V=2$/);
  });
  assertEquals(timesTold(told, "b", "started"), 1);
  assert(!told.includes("V=3"));
});
