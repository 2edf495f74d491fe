/** The same with real processes: `slow` ends, once it is told to, when a file is there. */
import { assertEquals } from "@std/assert";
import {
  type ChildSpec,
  dynamicSupervisor,
  NO_BACKOFF,
  start,
  supervisor,
  type System,
} from "@outrider/outrider";
import { sidecar } from "@outrider/outrider/actors/sidecar";
import { pool, replaceAll } from "@outrider/outrider/actors/pool";
import { EventLog } from "../support/probes.ts";

const SLOW =
  'trap "" TERM; while read -r line; do echo "$line $$"; done; until [ -e "$0" ]; do sleep 0.02; done';
const MORTAL = 'while read -r line; do [ "$line" = die ] && exit 3; echo "$line $$"; done';
const PATIENT = { drain: 0, stdin: 120_000, term: 120_000 };

const mortal = () =>
  sidecar("a", { command: "sh", args: ["-c", MORTAL], protocol: "lines", backoff: NO_BACKOFF });

/** Runs `body` with a sidecar that takes its time to stop, until the gate is opened. */
async function withSlow(
  body: (slow: ChildSpec, open: () => Promise<void>, gate: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "outrider_stop_" });
  const gate = `${folder}/open`;
  try {
    const slow = sidecar("slow", {
      command: "sh",
      args: ["-c", SLOW, gate],
      protocol: "lines",
      backoff: NO_BACKOFF,
      stop: PATIENT,
    });
    await body(slow, () => Deno.writeTextFile(gate, ""), gate);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Has `a` die, and waits for the answer of the next one. */
async function diesAndAnswers(system: System, path: string): Promise<void> {
  const { generation } = system.ref(path);
  await system.ref(path).ask("die").catch(() => {});
  await system.ref(path).ask("hello");
  assertEquals(system.ref(path).generation, generation + 1);
}

const stateOf = (system: System, id: string, path = "/") =>
  system.whichChildren(path).find((child) => child.id === id)?.state;

/** Whether a process with that pid is there. */
async function isAlive(pid: number): Promise<boolean> {
  const { success } = await new Deno.Command("kill", { args: ["-0", `${pid}`], stderr: "null" }).output();
  return success;
}

Deno.test("real processes: a dynamic supervisor restarts a crashed child when it stops a slow one", async () => {
  await withSlow(async (slow, open) => {
    await using system = await start(supervisor("root", [dynamicSupervisor("crew")]));
    await system.startChild("crew", slow);
    await system.startChild("crew", mortal());
    const terminated = system.terminateChild("crew/slow");
    await diesAndAnswers(system, "crew/a");
    assertEquals(stateOf(system, "slow", "crew"), "stopping");
    await open();
    await terminated;
    assertEquals(stateOf(system, "slow", "crew"), undefined);
  });
});

Deno.test("real processes: a child that is restarted by hand does not hold up the restart of a crashed one", async () => {
  await withSlow(async (slow, open) => {
    await using system = await start(supervisor("root", [mortal(), slow]));
    const restarted = [system.terminateChild("slow"), system.restartChild("slow")];
    await diesAndAnswers(system, "a");
    assertEquals([stateOf(system, "slow"), system.ref("slow").generation], ["stopping", 1]);
    await open();
    await Promise.all(restarted);
    assertEquals(system.ref("slow").generation, 2);
  });
});

Deno.test("real processes: the same child is stopped and restarted twice, in the order of the requests", async () => {
  await withSlow(async (slow, open) => {
    await using system = await start(supervisor("root", [mortal(), slow]));
    const requests = [1, 2].flatMap(() => [system.terminateChild("slow"), system.restartChild("slow")]);
    await diesAndAnswers(system, "a");
    await open();
    await Promise.all(requests);
    assertEquals([stateOf(system, "slow"), system.ref("slow").generation], ["running", 3]);
  });
});

Deno.test("real processes: a child that crashes while it is stopped is not restarted", async () => {
  await withSlow(async (slow) => {
    await using system = await start(supervisor("root", [mortal(), slow]));
    const log = new EventLog({ events: (filter) => system.events(filter) });
    const pid = Number(String(await system.ref("slow").ask("who")).split(" ")[1]);
    const terminated = system.terminateChild("slow");
    await log.until(({ type, path }) => type === "stopping" && path === "slow");
    Deno.kill(pid, "SIGKILL");
    await terminated;
    await diesAndAnswers(system, "a");
    assertEquals([stateOf(system, "slow"), system.ref("slow").generation], ["stopped", 1]);
    assertEquals(log.lines().filter((line) => line.startsWith("slow#1 ") && line.includes("restarting")), []);
    await system.stop();
    await log.ended;
  });
});

Deno.test("real processes: a supervisor that stops waits for a stop in the background, and leaves nothing", async () => {
  await withSlow(async (slow, open) => {
    const system = await start(supervisor("root", [slow, mortal()]));
    const log = new EventLog({ events: (filter) => system.events(filter) });
    const pids = await Promise.all(
      ["slow", "a"].map(async (path) => Number(String(await system.ref(path).ask("who")).split(" ")[1])),
    );
    const terminated = system.terminateChild("slow");
    await log.until(({ type, path }) => type === "stopping" && path === "slow");
    const stopped = system.stop();
    await log.until(({ type, path }) => type === "stopped" && path === "a");
    assertEquals(stateOf(system, "slow"), "stopping");
    await open();
    await Promise.all([stopped, terminated]);
    await log.ended;
    assertEquals(await Promise.all(pids.map(isAlive)), [false, false]);
  });
});

Deno.test("real processes: a pool answers, and restarts a copy that dies, when replaceAll stops a slow one", async () => {
  await withSlow(async (_slow, open, gate) => {
    const script =
      `trap "" TERM; while read -r line; do [ "$line" = die ] && exit 3; echo "$line $$"; done; ` +
      `until [ -e "$0" ]; do sleep 0.02; done`;
    const workers = pool("w", {
      command: "sh",
      args: ["-c", script, gate],
      protocol: "lines",
      backoff: NO_BACKOFF,
      stop: PATIENT,
    }, { size: 2 });
    await using system = await start(supervisor("root", [workers]));
    const log = new EventLog({ events: (filter) => system.events(filter) });
    const replaced = replaceAll(system.ref("w"));
    await log.until(({ type, path }) => type === "stopping" && path === "w/1");
    await system.ref("w").ask("die").catch(() => {});
    for (const line of ["x", "y", "z"]) assertEquals(String(await system.ref("w").ask(line))[0], line);
    assertEquals([stateOf(system, "1", "w"), system.ref("w/2").generation], ["stopping", 2]);
    await open();
    assertEquals(await replaced, ["w/1", "w/2"]);
    await system.stop();
    await log.ended;
  });
});
