/** Lines that are taken together are the lines that are taken one by one. */
import { assertEquals } from "@std/assert";
import { jsonLine, jsonLines } from "../../src/log.ts";
import { Timeline } from "../../src/report/timeline.ts";
import { LoggedLines } from "../../src/process/pipes/logged_lines.ts";
import { framedBytes, type FramedLines, writeFramed } from "../../src/logs/plain_text.ts";
import { systemClock } from "../../src/time/clock.ts";

const FROM = { at: 1_767_225_600_000, path: "a$&b\u00fc\u{1f600}", generation: 3, stream: "stdout" } as const;
const LINES = ["one", "", 'a "quoted" \\ word', "\ttab", "$1 $& $$", "{}"];

function written(framed: FramedLines): string {
  const target = new Uint8Array(framedBytes(framed, LINES.length));
  return new TextDecoder().decode(target.subarray(0, writeFramed(framed, target)));
}

Deno.test("plain lines are written as each of them would be, as text and as JSON", () => {
  const text = LINES.map((line) => `${line}\n`).join("");
  const block = { ...FROM, text, count: LINES.length };
  const events = LINES.map((line) => ({ ...FROM, type: "output", line }) as const);
  assertEquals(written(jsonLines(block)), events.map((event) => `${jsonLine(event)}\n`).join(""));
  const timeline = new Timeline({ name: "t", width: 5, color: true, time: "date" });
  const lines = written(timeline.lines(block)).split("\n").map((line) => line.trimEnd());
  assertEquals(lines.slice(0, -1), events.map((event) => timeline.line(event)));
});

Deno.test("lines in batches and lines on their own are all lines, in order, wherever chunks end", () => {
  const mixed = Array.from({ length: 3_000 }, (_, i) => {
    if (i % 97 === 0) return `<4>warning ${i}`;
    if (i % 61 === 0) return `caf\u00e9 ${i}`;
    if (i % 401 === 0) return "x".repeat(9_000) + i;
    if (i % 211 === 0) return `\x1b[31mred\x1b[0m ${i}`;
    return i % 5 === 0 ? "" : `line ${i} ${"-".repeat(i % 70)}`;
  });
  const bytes = new TextEncoder().encode(mixed.map((line) => `${line}\n`).join(""));
  for (const size of [1, 7, 1_000, 4_096, 65_536]) {
    let seen = "";
    let pieces = "";
    const batches = {
      isFit: () => true,
      take: (text: string, count: number) => {
        assertEquals(text.split("\n").length - 1, count);
        seen += text;
      },
    };
    const lines = new LoggedLines({
      timers: systemClock,
      cap: 8_192,
      batches,
      onShown(line, marks) {
        pieces += marks?.level === undefined ? line : `<4>${line}`;
        if (marks?.continues) return;
        seen += `${pieces}\n`;
        pieces = "";
      },
    });
    for (let at = 0; at < bytes.length; at += size) lines.push(bytes.slice(at, at + size));
    lines.end({ cut: false });
    assertEquals(seen.split("\n").slice(0, -1), mixed, `chunks of ${size}`);
  }
});
