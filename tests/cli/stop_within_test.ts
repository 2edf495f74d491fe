/** How long a stop of `outrider up` may take, what it says meanwhile, and how it ends; and runs for the sake of one child. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { alive, Folder, Running, story } from "./outrider.ts";
import { Session } from "./session.ts";

const { outrider } = new Session();

/** A shell that does `onTerm` at SIGTERM, once it has said that it is up. */
const shell = (id: string, onTerm: string, more: object = {}) => ({
  id,
  command: "sh",
  args: ["-c", `trap '${onTerm}' TERM; echo up; while :; do sleep 0.05; done`],
  ready: { stdout: "up" },
  ...more,
});

Deno.test("each child gets SIGTERM before SIGKILL when a stop is to be shorter than their sequences", async () => {
  await using folder = new Folder();
  const file = folder.manifest([
    shell("db", "echo told; exit", { stop: { term: "30s" } }),
    shell("web", "echo told", { stop: { term: "30s" }, after: ["db"] }),
  ]);
  await using up = new Running(["up", file, "--stop-within", "3s"]);
  await up.line(/tree +ready/);
  const pids = up.pids();
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
  const said = up.lines.filter((line) => /told|killed|stopped/.test(line)).join("\n");
  assertMatch(
    said,
    /web#1 +stdout +told[^]*web#1 +killed +by SIGKILL[^]*db#1 +stdout +told[^]*db#1 +stopped/,
  );
  assertEquals(await alive(pids), []);
});

Deno.test("a child has the time that the one before it has left over when a stop is to be shorter than their sequences", async () => {
  await using folder = new Folder();
  const file = folder.manifest([
    shell("db", "sleep 1; echo flushed; exit", { stop: { term: "10s" } }),
    shell("idle", "exit", { stop: { term: "10m" }, after: ["db"] }),
  ]);
  await using up = new Running(["up", file, "--stop-within", "30s"]);
  await up.line(/tree +ready/);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
  assertMatch(up.lines.join("\n"), /idle#1 +stopped[^]*db#1 +stdout +flushed[^]*db#1 +stopped/);
});

Deno.test("check says how little a child may have when a stop is to be shorter than their sequences", async () => {
  await using folder = new Folder();
  const file = folder.manifest([
    shell("db", "exit", { stop: { term: "10s" } }),
    shell("worker", "exit", { stop: { term: "10m" }, after: ["db"] }),
  ], { stopWithin: "20s" });
  const { stdout } = await outrider(["check", file]);
  assertStringIncludes(stdout, 'a stop takes at most 20 s; without "stopWithin" it would be');
  assertMatch(stdout, /where each other takes all of its time, 'worker' has 11\.\d+ s of its 10 min/);
});

Deno.test("a stop says for whom it waits, and at which step", async () => {
  await using folder = new Folder();
  const file = folder.manifest([shell("slow", "", { stop: { term: "1h" } })]);
  await using up = new Running(["up", file]);
  await up.line(/tree +ready/);
  up.signal("SIGTERM");
  assertMatch(await up.line(/waiting/), /tree +waiting +for slow \(sent SIGTERM, [\d.]+ s\)/);
  up.signal("SIGINT");
  assertEquals((await up.ended()).code, 130);
});

Deno.test("up exits with 1, and names who was ended by force, when a stop is not over in time", async () => {
  await using folder = new Folder();
  // Its grandchild holds the pipes: the sequence is over, and the stop is not.
  const args = ["-c", "sleep 60 & trap 'exit 0' TERM; echo up; wait"];
  const holds = { id: "holds", command: "sh", args, ready: { stdout: "up" }, stop: { scope: "process" } };
  const file = folder.manifest([holds], { stopWithin: "500ms" });
  await using up = new Running(["up", file]);
  await up.line(/tree +ready/);
  up.signal("SIGTERM");
  const { code, stderr } = await up.ended();
  assertEquals(code, 1);
  assertStringIncludes(stderr, "Cannot wait any longer for holds: the stop had 500 ms");
  assertStringIncludes(stderr, "stop_overdue");
});

for (
  const [what, script, code] of [["code", "exit 3", 3], ["success", "exit 0", 0], [
    "signal",
    "kill -9 $$",
    137,
  ]] as const
) {
  Deno.test(`up --exit-code-from ends with the child, and with its exit code, when that is of a ${what}`, async () => {
    await using folder = new Folder();
    const file = folder.manifest([
      shell("server", "exit"),
      { id: "tests", command: "sh", args: ["-c", script], restart: "temporary", after: ["server"] },
    ]);
    await using up = new Running(["up", file, "--exit-code-from", "tests"]);
    assertEquals((await up.ended()).code, code);
    assertStringIncludes(story(up.lines).join("\n"), "server: stopped");
  });
}

Deno.test("up --exit-code-from is refused when there is no such child", async () => {
  await using folder = new Folder();
  await using up = new Running([
    "up",
    folder.manifest([shell("server", "exit")]),
    "--exit-code-from",
    "test",
  ]);
  const { code, stderr } = await up.ended();
  assertEquals(code, 2);
  assertStringIncludes(stderr, "Cannot use --exit-code-from test: the children are server");
});

for (
  const [ends, status, shown, code] of [["exit 2", 2, "exit code 2", 2], [
    "kill $$",
    "SIGTERM",
    "SIGTERM",
    143,
  ]] as const
) {
  Deno.test(`an end by ${shown} is shown as it is, and as a success, when successExitStatus has it`, async () => {
    await using folder = new Folder();
    const how = { restart: "on-failure", successExitStatus: [status] };
    const job = { id: "job", command: "sh", args: ["-c", ends], ...how };
    const file = folder.manifest([job, { id: "stays", command: "sleep", args: ["600"] }]);
    const socket = `${folder.path}/s`;
    await using up = new Running(["up", file, "--control", socket]);
    const line = await up.line(/job#1 +ended/);
    assertMatch(line, new RegExp(`by itself, after .*: ${shown}, a success$`));
    const { stdout: ps } = await outrider(["ps", socket]);
    assertMatch(ps, new RegExp(`job .*: ${shown}, a success`));
    const { stdout: why } = await outrider(["why", socket, "job"]);
    assertStringIncludes(why, `ended by itself: ${shown}, a success`);
    const { stdout: report } = await outrider(["status", socket, "--json"]);
    const { children } = JSON.parse(report);
    assertEquals(children[0].lastExit.death, {
      kind: "completed",
      code,
      ...status === "SIGTERM" && { signal: status },
    });
    up.signal("SIGTERM");
    assertEquals((await up.ended()).code, 0);
    await using until = new Running(["up", folder.manifest([job]), "--exit-code-from", "job"]);
    assertEquals((await until.ended()).code, code);
  });
}

Deno.test("a job is successful when its exit code is one that counts as that", async () => {
  await using folder = new Folder();
  const file = folder.manifest([
    {
      id: "job",
      command: "sh",
      args: ["-c", "exit 3"],
      restart: "transient",
      successExitStatus: [3, "SIGTERM"],
    },
    {
      id: "next",
      command: "sh",
      args: ["-c", "echo after; kill $$"],
      restart: "transient",
      successExitStatus: ["SIGTERM"],
      after: [{ id: "job", condition: "completed_successfully" }],
    },
  ]);
  await using up = new Running(["up", file]);
  assertEquals((await up.ended()).code, 0);
  assertMatch(up.lines.join("\n"), /next#1 +stdout +after/);
});

Deno.test("a stop is as short as it is to be when it comes of a child's end, or of too many restarts", async () => {
  await using folder = new Folder();
  const stubborn = shell("stubborn", "", { stop: { term: "1h" } });
  const job = { id: "job", command: "sh", args: ["-c", "exit 4"], restart: "temporary", after: ["stubborn"] };
  await using until = new Running([
    "up",
    folder.manifest([stubborn, job]),
    ...["--exit-code-from", "job"],
    "--stop-within",
    "5s",
  ]);
  assertEquals((await until.ended()).code, 4);
  assertMatch(until.lines.join("\n"), /stubborn#1 +killed +by SIGKILL/);
  const crashing = { id: "crashing", command: "sh", args: ["-c", "exit 5"] };
  const file = folder.manifest([stubborn, crashing], {
    defaults: "otp",
    intensity: { restarts: 0, within: "1m" },
  });
  await using gaveUp = new Running(["up", file, "--stop-within", "5s"]);
  assertEquals((await gaveUp.ended()).code, 1);
  assertMatch(gaveUp.lines.join("\n"), /stubborn#1 +killed +by SIGKILL/);
});

Deno.test("a failure is told, with 1, when a signal comes while what had started is stopped for it", async () => {
  await using folder = new Folder();
  const slow = shell("slow", "sleep 1; exit", { stop: { term: "1h" } });
  const dead = { id: "dead", command: "sh", args: ["-c", "exit 3"], ready: { stdout: "never" } };
  await using up = new Running(["up", folder.manifest([slow, dead], { defaults: "otp" })]);
  await up.line(/dead#1 +failed/);
  up.signal("SIGTERM");
  const { code, stderr } = await up.ended();
  assertEquals(code, 1);
  assertStringIncludes(stderr, "Cannot start 'dead': exit code 3");
});
