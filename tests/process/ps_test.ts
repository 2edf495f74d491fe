import { assert, assertEquals } from "@std/assert";
import { parseProcessTable, processTable } from "../../src/process/ps.ts";

Deno.test("parseProcessTable reads the output of ps on Linux and macOS, and skips other lines", () => {
  const text = [
    "    1     0     1 Ss   0 4026531836 Sat Nov 22 20:48:16 2026 /sbin/init splash",
    " 4711     1  4700 Z+   1000    - Sun Nov  1 00:00:01 2026 [sleep] <defunct>",
    "  500     1   500 S    501 Sun Nov  1 00:00:01 2026 on macOS there is no namespace",
    "PID   USER     TIME  COMMAND",
    "",
  ].join("\n");
  const [init, dead, mac] = parseProcessTable(text);
  assertEquals(init, {
    pid: 1,
    parent: 0,
    group: 1,
    zombie: false,
    uid: 0,
    namespace: Deno.build.os === "darwin" ? "macOS" : "4026531836",
    started: Date.UTC(2026, 10, 22, 20, 48, 16),
    command: "/sbin/init splash",
  });
  assertEquals([dead?.pid, dead?.group, dead?.zombie, dead?.started], [
    4711,
    4700,
    true,
    Date.UTC(2026, 10, 1, 0, 0, 1),
  ]);
  assertEquals([mac?.uid, mac?.command], [501, "on macOS there is no namespace"]);
  assertEquals(parseProcessTable(text).length, 3);
});

Deno.test("processTable has a process with the time of its start and its environment", async () => {
  const before = Date.now();
  const child = new Deno.Command("sleep", { args: ["60"], env: { MARKED_BY: "a test" } }).spawn();
  const row = (await processTable())!.find(({ pid }) => pid === child.pid);
  const marked = (await processTable({ environment: true }))!.find(({ pid }) => pid === child.pid);
  child.kill("SIGKILL");
  await child.status;
  assert(row !== undefined && Math.abs(row.started - before) <= 2_000, `${row?.started} ${before}`);
  assertEquals([row.zombie, row.group > 0], [false, true]);
  assert(row.command.endsWith("sleep 60"), row.command);
  assert(marked?.environment?.includes("MARKED_BY=a test"), marked?.environment);
});
