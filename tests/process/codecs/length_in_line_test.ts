/** Frames behind a line that says their length: what becomes of right and wrong ones, however they are split. */
import { assertEquals } from "@std/assert";
import { lengthInLine, type LengthInLineOptions } from "@outrider/outrider/protocol";
import { bytesOf, eachSplit, fault } from "./splits.ts";

type Made = readonly [line: string, content: string];

function codec(more: Partial<LengthInLineOptions<string, Made>> = {}) {
  return lengthInLine<string, Made>({
    name: "sized",
    encode: (message) => message,
    header(line) {
      if (line.endsWith("none")) return { message: (content) => [line, new TextDecoder().decode(content)] };
      const length = /^size (-?\d+)$/.exec(line)?.[1];
      if (length === undefined) return undefined;
      return { length: Number(length), message: (content) => [line, new TextDecoder().decode(content)] };
    },
    maxLine: 40,
    ...more,
  });
}

const LONG = "x".repeat(60);
const bad = (bytes: number, sample: string) => fault("bad_length", { bytes, sample });

/** What becomes of each input under a cap of 50 bytes. */
const inputs: Readonly<Record<string, [content: string, expected: unknown[]]>> = {
  "one after the other": [
    "size 5\nhello\na none\nsize 0\n\nsize 8\r\nsize 1\nx\n",
    [["size 5", "hello"], ["a none", ""], ["size 0", ""], ["size 8", "size 1\nx"]],
  ],
  "over the cap": [`size 60\n${LONG}\nsize 1\na\n`, [
    fault("over_cap", { bytes: -1, sample: "size 60\\x0a" }),
    ["size 1", "a"],
  ]],
  "stray lines, one longer than a header": [`hello\nsize 1\na\n${LONG}\nsize 1\nb\n`, [
    fault("stray", { bytes: 6, sample: "hello" }),
    ["size 1", "a"],
    fault("stray", { bytes: 61, sample: LONG }),
    ["size 1", "b"],
  ]],
  "a length below zero": ["size -1\nsize 1\na\n", [bad(8, "size -1"), ["size 1", "a"]]],
  "a length that is too small": ["size 3\nhello\nsize 1\na\n", [
    bad(7, "size 3"),
    fault("stray", { bytes: 6, sample: "hello" }),
    ["size 1", "a"],
  ]],
  "cut off": ["size 5\nhel", [fault("truncated", { bytes: 10, sample: "size 5\\x0ahel" })]],
  "cut off in the line": ["size 1\na\nsiz", [
    ["size 1", "a"],
    fault("truncated", { bytes: 3, sample: "siz" }),
  ]],
};

for (const [name, [content, expected]] of Object.entries(inputs)) {
  Deno.test(`lengthInLine reads ${name}`, () => {
    eachSplit(codec(), { bytes: bytesOf(content), maxFrame: 50 }, expected);
  });
}

Deno.test("lengthInLine reads frames without a newline behind the content", () => {
  const bytes = bytesOf("size 2\nabnone\nsize 1\ncsize 0\n");
  const expected = [["size 2", "ab"], ["none", ""], ["size 1", "c"], ["size 0", ""]];
  eachSplit(codec({ hasNewline: false }), { bytes, maxFrame: 50 }, expected);
});

Deno.test("lengthInLine gives contents memory of their own", () => {
  const contents: Uint8Array[] = [];
  const raw = lengthInLine<string, Uint8Array>({
    name: "raw",
    encode: (text) => text,
    header: (line) => ({ length: Number(line), message: (content) => content }),
  });
  const decoder = raw.decoder({ message: (content) => contents.push(content), malformed() {} }, {
    maxFrame: 9,
  });
  const chunk = bytesOf("2\nab\n");
  decoder.push(chunk);
  chunk.fill(0);
  assertEquals(contents, [bytesOf("ab")]);
});
