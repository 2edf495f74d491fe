/** Whom a sweep takes for ours: never a stranger. */
import { assertEquals } from "@std/assert";
import { readRuntimeIdentity, type RuntimeIdentity } from "../../src/containment/identity.ts";
import type { LedgerText } from "../../src/containment/ledger.ts";
import { findOrphans, sweep } from "../../src/containment/sweep.ts";
import { type ProcessRow, processTable } from "../../src/process/ps.ts";

const scope = { namespace: "4026531836", boot: 1_000 };
const self: RuntimeIdentity = { started: 0, uid: 1_000, group: 40, scope, runIds: [] };
const AT = Date.UTC(2026, 0, 1, 12, 0, 0, 600);
const record = { pid: 500, at: AT, path: "w/1", generation: 3 };
const run = { run: "R1", pid: 400, at: AT, manifest: "/m", uid: 1_000, scope };
const ledger: LedgerText = { run, processes: [record] };

function row(
  pid: number,
  group: number,
  more: Partial<ProcessRow> = {},
): ProcessRow {
  const known = { parent: 1, uid: 1_000, namespace: scope.namespace, started: AT - 600, zombie: false };
  return { pid, group, ...known, command: "sleep 60", ...more };
}

/** Whom of the table the run left behind, and of whom it comes. */
function found(
  table: readonly ProcessRow[],
  more: { ledger?: LedgerText; runtime?: RuntimeIdentity; users?: number[] } = {},
) {
  const options = { runtime: more.runtime ?? self, users: more.users };
  return findOrphans(more.ledger ?? ledger, table, options).map(({ pid, from }) => ({ pid, from }));
}

Deno.test("a leader that started when the ledger says, and all of its group", () => {
  const table = [row(1, 1), row(500, 500), row(501, 500, { started: AT + 9e6 }), row(502, 777)];
  assertEquals(found(table), [{ pid: 500, from: record }, { pid: 501, from: record }]);
});

Deno.test("the ledger does not take a stranger with the same number, or its group, for its own", () => {
  for (const started of [AT + 3_000, AT - 3_000, AT + 9e9]) {
    assertEquals(found([row(500, 500, { started }), row(501, 500)]), []);
  }
  assertEquals(found([row(500, 499)]), []);
});

Deno.test("a group without its leader is taken for ours only by its mark", () => {
  const marked = { environment: "PATH=/bin OUTRIDER_RUN=R1:7:3:w%2F1 A=b" };
  const table = [row(501, 500), row(502, 500, marked), row(600, 600, marked)];
  assertEquals(found(table), [{ pid: 502, from: { path: "w/1", generation: 3 } }, {
    pid: 600,
    from: { path: "w/1", generation: 3 },
  }]);
});

Deno.test("the mark of another run, or within a word, is ignored", () => {
  const commands = [
    "A=b OUTRIDER_RUN=R11:1:1:a",
    "OUTRIDER_RUN=R2:1:1:a",
    "MY_OUTRIDER_RUN=R1:1:1:a",
    "OUTRIDER_RUN=R1:2",
  ];
  assertEquals(found(commands.map((environment, i) => row(600 + i, 600, { environment }))), []);
});

Deno.test("the sweep skips processes that have ended", () => {
  assertEquals(found([row(500, 500, { zombie: true })]), []);
});

Deno.test("a real stranger survives a sweep, and a real leftover does not", async () => {
  const start = () => new Deno.Command("sleep", { args: ["60"], detached: true }).spawn();
  const own = await readRuntimeIdentity();
  const at = Date.now();
  const [ours, stranger] = [start(), start()];
  const swept = await sweep({
    run: { ...run, run: crypto.randomUUID(), at, uid: own!.uid, scope: own!.scope! },
    processes: [
      { ...record, pid: ours.pid, at },
      { ...record, pid: stranger.pid, at: at - 3_600_000 },
    ],
  }, { way: "deno", runtime: own });
  assertEquals((await ours.status).signal, "SIGTERM");
  assertEquals(swept?.ended.map(({ pid }) => pid), [ours.pid]);
  assertEquals(swept?.remaining, []);
  assertEquals((await processTable())!.some(({ pid, zombie }) => pid === stranger.pid && !zombie), true);
  stranger.kill("SIGKILL");
  await stranger.status;
});

Deno.test("the sweep ends a process that ignores SIGTERM by SIGKILL, and does nothing without permission", async () => {
  const process = new Deno.Command("sh", {
    args: ["-c", "trap '' TERM; echo; while :; do sleep 60; done"],
    detached: true,
    stdout: "piped",
  }).spawn();
  const at = Date.now();
  const reader = process.stdout.getReader();
  await reader.read();
  const own = await readRuntimeIdentity();
  const mine = {
    run: { ...run, uid: own!.uid, scope: own!.scope! },
    processes: [{ ...record, pid: process.pid, at }],
  };
  assertEquals(await sweep(mine, { way: "none", runtime: own }), undefined);
  const swept = await sweep(mine, { way: "kill", runtime: own });
  assertEquals((await process.status).signal, "SIGKILL");
  assertEquals(swept?.remaining, []);
  await reader.cancel();
});
