/** What a person sees of a tree on a terminal, by tmux: `up`, `ps --watch` and `logs -f`. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { alive, Folder, outrider, Running } from "../cli/outrider.ts";
import { needsTmux, Terminal } from "./tmux.ts";

const cat = { id: "cat", command: "cat" };
const clock = { id: "clock", command: "sh", args: ["-c", "while echo tick; do sleep 0.2; done"] };

/** A tree that runs in `folder`. */
async function running(folder: Folder, children: readonly unknown[]): Promise<Running> {
  folder.manifest(children);
  const up = new Running(["up"], { cwd: folder.path, env: { XDG_STATE_HOME: `${folder.path}/state` } });
  await up.line(/tree +ready/);
  return up;
}

Deno.test(
  "ps --watch redraws in place, fits a terminal that gets narrow and low, and gives it back on Ctrl-C",
  needsTmux,
  async () => {
    await using folder = new Folder();
    await using up = await running(folder, [
      cat,
      ...Array.from({ length: 8 }, (_, n) => ({ ...cat, id: `c${n}` })),
    ]);
    await using terminal = await Terminal.open(folder, ["ps", "--watch"]);
    const first = await terminal.seen(/^c7 +running/m);
    assertMatch(first, /^tree: up for .*\nchild +state +gen/);
    assertEquals([await terminal.fact("alternate_on"), await terminal.fact("cursor_flag")], ["1", "0"]);
    await outrider(["stop", "c3"], { cwd: folder.path, env: { XDG_STATE_HOME: `${folder.path}/state` } });
    const later = await terminal.seen(/^c3 +stopped/m);
    assertEquals(later.match(/^tree: up for/gm)?.length, 1);
    await terminal.resize(30, 6);
    const narrow = await terminal.seen(/^… and 6 more lines$/m);
    const lines = narrow.trimEnd().split("\n");
    assertEquals(lines.length, 6);
    assert(lines.every((line) => line.length <= 30), narrow);
    assertMatch(narrow, /^cat +running .*…$/m);
    await terminal.press("C-c");
    const after = await terminal.seen(/\[exit 0\]/);
    assertMatch(after, /^before\n/);
    assert(!/running/.test(after), after);
    assertEquals([await terminal.fact("alternate_on"), await terminal.fact("cursor_flag")], ["0", "1"]);
    up.signal("SIGTERM");
    assertEquals((await up.ended()).code, 0);
  },
);

Deno.test("ps --watch gives the terminal back, and says why, when the runtime ends", needsTmux, async () => {
  await using folder = new Folder();
  await using up = await running(folder, [cat]);
  await using terminal = await Terminal.open(folder, ["ps", "--watch"]);
  await terminal.seen(/^cat +running/m);
  up.signal("SIGTERM");
  await up.ended();
  const after = await terminal.seen(/\[exit 1\]/);
  assertMatch(after, /^before\nCannot get an answer/);
  assertEquals([await terminal.fact("alternate_on"), await terminal.fact("cursor_flag")], ["0", "1"]);
});

Deno.test("logs -f ends on Ctrl-C and harms nothing, on a terminal", needsTmux, async () => {
  await using folder = new Folder();
  await using up = await running(folder, [clock]);
  await using terminal = await Terminal.open(folder, ["logs", "-f"]);
  await terminal.seen(/^\d\d:\d\d:\d\d\.\d{3} +clock#1 +stdout +tick$/m);
  await terminal.press("C-c");
  await terminal.seen(/\[exit (?:0|130)\]/);
  assertEquals((await alive(up.pids())).length, 1);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
});

Deno.test(
  "up shows a colour for each child and local time, and goes on after a resize; the first Ctrl-C stops in order",
  needsTmux,
  async () => {
    await using folder = new Folder();
    folder.manifest([{ ...clock, id: "one" }, { ...clock, id: "two" }]);
    await using terminal = await Terminal.open(folder, ["up"], { columns: 120, rows: 40 });
    await terminal.seen(/two#1 +stdout +tick/);
    const coloured = await terminal.text("-e");
    const [one, two] = ["one", "two"].map((id) =>
      new RegExp(`\\x1b\\[([\\d;]+)m${id}\\x1b[^\\n]*tick`).exec(coloured)?.[1]
    );
    assert(one !== undefined && two !== undefined && one !== two, coloured);
    assertMatch(await terminal.text(), /^\d\d:\d\d:\d\d\.\d{3} +tree +starting .*times are local/m);
    await terminal.resize(60, 20);
    await terminal.seen(/(?:one|two)#1 +stdout +tick/);
    await terminal.press("C-c");
    const after = await terminal.seen(/\[exit 0\]/);
    assertMatch(after, /tree +stopping[^]*two#1 +stopped[^]*one#1 +stopped[^]*tree +stopped/);
  },
);

Deno.test("a second Ctrl-C ends up by force where a child does not stop", needsTmux, async () => {
  await using folder = new Folder();
  const deaf = {
    id: "deaf",
    command: "sh",
    args: ["-c", "trap '' TERM INT; echo up; while :; do sleep 1; done"],
    stop: { term: "10m" },
  };
  folder.manifest([deaf]);
  await using terminal = await Terminal.open(folder, ["up"]);
  await terminal.seen(/deaf#1 +stdout +up/);
  await terminal.press("C-c");
  await terminal.seen(/tree +stopping +.*SIGINT/);
  // The same signal within half a second counts once: it is pressed until it counts.
  for (let pressed = 0; !/a second signal/.test(await terminal.text()); pressed++) {
    assert(pressed < 100, await terminal.text());
    await terminal.press("C-c");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await terminal.seen(/\[exit 130\]/);
});

Deno.test(
  "a sidecar that prints escape sequences does not change the terminal of up, nor that of logs",
  needsTmux,
  async () => {
    await using folder = new Folder();
    const wild = {
      id: "wild",
      command: "sh",
      args: [
        "-c",
        String.raw`printf '\033[2J\033[?1049h\033[?25l\033]0;owned\007gone\rover\n'; exec sleep 60`,
      ],
    };
    folder.manifest([wild]);
    await using terminal = await Terminal.open(folder, ["up"]);
    const screen = await terminal.seen(/wild#1 +stdout +.*over/);
    assertMatch(screen, /^before\n[^]*tree +starting/);
    await using logs = await Terminal.open(folder, ["logs"]);
    assertMatch(await logs.seen(/\[exit 0\]/), /^before\n[^]*over\n\[exit 0\]/);
    for (const one of [terminal, logs]) {
      assertEquals([await one.fact("alternate_on"), await one.fact("cursor_flag")], ["0", "1"]);
      assert(await one.fact("pane_title") !== "owned");
    }
    await terminal.press("C-c");
    await terminal.seen(/\[exit 0\]/);
  },
);
