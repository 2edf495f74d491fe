/** A guardian acts at once: it waits for the end of its stdin, and polls nothing. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { delay } from "@std/async";
import { Guardian } from "../../src/containment/guard.ts";
import { processTable } from "../../src/process/ps.ts";
import { Folder, Running } from "../cli/outrider.ts";
import { Witness } from "./witness.ts";

/** How often a process has given up its processor to wait for something. */
async function waits(pid: number): Promise<number> {
  const { stdout } = await new Deno.Command("cat", { args: [`/proc/${pid}/status`] }).output();
  const [, times] = /^voluntary_ctxt_switches:\s*(\d+)$/m.exec(new TextDecoder().decode(stdout))!;
  return Number(times);
}

/** Longer than anybody would wait between two looks. */
const WINDOW_MS = 1_100;

Deno.test(
  "while it waits, a guardian is one process that never wakes up",
  // Wake-ups are counted in /proc, which Linux alone has.
  { ignore: Deno.build.os !== "linux" },
  async () => {
    const guardian = new Guardian(crypto.randomUUID());
    // It may still be about to start; one that polls wakes up in every window.
    for (let windows = 1;; windows++) {
      const before = await waits(guardian.pid);
      await delay(WINDOW_MS);
      if (await waits(guardian.pid) === before) break;
      assertLess(windows, 10);
    }
    const family = (await processTable())!.filter(({ group }) => group === guardian.pid);
    assertEquals(family.map(({ pid }) => pid), [guardian.pid]);
    await guardian.close();
  },
);

/** Milliseconds for what a guardian can't do without: half a second of patience, and readings of all processes. */
async function unavoidable(): Promise<number> {
  const read = "ps axeww -o pid=,pgid=,etime=,uid=,stat=,comm= | while read -r line; do :; done";
  const began = performance.now();
  await new Deno.Command("sh", { args: ["-c", `sleep 0.5; ${read}; ${read}; ${read}`] }).output();
  return performance.now() - began;
}

/**
 * Milliseconds from the SIGKILL of a runtime to the end of all that its sidecars, who ignore SIGTERM, have started, and
 * those that are allowed: a second, or on a busy machine twice what can't be done without.
 */
async function fromDeathToSilence(): Promise<{ took: number; allowed: number }> {
  await using witness = new Witness();
  await using folder = new Folder();
  const children = [
    witness.sidecar("stubborn", "family_ignores_term"),
    witness.sidecar("forks", "forks_twice"),
    witness.sidecar("leaves", "leaves_its_session"),
  ];
  const env = { XDG_STATE_HOME: folder.path };
  await using up = new Running(["up", folder.manifest(children, { onHostDeath: "guard" })], { env });
  await up.line(/tree +ready/);
  assert((await witness.alive()).length >= 5);
  up.signal("SIGKILL");
  const [took, least] = await Promise.all([witness.gone(60_000), unavoidable()]);
  assert(typeof took === "number", String(took));
  await up.ended();
  return { took, allowed: Math.max(1_000, 2 * least) };
}

Deno.test("a runtime that is killed is followed within a second by all that it has started", async () => {
  // What holds a guardian up may not hold up what it is measured by.
  for (let tries = 1;; tries++) {
    const { took, allowed } = await fromDeathToSilence();
    if (took < allowed) break;
    assertLess(tries, 5, `took ${Math.round(took)} ms, of ${Math.round(allowed)}`);
  }
});
