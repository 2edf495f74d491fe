/** Programs of an operator's tree that print what no log expects. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Folder, outrider, Running } from "../../cli/outrider.ts";
import { running, sh } from "./running.ts";

Deno.test("a pattern is found in a line with colours, and that line is told without them", async () => {
  const vite = {
    id: "vite",
    ...sh("printf 'VITE \\033[32mready\\033[0m in 200 ms\\n'; exec sleep 1000"),
    ready: { stdout: "ready in", within: "30s" },
  };
  const told = await running([vite], (up) => up.line(/tree +ready/));
  assertMatch(told, /vite#1 +stdout +VITE ready in 200 ms\n/);
});

/** In the notation of Python: bytes that are no text, that command a terminal, and more of a line than is kept. */
const WEIRD = String.raw`
import sys, time
out = sys.stdout.buffer
for piece in [b"plain\n", b"nul \0 here\n", b"bad \xff\xfe text\n", b"\x1b]0;title\x07\x1b[31mred\x1b[0m\n",
    b"50 %\r100 %\n", b"x" * 100000 + b"\n", b"\x1b[2J\x1b[Hcleared\n", b"\n", b"last, without an end"]:
    out.write(piece)
    out.flush()
`;

Deno.test("a program's strange output harms no line of its siblings, and no terminal", async () => {
  const weird = { id: "weird", command: "python3", args: ["-c", WEIRD], restart: "temporary" };
  const calm = { id: "calm", ...sh("for n in 1 2 3; do echo line $n; sleep 0.05; done; exec sleep 1000") };
  const told = await running([weird, calm], async (up) => {
    await up.line(/weird#1 +finished/);
    await up.line(/calm#1 +stdout +line 3$/);
  });
  for (
    const shown of ["plain\n", "nul \\x00 here\n", "red\n", "100 %\n", "cleared\n", "last, without an end\n"]
  ) {
    assertStringIncludes(told, shown);
  }
  // deno-lint-ignore no-control-regex -- these are what must not come through
  assertEquals(told.match(/[\x00-\x08\x0b-\x1f\x7f]/), null);
  assertEquals(told.match(/calm#1 +stdout +line \d/g)?.length, 3);
});

/** Forks twice, as daemons do, with the pipes of the first process or without. */
const daemon = (closes: string) => `
import os, time
if os.fork(): os._exit(0)
os.setsid()
${closes}
if os.fork(): os._exit(0)
time.sleep(60)
`;
/** The daemon as a program of that name. */
function daemonFile(folder: Folder, name: string, closes: string): string {
  const file = folder.write(name, `#!/usr/bin/env python3\n${daemon(closes)}`);
  Deno.chmodSync(file, 0o755);
  return file;
}

const CLOSES = "null = os.open(os.devnull, os.O_RDWR)\nfor fd in (0, 1, 2): os.dup2(null, fd)";

Deno.test("a program that puts itself into the background is named as that, whether it keeps its pipes or not", async () => {
  const children = [["nginx", CLOSES], ["redis", ""]].map(([id, closes = ""]) => ({
    id,
    command: "python3",
    args: ["-c", daemon(closes)],
  }));
  const told = await running(children, async (up) => {
    await up.line(/nginx#\d+ +swept +process \d+, .* put itself into the background\?/);
    await up.line(/redis#1 +ended +by itself, after .* put itself into the background\?/);
  });
  assertEquals(told.includes("crashed"), false);
});

Deno.test("the timeline and why name the option for the foreground when the program is known", async () => {
  await using folder = new Folder();
  const children = [["nginx", CLOSES], ["redis-server", ""]].map(([id, closes = ""]) => ({
    id,
    command: daemonFile(folder, id!, closes),
    restart: "temporary",
  }));
  folder.manifest([...children, { id: "other", command: "sleep", args: ["1000"] }]);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/nginx#1 +swept .* Have it stay in the foreground by "-g", "daemon off;" in "args"$/);
  await up.line(/redis-server#1 +ended .* Have it stay in the foreground by "--daemonize", "no" in "args"$/);
  for (const [id, option] of [["nginx", "daemon off;"], ["redis-server", "--daemonize"]] as const) {
    const told = (await outrider(["why", id], { cwd: folder.path })).stdout;
    assertMatch(told, /ended by itself; did it put itself into the background\?/);
    assertStringIncludes(told, option);
  }
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
});
