import { OptionError } from "../../../src/options/option_error.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  compileLinePattern,
  LineFilter,
  LineWatch,
  READY_LINE_CAP,
} from "../../../src/sidecar/health/output_lines.ts";
import { PATTERN_REACH } from "../../../src/text/pattern.ts";
import { stateOf } from "../../support/probes.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What a filter for lines that match passes on of these chunks, and the lines it was asked about. */
function filtered(chunks: Iterable<Uint8Array>, pattern: RegExp): { passed: string; asked: string[] } {
  const asked: string[] = [];
  let passed = "";
  const filter = new LineFilter(
    (line) => asked.push(line) > 0 && pattern.test(line),
    (bytes) => passed += decoder.decode(bytes.slice(), { stream: true }),
  );
  for (const chunk of chunks) filter.push(chunk);
  filter.end();
  return { passed: passed + decoder.decode(), asked };
}

function* split(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

Deno.test("the filter takes out lines that count, and nothing else, however the input is split", () => {
  const input = encoder.encode("caf\u00e9\nbeat\n\nbeat\r\nbeat no\nx\nbeat\nbeat\nlast");
  for (let size = 1; size <= input.length; size++) {
    assertEquals(filtered(split(input, size), /^beat$/), {
      passed: "caf\u00e9\n\nbeat no\nx\nlast",
      asked: ["caf\u00e9", "beat", "", "beat", "beat no", "x", "beat", "beat"],
    });
  }
});

Deno.test("the filter holds back no more than its cap, and does not look at longer lines", () => {
  const long = `beat${"x".repeat(READY_LINE_CAP)}`;
  const input = encoder.encode(`${long}\nbeat\nrest\n`);
  for (const size of [1_000, READY_LINE_CAP, READY_LINE_CAP - 1]) {
    assertEquals(filtered(split(input, size), /^beat/), {
      passed: `${long}\nrest\n`,
      asked: ["beat", "rest"],
    });
  }
  const parts: number[] = [];
  const filter = new LineFilter(() => false, (bytes) => parts.push(bytes.length));
  filter.push(new Uint8Array(READY_LINE_CAP).fill(120));
  assertEquals(parts, []);
  filter.push(new Uint8Array([120]));
  assertEquals(parts, [READY_LINE_CAP, 1]);
});

Deno.test("a line exactly as long as the cap is looked at", () => {
  const line = "x".repeat(READY_LINE_CAP);
  assertEquals(filtered([encoder.encode(`${line}\nrest\n`)], /^x+$/), {
    passed: "rest\n",
    asked: [line, "rest"],
  });
});

Deno.test("a heartbeat wants a new line for each check; a pattern is content with one", async () => {
  const cut = new AbortController();
  const beat = new LineWatch({ stderr: /^up$/g }, { lasting: false });
  assertEquals([beat.take("down"), beat.take("up"), beat.take("up")], [false, true, true]);
  await beat.seen(cut.signal);
  const second = beat.seen(cut.signal);
  assertEquals(await stateOf(second), "pending");
  assert(beat.take("up"));
  await second;

  const pattern = new LineWatch({ stdout: "^up$" }, { lasting: true });
  assertEquals([pattern.take("up"), pattern.take("up")], [true, false]);
  pattern.reset();
  await pattern.seen(cut.signal);
  await pattern.seen(cut.signal);
  assertEquals([beat.stream, pattern.stream], ["stderr", "stdout"]);
});

Deno.test("a watch that is cut waits no longer", async () => {
  const cut = new AbortController();
  const watch = new LineWatch({ stderr: "x" }, { lasting: false });
  const seen = watch.seen(cut.signal);
  cut.abort();
  await seen;
  await watch.seen(cut.signal);
});

Deno.test("an invalid pattern is refused at construction", () => {
  assertThrows(() => new LineWatch({ stdout: "(" }, { lasting: false }), OptionError);
});

Deno.test("a line with what a terminal obeys is looked at for its first characters, and no further", () => {
  const search = compileLinePattern("stdout", /ready/);
  for (const unit of ["\x1b[3\b", "\x1b[0m", "x\b", "\x07", "\x1b]0;\x07"]) {
    const before = unit.repeat(PATTERN_REACH / unit.length - 8);
    assert(search(`${before}ready`), unit);
    assert(!search(`${before}${unit.repeat(16)}ready`), unit);
  }
});
