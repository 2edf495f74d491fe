/** `outrider logs` beyond memory: lines that are in log files, of a tree that runs, and of one that does not. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Folder, Running } from "./outrider.ts";
import { Session } from "./session.ts";

const { outrider } = new Session();

/** A child that prints the numbers from 1 to `count`, and stays. */
function counting(id: string, count: number, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { id, command: "sh", args: ["-c", `seq ${count}; exec sleep 600`], ...more };
}

/** The numbers that a child has printed, in the lines of `logs`, as text or as data. */
function numbersOf(stdout: string, id: string): number[] {
  return stdout.trimEnd().split("\n").flatMap((line) => {
    if (line.startsWith("{")) {
      const { path, stream, line: text } = JSON.parse(line);
      return path === id && stream === "stdout" ? [Number(text)] : [];
    }
    const [, text] = new RegExp(`^[\\d-]+ [\\d:.]+  ${id}#\\d+ +stdout      (.*)$`).exec(line) ?? [];
    return text === undefined ? [] : [Number(text)];
  });
}

/** Runs of numbers that follow each other, each as `first-last`: one where none is missing and none is there twice. */
function runsOf(numbers: readonly number[]): string {
  const ends = numbers.flatMap((number, index) => number + 1 === numbers[index + 1] ? [] : [index]);
  return ends.map((end, index) => `${numbers[index === 0 ? 0 : ends[index - 1]! + 1]}-${numbers[end]}`).join(
    " ",
  );
}

const COUNT = 20_000;

for (const format of ["text", "json"]) {
  Deno.test(`logs has each line of a child once when memory has the last of them, and ${format} files all`, async () => {
    await using folder = new Folder();
    const log = { dir: "logs", format, max: "300KB", keep: 20, gzip: true };
    folder.manifest([counting("web", COUNT), counting("db", 5)], { log });
    await using up = new Running(["up"], { cwd: folder.path });
    await up.line(/web#\d+ +stdout +20000$/);
    await up.line(/db#\d+ +stdout +5$/);
    const logs = (...args: string[]) => outrider(["logs", ...args], { cwd: folder.path });
    const all = await logs("web", "--since", "1h");
    assertEquals([all.code, all.stderr], [0, ""]);
    assertEquals(runsOf(numbersOf(all.stdout, "web")), `1-${COUNT}`);
    const last = await logs("web", "-n", "5000");
    assertEquals([last.code, last.stderr], [0, ""]);
    assertEquals(last.stdout.trimEnd().split("\n").length, 5_000);
    assertEquals(runsOf(numbersOf(last.stdout, "web")), `${COUNT - 4_999}-${COUNT}`);
    const few = await logs("--grep", "^77$", "--json");
    assertEquals(numbersOf(few.stdout, "web").at(-1), 77);
    up.signal("SIGKILL");
    await up.ended();
    const killed = await logs("web", "-n", "5000", "--json");
    assertEquals(killed.code, 0);
    assertMatch(
      killed.stderr,
      /^No runtime listens for .*outrider\.json: these are the lines of its log files\n$/,
    );
    assertEquals(runsOf(numbersOf(killed.stdout, "web")), `${COUNT - 4_999}-${COUNT}`);
    const { stdout } = await logs("--since", "1h");
    assertEquals(runsOf(numbersOf(stdout, "db")), "1-5");
    const times = stdout.trimEnd().split("\n").map((line) => line.slice(0, 23));
    assertEquals(times, [...times].sort());
    // What the killed run has left is ended by the next; memory knows nothing of the lines before.
    await using again = new Running(["up"], { cwd: folder.path });
    await again.line(/db#\d+ +stdout +5$/);
    const both = await logs("db", "--since", "1h");
    assertEquals([both.code, both.stderr], [0, ""]);
    assertEquals(runsOf(numbersOf(both.stdout, "db")), "1-5 1-5");
    assertEquals((await outrider(["down"], { cwd: folder.path })).code, 0);
    await again.ended();
  });
}

Deno.test("logs leaves no line out, and has none twice, when a child floods its files while it is read and followed", async () => {
  await using folder = new Folder();
  const script =
    'i=0; while [ ! -e end ]; do i=$((i+1)); echo $i; [ $((i % 200)) = 0 ] && sleep 0.01; done; echo "$i" > count; exec sleep 600';
  const log = { file: "all.log", max: "500KB", keep: 500 };
  const calm = { id: "calm", command: "sh", args: ["-c", "echo calm; exec sleep 600"] };
  folder.manifest([calm, { id: "web", command: "sh", args: ["-c", script] }], { log });
  await using up = new Running(["up", "--log-level", "warn"], { cwd: folder.path });
  const logs = (...args: string[]) => outrider(["logs", ...args], { cwd: folder.path });
  while (
    numbersOf((await logs("web", "-n", "1")).stdout, "web").every((last) => last < 8_000)
  ) { /* it goes on */ }
  await using follow = new Running(["logs", "web", "-f", "-n", "6000"], { cwd: folder.path });
  for (let tries = 0; tries < 3; tries++) {
    const { stdout, stderr } = await logs("web", "-n", "7000");
    const numbers = numbersOf(stdout, "web");
    assertEquals([numbers.length, stderr], [7_000, ""]);
    assertEquals(runsOf(numbers), `${numbers[0]}-${numbers.at(-1)}`);
  }
  await follow.line(/./);
  folder.write("end", "");
  const counted = () => Deno.readTextFile(`${folder.path}/count`).catch(() => "");
  let last = await counted();
  while (
    !last.endsWith("\n") || numbersOf((await logs("web", "-n", "1")).stdout, "web").at(-1) !== Number(last)
  ) {
    last = await counted(); // its last line is still on the way
  }
  const all = await logs("--since", "1h");
  assertEquals(runsOf(numbersOf(all.stdout, "web")), `1-${last.trim()}`);
  assertStringIncludes(all.stdout, "stdout      calm\n");
  assertEquals((await outrider(["down"], { cwd: folder.path })).code, 0);
  await up.ended();
  await follow.ended();
  const followed = numbersOf(follow.lines.join("\n"), "web");
  assertEquals(followed, [...new Set(followed)].sort((one, other) => one - other));
  // A follower who is slow misses lines, and is told how many.
  const lost = follow.lines.reduce(
    (sum, line) => sum + Number(/ lost {8}([\d,]+) lines? of web,/.exec(line)?.[1]?.replaceAll(",", "") ?? 0),
    0,
  );
  assertEquals(followed.length + lost, Number(last) - followed[0]! + 1);
});

Deno.test("logs asks for permission to read log files, and to follow, for a runtime, when none runs", async () => {
  await using folder = new Folder();
  const file = folder.manifest([counting("web", 3)], { log: { dir: "logs" } });
  const { code } = await outrider(["up", "--for", "100ms"], { cwd: folder.path });
  assertEquals(code, 0);
  const flags = ["--allow-read", "--allow-env", "--allow-sys=uid"];
  const denied = await outrider(["logs", file], { flags: [...flags, `--deny-read=${folder.path}/logs`] });
  assertEquals([denied.code, denied.stdout], [3, ""]);
  assertStringIncludes(denied.stderr, "Cannot read the logs of 'tree': permissions are missing\n");
  assertStringIncludes(denied.stderr, `Add to deno run: --allow-read=${folder.path}/logs`);
  const granted = await outrider(["logs", file, "-n", "2"], { flags });
  assertEquals([granted.code, numbersOf(granted.stdout, "web")], [0, [2, 3]]);
  const unknown = await outrider(["logs", "wbe"], { cwd: folder.path });
  assertEquals([unknown.code, unknown.stdout], [2, ""]);
  assertStringIncludes(unknown.stderr, "did you mean 'web'?");
  const followed = await outrider(["logs", "-f"], { cwd: folder.path });
  assertEquals(followed.code, 1);
  assertStringIncludes(followed.stderr, "none listens for it");
});

Deno.test("logs passes a file over, and says so, when it is a link, whether a runtime runs or not", async () => {
  await using folder = new Folder();
  folder.manifest([counting("web", 3)], { log: { file: "all.log" } });
  await Deno.symlink("nowhere", `${folder.path}/all.log.1`);
  const logs = () => outrider(["logs", "--since", "1h"], { cwd: folder.path });
  const said = `Passing over ${await Deno.realPath(folder.path)}/all.log.1: it is a link\n`;
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/web#\d+ +stdout +3$/);
  const running = await logs();
  assertEquals([running.code, numbersOf(running.stdout, "web")], [0, [1, 2, 3]]);
  up.signal("SIGTERM");
  await up.ended();
  const ended = await logs();
  assertEquals([ended.code, numbersOf(ended.stdout, "web")], [0, [1, 2, 3]]);
  assertStringIncludes(ended.stderr, said);
});
