/** What an operator reads of why a tree stops, who asked for what, and what had to be ended by force. */
import { assertEquals, assertMatch } from "@std/assert";
import { SAME_SIGNAL_MS } from "../../src/launch/process_ends.ts";
import { Folder, Running, runs } from "./outrider.ts";
import { Session } from "./session.ts";

const session = new Session();
const cat = { id: "cat", command: "cat", protocol: "lines" };
const stubborn = {
  ...runs("stubborn", "ignores_term"),
  ready: { stdout: "^ready" },
  stop: { stdin: 0, term: "200ms" },
};

/** The events of a JSON log. */
function eventsIn(lines: readonly string[]) {
  return lines.map((line) => JSON.parse(line));
}

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  Deno.test(`up names the signal when it is stopped by ${signal}`, async () => {
    await using folder = new Folder();
    await using up = new Running(["up", folder.manifest([cat])]);
    await up.line(/tree +ready/);
    up.signal(signal);
    assertEquals((await up.ended()).code, 0);
    await up.line(new RegExp(`tree +stopping +everything, in reverse start order: ${signal}$`));
  });
}

Deno.test("up ends as it was told to when the time of --wait-ready is over only while it stops", async () => {
  await using folder = new Folder();
  const slow = {
    id: "slow",
    command: "sleep",
    args: ["60"],
    ready: { stdout: "never" },
    stop: { stdin: "5s" },
  };
  await using up = new Running(["up", folder.manifest([slow]), "--wait-ready", "4s"]);
  await up.line(/slow#1 +started/);
  up.signal("SIGTERM");
  const { code, stderr } = await up.ended();
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("up names a second signal when that ends the rest by force", async () => {
  await using folder = new Folder();
  const slow = { ...stubborn, id: "slow", stop: { stdin: "1h", term: "1h" } };
  await using up = new Running(["up", folder.manifest([slow])]);
  await up.line(/tree +ready/);
  up.signal("SIGTERM");
  await up.line(/slow#1 +stopping|tree +stopping/);
  await new Promise((resolve) => setTimeout(resolve, 700));
  up.signal("SIGINT");
  assertEquals((await up.ended()).code, 130);
  await up.line(/tree +warning +a second signal, SIGINT: all is ended by force$/);
});

Deno.test("up says that its time is over when --for is", async () => {
  await using folder = new Folder();
  const { code, stdout } = await session.run(["up", folder.manifest([cat]), "--for", "300ms"]);
  assertEquals(code, 0);
  assertMatch(stdout, /tree +stopping +everything, in reverse start order: its time to run is over$/m);
});

Deno.test("up says that nothing runs any more when all jobs are done, as data too", async () => {
  await using folder = new Folder();
  const job = { id: "job", command: "true", restart: "temporary" };
  const { code, stdout } = await session.run(["up", folder.manifest([job]), "--log-format", "json"]);
  assertEquals(code, 0);
  const stopping = eventsIn(stdout.trimEnd().split("\n")).find(({ type }) => type === "stopping");
  assertEquals([stopping.path, stopping.reason], ["/", "nothing in it runs any more"]);
});

Deno.test("a stop goes on in order when its manifest is taken over meanwhile, and a second signal still ends it by force", async () => {
  for (const isForced of [false, true]) {
    await using folder = new Folder();
    const env = { XDG_STATE_HOME: folder.path };
    const go = `${folder.path}/go`;
    const script = `trap 'echo told; while [ ! -e ${go} ]; do sleep 0.05; done; echo flushed; exit' TERM; ` +
      "echo up; while :; do sleep 0.05; done";
    const db = {
      ...{ id: "db", command: "sh", args: ["-c", script], ready: { stdout: "^up" } },
      stop: { stdin: 0, term: "1h" },
    };
    const manifest = folder.manifest([db]);
    await using first = new Running(["up", manifest], { env });
    await first.line(/tree +ready/);
    first.signal("SIGINT");
    await first.line(/told/);
    await using second = new Running(["up", manifest, "--take-over"], { env });
    await first.line(new RegExp(`process ${second.pid} waits to take over`));
    if (isForced) {
      // The same signal sooner is taken for the same one, sent to a group as well.
      await new Promise((resolve) => setTimeout(resolve, SAME_SIGNAL_MS + 100));
      first.signal("SIGTERM");
    } else Deno.writeTextFileSync(go, "");
    assertEquals((await first.ended()).code, isForced ? 130 : 0);
    assertEquals(first.lines.some((line) => /flushed/.test(line)), !isForced);
    assertEquals(first.lines.some((line) => /a second signal/.test(line)), isForced);
    await second.line(/tree +ready/);
    Deno.writeTextFileSync(go, "");
    second.signal("SIGTERM");
    await second.ended();
  }
});

Deno.test("up names the process that takes its manifest over", async () => {
  await using folder = new Folder();
  const env = { XDG_STATE_HOME: folder.path };
  const manifest = folder.manifest([cat]);
  await using first = new Running(["up", manifest], { env });
  await first.line(/tree +ready/);
  await using second = new Running(["up", manifest, "--take-over"], { env });
  await second.line(/tree +ready/);
  await first.ended();
  await first.line(
    new RegExp(`tree +stopping +everything, in reverse start order: taken over by process ${second.pid}$`),
  );
  second.signal("SIGTERM");
  await second.ended();
  await second.line(/tree +stopping +everything, in reverse start order: SIGTERM$/);
  assertEquals([...Deno.readDirSync(`${folder.path}/outrider`)].map(({ name }) => name), []);
});

Deno.test("up tells what was asked over its control socket before what comes of it", async () => {
  await using folder = new Folder();
  const socket = `${folder.path}/s`;
  await using up = new Running(["up", folder.manifest([cat]), "--control", socket]);
  await up.line(/tree +ready/);
  await session.run(["restart", socket, "cat"]);
  await up.line(/cat#2 +ready/);
  await session.run(["terminate", socket, "cat"]);
  const connection = await Deno.connect({ transport: "unix", path: socket });
  await connection.write(new TextEncoder().encode('{"id":1,"method":"stop"}\n'));
  assertEquals((await up.ended()).code, 0);
  connection.close();
  const told = up.lines.map((line) => line.replace(/^[\d-]+ [\d:.]+ +/, "").replace(/ +/g, " "))
    .filter((line) => /requested|stopping|cat#\d stopped/.test(line));
  assertEquals(told.map((line) => line.replace(/took .*/, "…")), [
    "cat#1 requested restart, asked over the control socket",
    "cat#1 stopped when stdin closed, …",
    "cat#2 requested terminate, asked over the control socket",
    "cat#2 stopped when stdin closed, …",
    "tree stopping everything, in reverse start order: asked over the control socket",
  ]);
});

Deno.test("an end by SIGKILL is told everywhere when a child resists its stop", async () => {
  await using folder = new Folder();
  const socket = `${folder.path}/s`;
  const args = ["up", folder.manifest([cat, stubborn]), "--control", socket, "--log-format", "json"];
  await using up = new Running([...args, "--log-level", "warn"]);
  for (let code = 1; code !== 0;) ({ code } = await session.run(["status", socket]));
  for (let state = ""; state !== "running";) {
    ({ state } = JSON.parse((await session.run(["status", socket, "--json"])).stdout).children[1]);
  }
  const { code, stdout } = await session.run(["terminate", socket, "stubborn"]);
  assertEquals([code, stdout], [0, "stubborn: stopped, generation 1, ended by SIGKILL\n"]);
  assertEquals((await session.run(["start", socket, "stubborn"])).code, 0);
  assertEquals(
    (await session.run(["restart", socket, "stubborn"])).stdout,
    "stubborn: running, generation 3, #2 ended by SIGKILL\n",
  );
  assertEquals((await session.run(["stop", socket, "stubborn"])).code, 0);
  const whole = await session.run(["terminate", socket, "/"]);
  assertEquals(whole.code, 2);
  assertMatch(
    whole.stderr,
    /^Cannot stop '\/': that is the whole tree; 'outrider down .*' ends it, and 'all' is/,
  );
  const status = await session.run(["status", socket]);
  assertMatch(status.stdout, /^stubborn +stopped .*: stopped as told, by SIGKILL$/m);
  const { children } = JSON.parse((await session.run(["status", socket, "--json"])).stdout);
  assertEquals(children[1].lastExit.how, "stopped");
  assertEquals(children[1].lastExit.death, { kind: "signal", signal: "SIGKILL" });
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
  const stopped = eventsIn(up.lines).filter(({ type }) => type === "stopped");
  assertEquals(stopped.map(({ level, path, exit }) => [level, path, exit]), [
    ...[1, 2, 3].map(() => ["warn", "stubborn", { reason: "shutdown", signal: "SIGKILL" }]),
  ]);
});

Deno.test("up says so and measures from there when it is stopped while it starts", async () => {
  await using folder = new Folder();
  const slow = { ...runs("slow", "never_reads"), ready: { stdout: "^never" } };
  await using up = new Running(["up", folder.manifest([cat, slow]), "--log-format", "json"]);
  await up.line(/"path":"slow".*"type":"spawned"/);
  const waited = 700;
  await new Promise((resolve) => setTimeout(resolve, waited));
  up.signal("SIGTERM");
  await up.ended();
  const told = eventsIn(up.lines).filter(({ path, type }) => path === "/" && /^stop/.test(type));
  assertEquals(told.map(({ type, reason }) => [type, reason]), [["stopping", "SIGTERM"], [
    "stopped",
    undefined,
  ]]);
  const between = Date.parse(told[1].time) - Date.parse(told[0].time);
  assertEquals(Math.abs(told[1].took - between) < waited / 2, true, `${told[1].took} of ${between}`);
});
