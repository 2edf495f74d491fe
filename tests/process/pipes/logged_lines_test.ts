import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import {
  type LineMarks,
  LoggedLines,
  REPLACED_LINE_EVERY_MS,
} from "../../../src/process/pipes/logged_lines.ts";
import { PATTERN_REACH } from "../../../src/text/pattern.ts";
import { createRedactor } from "../../../src/process/secrets/mask.ts";
import { VirtualClock } from "../../../src/testing/virtual_clock.ts";

const CAP = 64;

/** What a stream is seen and shown as. */
class Log {
  readonly clock = new VirtualClock();
  readonly seen: string[] = [];
  readonly shown: string[] = [];
  readonly marks: (LineMarks | undefined)[] = [];
  readonly lines: LoggedLines;

  constructor(
    { secrets = [], cap = CAP }: { readonly secrets?: readonly string[]; readonly cap?: number } = {},
  ) {
    this.lines = new LoggedLines({
      timers: this.clock,
      cap,
      redact: createRedactor(secrets),
      onSeen: (line) => this.seen.push(line),
      onShown: (line, marks) => {
        this.shown.push(line);
        this.marks.push(marks);
      },
    });
  }

  push(text: string): this {
    this.lines.push(new TextEncoder().encode(text));
    return this;
  }

  end(): this {
    this.lines.end({ cut: true });
    return this;
  }
}

/** Reads `text` in chunks of every size; each must come to the same. */
function read(text: string, options?: ConstructorParameters<typeof Log>[0]): Log {
  const bytes = new TextEncoder().encode(text);
  const whole = new Log(options).push(text).end();
  for (let size = 1; size < bytes.length; size++) {
    const log = new Log(options);
    for (let at = 0; at < bytes.length; at += size) log.lines.push(bytes.subarray(at, at + size));
    log.end();
    assertEquals([log.seen, log.shown, log.marks], [whole.seen, whole.shown, whole.marks]);
  }
  return whole;
}

Deno.test("a line replaces the one before it when that ended with a lone \\r", () => {
  const { seen, shown } = read("start\n\r10%\r20%\r30%\ndone\n");
  assertEquals(seen, ["start", "10%", "20%", "30%", "done"]);
  assertEquals(shown, ["start", "20%", "30%", "done"]);
});

Deno.test("a line is shown once when it ends with \\r\\n, or with several \\r before it", () => {
  assertEquals(read("a\r\n\r\n\nb\r\r\nc").shown, ["a", "", "", "b", "c"]);
});

Deno.test("an error behind a run of \\r is seen and shown, with the last line before it", () => {
  const frames = Array.from({ length: 40 }, (_, i) => `frame=${i}\r`).join("");
  const { shown, lines } = read(`input\n${frames}No space left\n`);
  assertEquals(shown, ["input", "frame=39", "No space left"]);
  assertEquals(lines.tail.slice(-2), ["frame=39", "No space left"]);
});

Deno.test("of lines that replace one another one a second is shown, and the last", async () => {
  const log = new Log();
  for (let i = 1; i <= 25; i++) {
    log.push(`\r${i}`);
    await log.clock.advance(REPLACED_LINE_EVERY_MS / 10);
  }
  assertEquals(log.shown, ["10", "20"]);
  log.end();
  assertEquals(log.shown, ["10", "20", "24", "25"]);
  assertEquals(log.seen.length, 25);
});

Deno.test("a line that \\r ended is not shown again when a newline follows after a second", async () => {
  const log = new Log().push("half\r");
  await log.clock.advance(REPLACED_LINE_EVERY_MS);
  assertEquals(log.shown, ["half"]);
  log.push("\nnext\n").end();
  assertEquals(log.shown, ["half", "next"]);
});

Deno.test("a line over the cap comes in pieces, each marked as one that goes on", () => {
  const text = "é🦕x".repeat(40);
  const { shown, marks, seen } = read(`${text}\nnext\n`);
  assertEquals(shown.slice(0, -1).join(""), text);
  assertEquals(shown.at(-1), "next");
  assertEquals(marks.slice(0, -2), Array(shown.length - 2).fill({ continues: true }));
  assertEquals(marks.slice(-2), [undefined, undefined]);
  assertEquals(seen, shown);
  for (const piece of shown) assertLessOrEqual(new TextEncoder().encode(piece).length, CAP);
});

Deno.test("a secret is masked wherever the pieces of a line are cut", () => {
  const secret = "hunter2-ü-hunter";
  for (let before = 0; before <= 2 * CAP; before++) {
    const { shown, lines } = read("x".repeat(before) + secret + "y".repeat(40) + "\n", { secrets: [secret] });
    assertEquals(shown.join(""), "x".repeat(before) + "***" + "y".repeat(40));
    assertEquals(lines.tail, shown);
  }
});

Deno.test("a secret in another form is masked wherever the pieces of a line are cut", () => {
  const units = (text: string) =>
    text.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
  for (const form of [units, encodeURIComponent]) {
    for (let before = 0; before <= CAP; before++) {
      const start = "x".repeat(2 * CAP + before);
      const options = { secrets: ["🔑üb-"], cap: 2 * CAP + 32 };
      const part = new Log(options).push(`${start}${form("🔑üb")}y\n`).end();
      assertEquals(part.shown.join(""), `${start}${form("🔑üb")}y`);
      const whole = new Log(options).push(`${start}${form("🔑üb-")}y\n`).end();
      assertEquals(whole.shown.join(""), `${start}***y`);
    }
  }
});

Deno.test("a secret longer than a piece shows no more than three of its characters", () => {
  const secret = Array.from({ length: 3 * CAP }, (_, i) => String.fromCharCode(0x21 + (i * 7) % 90)).join("");
  for (let before = 0; before <= CAP; before++) {
    const shown = read("\u00e9".repeat(before) + secret + "\n", { secrets: [secret] }).shown.join("");
    const left = shown.replaceAll("***", "").replaceAll("\u00e9", "");
    assertLessOrEqual(left.length, 3);
  }
});

Deno.test("a priority of sd-daemon becomes the level of its line and is not shown", () => {
  const { shown, marks, seen } = read("<3>a\n<4>b\r\n<5>c\n<6>d\n<7>e\n<0>f\n<8>g\n<3 h\n<30>i\n<3>\n");
  assertEquals(shown, ["a", "b", "c", "d", "e", "f", "<8>g", "<3 h", "<30>i", ""]);
  assertEquals(seen, shown);
  assertEquals(marks.map((mark) => mark?.level), [
    "error",
    "warn",
    "info",
    "info",
    "debug",
    "error",
    undefined,
    undefined,
    undefined,
    "error",
  ]);
  const long = read(`<3>${"x".repeat(CAP)}<4>\n`);
  assertEquals(long.shown.join(""), "x".repeat(CAP) + "<4>");
  assertEquals(long.marks, [{ level: "error", continues: true }, { level: "error" }]);
});

Deno.test("the unfinished line is known, and a secret that has begun in it is masked", () => {
  const log = new Log({ secrets: ["hunter2"] }).push("done\n<4>password: hu");
  assertEquals(log.lines.unfinished, "password: ***");
  assertEquals(log.lines.tail, ["done"]);
  assert(!log.end().shown.join().includes("hu"));
});

Deno.test("the unfinished line is known as far as a pattern is looked for in it", () => {
  const long = new Log({ cap: 4 * PATTERN_REACH }).push("\u20ac".repeat(PATTERN_REACH));
  assertEquals(long.lines.unfinished, "\u20ac".repeat(Math.floor(PATTERN_REACH / 3)));
});
