/** What `startChild` gives: the ref of a child, its output and its end, however early they come. */
import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
import {
  actor,
  ActorStoppedError,
  dynamicSupervisor,
  IGNORE,
  sidecar,
  SidecarExitedError,
  type SidecarOptions,
  start,
  StartError,
  supervisor,
  type System,
} from "@outrider/outrider";
import { failureOf } from "../../support/probes.ts";

const jobs = dynamicSupervisor("jobs");
const tree = () => start(supervisor("root", [jobs]));
const sh = (script: string, more: Partial<SidecarOptions> = {}) =>
  sidecar("job", { command: "sh", args: ["-c", script], restart: "temporary", ...more });

Deno.test("startChild gives a ref that has the end of a job when the job is over at once", async () => {
  await using system = await tree();
  for (let n = 0; n < 20; n++) {
    const job = await system.startChild("jobs", sidecar(`j${n}`, { command: "true", restart: "temporary" }));
    const { reason, code, signal, cause } = await job.ended;
    assertEquals([job.path, reason, code, signal, cause], [`jobs/j${n}`, "normal", 0, undefined, undefined]);
    assertInstanceOf(await failureOf(job.ask("hello?" as never)), ActorStoppedError);
  }
});

Deno.test("a child ref has the exit code, the signal and the last words of a job when it fails", async () => {
  await using system = await tree();
  const failed = await system.startChild(jobs, sh("echo one >&2; echo two >&2; exit 7"));
  const end = await failed.ended;
  assertEquals([end.reason, end.code, end.signal, end.lastWords, end.generation], [
    "crash",
    7,
    undefined,
    ["one", "two"],
    1,
  ]);
  assertInstanceOf(end.cause, SidecarExitedError);
  const killed = await (await system.startChild(jobs, sh("kill -KILL $$"))).ended;
  assertEquals([killed.reason, killed.signal], ["crash", "SIGKILL"]);
});

Deno.test("a child ref has all lines of a job when they are read after its end", async () => {
  await using system = await tree();
  const job = await system.startChild(jobs, sh("echo out; echo err >&2; echo more"));
  await job.ended;
  assertEquals(await Array.fromAsync(job.lines()), ["out", "more"]);
  assertEquals(await Array.fromAsync(job.lines("stderr")), ["err"]);
});

Deno.test("a child ref gives lines as they come, and lets its reader leave while none comes", async () => {
  await using system = await tree();
  const job = await system.startChild(jobs, sh("echo one; exec sleep 600"));
  const lines = job.lines();
  assertEquals((await lines.next()).value, "one");
  const waiting = lines.next();
  await lines.return?.();
  assertEquals((await waiting).done, true);
  await system.terminateChild("jobs/job");
  assertEquals((await job.ended).reason, "shutdown");
});

Deno.test("a child ref keeps the newest lines when a job writes more than is kept", async () => {
  await using system = await tree();
  const job = await system.startChild(
    jobs,
    sh("i=0; while [ $i -lt 5000 ]; do i=$((i + 1)); echo line $i; done"),
  );
  await job.ended;
  const lines = await Array.fromAsync(job.lines());
  assertEquals([lines.length, lines.at(-1)], [4_096, "line 5000"]);
});

Deno.test("startChild terminates its child when its signal aborts later", async () => {
  await using system = await tree();
  const abort = new AbortController();
  const job = await system.startChild(jobs, sh("exec sleep 600"), { signal: abort.signal });
  abort.abort();
  assertEquals((await job.ended).reason, "shutdown");
  assertEquals(system.countChildren("jobs").specs, 0);
});

Deno.test("startChild rejects with the signal's reason when that aborts while the child starts, or before", async () => {
  await using system = await tree();
  const reason = new Error("enough");
  const abort = new AbortController();
  const never = sh("exec sleep 600", { ready: { stdout: "never" } });
  const spawned = system.events({ types: ["spawned"] }).next();
  const starting = failureOf(system.startChild(jobs, never, { signal: abort.signal }));
  await spawned;
  abort.abort(reason);
  assertStrictEquals(await starting, reason);
  assertEquals(system.countChildren("jobs").specs, 0);
  const before = system.startChild(jobs, never, { signal: AbortSignal.abort(reason) });
  assertStrictEquals(await failureOf(before), reason);
  assertEquals(system.countChildren("jobs").specs, 0);
});

Deno.test("startChild leaves a child of the same name alone when the signal of the one before it aborts", async () => {
  await using system = await tree();
  const abort = new AbortController();
  const first = await system.startChild(jobs, sh("exit 0"), { signal: abort.signal });
  await first.ended;
  const second = await system.startChild(jobs, sh("exec sleep 600"));
  abort.abort();
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(second.isAlive, true);
});

Deno.test("startChild rejects, and nothing is kept, when the child can't be started", async () => {
  await using system = await tree();
  await assertRejects(
    () => system.startChild(jobs, sidecar("x", { command: "no-such-program" })),
    StartError,
  );
  assertEquals(system.countChildren("jobs").specs, 0);
});

Deno.test("a child ref has its end once no restart follows, or with its tree", async () => {
  const system = await tree();
  let lives = 0;
  const flaky = actor("flaky", () => {
    const life = ++lives;
    return {
      receive(_: string): void {
        throw new Error(`life ${life}`);
      },
    };
  });
  const ref = await system.startChild("/", flaky);
  let hasEnded = false;
  void ref.ended.then(() => hasEnded = true);
  for await (const event of restartsOf(system, () => void ref.tell("go"))) {
    if (event === 2) break;
  }
  assert(!hasEnded);
  await system.stop();
  const end = await ref.ended;
  assertEquals([end.reason, end.generation], ["shutdown", 2]);
});

async function* restartsOf(system: System, provoke: () => void): AsyncGenerator<number> {
  const events = system.events({ path: "flaky", types: ["ready"] });
  provoke();
  for await (const { generation } of events) yield generation;
}

Deno.test("a child ref has its end at once when there was nothing to start", async () => {
  await using system = await tree();
  const idle = actor("idle", () => ({ started: () => IGNORE, receive() {} }));
  const ref = await system.startChild(jobs, idle);
  assertEquals([ref.started, (await ref.ended).reason], ["ignore", "normal"]);
});
