/** A guardian acts at once: it waits for the end of its stdin, and polls nothing. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { delay } from "@std/async";
import { Guardian } from "../../src/containment/guard.ts";
import { processTable } from "../../src/process/process_table.ts";
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

/** Milliseconds from the SIGKILL of a runtime to the end of all that its sidecars, who ignore SIGTERM, have started. */
async function fromDeathToSilence(): Promise<number> {
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
  const took = await witness.gone(10_000);
  assert(typeof took === "number", String(took));
  await up.ended();
  return took;
}

Deno.test("a runtime that is killed is followed within a second by all that it has started", async () => {
  const took: number[] = [];
  const median = () => took.toSorted((a, b) => a - b)[Math.floor(took.length / 2)]!;
  // A machine that is busy with something else may hold up some of them.
  do {
    took.push(...await Promise.all([1, 2, 3].map(fromDeathToSilence)));
  } while (median() >= 1_000 && took.length < 15);
  assertLess(median(), 1_000, `took ${took.map(Math.round).join(", ")} ms`);
});
