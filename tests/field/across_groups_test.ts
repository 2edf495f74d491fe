/** A child that starts after one of another group: with programs, as an operator runs them. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Folder, outrider, Running } from "../cli/outrider.ts";

const sh = (script: string) => ({ command: "sh", args: ["-c", script] });
const sleeper = { command: "sleep", args: ["1000"] };
/** Ready once a file is there. */
const waitsFor = (file: string) => ({
  ...sh(`while [ ! -e ${file} ]; do sleep 0.05; done; echo up >&2; exec sleep 1000`),
  ready: { stderr: "up", within: "60s" },
});

interface Child {
  readonly children?: readonly Child[];
  readonly [key: string]: unknown;
}

/** Runs a tree, and gives the lines of its timeline. */
async function told(
  children: readonly Child[],
  act: (up: Running, folder: Folder) => Promise<void>,
  more: Record<string, unknown> = {},
): Promise<readonly string[]> {
  await using folder = new Folder();
  const placed = (child: Child): Child =>
    child.children === undefined
      ? { cwd: folder.path, ...child }
      : { ...child, children: child.children.map(placed) };
  await using up = new Running(["up", folder.manifest(children.map(placed), more)]);
  await act(up, folder);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0, up.lines.join("\n"));
  return up.lines;
}

function at(lines: readonly string[], pattern: RegExp): number {
  const index = lines.findIndex((line) => pattern.test(line));
  assert(index >= 0, `${pattern} in\n${lines.join("\n")}`);
  return index;
}

Deno.test("a child starts as soon as the one of another group that it names is ready, and stops before it", async () => {
  const app = { id: "app", children: [{ id: "web", ...sleeper, after: ["../infra/db"] }] };
  const infra = {
    id: "infra",
    children: [{ id: "db", ...waitsFor("db") }, { id: "slow", ...waitsFor("slow") }],
  };
  const lines = await told([app, infra], async (up, folder) => {
    await up.line(/infra\/db#1 +started/);
    folder.write("db", "");
    await up.line(/app\/web#1 +ready/);
    folder.write("slow", "");
    await up.line(/tree +ready/);
  });
  assert(at(lines, /app\/web#1 +ready/) < at(lines, /infra\/slow#1 +ready/));
  assert(at(lines, /infra\/db#1 +ready/) < at(lines, /app\/web#1 +started/));
  assert(at(lines, /app\/web#1 +stopped/) < at(lines, /infra\/slow#1 +stopped/), lines.join("\n"));
  assert(at(lines, /infra\/slow#1 +stopped/) < at(lines, /infra\/db#1 +stopped/));
});

Deno.test("a child waits for the job of another group when each of them is started anew", async () => {
  const migrate = {
    id: "migrate",
    ...sh("[ -e ok ] || { echo no tables >&2; exit 1; }; echo tables >&2"),
    restart: "transient",
    backoff: { initial: "50ms", max: "50ms", jitter: 0 },
  };
  const web = {
    id: "web",
    ...sh("while [ ! -e die ]; do sleep 0.05; done; rm die; exit 1"),
    after: [{ id: "../migrate", condition: "completed_successfully" }],
  };
  const lines = await told(
    [{ id: "app", children: [web, { id: "mail", ...sleeper }] }, migrate],
    async (up, folder) => {
      await up.line(/migrate#2 +crashed/);
      folder.write("ok", "");
      await up.line(/app\/web#1 +ready/);
      folder.write("die", "");
      await up.line(/app\/web#2 +ready/);
    },
    { intensity: { restarts: 100 } },
  );
  assert(at(lines, /migrate#\d+ +ended/) < at(lines, /app\/web#1 +started/), lines.join("\n"));
  assertEquals(lines.filter((line) => /app\/mail#\d+ +started/.test(line)).length, 1);
});

Deno.test("a child is restarted with one of another group when its after says so", async () => {
  const db = { id: "db", ...sh("while [ ! -e die ]; do sleep 0.05; done; rm die; exit 1") };
  const web = { id: "web", ...sleeper, after: [{ id: "../infra/db", restart: true }] };
  const lines = await told(
    [{ id: "infra", children: [db, { id: "cache", ...sleeper }] }, {
      id: "app",
      children: [web, { id: "mail", ...sleeper, after: ["../infra/db"] }],
    }],
    async (up, folder) => {
      await up.line(/tree +ready/);
      folder.write("die", "");
      await up.line(/app\/web#2 +ready/);
    },
  );
  assert(at(lines, /app\/web#1 +stopped/) < at(lines, /infra\/db#2 +started/), lines.join("\n"));
  assert(at(lines, /infra\/db#2 +ready/) < at(lines, /app\/web#2 +started/));
  for (const other of ["infra/cache", "app/mail"]) {
    assertEquals(lines.filter((line) => line.includes(`${other}#2`)).length, 0);
  }
});

Deno.test("check names the cycle of groups, an unknown path with the nearest, and one out of the tree", async () => {
  await using folder = new Folder();
  const check = async (children: readonly unknown[]) => {
    const { code, stderr } = await outrider(["check", folder.manifest(children)]);
    return { code, text: stderr };
  };
  const cycle = await check([
    { id: "a", children: [{ id: "x", ...sleeper, after: ["../b/y"] }] },
    { id: "b", children: [{ id: "y", ...sleeper }, { id: "z", ...sleeper, after: ["../a"] }] },
  ]);
  assertEquals(cycle.code, 2);
  assertMatch(cycle.text, /each waits for the next: a → b → a/);
  const unknown = await check([
    { id: "infra", children: [{ id: "db", ...sleeper }] },
    { id: "app", children: [{ id: "web", ...sleeper, after: ["../infra/dd", "../../db", "db"] }] },
  ]);
  assertEquals(unknown.code, 2);
  assertMatch(unknown.text, /there is no child "\.\.\/infra\/dd"\n.*did you mean "\.\.\/infra\/db"\?/s);
  assertMatch(unknown.text, /"\.\.\/\.\.\/db" leads out of the tree/);
  assertMatch(unknown.text, /it has no sibling "db"\n?.*did you mean "\.\.\/infra\/db"\?/s);
});
