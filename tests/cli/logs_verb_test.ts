/** `outrider logs`: what children of a running tree have printed, and what they print. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { command, Folder, Running, words } from "./outrider.ts";
import { Session } from "./session.ts";

const { outrider } = new Session();

/** A child that says `lines` and stays. */
function saying(id: string, ...lines: string[]): Record<string, unknown> {
  const script = `${lines.map((line) => `echo '${line}'`).join("; ")}; exec sleep 600`;
  return { id, command: "sh", args: ["-c", script] };
}

/** A child that does each line that is written to it; the shell opens the pipe for both, so that it has no end. */
class Puppet {
  readonly #pipe: string;
  readonly child: Record<string, unknown>;

  constructor(folder: Folder, id: string) {
    this.#pipe = `${folder.path}/${id}`;
    new Deno.Command("mkfifo", { args: [this.#pipe] }).outputSync();
    const script = "trap 'echo bye; exit' TERM; echo there; while read -r line <&3; do eval \"$line\"; done";
    this.child = { id, command: "sh", args: ["-c", `exec 3<>'${this.#pipe}'; ${script}`] };
  }

  async does(line: string): Promise<void> {
    await Deno.writeTextFile(this.#pipe, `${line}\n`, { create: false });
  }
}

const LINE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}(\S+) +(stdout|stderr) +(.*)$/;

/** The lines of `logs`: child, stream, text. */
function read(stdout: string): string[] {
  return stdout.trimEnd().split("\n").map((line) => {
    assertMatch(line, LINE);
    return line.replace(LINE, "$1 $2 $3");
  });
}

Deno.test("logs prints the last lines of all children, or of those that are named, and as data", async () => {
  await using folder = new Folder();
  folder.manifest([
    saying("db", "one", "two"),
    { ...saying("web", "up", "GET /a 200", "GET /b 500"), after: ["db"] },
    { id: "team", children: [saying("a", "alpha"), saying("b", "<4>beta")], after: ["web"] },
  ]);
  await using up = new Running(["up"], { cwd: folder.path });
  for (const last of [/ two$/, /b 500$/, /alpha$/, /beta$/]) await up.line(last);
  const logs = (...args: string[]) => outrider(["logs", ...args], { cwd: folder.path });
  const all = await logs();
  assertEquals([all.code, all.stderr], [0, ""]);
  const db = ["db#1 stdout one", "db#1 stdout two"];
  const web = ["web#1 stdout up", "web#1 stdout GET /a 200", "web#1 stdout GET /b 500"];
  const team = ["team/a#1 stdout alpha", "team/b#1 stdout beta"];
  assertEquals(read(all.stdout).sort(), [...db, ...web, ...team].sort());
  const times = all.stdout.trimEnd().split("\n").map((line) => line.slice(0, 23));
  assertEquals(times, [...times].sort());
  const chosen: [args: string[], lines: string[]][] = [
    [["web"], web],
    [["w*", "db", "-n", "600", "--since", "1h"], [...db, ...web]],
    [["team"], team],
    [["team/*"], team],
    [["team/a"], team.slice(0, 1)],
    [["web", "-n", "1"], web.slice(2)],
    [["--level", "warn", "-n", "1"], team.slice(1)],
    [["web", "-n1", "--grep", "GET .* 200$"], web.slice(1, 2)],
  ];
  for (const [args, lines] of chosen) {
    const { code, stdout } = await logs(...args);
    assertEquals(code, 0);
    assertEquals(read(stdout).sort(), [...lines].sort(), args.join(" "));
  }
  for (const none of [["-n", "0"], ["--since", "0s"], ["--grep", "nothing like it"]]) {
    assertEquals(await logs(...none), { code: 0, stdout: "", stderr: "" });
  }
  const { stdout } = await logs("web", "-n", "1", "--json");
  const { time, ...line } = JSON.parse(stdout);
  assertMatch(time, /^\d{4}-.*Z$/);
  assertEquals(line, {
    level: "info",
    path: "web",
    generation: 1,
    type: "output",
    stream: "stdout",
    line: "GET /b 500",
  });
  up.signal("SIGTERM");
  await up.ended();
});

Deno.test("logs says what is wrong when a child, a pattern, a time or a number is", async () => {
  await using folder = new Folder();
  folder.manifest([saying("web", "up")]);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/tree +ready/);
  const wrong: [args: string[], says: string][] = [
    [["wbe"], "Cannot find the child 'wbe': did you mean 'web'?\n"],
    [["web", "x*"], "Cannot find the child 'x*': "],
    [["--level", "loud"], "Cannot use --level loud: it takes error, warn, info, debug"],
    [["--grep", "("], "Cannot use --grep (: "],
    [["--grep", "(a)\\1"], "can't be matched in linear time"],
    [["--since", "yesterday"], "Cannot use --since yesterday: it takes a duration, such as 10m, "],
    [["-n", "many"], "Cannot use --lines many: it takes a whole number\n"],
  ];
  for (const [args, says] of wrong) {
    const { code, stdout, stderr } = await outrider(["logs", ...args], { cwd: folder.path });
    assertEquals([code, stdout], [2, ""], stderr);
    assertStringIncludes(stderr, says);
  }
  up.signal("SIGTERM");
  await up.ended();
  const { code, stderr } = await outrider(["logs"], { cwd: folder.path });
  assertEquals(code, 1);
  assertStringIncludes(stderr, "none listens for it\nStart it by 'outrider up'; ");
});

Deno.test("logs says that older lines are not kept when more is asked for than there is", async () => {
  await using folder = new Folder();
  folder.manifest([{ ...saying("web"), args: ["-c", "seq 3000; exec sleep 600"] }, saying("calm", "here")]);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/ 3000$/);
  await up.line(/ here$/);
  const logs = (...args: string[]) => outrider(["logs", ...args], { cwd: folder.path });
  const all = await logs("--since", "1h");
  assertEquals(all.code, 0);
  assertMatch(all.stderr, /^Not all lines from before \d{4}-\S+ \S+ are in memory any more, of web\n$/);
  const numbers = read(all.stdout).filter((line) => line.startsWith("web")).map((line) =>
    Number(line.split(" ")[2])
  );
  assertEquals(numbers.at(-1), 3000);
  assertEquals(numbers, Array.from(numbers, (_, index) => numbers[0]! + index));
  assert(numbers.length >= 1_000);
  const last = await logs("web");
  assertEquals([read(last.stdout).length, last.stderr], [100, ""]);
  up.signal("SIGTERM");
  await up.ended();
});

Deno.test("logs -f goes on with what comes, over a restart, until Ctrl-C, which harms nothing, or the end of the tree", async () => {
  await using folder = new Folder();
  const [web, db] = [new Puppet(folder, "web"), new Puppet(folder, "db")];
  folder.manifest([web.child, db.child]);
  await using up = new Running(["up"], { cwd: folder.path });
  for (const id of [/web#1 .*there/, /db#1 .*there/]) await up.line(id);
  const follow = (...args: string[]) =>
    new Running(command(["logs", "-f", "-n", "1", ...args], { cwd: folder.path }));
  await using left = follow();
  await using stays = follow("web");
  for (const one of [left, stays]) await one.line(/ there$/);
  await web.does("echo one");
  await db.does("echo two >&2");
  await left.line(/ web#1 +stdout +one$/);
  await left.line(/ db#1 +stderr +two$/);
  left.signal("SIGINT");
  await left.ended();
  assertEquals((await outrider(["restart", "web"], { cwd: folder.path })).code, 0);
  await stays.line(/ web#2 +stdout +there$/);
  await web.does("echo three");
  await stays.line(/ web#2 +stdout +three$/);
  assertEquals((await outrider(["down"], { cwd: folder.path })).code, 0);
  assertEquals(await up.ended(), { code: 0, stderr: "" });
  assertEquals(await stays.ended(), { code: 0, stderr: "" });
  assertEquals(
    stays.lines.map((line) => line.replace(LINE, "$1 $3")),
    ["web#1 there", "web#1 one", "web#1 bye", "web#2 there", "web#2 three", "web#2 bye"],
  );
});

Deno.test("logs -f ends when its reader has left", async () => {
  await using folder = new Folder();
  const ticking = "while :; do echo tick; sleep 0.05; done";
  folder.manifest([{ id: "web", command: "sh", args: ["-c", ticking] }]);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/ tick$/);
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", `{ "$@"; echo "ended: $?" >&2; } | head -n 1`, "sh", ...words(["logs", "-f"])],
    cwd: folder.path,
    env: { NO_COLOR: "1", XDG_STATE_HOME: `${Deno.env.get("TMPDIR") ?? "/tmp"}/outrider-test-state` },
  }).output();
  const decoder = new TextDecoder();
  assertEquals([code, decoder.decode(stderr)], [0, "ended: 0\n"]);
  assertEquals(read(decoder.decode(stdout)), ["web#1 stdout tick"]);
  up.signal("SIGTERM");
  await up.ended();
});

Deno.test("logs -f names all that it has lost, and nothing of a quiet child, when its reader stops reading", async () => {
  await using folder = new Folder();
  const COUNT = 60_000;
  const [web, calm] = [new Puppet(folder, "web"), new Puppet(folder, "calm")];
  folder.manifest([web.child, calm.child]);
  await using up = new Running(["up"], { cwd: folder.path });
  for (const id of [/web#1 .*there/, /calm#1 .*there/]) await up.line(id);
  const follower = command(["logs", "-f", "-n", "2", "--json"], { cwd: folder.path }).spawn();
  const stderr = new Response(follower.stderr).text();
  const text = follower.stdout.pipeThrough(new TextDecoderStream()).getReader();
  await using _ = {
    async [Symbol.asyncDispose]() {
      await text.cancel();
      // It has ended already, unless the test has failed.
      try {
        follower.kill("SIGKILL");
      } catch { /* it has */ }
      await follower.status;
      await stderr;
    },
  };
  const lines: Record<string, unknown>[] = [];
  let rest = "";
  /** Reads until there is such a line. */
  const readTo = async (is: (line: Record<string, unknown>) => boolean) => {
    while (!lines.some(is)) {
      const { done, value } = await text.read();
      if (done) throw new Error("it has ended");
      const parts = (rest + value).split("\n");
      rest = parts.pop()!;
      lines.push(...parts.map((part) => JSON.parse(part)));
    }
  };
  await readTo(() => lines.length === 2);
  await web.does(`seq ${COUNT}; echo flooded`);
  await up.line(/ flooded$/);
  await calm.does("echo quiet");
  await up.line(/ quiet$/);
  await readTo(({ line }) => line === "quiet");
  await web.does("echo last");
  await readTo(({ line }) => line === "last");
  assertEquals((await outrider(["down"], { cwd: folder.path })).code, 0);
  assertEquals(await up.ended(), { code: 0, stderr: "" });
  while (!(await text.read()).done) { /* to the end of the output */ }
  assertEquals([(await follower.status).code, await stderr], [0, ""]);
  const lost = lines.filter(({ type }) => type === "lines_lost");
  assert(lost.length > 0);
  assertEquals(new Set(lost.map(({ path }) => path)), new Set(["web"]));
  const shown = lines.filter(({ type, path }) => type === "output" && path === "web");
  const sum = lost.reduce((sum, { lines }) => sum + (lines as number), 0);
  // Between `there` and `last`: the numbers and `flooded`.
  assertEquals(shown.length - 2 + sum, COUNT + 1);
  const numbers = shown.map(({ line }) => Number(line)).filter((number) => number > 0);
  assertEquals(numbers, [...numbers].sort((one, other) => one - other));
});

Deno.test("logs -f fails when the runtime is killed", async () => {
  await using folder = new Folder();
  folder.manifest([saying("web", "up")]);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/ up$/);
  await using follow = new Running(["logs", "-f"], { cwd: folder.path });
  await follow.line(/ up$/);
  up.signal("SIGKILL");
  await up.ended();
  const { code, stderr } = await follow.ended();
  assertEquals(code, 1);
  assertStringIncludes(stderr, "Cannot get an answer from the runtime");
  // What it has left is found by the next run.
  await using again = new Running(["up"], { cwd: folder.path });
  await again.line(/tree +ready/);
  again.signal("SIGTERM");
  await again.ended();
});
