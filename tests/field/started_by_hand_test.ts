/** Children with `start: false`, as programs: they are there, and run once they are started by hand. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Folder, Running } from "../cli/outrider.ts";
import { Session } from "../cli/session.ts";

const { outrider } = new Session();

const sleeper = { command: "sleep", args: ["1000"] };

/** Runs a tree until the end of `act`, which gets its verbs. */
async function withTree(
  children: readonly unknown[],
  act: (verb: (...args: string[]) => ReturnType<typeof outrider>, up: Running) => Promise<void>,
  more: Record<string, unknown> = {},
): Promise<void> {
  await using folder = new Folder();
  folder.manifest(children, more);
  await using up = new Running(["up"], { cwd: folder.path });
  await act((...args) => outrider(args, { cwd: folder.path }), up);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
}

Deno.test("a child is there and does not run when its start is false, until it is started by hand", async () => {
  await withTree([
    { id: "web", ...sleeper },
    { id: "tool", ...sleeper, start: false },
    { id: "late", ...sleeper },
  ], async (verb, up) => {
    // Whole without it.
    await up.line(/tree +ready/);
    assertMatch((await verb("status")).stdout, /^tool +not started \(start: false\) +0$/m);
    assertMatch(
      (await verb("why", "tool")).stdout,
      /it has not been started yet: "start" is false, so only a request starts it/,
    );
    assertEquals((await verb("wait")).stdout, "the tree: ready\n");
    assertEquals((await verb("start", "tool")).stdout, "tool: running, generation 1\n");
    assertMatch((await verb("status")).stdout, /^tool +running +1/m);
    await verb("stop", "tool");
    assertMatch((await verb("status")).stdout, /^tool +stopped +1/m);
  });
});

Deno.test("a child that names one whose start is false waits for that, and starts with it", async () => {
  await withTree([
    { id: "db", ...sleeper, start: false },
    { id: "web", ...sleeper, after: ["db"] },
    { id: "cron", ...sleeper, after: [] },
  ], async (verb, up) => {
    await up.line(/tree +degraded +1 of 2 ready; not yet: web$/);
    assertMatch((await verb("status")).stdout, /^web +waiting for db +0/m);
    assertMatch(
      (await verb("why", "web")).stdout,
      /^web: waiting for .*\n {2}for db: not started \(start: false\)$/m,
    );
    await verb("start", "db");
    await up.line(/web#1 +ready/);
    await up.line(/tree +ready/);
  });
});

Deno.test("a child that names one of another group, whose start is false, waits for that, and why says for whom", async () => {
  await withTree([
    { id: "infra", children: [{ id: "db", ...sleeper, start: false }, { id: "cache", ...sleeper }] },
    { id: "app", children: [{ id: "web", ...sleeper, after: ["../infra/db"] }] },
  ], async (verb, up) => {
    await up.line(/tree +degraded +1 of 2 ready; not yet: app\/web$/);
    assertMatch((await verb("status")).stdout, /web +waiting for \.\.\/infra\/db +0/m);
    assertMatch(
      (await verb("why", "app/web")).stdout,
      /^app\/web: waiting for .*\n {2}for infra\/db: not started \(start: false\)$/m,
    );
    await verb("start", "infra/db");
    await up.line(/app\/web#1 +ready/);
  });
});

Deno.test("a group restart leaves a child alone when its start is false, unless that runs", async () => {
  const dies = {
    id: "dies",
    command: "sh",
    args: ["-c", "while [ ! -e die$N ]; do sleep 0.1; done; rm die$N; exit 1"],
    restart: "permanent",
    backoff: { initial: "10ms" },
  };
  await using folder = new Folder();
  const children = [{ ...dies, cwd: folder.path }, { id: "tool", ...sleeper, start: false }, {
    id: "end",
    ...sleeper,
  }];
  folder.manifest(children, { strategy: "one_for_all" });
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/tree +ready/);
  folder.write("die", "");
  await up.line(/end#2 +ready/);
  const told = await outrider(["status"], { cwd: folder.path });
  assertMatch(told.stdout, /^tool +not started/m);
  await outrider(["start", "tool"], { cwd: folder.path });
  folder.write("die", "");
  await up.line(/tool#2 +ready/);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
});

Deno.test("a group starts nothing below it when its start is false, and a pool neither", async () => {
  await withTree([
    { id: "team", start: false, children: [{ id: "a", ...sleeper }] },
    { id: "crew", start: false, size: 2, sidecar: { command: "cat", protocol: "lines" } },
    { id: "web", ...sleeper },
  ], async (verb, up) => {
    await up.line(/tree +ready/);
    assertEquals((await verb("start", "team", "crew")).code, 0);
    assertMatch((await verb("status")).stdout, /^team\/a +running/m);
    assertMatch((await verb("status")).stdout, /^crew\/2 +running/m);
  });
});

Deno.test("a part of a tree starts what it names when its start is false, and what that needs", async () => {
  await using folder = new Folder();
  folder.manifest([
    { id: "db", ...sleeper, start: false },
    { id: "echo", command: "cat", protocol: "lines", start: false, after: ["db"] },
  ]);
  const told = await outrider(["ask", "--own", "echo", '"hello"'], { cwd: folder.path });
  assertEquals(told.stdout, '"hello"\n', told.stderr);
  folder.manifest([{ id: "job", command: "echo", args: ["done"], restart: "temporary", start: false }]);
  assertEquals((await outrider(["run", "job"], { cwd: folder.path })).stdout, "done\n");
});

Deno.test("check refuses start: false when a failed start rolls back", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "web", ...sleeper, start: false }], { defaults: "otp" });
  const told = await outrider(["check", file]);
  assertEquals(told.code, 2);
  assertStringIncludes(told.stderr + told.stdout, `it needs "onStartFailure": "retry"`);
});
