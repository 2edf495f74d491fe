/** What a log file has is read again as it was written. */

import { assertEquals } from "@std/assert";
import type { SystemEvent } from "../../src/events.ts";
import { framedBytes, writeFramed } from "../../src/logs/plain_text.ts";
import { logFormat } from "../../src/report/log_format.ts";
import { StoredLineReader } from "../../src/report/stored_line.ts";
import { Timeline } from "../../src/report/timeline.ts";

const AT = Date.parse("2026-11-29T10:02:11.123Z");
const GAP = { path: "web", lines: 1_204, events: 0, from: AT - 3_000, to: AT };

function formatOf(format: "text" | "json") {
  const timeline = new Timeline({ name: "tree", width: 9, color: false, time: "date" });
  return logFormat(format, { level: "info", timeline });
}

const line = (line: string, more = {}): SystemEvent =>
  ({
    at: AT,
    path: "workers/1",
    generation: 3,
    type: "output",
    stream: "stderr",
    line,
    ...more,
  }) as SystemEvent;

for (const format of ["text", "json"] as const) {
  Deno.test(`lines and gaps are read as they came when a log file has them as ${format}`, () => {
    const { event, plain, gap } = formatOf(format);
    const reader = new StoredLineReader();
    for (
      const text of [
        "",
        " ",
        "  indented",
        "tab\there",
        "x#1  stdout      y",
        '{"a":1}',
        "lost        3 lines of it",
      ]
    ) {
      const { type: _, ...read } = line(text) as SystemEvent & { type: "output" };
      // A line of text has no spaces at its end.
      assertEquals(reader.read(event(line(text))!), {
        ...read,
        line: format === "text" ? text.trimEnd() : text,
      });
    }
    const framed = plain({
      at: AT + 5,
      path: "web",
      generation: 12,
      stream: "stdout",
      text: "one\n\ntwo\n",
      count: 3,
    })!;
    const bytes = new Uint8Array(framedBytes(framed, 3));
    const texts = new TextDecoder().decode(bytes.subarray(0, writeFramed(framed, bytes)));
    assertEquals(
      texts.slice(0, -1).split("\n").map((text) => reader.read(text)),
      ["one", "", "two"].map((line) => ({
        at: AT + 5,
        path: "web",
        generation: 12,
        stream: "stdout" as const,
        line,
      })),
    );
    const { at, lost } = reader.read(gap(GAP)) as { at: number; lost: { from: number } };
    const { events: _, ...named } = GAP;
    // A text has the second of the first line, and no more.
    assertEquals([at, lost], [AT, { ...named, from: format === "text" ? GAP.from - 123 : GAP.from }]);
  });
}

Deno.test("events, and what is no log, are passed over", () => {
  const reader = new StoredLineReader();
  const started = { at: AT, path: "web", generation: 1, type: "ready", took: 5 } as SystemEvent;
  const lost = {
    at: AT,
    path: "web",
    generation: 1,
    type: "dead_letter",
    reason: "stopped",
  } as unknown as SystemEvent;
  for (const format of ["text", "json"] as const) {
    for (const event of [started, lost]) {
      assertEquals(reader.read(formatOf(format).event(event) ?? ""), undefined);
    }
  }
  for (const text of ["", "hello", "{}", "{", "[1]", "2026-11-29 10:02:11.123  web#1  stdou"]) {
    assertEquals(reader.read(text), undefined, text);
  }
  assertEquals(reader.read("9999-99-99 10:02:11.123  web#1  stdout      x"), undefined);
});

Deno.test("the level and the pieces of a line are read when they are in JSON", () => {
  const text = formatOf("json").event(line("half", { level: "error", continues: true }))!;
  const { type: _, ...read } = line("half", { level: "error", continues: true }) as SystemEvent & {
    type: "output";
  };
  assertEquals(new StoredLineReader().read(text), read);
});
