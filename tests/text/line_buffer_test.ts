import { assertEquals } from "@std/assert";
import { LineBuffer } from "../../src/text/line_buffer.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** The lines of `input`, given in two parts that are split at `at`; each with whether it was cut. */
function linesOf(
  input: Uint8Array,
  { cap, at }: { cap: number; at: number },
): [text: string, isCut: boolean][] {
  const line = new LineBuffer(cap);
  const lines: [string, boolean][] = [];
  for (const chunk of [input.slice(0, at), input.slice(at)]) {
    for (let from = 0; (from = line.take(chunk, from)) >= 0; line.clear()) {
      lines.push([line.text, line.isCut]);
    }
  }
  if (line.came > 0) lines.push([line.text, line.isCut]);
  return lines;
}

Deno.test("LineBuffer gives the same lines when the input is split anywhere", () => {
  const input = bytesOf("\ncafé\r\nlonger than eight\n€€€\nend");
  for (let at = 0; at <= input.length; at++) {
    assertEquals(linesOf(input, { cap: 8, at }), [
      ["", false],
      ["café", false],
      ["longer t", true],
      ["€€", true],
      ["end", false],
    ]);
  }
});

Deno.test("LineBuffer holds a line of exactly its cap, and cuts one with a byte more", () => {
  assertEquals(linesOf(bytesOf("12345678\n123456789\n"), { cap: 8, at: 3 }), [
    ["12345678", false],
    ["12345678", true],
  ]);
});

Deno.test("LineBuffer holds no more than its cap of a line without an end, and lets it go with the line", () => {
  const line = new LineBuffer(100_000);
  for (let count = 0; count < 1_000; count++) line.add(new Uint8Array(1_000));
  assertEquals([line.bytes.length, line.capacity, line.came], [100_000, 100_000, 1_000_000]);
  line.clear();
  assertEquals([line.bytes.length, line.capacity, line.came, line.isCut], [0, 0, 0, false]);
});
