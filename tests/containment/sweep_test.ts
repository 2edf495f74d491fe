/** Whom a sweep takes for ours: never a stranger. */
import { assertEquals } from "@std/assert";
import type { LedgerText } from "../../src/containment/ledger.ts";
import { leftovers, sweep } from "../../src/containment/sweep.ts";
import { processTable } from "../../src/process/process_table.ts";

const AT = Date.UTC(2026, 0, 1, 12, 0, 0, 600);
const record = { pid: 500, at: AT, path: "w/1", generation: 3 };
const ledger: LedgerText = { run: { run: "R1", pid: 400, at: AT, manifest: "/m" }, processes: [record] };

function row(
  pid: number,
  group: number,
  more: { started?: number; zombie?: boolean; command?: string } = {},
) {
  return { pid, group, started: AT - 600, zombie: false, command: "sleep 60", ...more };
}

Deno.test("a leader that started when the ledger says, and all of its group", () => {
  const table = [row(1, 1), row(500, 500), row(501, 500, { started: AT + 9e6 }), row(502, 777)];
  assertEquals(leftovers(ledger, table), [{ pid: 500, from: record }, { pid: 501, from: record }]);
});

Deno.test("a stranger with the same number is nobody of ours, nor is its group", () => {
  for (const started of [AT + 3_000, AT - 3_000, AT + 9e9]) {
    assertEquals(leftovers(ledger, [row(500, 500, { started }), row(501, 500)]), []);
  }
  assertEquals(leftovers(ledger, [row(500, 499)]), []);
});

Deno.test("a group without its leader may be another's by now: only the mark tells", () => {
  const marked = { command: "sh -c x PATH=/bin OUTRIDER_RUN=R1 A=b" };
  const table = [row(501, 500), row(502, 500, marked), row(600, 600, marked)];
  assertEquals(leftovers(ledger, table), [{ pid: 502, from: record }, { pid: 600, from: undefined }]);
});

Deno.test("the mark of another run, or a part of a word, is no mark", () => {
  const commands = ["x OUTRIDER_RUN=R11", "x OUTRIDER_RUN=R2", "x MY_OUTRIDER_RUN=R1", "x OUTRIDER_RUN=R1:2"];
  assertEquals(leftovers(ledger, commands.map((command, i) => row(600 + i, 600, { command }))), []);
});

Deno.test("who has ended is not there", () => {
  assertEquals(leftovers(ledger, [row(500, 500, { zombie: true })]), []);
});

Deno.test("a real stranger survives a sweep, and a real leftover does not", async () => {
  const start = () => new Deno.Command("sleep", { args: ["60"], detached: true }).spawn();
  const at = Date.now();
  const [ours, stranger] = [start(), start()];
  const swept = await sweep({
    run: { run: crypto.randomUUID(), pid: 2, at, manifest: "/m" },
    processes: [
      { ...record, pid: ours.pid, at },
      { ...record, pid: stranger.pid, at: at - 3_600_000 },
    ],
  }, "deno");
  assertEquals((await ours.status).signal, "SIGTERM");
  assertEquals(swept?.ended.map(({ pid }) => pid), [ours.pid]);
  assertEquals(swept?.remaining, []);
  assertEquals((await processTable())!.some(({ pid, zombie }) => pid === stranger.pid && !zombie), true);
  stranger.kill("SIGKILL");
  await stranger.status;
});

Deno.test("what ignores SIGTERM is ended by SIGKILL, and where nothing may be signalled nothing is known", async () => {
  const process = new Deno.Command("sh", {
    args: ["-c", "trap '' TERM; echo; while :; do sleep 60; done"],
    detached: true,
    stdout: "piped",
  }).spawn();
  const at = Date.now();
  const reader = process.stdout.getReader();
  await reader.read();
  const mine = { ...ledger, processes: [{ ...record, pid: process.pid, at }] };
  assertEquals(await sweep(mine, "none"), undefined);
  const swept = await sweep(mine, "kill");
  assertEquals((await process.status).signal, "SIGKILL");
  assertEquals(swept?.remaining, []);
  await reader.cancel();
});
