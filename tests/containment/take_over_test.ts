/** One runtime a manifest. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { setImmediate } from "node:timers";
import { ContainmentError } from "../../src/containment/containment_errors.ts";
import { Lock, type LockHolder } from "../../src/containment/lock.ts";
import { readRuntimeIdentity } from "../../src/containment/identity.ts";
import { acquireLock } from "../../src/containment/acquire_lock.ts";
import { Folder, outrider, Running } from "../cli/outrider.ts";
import { Witness } from "./witness.ts";

Deno.test("a second runtime on the same manifest refuses, and names the first", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  const env = { XDG_STATE_HOME: folder.path };
  const manifest = folder.manifest([witness.sidecar("a", "forks_twice")]);
  Deno.symlinkSync(manifest, `${folder.path}/other.json`);
  await using first = new Running(["up", manifest], { env });
  await first.line(/tree +ready/);
  for (const path of [manifest, `${folder.path}/other.json`]) {
    const { code, stdout, stderr } = await outrider(["up", path], { env });
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, `process ${first.pid} has been running it since`);
    assertStringIncludes(stderr, "--take-over");
  }
  first.signal("SIGTERM");
  assertEquals((await first.ended()).code, 0);
  assertEquals(typeof await witness.gone(0), "number");
});

Deno.test("--take-over stops the first in good order, and runs in its place", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  const env = { XDG_STATE_HOME: folder.path };
  const manifest = folder.manifest([witness.sidecar("a", "family_ignores_term")]);
  await using first = new Running(["up", manifest], { env });
  await first.line(/tree +ready/);
  const before = new Set((await witness.alive()).map(({ pid }) => pid));
  await using second = new Running(["up", manifest, "--take-over"], { env });
  await second.line(/tree +ready/);
  assertEquals(await first.ended(), { code: 0, stderr: "" });
  const now = await witness.alive();
  assert(now.length > 0 && now.every(({ pid }) => !before.has(pid)));
  second.signal("SIGTERM");
  const { code, stderr } = await second.ended();
  assertEquals(code, 0, stderr);
  const [waiting, ...still] = stderr.trimEnd().split("\n");
  assertEquals(
    waiting,
    `Waiting for process ${first.pid} to stop, for 95 s at most, then it is ended by force`,
  );
  // Once in a while it says that it still waits, where the machine is slow.
  assertEquals(
    still.filter((line) => !line.startsWith(`Still waiting for process ${first.pid} to stop`)),
    [],
  );
  assertEquals(typeof await witness.gone(0), "number");
});

Deno.test("a runtime that does not stop in time is killed", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  const env = { XDG_STATE_HOME: folder.path };
  const manifest = folder.manifest([witness.sidecar("a", "forks_twice")]);
  await using first = new Running(["up", manifest], { env });
  await first.line(/tree +ready/);
  first.signal("SIGSTOP");
  const [file] = [...Deno.readDirSync(`${folder.path}/outrider`)].filter(({ name }) =>
    name.endsWith(".lock")
  );
  const path = `${folder.path}/outrider/${file!.name}`;
  const runtime = await readRuntimeIdentity();
  const refused = await assertRejects(
    () => acquireLock(manifest, path, { takeOver: false, way: "deno", runtime }),
    ContainmentError,
  );
  assertEquals([refused.code, refused.pid], ["already_running", first.pid]);
  const unable = await assertRejects(
    () => acquireLock(manifest, path, { takeOver: true, way: "none", runtime }),
    ContainmentError,
  );
  assertEquals([unable.code, unable.pid], ["not_taken_over", first.pid]);
  const told: number[] = [];
  const onTakeOver = (pid: number) => void told.push(pid);
  const lock = await acquireLock(manifest, path, {
    takeOver: true,
    way: "kill",
    runtime,
    termWithin: 100,
    onTakeOver,
  });
  lock.release();
  assertEquals(told, [first.pid]);
  assertEquals((await first.ended()).code, 137);
});

Deno.test("a lock is released with its file, and a waiting runtime claims a new one", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/a.lock`;
  const held = await Lock.claim(path);
  assert(held instanceof Lock);
  assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
  const { pid, at } = await Lock.claim(path) as { pid: number; at: number };
  assertEquals([pid, Math.abs(Date.now() - at) < 60_000], [Deno.pid, true]);
  held.release();
  assertEquals([...Deno.readDirSync(folder.path)], []);
  const next = await Lock.claim(path);
  assert(next instanceof Lock);
  next.release();
});

Deno.test("of many that want the same lock again and again, one has it", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/a.lock`;
  let holders = 0;
  let most = 0;
  let turns = 0;
  await Promise.all([1, 2, 3, 4, 5].map(async () => {
    while (turns < 500) {
      const lock = await Lock.claim(path);
      if (!(lock instanceof Lock)) continue;
      turns++;
      most = Math.max(most, ++holders);
      await new Promise((resolve) => setImmediate(resolve));
      holders--;
      lock.release();
    }
  }));
  assertEquals(most, 1);
});

Deno.test("a lock without a signature names no holder", async () => {
  await using folder = new Folder();
  for (const [index, text] of ["", "no JSON", '{"pid":-1}', '{"pid":1,"at":"x"}'].entries()) {
    const path = folder.write(`${index}.lock`, text);
    const file = Deno.openSync(path, { write: true });
    file.lockSync(true);
    const { pid, at } = await Lock.claim(path) as LockHolder;
    assertEquals([pid, at], [undefined, undefined]);
    file.close();
    // Deno before 2.7 is still waiting for it.
    const lock = await Lock.claim(path);
    assert(lock instanceof Lock);
    lock.release();
  }
});
