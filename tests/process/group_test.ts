/** What a child started ends with it: real programs, and the process table as the witness. */
import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { spawn } from "../../src/process/spawn.ts";
import { type SpawnedProcess, SpawnedProcess as Handle } from "../../src/process/child.ts";
import { ProcessGroup, sendSignals, signalScope, signalWay } from "../../src/process/group.ts";
import { processTable } from "../../src/process/ps.ts";
import { stop } from "../../src/process/stop.ts";
import { command, ended, fixture, ready } from "./fixture.ts";
import { hasSetsid } from "./start/setsid.ts";

const LADDER = { drain: 0, stdin: 100, term: 200 };
/** For what ends when its stdin does, however busy the machine is. */
const PATIENT = { ...LADDER, stdin: 60_000 };

/** Starts a fixture that prints the pid of its grandchild. */
async function family(
  name: string,
  way?: "deno" | "kill" | "none",
): Promise<{ child: SpawnedProcess; grandchild: number }> {
  const command = fixture(name, crypto.randomUUID());
  const child = way === undefined ? spawn(command) : spawnBy(way, command.args);
  const said = Promise.withResolvers<number>();
  let text = "";
  void child.readStdout((chunk) => {
    text += new TextDecoder().decode(chunk);
    if (text.includes("\n")) said.resolve(Number(text));
  });
  return { child, grandchild: await said.promise };
}

function spawnBy(way: "deno" | "kill" | "none", args: readonly string[]): SpawnedProcess {
  const process = new Deno.Command("sh", {
    args: [...args],
    detached: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return new Handle(process, { group: new ProcessGroup(process.pid, way), drainDeadline: 300 });
}

async function runs(pid: number): Promise<boolean> {
  return (await processTable())!.some((row) => row.pid === pid && !row.zombie);
}

Deno.test("signalWay follows the permissions that are granted", () => {
  const all = { groups: true, runAll: true, runKill: true };
  assertEquals(signalWay(all), "deno");
  assertEquals(signalWay({ ...all, runAll: false }), "kill");
  assertEquals(signalWay({ ...all, runAll: false, runKill: false }), "none");
  assertEquals(signalWay({ ...all, groups: false }), "none");
  assertEquals(signalScope(), "tree");
});

Deno.test("child leads a session with its own number when it is started", async () => {
  // It has said something, so it is what it was to be: through setsid, the session is there a moment after the start.
  const child = await ready("never_reads");
  assertEquals((await processTable())!.find(({ pid }) => pid === child.pid)?.group, child.pid);
  child.signal("SIGKILL");
  await child.closed;
});

for (const way of ["deno", "kill"] as const) {
  Deno.test(`by ${way}: a process that forked twice and holds no pipe ends with the child`, async () => {
    const { child, grandchild } = await family("forks_twice", way);
    assert(await runs(grandchild));
    assertEquals(await stop(child, PATIENT), "close_stdin");
    assertEquals(await child.closed, {
      status: { code: 0, signal: undefined },
      pipesHeld: false,
      orphans: true,
    });
    assertEquals(await runs(grandchild), false);
  });

  Deno.test(`by ${way}: the whole group ends by SIGKILL when it ignores SIGTERM`, async () => {
    const { child, grandchild } = await family("family_ignores_term", way);
    assertEquals(await stop(child, LADDER), "SIGKILL");
    assertEquals((await child.closed).status.signal, "SIGKILL");
    await ended(grandchild);
  });

  Deno.test(`by ${way}: SIGTERM reaches the grandchild, too`, async () => {
    const { child, grandchild } = await family("hands_pipes_on", way);
    assertEquals(await stop(child, { ...LADDER, stdin: 0, term: 60_000 }), "SIGTERM");
    assertEquals((await child.closed).pipesHeld, false);
    await ended(grandchild);
  });

  Deno.test(`by ${way}: a grandchild is ended at the deadline when it holds the pipes`, async () => {
    const { child, grandchild } = await family("hands_pipes_on", way);
    await stop(child, PATIENT);
    const { pipesHeld, orphans } = await child.closed;
    assertEquals({ pipesHeld, orphans }, { pipesHeld: true, orphans: true });
    await ended(grandchild);
  });
}

/** A child that makes its group when it reads a line, as `setsid` does at once; what it says on the way. */
function late(
  way: "deno" | "kill",
  trap: string,
): { child: SpawnedProcess; said: (word: string) => Promise<void> } {
  const script =
    `trap '${trap}' TERM; echo waiting; until read go; do :; done; exec setsid sh -c 'echo up; exec cat'`;
  const process = new Deno.Command("sh", {
    args: ["-c", script],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const group = new ProcessGroup(process.pid, way, { isThere: false });
  const child = new Handle(process, { group, drainDeadline: 300 });
  let text = "";
  let wake = () => {};
  void child.readStdout((chunk) => {
    text += new TextDecoder().decode(chunk);
    wake();
  });
  return {
    child,
    async said(word) {
      while (!text.includes(word)) await new Promise<void>((resolve) => wake = resolve);
    },
  };
}

for (const way of ["deno", "kill"] as const) {
  Deno.test({
    name: `by ${way}: a signal goes to the child, and then to its group, when the group does not exist yet`,
    ignore: !hasSetsid,
    async fn() {
      const { child, said } = late(way, "echo caught");
      await said("waiting");
      assert(child.signal("SIGTERM"));
      await said("caught");
      await child.write("go\n");
      assertEquals(await child.closed, { status: { code: 143, signal: "SIGTERM" }, pipesHeld: false });
    },
  });

  for (const name of ["SIGTERM", "SIGKILL"] as const) {
    Deno.test({
      name: `by ${way}: ${name} ends a child when its group does not exist yet`,
      ignore: !hasSetsid,
      async fn() {
        const { child, said } = late(way, name === "SIGTERM" ? "exit 9" : "");
        await said("waiting");
        assert(child.signal(name));
        const { status, orphans } = await child.closed;
        assertEquals([status.code === 9 || status.signal === name, orphans], [true, undefined]);
        assertEquals(child.signal(name), false);
      },
    });
  }

  Deno.test({
    name: `by ${way}: a child is ended with all that it started when it has made its group since`,
    ignore: !hasSetsid,
    async fn() {
      const { child, said } = late(way, "");
      await said("waiting");
      await child.write("go\n");
      await said("up");
      assertEquals(await stop(child, { ...LADDER, stdin: 0, term: 0 }), "SIGKILL");
      assertEquals((await child.closed).status.signal, "SIGKILL");
    },
  });
}

Deno.test({
  name: "start through setsid leaves no process behind when it is signalled at any moment",
  ignore: !hasSetsid,
  async fn() {
    const mark = crypto.randomUUID();
    const spec = { ...command("sh", "-c", "sleep 60 & sleep 60 & wait"), env: { MARK: mark } };
    for (let round = 0; round < 24; round++) {
      const child = spawn(spec, { drainDeadline: 300 });
      child.readStdout(() => {});
      await delay(round % 6 / 2);
      assert(child.signal(round % 4 < 2 ? "SIGTERM" : "SIGKILL"));
      assertEquals((await child.closed).status.code > 128, true);
    }
    const table = await processTable({ environment: true });
    assertEquals(table!.filter(({ command, zombie }) => !zombie && command.includes(`MARK=${mark}`)), []);
  },
});

Deno.test("signal reaches the child alone when its group cannot be signalled, and the deadline holds", async () => {
  const { child, grandchild } = await family("hands_pipes_on", "none");
  await stop(child, PATIENT);
  assertEquals(await child.closed, { status: { code: 0, signal: undefined }, pipesHeld: true });
  assert(await runs(grandchild));
  Deno.kill(-child.pid, "SIGKILL");
  await ended(grandchild);
});

Deno.test("group is left alone when its number is a living process again", async () => {
  // As after the number was given away: the "reaped leader" is a process that lives.
  const stranger = new Deno.Command("sleep", { args: ["60"], detached: true }).spawn();
  for (const way of ["deno", "kill"] as const) {
    const group = new ProcessGroup(stranger.pid, way);
    assertEquals([await group.left(), await group.end()], [false, false]);
  }
  assert(await runs(stranger.pid));
  stranger.kill("SIGKILL");
  await stranger.status;
});

Deno.test("sendSignals says that none got the signal when there are no targets", async () => {
  for (const way of ["deno", "kill", "none"] as const) {
    assertEquals(await sendSignals([], "SIGKILL", way), false);
    assertEquals(await sendSignals([-2_000_000_000], "SIGKILL", way), false);
  }
});

Deno.test("signal goes to the child alone when it is neither SIGTERM nor SIGKILL", async () => {
  const { child, grandchild } = await family("hands_pipes_on");
  assert(child.signal("SIGUSR1"));
  assertEquals((await child.exited).signal, "SIGUSR1");
  assert(await runs(grandchild));
  assertEquals((await child.closed).orphans, true);
  await ended(grandchild);
});
