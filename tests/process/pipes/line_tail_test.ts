/** What a tail keeps of long traces and of lines that replace one another. */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import {
  LEFT_OUT,
  LineTail,
  LOGGED_TAIL_LINES,
  REPLACED_TAIL_LINES,
} from "../../../src/process/pipes/line_tail.ts";
import { lastWordsOf } from "../../../src/text/last_words.ts";

function tailOf(...groups: readonly (readonly string[])[]): readonly string[] {
  const tail = new LineTail();
  for (const line of groups.flat()) tail.push(line, false);
  return tail.lines;
}

function times<Item = string>(count: number, line: (index: number) => Item): readonly Item[] {
  return Array.from({ length: count }, (_, index) => line(index));
}

const log = (count: number) => times(count, (i) => `served ${i}`);
const java = (count: number) => times(count, (i) => `\tat Main.f${i}(Main.java:1)`);
const go = (count: number) => times(count, (i) => i % 2 === 0 ? `main.f(0x${i}?)` : `\t/srv/g.go:${i} +0x25`);

const TRACES: Readonly<
  Record<string, readonly [lines: (frames: number) => readonly string[], words: string]>
> = {
  "Java": [
    (frames) => ['Exception in thread "main" E: licence expired', ...java(frames)],
    'Exception in thread "main" E: licence expired',
  ],
  "Java, with a cause": [
    (
      frames,
    ) => ["java.lang.Error: cannot start", ...java(frames), "Caused by: E: no licence", ...java(frames)],
    "java.lang.Error: cannot start; Caused by: E: no licence",
  ],
  "Java, coloured": [
    (
      frames,
    ) => [
      "E: licence expired",
      "\tat A.b(A.java:1)",
      ...java(frames).map((line) => `\x1b[90m${line}\x1b[39m`),
    ],
    "E: licence expired",
  ],
  "Node, with a cause": [
    (frames) => [
      "Error: cannot open",
      ...times(frames, (i) => `    at f${i} (/srv/a.js:1:1)`),
      "    at main (/srv/a.js:1:1) {",
      "  [cause]: RangeError: disk is full",
      ...times(frames, (i) => `      at g${i} (/srv/a.js:1:1)`),
      "}",
      "",
      "Node.js v20.20.2",
    ],
    "Error: cannot open; [cause]: RangeError: disk is full",
  ],
  "Go": [(frames) => ["panic: no key", "", "goroutine 1 [running]:", ...go(2 * frames)], "panic: no key"],
  "Go, many goroutines": [
    (frames) => [
      "panic: no key",
      "",
      "goroutine 1 [running]:",
      ...go(4),
      ...times(frames, (i) => i).flatMap((
        i,
      ) => ["", `goroutine ${i} [sleep]:`, ...go(2), "created by main.main", "\t/srv/g.go:4 +0x29"]),
    ],
    "panic: no key",
  ],
  "PHP": [
    (frames) => [
      "PHP Fatal error:  Uncaught Exception: no key in /srv/x.php:3",
      "Stack trace:",
      ...times(frames, (i) => `#${i} /srv/x.php(1): f()`),
      "  thrown in /srv/x.php on line 1",
    ],
    "PHP Fatal error:  Uncaught Exception: no key in /srv/x.php:3",
  ],
  "Ruby": [
    (frames) => ["a.rb:1:in `f': no key (ArgumentError)", ...times(frames, () => "\tfrom a.rb:1:in `f'")],
    "a.rb:1:in `f': no key (ArgumentError)",
  ],
  "Rust": [
    (frames) => [
      "thread 'main' panicked at src/main.rs:1:2:",
      "no key",
      "stack backtrace:",
      ...times(frames, (i) => `  ${i}: app::f`),
    ],
    "thread 'main' panicked at src/main.rs:1:2: no key",
  ],
};

for (const [kind, [lines, words]] of Object.entries(TRACES)) {
  Deno.test(`tail keeps the head of a trace of ${kind} however long it is`, () => {
    for (const frames of [1, 10, 19, 20, 21, 30, 41, 42, 43, 49, 50, 51, 60, 200, 1_000]) {
      for (const before of [0, 1, 7, 30, 100]) {
        for (const after of [0, 3]) {
          const tail = tailOf(log(before), lines(frames), log(after));
          assertEquals(lastWordsOf(tail), words, `${before} lines, ${frames} frames, ${after} lines`);
          assertLessOrEqual(tail.length, LOGGED_TAIL_LINES);
        }
      }
    }
  });
}

Deno.test("tail tells that lines are left out between the head of a trace and its last frames", () => {
  const frames = java(200);
  assertEquals(tailOf(log(20), ["E: no key"], frames), [
    ...log(20).slice(-7),
    "E: no key",
    LEFT_OUT,
    ...frames.slice(8 + 3 - LOGGED_TAIL_LINES),
  ]);
});

Deno.test("tail has the last lines and no others when a trace has passed", () => {
  for (let after = LOGGED_TAIL_LINES; after < 3 * LOGGED_TAIL_LINES; after++) {
    assertEquals(tailOf(["E: no key"], java(200), log(after)), log(after).slice(-LOGGED_TAIL_LINES));
  }
});

Deno.test("tail has the last lines and no others when blocks are short", () => {
  const dump = times(400, (i) => i % 3 === 0 ? `entry ${i}` : `  field ${i}`);
  for (let count = 0; count < dump.length; count++) {
    assertEquals(tailOf(dump.slice(0, count)), dump.slice(0, count).slice(-LOGGED_TAIL_LINES));
  }
});

Deno.test("tail says the same when it was read before", () => {
  const lines = [...log(10), "E: no key", ...java(100), "Caused by: F: no file", ...java(70), ...log(5)];
  const [once, often] = [new LineTail(), new LineTail()];
  for (const line of lines) {
    once.push(line, false);
    often.push(line, false);
    assertLessOrEqual(often.lines.length, LOGGED_TAIL_LINES);
  }
  assertEquals(lastWordsOf(often.lines), lastWordsOf(once.lines));
  assertEquals(often.lines.slice(-30), once.lines.slice(-30));
});

Deno.test("tail keeps the last few of a run of replaced lines, and all lines before it", () => {
  const tail = new LineTail();
  tail.push("ERROR: no key", false);
  for (let i = 0; i < 300; i++) tail.push(`retry ${i}`, true);
  const last = times(REPLACED_TAIL_LINES, (i) => `retry ${300 - REPLACED_TAIL_LINES + i}`);
  assertEquals(tail.lines, ["ERROR: no key", ...last]);
  tail.endReplaced();
  for (let i = 0; i < 300; i++) tail.push(`again ${i}`, true);
  tail.push("over", false);
  assertEquals(tail.lines.slice(0, 4), ["ERROR: no key", ...last]);
  assertEquals(tail.lines.slice(-2), ["again 299", "over"]);
  assertEquals(tail.lines.length, 2 + 2 * REPLACED_TAIL_LINES);
});

Deno.test("tail has the last lines when runs of replaced lines stand anywhere", () => {
  for (let before = 0; before < 2 * LOGGED_TAIL_LINES; before++) {
    const tail = new LineTail();
    for (const line of log(before)) tail.push(line, false);
    for (let i = 0; i < 100; i++) tail.push(`  ${i}%`, true);
    const expected = [
      ...log(before),
      ...times(REPLACED_TAIL_LINES, (i) => `  ${100 - REPLACED_TAIL_LINES + i}%`),
    ];
    assertEquals(tail.lines, expected.slice(-LOGGED_TAIL_LINES));
    assert(tail.lines.length > 0);
  }
});
