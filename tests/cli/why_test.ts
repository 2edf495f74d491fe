/** `outrider why` and `outrider events`: what has happened to a child, and what happens. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { command, Folder, Running } from "./outrider.ts";
import { Session } from "./session.ts";

const { outrider } = new Session();

const FLAKY = {
  id: "flaky",
  command: "sh",
  args: ["-c", "echo no database >&2; exit 7"],
  ready: "started",
};
const CALM = { id: "calm", command: "sleep", args: ["60"] };

/** A tree whose one child fails at once and is held back. */
async function heldBack(folder: Folder): Promise<{ up: Running; socket: string }> {
  const file = folder.manifest([CALM, FLAKY], {
    defaults: "otp",
    intensity: { restarts: 1, within: "1m" },
    onLimit: { quarantine: {} },
  });
  const socket = `${folder.path}/c.sock`;
  const up = new Running(["up", file, "--control", socket]);
  await up.line(/flaky#\d+ +quarantine/);
  return { up, socket };
}

Deno.test("why says how a child's last incarnations ended, and what was decided", async () => {
  await using folder = new Folder();
  const { up, socket } = await heldBack(folder);
  await using _ = up;
  const { code, stdout } = await outrider(["why", socket, "flaky"]);
  assertEquals(code, 0);
  const [first = "", ...rest] = stdout.split("\n");
  assertMatch(first, /^flaky: quarantined for /);
  const text = rest.join("\n");
  assertMatch(text, /#2 {2}\d\d:\d\d:\d\d {2}started, pid \d+/);
  assertStringIncludes(text, "crashed: exit code 7, last words: no database");
  assertMatch(text, /held back after too many restarts, until it is started by hand/);
  assertMatch(text, /#1[^]*restart 1 of 1/);
  assertStringIncludes(text, "To start it again: outrider restart");
  const json = JSON.parse((await outrider(["why", socket, "flaky", "--json"])).stdout);
  assertEquals(json.lives.map(({ generation }: { generation: number }) => generation), [2, 1]);
  up.signal("SIGTERM");
  await up.ended();
});

Deno.test("why says that a child can't be started, not that it was started too often, when its program is missing", async () => {
  await using folder = new Folder();
  const missing = { id: "typo", command: "no-such-program-of-ours" };
  const file = folder.manifest([CALM, missing]);
  await using up = new Running(["up", file, "--keep-going"]);
  await up.line(/typo#\d+ +quarantine/);
  const { code, stdout } = await outrider(["why", file, "typo"]);
  assertEquals(code, 0);
  assertMatch(
    stdout,
    /#1 {2}[\d:]+ {2}was to start\n +[\d:]+ {2}could not be started: .*no-such-program-of-ours/,
  );
  assertMatch(stdout, /held back, as it can't be started, for /);
  assert(!stdout.includes("too many"), stdout);
});

Deno.test("why of a child that is not there names the one that was meant", async () => {
  await using folder = new Folder();
  const { up, socket } = await heldBack(folder);
  await using _ = up;
  const { code, stderr } = await outrider(["why", socket, "flakey"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "did you mean 'flaky'?");
  up.signal("SIGTERM");
  await up.ended();
});

Deno.test("events tells what happens from now on, of one child or of all, until the tree has ended", async () => {
  await using folder = new Folder();
  const { up, socket } = await heldBack(folder);
  await using _ = up;
  await using all = new Running(command(["events", socket, "-f", "--json"]));
  await using calm = new Running(command(["events", socket, "calm"]));
  // They are there when something comes.
  const asked = (async () => {
    for (;;) {
      await outrider(["restart", socket, "calm"]);
      if (all.lines.length > 0 && calm.lines.length > 0) return;
    }
  })();
  await all.line(/"type":"ready"/);
  await calm.line(/calm#\d+ +ready/);
  await asked;
  up.signal("SIGTERM");
  await up.ended();
  assertEquals((await all.ended()).code, 0);
  assertEquals((await calm.ended()).code, 0);
  assertEquals(calm.lines.filter((line) => line.includes("flaky")), []);
  assertEquals(all.lines.map((line) => JSON.parse(line)).every(({ time }) => typeof time === "string"), true);
});

Deno.test("events refuses a type that there is not, and names the near one", async () => {
  await using folder = new Folder();
  const { up, socket } = await heldBack(folder);
  await using _ = up;
  const { code, stderr } = await outrider(["events", socket, "--types", "exit"]);
  assertEquals(code, 1);
  assertMatch(stderr, /"exited"/);
  up.signal("SIGTERM");
  await up.ended();
});
