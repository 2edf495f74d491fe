/** A running `outrider up`, looked at and acted on from another command line. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { alive, Folder, Running, runs, story, words } from "./outrider.ts";
import { hasTerminal, onTerminal } from "./terminal.ts";
import { Session } from "./session.ts";

const session = new Session();
const { outrider } = session;

const cat = { id: "cat", command: "cat", protocol: "lines" };
const bad = { ...runs("bad", "exits_with_code", "3"), backoff: { initial: 0 } };

/** A tree whose `bad` is soon in quarantine. */
function quarantining(folder: Folder): string {
  return folder.manifest([cat, { id: "team", onLimit: { quarantine: {} }, children: [bad] }]);
}

Deno.test("a child in quarantine is seen by status, and brought back by restart", async () => {
  await using folder = new Folder();
  // It fails until there is a file.
  const flaky = {
    id: "flaky",
    command: "sh",
    args: ["-c", `[ -e mended ] && exec sleep 60; exit 3`],
    backoff: { initial: 0 },
  };
  const file = folder.manifest([cat, flaky], {
    intensity: { restarts: 1, within: "1m" },
    onLimit: { quarantine: {} },
  });
  const socket = `${folder.path}/s`;
  await using up = new Running(["up", file, "--control", socket]);
  await up.line(/flaky#2 +quarantine/);
  const seen = await session.run(["status", socket]);
  assertEquals([seen.code, seen.stderr], [0, ""]);
  const [head, columns, ...rows] = seen.stdout.trimEnd().split("\n");
  assertMatch(head!, /^tree: up for /);
  assertMatch(columns!, /^child +state +generation +for +last exit$/);
  assertMatch(rows[0]!, /^cat +running +1 +\S+ \S+$/);
  assertMatch(rows[1]!, /^flaky +quarantined +2 +\S+ \S+ +#2, .* ago: exit code 3$/);
  assertEquals(rows.slice(2), ["", `To start it again: outrider restart ${socket} flaky`]);

  folder.write("mended", "");
  assertEquals(await session.run(["restart", socket, "flaky"]), {
    code: 0,
    stdout: "flaky: running, generation 3, out of quarantine with its whole restart budget\n",
    stderr: "",
  });
  await up.line(
    /flaky#2 +requested +restart, asked over the control socket; its restart budget is whole again$/,
  );
  await up.line(/flaky#3 +ready/);
  const { stdout } = await session.run(["status", socket, "--json"]);
  const [, { state, generation, pid, lastExit }] = JSON.parse(stdout).children;
  assertEquals([state, generation, lastExit.generation, lastExit.death], ["running", 3, 2, {
    kind: "exit_code",
    code: 3,
  }]);
  assertEquals(await alive([pid]), [pid]);

  assertEquals((await session.run(["restart", socket, "cat"])).stdout, "cat: running, generation 2\n");
  up.signal("SIGTERM");
  assertEquals(await up.ended(), { code: 0, stderr: "" });
  assertEquals(await alive(up.pids()), []);
  assertEquals(await Deno.stat(socket).catch(() => "gone"), "gone");
});

Deno.test({
  name: "status cuts its rows to the width when it writes to a terminal, and not when it is piped",
  ignore: !hasTerminal,
  async fn() {
    await using folder = new Folder();
    const socket = `${folder.path}/s`;
    const id = "x".repeat(64);
    await using up = new Running(["up", folder.manifest([{ ...cat, id }]), "--control", socket]);
    await up.line(/tree +ready/);
    assertMatch((await outrider(["status", socket])).stdout, new RegExp(`^${id}  running  1 `, "m"));
    const { code, text } = await onTerminal([
      "sh",
      "-c",
      'stty cols 60; exec "$@"',
      "-",
      ...words(["status", socket]),
    ]);
    assertEquals(code, 0);
    assertMatch(text, /^x{59}…\r?$/m);
    up.signal("SIGTERM");
    assertEquals((await up.ended()).code, 0);
  },
});

Deno.test("a child that was terminated stays stopped, and the tree up, though nothing else runs", async () => {
  await using folder = new Folder();
  const socket = `${folder.path}/s`;
  await using up = new Running(["up", folder.manifest([cat]), "--control", socket]);
  await up.line(/tree +ready/);
  assertEquals((await session.run(["terminate", socket, "cat"])).stdout, "cat: stopped, generation 1\n");
  await up.line(/cat#1 +stopped/);
  const { stdout } = await session.run(["status", socket]);
  assertMatch(stdout, /^tree: up for .*; nothing in it runs, and nothing will by itself\n/);
  assertMatch(stdout, /^cat +stopped +1 +.*: stopped as told$/m);
  assertEquals((await session.run(["restart", socket, "cat"])).code, 0);
  up.signal("SIGTERM");
  assertEquals(await up.ended(), { code: 0, stderr: "" });
  assertEquals(story(up.lines).filter((line) => line.startsWith("cat: started")).length, 2);
});

Deno.test("a request says that a supervisor is stopping, not that it has ended, when the tree is being stopped", async () => {
  await using folder = new Folder();
  const socket = `${folder.path}/s`;
  const slow = {
    ...runs("slow", "ignores_term"),
    ready: { stdout: "^ready" },
    stop: { stdin: "1h", term: "1h" },
  };
  await using up = new Running(["up", folder.manifest([cat, slow]), "--control", socket]);
  await up.line(/tree +ready/);
  up.signal("SIGTERM");
  await up.line(/tree +stopping/);
  for (const verb of ["restart", "terminate"]) {
    const { code, stderr } = await outrider([verb, socket, "cat"]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "Cannot reach '/': it is stopping\n");
  }
  assertMatch((await outrider(["status", socket])).stdout, /^slow +stopping /m);
  up.signal("SIGINT");
  assertEquals((await up.ended()).code, 130);
});

Deno.test("status, restart and terminate say how to start a tree when no runtime listens for its manifest", async () => {
  await using folder = new Folder();
  const file = folder.manifest([cat]);
  for (const args of [["status", file], ["restart", file, "cat"], ["terminate", file, "cat"]]) {
    const { code, stderr } = await outrider(args);
    assertEquals(code, 1);
    assertStringIncludes(
      stderr,
      `Cannot reach a runtime of ${file}: none listens for it\nStart it by 'outrider up ${file}'`,
    );
  }
});

Deno.test("a child that is not there: 2, with the one that was meant or all there are", async () => {
  await using folder = new Folder();
  const socket = `${folder.path}/s`;
  await using up = new Running(["up", quarantining(folder), "--control", socket]);
  await up.line(/bad#\d+ +quarantine/);
  for (const verb of ["restart", "terminate"]) {
    for (
      const [name, hint] of [["bad", "did you mean 'team/bad'?"], [
        "frog",
        "children are cat, team, team/bad",
      ]]
    ) {
      assertEquals(await session.run([verb, socket, name!]), {
        code: 2,
        stdout: "",
        stderr: `Cannot find the child '${name}': ${hint}\nSee outrider ${verb} --help\n`,
      });
    }
  }
  up.signal("SIGTERM");
  await up.ended();
});

Deno.test("a restart that fails is 1, with the reason", async () => {
  await using folder = new Folder();
  const socket = `${folder.path}/s`;
  const script = "[ -e broken ] && echo no config >&2 && exit 9; echo ready; exec sleep 60";
  const frail = { id: "frail", command: "sh", args: ["-c", script], ready: { stdout: "^ready" } };
  await using up = new Running(["up", folder.manifest([cat, frail]), "--control", socket]);
  await up.line(/tree +ready/);
  folder.write("broken", "");
  const { code, stdout, stderr } = await session.run(["restart", socket, "frail"]);
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(stderr, "Cannot start 'frail'");
  assertStringIncludes(stderr, "code 9");
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
});

Deno.test("status ends with 1 and the origin of the socket when nothing listens, or a runtime hangs", async () => {
  await using folder = new Folder();
  const socket = `${folder.path}/s`;
  for (const args of [["status", socket], ["restart", socket, "a"], ["terminate", socket, "a"]]) {
    const { code, stdout, stderr } = await session.run(args);
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, `Cannot reach a runtime at ${socket}: there is no such socket\n`);
    assertStringIncludes(stderr, `'outrider up FILE --control ${socket}'`);
  }
  await using up = new Running(["up", folder.manifest([cat]), "--control", socket]);
  await up.line(/tree +ready/);
  up.signal("SIGSTOP");
  const { code, stderr } = await session.run(["status", socket, "--timeout", "200ms"]);
  up.signal("SIGCONT");
  assertEquals(code, 1);
  assertMatch(stderr, /did not within 200 ms\nIt may hang, or be stopped by SIGSTOP/);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
});

Deno.test("each verb ends in its time, and nothing is done later, when the runtime hangs", async () => {
  await using folder = new Folder();
  const socket = `${folder.path}/s`;
  await using up = new Running(["up", folder.manifest([cat]), "--control", socket]);
  await up.line(/tree +ready/);
  up.signal("SIGSTOP");
  const since = performance.now();
  const verbs = [
    "ps",
    "status",
    "logs",
    "logs -f",
    "reopen",
    "why cat",
    "events",
    "start cat",
    "stop cat",
    "restart cat",
  ];
  for (const verb of [...verbs, "scale cat 2", "replace cat", "signal cat HUP", "wait", "down"]) {
    const [name = "", ...args] = verb.split(" ");
    const { code, stdout, stderr } = await session.run([name, socket, ...args, "--timeout", "200ms"]);
    assertEquals([code, stdout], [1, ""], `${verb}: ${stderr}`);
    assertMatch(stderr, /did not within \d+ ms\nIt may hang, or be stopped by SIGSTOP/, verb);
  }
  // Talk has the shortest time, so the runtime has more.
  const asked = await session.run(["ask", socket, "cat", "hi", "--timeout", "200ms"]);
  assertEquals(asked.code, 1);
  assertMatch(asked.stderr, /did not within 1000 ms; what a runtime has started may run still/);
  // Sixteen verbs; one alone has 60 s or more where nothing is said.
  assert(performance.now() - since < 45_000, `took ${performance.now() - since} ms`);
  up.signal("SIGCONT");
  let status = await session.run(["status", socket]);
  // The connections of before are closed one by one; until then it may have too many.
  while (/more than \d+ connections/.test(status.stderr)) status = await session.run(["status", socket]);
  assertMatch(status.stdout, /^cat +running .*$/m, status.stderr);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
  assert(!up.lines.some((line) => /requested|asked/.test(line)), up.lines.join("\n"));
});

Deno.test("a second runtime at the same socket starts nothing; a killed one's socket is replaced", async () => {
  await using folder = new Folder();
  const socket = `${folder.path}/s`;
  const args = ["up", folder.manifest([cat]), "--control", socket];
  await using first = new Running(args);
  await first.line(/tree +ready/);
  const other = folder.write("other.json", { name: "other", children: [cat] });
  const second = await outrider(["up", other, "--control", socket]);
  assertEquals([second.code, second.stdout], [1, ""]);
  assertStringIncludes(second.stderr, `Cannot listen at ${socket}: another runtime does`);
  first.signal("SIGKILL");
  await first.ended();
  assert((await Deno.lstat(socket)).isSocket);
  assertMatch((await session.run(["status", socket])).stderr, /nobody listens there any more/);
  await using third = new Running(args);
  await third.line(/tree +ready/);
  assertEquals((await session.run(["status", socket])).code, 0);
  third.signal("SIGTERM");
  assertEquals((await third.ended()).code, 0);
});

Deno.test("the socket goes with the runtime, however that ends", async () => {
  await using folder = new Folder();
  const socket = `${folder.path}/s`;
  const gone = () => Deno.stat(socket).then(() => false, () => true);
  const ends: [args: unknown[], more: Record<string, unknown>, code: number][] = [
    [[{ ...bad, restart: "temporary" }], {}, 0],
    [[bad], { defaults: "otp", intensity: { restarts: 0, within: "1m" } }, 1],
    [[{ id: "none", command: "no-such-program" }], {}, 1],
  ];
  for (const [children, more, code] of ends) {
    const up = await outrider(["up", folder.manifest(children, more), "--control", socket]);
    assertEquals([up.code, await gone()], [code, true], up.stderr);
  }
  const stubborn = { ...runs("stubborn", "ignores_term"), stop: { term: "1h" }, ready: { stdout: "^ready" } };
  await using up = new Running(["up", folder.manifest([stubborn]), "--control", socket]);
  await up.line(/tree +ready/);
  up.signal("SIGTERM");
  await up.line(/tree +stopping/);
  up.signal("SIGINT");
  assertEquals([(await up.ended()).code, await gone()], [130, true]);
});

Deno.test("under a umask that lets others in, a folder of one's own is wanted", async () => {
  await using folder = new Folder();
  const shared = `${folder.path}/shared`;
  Deno.mkdirSync(shared);
  Deno.chmodSync(shared, 0o755);
  Deno.chmodSync(folder.path, 0o700);
  const file = folder.manifest([{ ...bad, restart: "temporary" }]);
  for (const [path, code] of [[`${shared}/s`, 1], [`${folder.path}/s`, 0]] as const) {
    const args = ["-c", `umask 002; exec "$0" "$@"`, ...words(["up", file, "--control", path])];
    const up = await new Deno.Command("sh", { args }).output();
    const stderr = new TextDecoder().decode(up.stderr);
    assertEquals(up.code, code, stderr);
    if (code === 1) assertStringIncludes(stderr, "umask 077");
    assertEquals(await Deno.stat(path).catch(() => "gone"), "gone");
  }
});
