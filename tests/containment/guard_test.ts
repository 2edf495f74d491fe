/** The guardian, by itself. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { delay } from "@std/async";
import { RUN_ID_VARIABLE } from "../../src/containment/run_ids.ts";
import { Guardian } from "../../src/containment/guard.ts";
import { processTable } from "../../src/process/ps.ts";
import { pathOf } from "../cli/compiled/executable.ts";
import { Folder, Running } from "../cli/outrider.ts";
import { Witness } from "./witness.ts";

function sleeper(): Deno.ChildProcess {
  return new Deno.Command("sleep", { args: ["60"], detached: true }).spawn();
}

Deno.test("a guardian ends the groups that are still there, and no others", async () => {
  const guardian = new Guardian(crypto.randomUUID());
  const [there, gone] = [sleeper(), sleeper()];
  guardian.add(there.pid);
  guardian.add(gone.pid);
  guardian.remove(gone.pid);
  await guardian.close();
  assertEquals((await there.status).signal, "SIGTERM");
  assertEquals((await processTable())!.some(({ pid, zombie }) => pid === gone.pid && !zombie), true);
  gone.kill("SIGKILL");
  await gone.status;
});

Deno.test("a guardian ends a process that leads no group yet", async () => {
  const guardian = new Guardian(crypto.randomUUID());
  const there = new Deno.Command("sleep", { args: ["60"] }).spawn();
  guardian.add(there.pid);
  await guardian.close();
  assertEquals((await there.status).signal, "SIGTERM");
});

Deno.test("a guardian ends a group that ignores SIGTERM by SIGKILL", async () => {
  const guardian = new Guardian(crypto.randomUUID());
  const there = new Deno.Command("sh", {
    args: ["-c", "trap '' TERM; echo; while :; do sleep 60; done"],
    detached: true,
    stdout: "piped",
  }).spawn();
  const reader = there.stdout.getReader();
  await reader.read();
  guardian.add(there.pid);
  await guardian.close();
  assertEquals((await there.status).signal, "SIGKILL");
  await reader.cancel();
});

Deno.test("a guardian does nothing when its run has left nothing", async () => {
  const guardian = new Guardian(crypto.randomUUID());
  await guardian.close();
  assertEquals((await processTable())!.some(({ pid, zombie }) => pid === guardian.pid && !zombie), false);
});

Deno.test("a guardian that was killed is replaced by one that knows the same groups", async () => {
  const guardian = new Guardian(crypto.randomUUID());
  const there = sleeper();
  guardian.add(there.pid);
  const first = guardian.pid;
  Deno.kill(first, "SIGKILL");
  while (guardian.pid === first) await delay(20);
  assertNotEquals(guardian.pid, first);
  await guardian.close();
  assertEquals((await there.status).signal, "SIGTERM");
});

Deno.test("a guardian has a session of its own, and does not carry the mark as what is left behind does", async () => {
  const guardian = new Guardian(crypto.randomUUID());
  const row = (await processTable({ environment: true }))!.find(({ pid }) => pid === guardian.pid);
  await guardian.close();
  assertEquals(row?.group, guardian.pid);
  assert(!(row!.environment ?? "").includes(`${RUN_ID_VARIABLE}=`));
});

Deno.test("its shell is the one on the runtime's PATH, which is the one that may be run", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  const PATH = pathOf(folder, "sh", "sleep", "ps");
  const file = folder.manifest([witness.sidecar("a", "forks_twice")], { onHostDeath: "guard" });
  const flags = ["--allow-run=sh", "--allow-read", "--allow-env"];
  await using up = new Running(["up", file], { flags, env: { PATH } });
  await up.line(/tree +ready/);
  up.signal("SIGKILL");
  await up.ended();
  assertEquals(typeof await witness.gone(10_000), "number");
});

Deno.test({
  name: "a guardian that is ended by a signal without a name is replaced, and nothing else comes of it",
  ignore: Deno.build.os !== "linux", // where 34 is a real-time signal
  sanitizeResources: false, // Deno itself does not close the resource of such a process
  async fn() {
    const guardian = new Guardian(crypto.randomUUID());
    const there = sleeper();
    guardian.add(there.pid);
    const { pid } = guardian;
    await new Deno.Command("kill", { args: ["-34", String(pid)] }).output();
    while (guardian.pid === pid) await delay(10);
    await guardian.close();
    assertEquals((await there.status).signal, "SIGTERM");
  },
});
