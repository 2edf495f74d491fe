import { assertEquals, assertLess, assertThrows } from "@std/assert";
import { codecs } from "../../../src/process/codecs/codecs.ts";
import { UnencodableMessageError } from "../../../src/process/pipes/pipe_errors.ts";
import type { JsonValue } from "../../../src/process/codecs/json.ts";
import { Collected } from "../fixture.ts";
import { bytesOf, eachSplit, fault } from "./splits.ts";

const codec = codecs["content-length"];

/** A frame as it should be. */
const frame = (body: string) => `Content-Length: ${new TextEncoder().encode(body).length}\r\n\r\n${body}`;
const over = (header: string) => fault("over_cap", { bytes: -1, sample: header + "\\x0d\\x0a\\x0d\\x0a" });
const LONG = JSON.stringify("x".repeat(200));

/** Each input with what becomes of it under a cap of 100 bytes. */
const inputs: Record<string, [content: string | (string | number)[], expected: unknown[]]> = {
  "nothing": ["", []],
  "one after the other": [frame("1") + frame('{"a":[2]}') + frame("null"), [1, { a: [2] }, null]],
  "characters of 2, 3 and 4 bytes": [frame('"é€🦕"') + frame('"ok"') + frame('"\ufffd"'), [
    "é€🦕",
    "ok",
    "\ufffd",
  ]],
  "blanks, newlines and a byte order mark between frames": [
    ["\ufeff\n", frame("1"), "\r\n \t\n", frame("2"), "\n"],
    [1, 2],
  ],
  "names in any case, values with and without blanks": [
    "content-length:1\r\n\r\n1CONTENT-LENGTH: \t 2 \r\n\r\n22Content-length: 003\r\n\r\n333",
    [1, 22, 333],
  ],
  "newlines without carriage returns": ["Content-Length: 1\n\n1Content-Length: 2\r\n\n22", [1, 22]],
  "a type before or behind, and other fields": [
    "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 1\r\n\r\n1" +
    'Content-Length: 1\r\nContent-Type: a/b; x=y; charset="UTF8"\r\nX-Trace: a:b\r\n\r\n2' +
    "Content-Length: 1\r\nContent-Type: a/b\r\n\r\n3",
    [1, 2, 3],
  ],
  "a type that cannot be read is passed over": [
    "Content-Length: 6\r\nContent-Type: a/b; charset=UTF-16\r\n\r\n123456" + frame("2"),
    [fault("bad_header", { bytes: 6, sample: "Content-Type: charset=utf-16" }), 2],
  ],
  "content that is not JSON": [
    frame("{") + frame("") + frame('"\ufeff"') + frame("\ufeff1") + frame("2"),
    [
      fault("not_json", { bytes: 1, sample: "{" }),
      fault("not_json", { bytes: 0, sample: "" }),
      "\ufeff",
      fault("not_json", { bytes: 4, sample: "\\u{feff}1" }),
      2,
    ],
  ],
  "content that is not UTF-8, alone and among others": [
    [frame("1"), "Content-Length: 3\r\n\r\n", 0x22, 0xff, 0x22, frame("2")],
    [1, fault("invalid_utf8", { bytes: 3, sample: '"\ufffd"' }), 2],
  ],
  "a frame over the cap, of the cap, and over it in part": [
    frame(LONG) + frame(JSON.stringify("x".repeat(98))) + frame("1") + frame(LONG).slice(0, 150),
    [over("Content-Length: 202"), "x".repeat(98), 1, over("Content-Length: 202")],
  ],
  "stray lines": [
    "starting\r\n" + frame("1") + "{ not: a header }\nINFO: up\n" + frame("2") + "bye",
    [
      fault("stray", { bytes: 10, sample: "starting" }),
      1,
      fault("stray", { bytes: 18, sample: "{ not: a header }" }),
      fault("stray", { bytes: 9, sample: "INFO: up" }),
      2,
      fault("stray", { bytes: 3, sample: "bye" }),
    ],
  ],
  "a frame in the middle of a stray line": [
    "progress 10%" + frame("1") + "Cont" + frame("2"),
    [
      fault("stray", { bytes: 12, sample: "progress 10%" }),
      1,
      fault("stray", { bytes: 4, sample: "Cont" }),
      2,
    ],
  ],
  "a length that is none": [
    ["", "-1", "+1", "1.0", "0x1", "1 1", "99999999999", "9".repeat(400), "é"].map((length) =>
      `Content-Length: ${length}\r\n\r\n`
    ).join("") + frame("1"),
    [
      ...[["", 18], ["-1", 20], ["+1", 20], ["1.0", 21], ["0x1", 21], ["1 1", 21], ["99999999999", 29]].map((
        [length, bytes],
      ) => fault("bad_length", { bytes: bytes as number, sample: `Content-Length: ${length}` })),
      fault("bad_length", { bytes: 418, sample: "Content-Length: " + "9".repeat(64) }),
      fault("bad_length", { bytes: 20, sample: "Content-Length: é" }),
      1,
    ],
  ],
  "a header that is none": [
    "Content-Length: 5\r\nno field\r\n" + frame("1") + "Content-Length : 1\r\n" + frame("2") +
    "Content-Type: a\r\n\r\n" + frame("3"),
    [
      fault("bad_header", { bytes: 19, sample: "Content-Length: 5" }),
      fault("stray", { bytes: 10, sample: "no field" }),
      1,
      fault("stray", { bytes: 20, sample: "Content-Length : 1" }),
      2,
      fault("bad_header", { bytes: 17, sample: "Content-Type: a" }),
      3,
    ],
  ],
  "a header that was cut off and begun again": [
    "Content-Length: 5\r\n" + frame("1") + "Content-Length: 4" + frame("2"),
    [
      fault("bad_header", { bytes: 19, sample: "Content-Length: 5" }),
      1,
      fault("bad_length", { bytes: 17, sample: "Content-Length: 4" }),
      2,
    ],
  ],
  "a length that is too small": [
    "Content-Length: 3\r\n\r\n123456" + frame("2"),
    [123, fault("stray", { bytes: 3, sample: "456" }), 2],
  ],
  "a length that is too large takes a part of the next frame": [
    "Content-Length: 9\r\n\r\n123456" + frame("2") + frame("3"),
    [
      fault("not_json", { bytes: 9, sample: "123456Con" }),
      fault("stray", { bytes: 16, sample: "tent-Length: 1" }),
      fault("stray", { bytes: 1, sample: "2" }),
      3,
    ],
  ],
  "cut off in a content": [
    frame("1") + "Content-Length: 5\r\n\r\n123",
    [
      1,
      fault("truncated", { bytes: 24, sample: "Content-Length: 5\\x0d\\x0a\\x0d\\x0a123" }),
    ],
  ],
  "cut off in a header": [
    frame("1") + "Content-Le",
    [1, fault("truncated", { bytes: 10, sample: "Content-Le" })],
  ],
  "cut off behind a header": [
    "Content-Length: 5\r\n",
    [fault("truncated", { bytes: 19, sample: "Content-Length: 5\\x0d\\x0a" })],
  ],
  "cut off in a content behind a stray line": [
    "progress 10%Content-Length: 5\r\n\r\n12",
    [
      fault("stray", { bytes: 12, sample: "progress 10%" }),
      fault("truncated", { bytes: 23, sample: "Content-Length: 5\\x0d\\x0a\\x0d\\x0a12" }),
    ],
  ],
  "nearly a header": [
    "Content\rLength: 1\n\n1",
    [
      fault("stray", { bytes: 18, sample: "Content\\x0dLength: 1" }),
      fault("stray", { bytes: 1, sample: "1" }),
    ],
  ],
  "something like a header at the end of a stray line": [
    "the header Content-Type: is",
    [fault("stray", { bytes: 27, sample: "the header Content-Type: is" })],
  ],
};

for (const [name, [content, expected]] of Object.entries(inputs)) {
  Deno.test(`content-length, any split: ${name}`, () => {
    eachSplit(codec, { bytes: bytesOf(content), maxFrame: 100 }, expected);
  });
}

Deno.test("content-length: a length counts bytes when characters have several", () => {
  assertEquals(codec.encode({ a: "é€🦕\ud800" }), 'Content-Length: 23\r\n\r\n{"a":"é€🦕\\ud800"}');
});

Deno.test("content-length: a message is refused when JSON cannot express it", () => {
  const error = assertThrows(() => codec.encode(undefined as unknown as JsonValue), UnencodableMessageError);
  assertEquals(error.codec, "content-length");
});

const padded: Record<string, (size: number) => string> = {
  "in another field": (size) => "Content-Length: 1\r\nX: ".padEnd(size - 4, "x") + "\r\n\r\n",
  "in zeros": (size) => `Content-Length: ${"1".padStart(size - 20, "0")}\r\n\r\n`,
};
for (const [where, header] of Object.entries(padded)) {
  Deno.test(`content-length: a header may have 8 KiB, and no more, ${where}`, () => {
    for (const chunk of [1_000_000, 1_000, 7]) {
      const sink = new Collected<unknown>();
      const decoder = codec.decoder(sink, { maxFrame: 100 });
      const bytes = bytesOf(header(8_192) + "1" + header(8_193) + "2" + frame("3"));
      for (let at = 0; at < bytes.length; at += chunk) decoder.push(bytes.slice(at, at + chunk));
      assertEquals(sink.messages, [1, 3]);
      assertEquals(sink.faults[0]!.kind, "bad_header");
      // All that was not read, but for the newlines around the "2".
      assertEquals(sink.faults.reduce((sum, { bytes }) => sum + bytes, 0), 8_193 - 2 + 1);
    }
  });
}

Deno.test("content-length: a stray line is reported when it ends, or is 8 KiB long", () => {
  const sink = new Collected<unknown>();
  const decoder = codec.decoder(sink, { maxFrame: 100 });
  decoder.push(bytesOf("Cannot open the workspace"));
  assertEquals(sink.faults.length, 0);
  decoder.push(bytesOf("\n"));
  assertEquals(sink.faults.length, 1);
  decoder.push(new Uint8Array(100_000).fill(0x78));
  assertEquals(sink.faults.map(({ bytes }) => bytes), [26, ...Array(12).fill(8_192)]);
});

Deno.test("content-length: no more than the caps is held when headers and contents are long", () => {
  for (
    const flood of [
      "Content-Length: 90\r\nX: " + "x".repeat(50_000),
      "x".repeat(50_000),
      frame(LONG.repeat(200)),
    ]
  ) {
    const decoder = codec.decoder(new Collected(), { maxFrame: 100 });
    const bytes = bytesOf(flood);
    for (let at = 0; at < bytes.length; at += 50) {
      decoder.push(bytes.slice(at, at + 50));
      const { buffered } = decoder as unknown as { buffered: number };
      assertEquals(buffered <= 100 + 8_192 + 50, true, `${buffered} bytes at ${at}`);
    }
  }
});

Deno.test("content-length: a line is read few times when headers begin in every line of a broken one", () => {
  const lines = 5_000;
  const text = Array.from({ length: lines }, (_, n) => `b${n}:content-type:${n}\n`).join("");
  const { decode } = TextDecoder.prototype;
  let decoded = 0;
  TextDecoder.prototype.decode = function (...args) {
    decoded++;
    return decode.apply(this, args);
  };
  try {
    const decoder = codec.decoder(new Collected<unknown>(), { maxFrame: 100 });
    decoder.push(bytesOf(text));
    decoder.end();
  } finally {
    TextDecoder.prototype.decode = decode;
  }
  assertLess(decoded, 30 * lines);
});
