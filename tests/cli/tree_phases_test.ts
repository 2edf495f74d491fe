/** What an operator reads of a tree that starts, of one that stops, and of what only a hand starts again. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Folder, outrider, Running, runs } from "./outrider.ts";
import { Session } from "./session.ts";

const session = new Session();
const cat = { id: "cat", command: "cat", protocol: "lines" };

Deno.test("status and the timeline say that a tree is starting when a crash waits for that", async () => {
  await using folder = new Folder();
  const socket = `${folder.path}/s`;
  const crash = { id: "crash", command: "sh", args: ["-c", "sleep 0.3; exit 3"] };
  const slow = { ...runs("slow", "never_reads"), ready: { stdout: "^never" } };
  const late = { id: "late", command: "cat" };
  const file = folder.manifest([crash, slow, late], { defaults: "otp" });
  await using up = new Running(["up", file, "--control", socket]);
  await up.line(/crash#1 +crashed +.*exit code 3; what follows is decided once all beside it are ready$/);
  const { stdout } = await session.run(["status", socket]);
  assertMatch(stdout, /^tree: up for [^;]*; it is still starting: 0 of 3 ready\n/);
  assertMatch(stdout, /^late +not started yet +0/m);
  assertEquals(JSON.parse((await session.run(["status", socket, "--json"])).stdout).phase, "starting");
  const refused = await session.run(["restart", socket, "crash", "--timeout", "200ms"]);
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.stderr, "The tree is still starting: this waits until all of it is ready\n");
  up.signal("SIGQUIT");
  assertEquals((await up.ended()).code, 0);
  await up.line(/tree +stopping +everything, in reverse start order: SIGQUIT$/);
});

Deno.test("status says that a tree is stopping and recommends nothing that is refused then", async () => {
  await using folder = new Folder();
  const socket = `${folder.path}/s`;
  const bad = { ...runs("bad", "exits_with_code", "3"), backoff: { initial: 0 } };
  const slow = {
    ...runs("slow", "ignores_term"),
    ready: { stdout: "^ready" },
    stop: { stdin: "1h", term: "1h" },
  };
  const file = folder.manifest([bad, slow], { onLimit: { quarantine: {} } });
  await using up = new Running(["up", file, "--control", socket]);
  await up.line(/bad#\d+ +quarantine +held back after too many restarts, until it is started by hand$/);
  await up.line(/tree +ready/);
  up.signal("SIGTERM");
  await up.line(/tree +stopping/);
  const { stdout } = await session.run(["status", socket]);
  assertMatch(stdout, /^tree: up for [^;]*; it is stopping: 1 of 2 still to end\n/);
  assertEquals(stdout.includes("To start it again"), false);
});

Deno.test("a restart by hand says that the child stays stopped when its start fails", async () => {
  await using folder = new Folder();
  const socket = `${folder.path}/s`;
  const once = { id: "once", command: "sh", args: ["-c", "[ -e here ] && exit 3; echo up; exec sleep 60"] };
  const file = folder.manifest([cat, { ...once, cwd: folder.path, ready: { stdout: "^up" } }], {
    defaults: "otp",
  });
  await using up = new Running(["up", file, "--control", socket]);
  await up.line(/tree +ready/);
  folder.write("here", "");
  const again = `outrider restart ${socket} once`;
  const { code, stderr } = await session.run(["restart", socket, "once"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, `To start it again: ${again}\n`);
  await up.line(/once#2 +failed .*; it stays stopped until it is started by hand$/);
  const { stdout } = await session.run(["status", socket]);
  assertStringIncludes(stdout, `\n\nTo start it again: ${again}\n`);
  up.signal("SIGTERM");
  await up.ended();
});

Deno.test("a restart of a temporary job says that it is forgotten when the job has ended", async () => {
  await using folder = new Folder();
  const socket = `${folder.path}/s`;
  const seed = { id: "seed", command: "true", restart: "temporary" };
  const file = folder.manifest([cat, seed], { defaults: "otp" });
  await using up = new Running(["up", file, "--control", socket]);
  await up.line(/seed#1 +finished/);
  const { code, stderr } = await session.run(["restart", socket, "seed"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "Cannot restart 'seed': it is temporary and has ended");
  up.signal("SIGTERM");
  await up.ended();
});

Deno.test("a temporary job of a manifest stays known, and is run again, when an operator restarts it", async () => {
  await using folder = new Folder();
  const socket = `${folder.path}/s`;
  const seed = { id: "seed", command: "true", restart: "temporary" };
  await using up = new Running(["up", folder.manifest([cat, seed]), "--control", socket]);
  await up.line(/seed#1 +finished/);
  assertMatch((await session.run(["status", socket])).stdout, /^seed +stopped +1 /m);
  assertEquals((await session.run(["restart", socket, "seed"])).code, 0);
  await up.line(/seed#2 +finished/);
  up.signal("SIGTERM");
  await up.ended();
});

Deno.test("a take-over that a signal ends says that nothing was started", async () => {
  await using folder = new Folder();
  const env = { XDG_STATE_HOME: folder.path };
  const slow = {
    ...runs("slow", "ignores_term"),
    ready: { stdout: "^ready" },
    stop: { stdin: "1h", term: "1h" },
  };
  const manifest = folder.manifest([slow]);
  await using first = new Running(["up", manifest], { env });
  await first.line(/tree +ready/);
  await using second = new Running(["up", manifest, "--take-over"], { env });
  await first.line(/tree +stopping +.*taken over by process/);
  // Long enough for it to say again that it waits.
  await first.line(/tree +waiting +for slow/);
  await first.line(/tree +waiting +for slow \(.*, 1\d(\.\d+)? s\)/);
  second.signal("SIGTERM");
  const { code, stderr } = await second.ended();
  assertEquals(code, 143);
  assertMatch(stderr, /^Waiting for process \d+ to stop, for 95 s at most, then it is ended by force$/m);
  assertMatch(stderr, /^Still waiting for process \d+ to stop, for [\d.]+ s so far$/m);
  assertStringIncludes(
    stderr,
    `SIGTERM: nothing was started; process ${first.pid}, which was to be taken over`,
  );
});

Deno.test("the next start names program, pid and signal when it sweeps what a killed run has left", async () => {
  await using folder = new Folder();
  const env = { XDG_STATE_HOME: folder.path };
  const slow = {
    ...runs("slow", "ignores_term"),
    ready: { stdout: "^ready" },
    stop: { stdin: 0, term: "200ms" },
  };
  const manifest = folder.manifest([slow, { id: "nap", command: "sleep", args: ["60"] }]);
  {
    await using first = new Running(["up", manifest], { env });
    await first.line(/tree +ready/);
    first.signal("SIGKILL");
    await first.ended();
  }
  const { code, stdout, stderr } = await outrider(["up", manifest, "--for", "100ms"], { env });
  assertEquals(code, 0);
  assertMatch(
    stdout,
    /nap#1 +swept +process \d+, which the run before had left behind, was ended by SIGTERM: sleep$/m,
  );
  assertMatch(
    stdout,
    /slow#1 +swept +process \d+, which the run before had left behind, was ended by SIGKILL: (sh|sleep)$/m,
  );
  assertStringIncludes(stderr, "Ending what the killed run before has left behind\n");
});

Deno.test("check warns of a long stop.term and names each folder of PATH once", async () => {
  await using folder = new Folder();
  const patient = { ...cat, id: "patient", stop: { term: "30s" } };
  const { stderr } = await session.run(["check", folder.manifest([patient, cat])]);
  assertMatch(
    stderr,
    /^ {2}patient: its stop\.term of 30 s holds for an orderly stop; .* after 2 s at the next start/m,
  );
  assertEquals(stderr.includes("cat: its stop.term"), false);
  const missing = { id: "missing", command: "no-such-program", env: { PATH: "/nowhere:/nowhere" } };
  const found = await session.run(["check", folder.manifest([missing])]);
  assertMatch(found.stderr, /there is no program "no-such-program" in \/nowhere$/m);
});
