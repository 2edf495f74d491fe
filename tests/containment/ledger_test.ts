import { assertEquals } from "@std/assert";
import { Ledger, LEDGER_DEAD_LINES, LEDGER_RETRY_MS, parseLedger } from "../../src/containment/ledger.ts";
import { Folder } from "../cli/outrider.ts";

const run = { run: "r", pid: 9, at: 5, manifest: "/m.json" };
const one = { pid: 100, at: 6, path: "a", generation: 1 };
const two = { pid: 200, at: 7, path: "b/c", generation: 2 };

Deno.test("a ledger lists the started processes that have not ended, at every moment, to its user only", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/x.ledger`;
  const read = () => parseLedger(Deno.readTextFileSync(path));
  const ledger = new Ledger(path, run);
  assertEquals(read(), { run, processes: [] });
  assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
  ledger.add(one);
  ledger.add(two);
  assertEquals(read(), { run, processes: [one, two] });
  ledger.remove(100);
  ledger.remove(100);
  assertEquals(read(), { run, processes: [two] });
  ledger.delete();
  assertEquals([...Deno.readDirSync(folder.path)], []);
});

Deno.test("a ledger does not grow with the restarts", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/x.ledger`;
  const ledger = new Ledger(path, run);
  ledger.add(one);
  let largest = 0;
  for (let pid = 1_000; pid < 1_000 + 3 * LEDGER_DEAD_LINES; pid++) {
    ledger.add({ ...two, pid });
    ledger.remove(pid);
    largest = Math.max(largest, Deno.statSync(path).size);
  }
  ledger.add(two);
  assertEquals(parseLedger(Deno.readTextFileSync(path)), { run, processes: [one, two] });
  assertEquals(largest < LEDGER_DEAD_LINES * 80, true, String(largest));
  ledger.delete();
});

Deno.test("a ledger that cannot be written is reported once, loses no process, and recovers", async () => {
  await using folder = new Folder();
  const gone = `${folder.path}/gone`;
  const path = `${gone}/x.ledger`;
  const told: string[] = [];
  let now = 0;
  const ledger = new Ledger(path, run, { onUnwritten: (why) => told.push(why), now: () => now });
  ledger.add(one);
  ledger.add(two);
  ledger.remove(100);
  assertEquals(told, ["No such file or directory"]);
  Deno.mkdirSync(gone);
  now += LEDGER_RETRY_MS;
  ledger.add({ ...one, pid: 300 });
  assertEquals(parseLedger(Deno.readTextFileSync(path)), { run, processes: [two, { ...one, pid: 300 }] });
  assertEquals(told.length, 1);
  Deno.removeSync(path);
  ledger.delete();
  assertEquals([...Deno.readDirSync(gone)], []);
});

Deno.test("a ledger's reader skips cut and foreign lines", () => {
  const lines = [run, one, { gone: 1 }, two, [], null, 7, { pid: 1, at: 1, path: "x", generation: 1 }]
    .map((line) => JSON.stringify(line)).join("\n");
  assertEquals(parseLedger(`${lines}\n{"pid":300,"at":8,"pa`), { run, processes: [one, two] });
  for (
    const text of ["", "{}", JSON.stringify(one), '{"run":"","pid":9,"at":1}', '{"run":"r","pid":0,"at":1}']
  ) {
    assertEquals(parseLedger(text), undefined, text);
  }
});
