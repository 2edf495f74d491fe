import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4";
import { codecs } from "../../../src/process/codecs/codecs.ts";
import { MAX_LENGTH } from "../../../src/process/framing/framing.ts";
import { MAX_HEADER } from "../../../src/process/framing/headers.ts";
import type { JsonValue } from "../../../src/process/codecs/json.ts";
import { Collected } from "../fixture.ts";
import { bytesOf } from "../codecs/splits.ts";
import { back, notJson, odd, valueOf, values } from "./json.ts";
import { bad, good, joined, latin1, laws, MAX_FRAME, type Segment } from "./laws.ts";
import { fuzzed } from "./runs.ts";

const codec = codecs["content-length"];
const header = (length: number | string) => `Content-Length: ${length}\r\n\r\n`;
const frame = (value: JsonValue) => codec.encode(value) as string;

/** What may come before a content of so many bytes. */
const headed = fc.constantFrom(
  header,
  (length: number) => `content-length:${length}\n\n`,
  (length: number) => `CONTENT-LENGTH: \t00${length} \r\n\n`,
  (length: number) => `Content-Type: a/b; charset=utf-8\r\nContent-Length: ${length}\r\n\r\n`,
  (length: number) => `Content-Length: ${length}\r\nX: Y: Z\r\nContent-Type: a/b\r\n\r\n`,
  (length: number) => `\r\n \n\ufeffContent-Length: ${length}\r\n\r\n`,
);
const framed = <T>(contents: fc.Arbitrary<T>, make: (content: T) => string) =>
  fc.tuple(headed, contents).map(([header, content]) => ({
    content,
    bytes: header(bytesOf(make(content)).length) + make(content),
  }));
const cut = notJson.map((text) => text.slice(0, MAX_FRAME));

const stray = fc.constantFrom(
  "ready",
  "{ INFO: up }",
  "Content",
  "Content-Lengthy: 5",
  "Length: 1",
  "🦕",
  "\0",
);
const wrongLength = fc.constantFrom(
  ...["", "-1", "+1", "1.5", "1e3", "0x1", "1 1", `${MAX_LENGTH + 1}`, "9".repeat(400), "NaN", "é", "1,1"],
);
const floods = fc.constantFrom<Segment<JsonValue>>(
  bad(["stray", "stray"], "x".repeat(MAX_HEADER + 10) + "\n"),
  bad(["bad_header", "stray"], `Content-Length: 1\r\nX:${"x".repeat(MAX_HEADER - 12)}\r\n`),
);

/** Garbage that has an end of its own. */
const garbage: fc.Arbitrary<Segment<JsonValue>> = fc.oneof(
  { weight: 20, arbitrary: framed(cut, String).map(({ bytes }) => bad<JsonValue>("not_json", bytes)) },
  {
    weight: 10,
    arbitrary: fc.constantFrom([0xff], ["é", 0xc3], [0x22, 0xe2, 0x82, 0x22]).map((content) =>
      bad<JsonValue>("invalid_utf8", [header(bytesOf(content).length), ...content])
    ),
  },
  {
    weight: 10,
    arbitrary: fc.integer({ min: MAX_FRAME + 1, max: 5 * MAX_FRAME }).map((length) =>
      bad<JsonValue>("over_cap", header(length) + frame(1).padEnd(length, "x"))
    ),
  },
  { weight: 20, arbitrary: stray.map((text) => bad<JsonValue>("stray", text + "\n")) },
  { weight: 20, arbitrary: wrongLength.map((text) => bad<JsonValue>("bad_length", header(text))) },
  {
    weight: 20,
    arbitrary: fc.constantFrom<Segment<JsonValue>>(
      bad("bad_header", "Content-Type: a/b\r\n\r\n"),
      bad("bad_header", 'Content-Length: 2\r\nContent-Type: a/b;charset="utf-16"\r\n\r\n{}'),
      bad(["bad_header", "stray"], "Content-Length: 1\r\nno field\r\n"),
      bad("stray", "Content-Length : 1\r\n\r\n"),
    ),
  },
  { weight: 1, arbitrary: floods },
);

/** Garbage that a frame puts an end to. */
const before = fc.oneof(
  stray.map((text) => ({ text, kind: "stray" as const })),
  fc.constantFrom("Content-Length: 1\r\n", "content-length: 1\nX: 1\n").map((text) => ({
    text,
    kind: ["bad_header" as const, ...(text.includes("X") ? ["stray" as const] : [])],
  })),
  fc.constantFrom("Content-Length: 1", "Content-Length:").map((text) => ({
    text,
    kind: "bad_length" as const,
  })),
);

const segments: fc.Arbitrary<Segment<JsonValue>> = fc.oneof(
  framed(values, JSON.stringify).map(({ content, bytes }) => good(bytes, back(content))),
  framed(odd, String).map(({ content, bytes }) => good(bytes, JSON.parse(content) as JsonValue)),
  garbage,
  fc.tuple(before, values).map(([{ text, kind }, value]) => ({
    ...bad<JsonValue>(kind, text + frame(value)),
    messages: [back(value)],
  })),
);

/** By regular expressions on the whole input. */
function model(bytes: Uint8Array): JsonValue[] {
  const text = latin1(bytes);
  const found: JsonValue[] = [];
  for (let at = 0;;) {
    const start = at + text.slice(at).search(/content-(length|type):/i);
    if (start < at) return found;
    at = start + 1;
    const [block, size] = blockOf(text.slice(start, start + MAX_HEADER));
    const names = block.map((line) => line.match(/^([!#$%&'*+.^_`|~\w-]+):/)?.[1]?.toLowerCase());
    if (names.includes(undefined) || new Set(names).size < names.length) continue;
    const length = block[names.indexOf("content-length")]?.match(/^[^:]+:[ \t]*(\d+)[ \t]*$/)?.[1];
    if (length === undefined || Number(length) > MAX_LENGTH) continue;
    const content = bytes.subarray(start + size, start + size + Number(length));
    at = start + size + Number(length);
    const readable = !/charset="?(?!"?utf-?8)/i.test(block[names.indexOf("content-type")] ?? "");
    const value = at <= bytes.length && content.length <= MAX_FRAME && readable
      ? valueOf(content)
      : undefined;
    if (value !== undefined) found.push(value);
  }
}

/** The lines of a header, and its size; none, if it has no end. */
function blockOf(text: string): [lines: string[], size: number] {
  const end = text.match(/\n\r?\n/);
  if (end === null) return [[], 0];
  return [text.slice(0, end.index! + 1).split(/\r?\n/).slice(0, -1), end.index! + end[0].length];
}

laws<JsonValue>({
  codec,
  overhead: MAX_HEADER,
  messages: values,
  back,
  segments,
  pieces: fc.oneof(
    fc.constantFrom(
      "Content-Length:",
      "content-length: ",
      "Content-Type: ",
      "Content-",
      "length:",
      "\r\n",
      "\n",
    )
      .map(bytesOf),
    fc.constantFrom(
      "\r",
      "1",
      "2",
      "60",
      "61",
      " ",
      "\t",
      "{}",
      ":",
      "charset=utf-16",
      "; charset=utf8",
      "X: 1",
    )
      .map(bytesOf),
    fc.constantFrom("\r\n\r\n", "Content-Length: 2\r\n", "C", "c", "\ufeff", "é", "-").map(bytesOf),
    notJson.map(bytesOf),
  ),
  model,
});

fuzzed(
  "content-length: behind a length that is not true, every frame after its end is delivered",
  {
    cases: fc.record({
      before: fc.array(values),
      wrong: values,
      length: fc.nat(300),
      after: fc.array(values),
    }),
    law: ({ before, wrong, length, after }) => {
      const content = bytesOf(JSON.stringify(wrong));
      const bytes = [before.map(frame).join(""), header(length)].map(bytesOf);
      const end = bytes[0]!.length + bytes[1]!.length + length;
      let start = end - length + content.length;
      const expected = after.filter((value) => {
        const begins = start;
        start += bytesOf(frame(value)).length;
        return begins >= end;
      });
      const sink = new Collected<JsonValue>();
      const decoder = codec.decoder(sink, { maxFrame: MAX_FRAME });
      decoder.push(joined([...bytes, content, ...after.map((value) => bytesOf(frame(value)))]));
      decoder.end();
      assertEquals(sink.messages.slice(0, before.length), before.map(back));
      if (expected.length > 0) assertEquals(sink.messages.slice(-expected.length), expected.map(back));
    },
  },
);
