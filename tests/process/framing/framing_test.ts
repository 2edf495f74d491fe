import { assert, assertEquals, assertLess } from "@std/assert";
import { codecs } from "../../../src/process/codecs/codecs.ts";
import { SAMPLE_CHARS, sampleOf } from "../../../src/process/framing/framing.ts";
import { Collected } from "../fixture.ts";
import { bytesOf, eachSplit, fault } from "../codecs/splits.ts";

const LONG = "x".repeat(200);

/** Each input with what `lines` and `ndjson` make of it, under a cap of 100 bytes. */
const inputs: { name: string; bytes: Uint8Array; lines: unknown[]; ndjson: unknown[] }[] = [
  input("nothing", "", { lines: [], ndjson: [] }),
  input("plain", "1\n22\n333\n", { lines: ["1", "22", "333"], ndjson: [1, 22, 333] }),
  input("unterminated", '"a"\n"b"', { lines: ['"a"', '"b"'], ndjson: ["a", "b"] }),
  input("CRLF, and a CR that stays", '1\r\n"a"\r\r\n2\r', {
    lines: ["1", '"a"\r', "2"],
    ndjson: [1, "a", 2],
  }),
  input("empty and blank lines", "\n\n1\n\r\n  \n2\n\n", {
    lines: ["", "", "1", "", "  ", "2", ""],
    ndjson: [1, 2],
  }),
  input("characters of 2, 3 and 4 bytes", '"é"\n"€"\n"🦕🦕"\n"ok"\n', {
    lines: ['"é"', '"€"', '"🦕🦕"', '"ok"'],
    ndjson: ["é", "€", "🦕🦕", "ok"],
  }),
  input("U+FFFD that was sent", '"\ufffd"\n"b"\n', { lines: ['"\ufffd"', '"b"'], ndjson: ["\ufffd", "b"] }),
  input("byte order mark first, and one within", '\ufeff"a"\n"\ufeff"\n', {
    lines: ['"a"', '"\ufeff"'],
    ndjson: ["a", "\ufeff"],
  }),
  input("byte order mark and an empty line", "\ufeff\n1\n", { lines: ["", "1"], ndjson: [1] }),
  input("half a byte order mark", [0xef, 0xbb, 0x31, 0x0a, 0x32], {
    lines: [fault("invalid_utf8", { bytes: 3, sample: "\ufffd1", dropped: false }), "\ufffd1", "2"],
    ndjson: [fault("invalid_utf8", { bytes: 3, sample: "\ufffd1" }), 2],
  }),
  input("nothing but half a byte order mark", [0xef, 0xbb], {
    lines: [fault("invalid_utf8", { bytes: 2, sample: "\ufffd", dropped: false }), "\ufffd"],
    ndjson: [fault("invalid_utf8", { bytes: 2, sample: "\ufffd" })],
  }),
  input("invalid UTF-8 between good lines", ["1\n", 0xff, 0xfe, "\r\n", "2\n", 0xc3, "\n3\n"], {
    lines: [
      "1",
      ...[fault("invalid_utf8", { bytes: 2, sample: "\ufffd\ufffd", dropped: false }), "\ufffd\ufffd", "2"],
      ...[fault("invalid_utf8", { bytes: 1, sample: "\ufffd", dropped: false }), "\ufffd", "3"],
    ],
    ndjson: [
      ...[1, fault("invalid_utf8", { bytes: 2, sample: "\ufffd\ufffd" })],
      ...[2, fault("invalid_utf8", { bytes: 1, sample: "\ufffd" }), 3],
    ],
  }),
  input("invalid UTF-8 unterminated", ["1\n", 0xe2, 0x82], {
    lines: ["1", fault("invalid_utf8", { bytes: 2, sample: "\ufffd", dropped: false }), "\ufffd"],
    ndjson: [1, fault("invalid_utf8", { bytes: 2, sample: "\ufffd" })],
  }),
  input("not JSON", "1\nWARN \u001b[31mé\n2\n", {
    lines: ["1", "WARN \u001b[31mé", "2"],
    ndjson: [1, fault("not_json", { bytes: 12, sample: "WARN \\x1b[31mé" }), 2],
  }),
  input("truncated JSON", '1\n{"a":', {
    lines: ["1", '{"a":'],
    ndjson: [1, fault("truncated", { bytes: 5, sample: '{"a":' })],
  }),
  input("over the cap", `1\n${LONG}\n2\n${LONG}\n${LONG}\n3`, {
    lines: ["1", over(), "2", over(), over(), "3"],
    ndjson: [1, over(), 2, over(), over(), 3],
  }),
  input("over the cap, unterminated", `1\n${LONG}`, { lines: ["1", over()], ndjson: [1, over()] }),
  input("exactly the cap, and one more", `"${"y".repeat(98)}"\n"${"x".repeat(99)}"\n1\n`, {
    lines: [`"${"y".repeat(98)}"`, over('"' + "x".repeat(79)), "1"],
    ndjson: ["y".repeat(98), over('"' + "x".repeat(79)), 1],
  }),
  input("byte order mark and exactly the cap", `\ufeff"${"y".repeat(98)}"\n1\n`, {
    lines: [`"${"y".repeat(98)}"`, "1"],
    ndjson: ["y".repeat(98), 1],
  }),
];

for (const { name, bytes, ...expected } of inputs) {
  for (const protocol of ["lines", "ndjson"] as const) {
    Deno.test(`${protocol}, any split: ${name}`, () => {
      eachSplit(codecs[protocol], { bytes, maxFrame: 100 }, expected[protocol]);
    });
  }
}

Deno.test("decoder reports a frame over the cap once, before its end has arrived", () => {
  const sink = new Collected<string>();
  const decoder = codecs.lines.decoder(sink, { maxFrame: 10 });
  decoder.push(new TextEncoder().encode("123456"));
  assertEquals(sink.faults.length, 0);
  decoder.push(new TextEncoder().encode("789ab"));
  assertEquals(sink.faults, [{ kind: "over_cap", bytes: 11, sample: "123456789a", dropped: true }]);
  for (let i = 0; i < 10; i++) decoder.push(new Uint8Array(1_000));
  decoder.push(new TextEncoder().encode("\nback\n"));
  assertEquals([sink.faults.length, sink.messages], [1, ["back"]]);
});

Deno.test("decoder delivers a frame of 10 MB whole when it comes in pieces of one byte to 64 KiB", () => {
  const frame = "é".repeat(5_000_000);
  const bytes = new TextEncoder().encode(frame + "\n");
  for (const size of [7, 65_536]) {
    const sink = new Collected<string>();
    const decoder = codecs.lines.decoder(sink, { maxFrame: 10_000_000 });
    for (let at = 0; at < bytes.length; at += size) decoder.push(bytes.subarray(at, at + size));
    assert(sink.messages[0] === frame);
    assertEquals(sink.faults, []);
  }
});

Deno.test("decoder holds no more than the cap when a line has no end", () => {
  const sink = new Collected<string>();
  const decoder = codecs.lines.decoder(sink, { maxFrame: 1_000_000 });
  const chunk = new Uint8Array(65_536).fill(0x78);
  const before = Deno.memoryUsage().external;
  for (let i = 0; i < 8_000; i++) decoder.push(chunk);
  assertLess(Deno.memoryUsage().external - before, 20_000_000);
  assertEquals(sink.faults.length, 1);
});

Deno.test("decoder keeps its messages intact when the owner of a chunk reuses it after push", () => {
  const sink = new Collected<string>();
  const decoder = codecs.lines.decoder(sink, { maxFrame: 100 });
  const chunk = new TextEncoder().encode("one\ntw");
  decoder.push(chunk);
  chunk.fill(0x21);
  decoder.push(new TextEncoder().encode("o\n"));
  assertEquals(sink.messages, ["one", "two"]);
});

Deno.test("sample is short and moves no cursor when it is printed", () => {
  assertEquals(sampleOf("a\x1b]0;x\x07\u202eb\u2028"), "a\\x1b]0;x\\x07\\u{202e}b\\u{2028}");
  assertEquals(sampleOf("\0".repeat(1_000)).length, SAMPLE_CHARS);
});

function input(
  name: string,
  content: string | (string | number)[],
  expected: { lines: unknown[]; ndjson: unknown[] },
) {
  return { name, bytes: bytesOf(content), ...expected };
}

function over(sample = "x".repeat(80)): unknown {
  return fault("over_cap", { bytes: -1, sample });
}
