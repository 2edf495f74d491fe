/** What `outrider up` leaves behind where it can't be the service that it is to be, or can't leave its last failure. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Folder, outrider } from "./outrider.ts";

const CALM = { id: "calm", command: "sleep", args: ["60"] };
const BAD = { id: "bad", command: "sh", args: ["-c", "exit 3"], restart: "temporary", significant: true };

Deno.test("up starts nothing, and removes its socket, when another process has the address of its health", async () => {
  await using folder = new Folder();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const socket = `${folder.path}/c.sock`;
  const args = ["up", folder.manifest([CALM]), "--control", socket, "--http", `127.0.0.1:${port}`];
  const { code, stdout, stderr } = await outrider(args);
  assertEquals(code, 1);
  assertStringIncludes(stderr, `Cannot listen at 127.0.0.1:${port}: another process does`);
  assert(!stdout.includes("calm#1"), stdout);
  assert(![...Deno.readDirSync(folder.path)].some(({ name }) => name === "c.sock"), "the socket is gone");
});

Deno.test("up says that its last failure can't be left, and keeps its exit code, when the file can't be written", async () => {
  await using folder = new Folder();
  const file = folder.manifest([BAD], { autoShutdown: "any_significant" });
  const log = `${folder.path}/no/such/folder/log`;
  const { code, stderr } = await outrider(["up", file, "--termination-log", log]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "exited with code 3");
  assertStringIncludes(stderr, `Cannot leave the last failure in ${log}: `);
  assert(!stderr.includes("Uncaught"), stderr);
});

Deno.test("up leaves that not all were ready as its last failure", async () => {
  await using folder = new Folder();
  const log = `${folder.path}/log`;
  const slow = { ...CALM, ready: { stdout: "never", within: "1m" } };
  const { code } = await outrider([
    "up",
    folder.manifest([slow]),
    "--wait-ready",
    "300ms",
    "--termination-log",
    log,
  ]);
  assertEquals([code, await Deno.readTextFile(log)], [1, "Not all are ready within 300 ms\n"]);
});
