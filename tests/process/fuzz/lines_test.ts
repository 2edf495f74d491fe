import fc from "npm:fast-check@^4";
import { codecs } from "../../../src/process/codecs/codecs.ts";
import type { JsonValue } from "../../../src/process/codecs/json.ts";
import { bytesOf } from "../codecs/splits.ts";
import { back, notJson, odd, valueOf, values } from "./json.ts";
import { bad, good, laws, MAX_FRAME, type Segment } from "./laws.ts";

/** Lines of an input within the cap, without their ends and without a byte order mark at the start. */
function linesOf(bytes: Uint8Array): Uint8Array[] {
  let rest = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
  const lines: Uint8Array[] = [];
  while (rest.length > 0) {
    const end = rest.indexOf(0x0a);
    const line = end < 0 ? rest : rest.subarray(0, end);
    rest = end < 0 ? new Uint8Array(0) : rest.subarray(end + 1);
    if (line.length <= MAX_FRAME) lines.push(line.at(-1) === 0x0d ? line.subarray(0, -1) : line);
  }
  return lines;
}

const pieces = fc.oneof(
  fc.constantFrom("\n", "\r\n", "\r", " ", "a", "é", "🦕", "\ufffd", "\ufeff", "1", "{", '"').map(bytesOf),
  fc.constantFrom([0xef], [0xbb], [0xbf], [0xff], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf8]).map((
    bytes,
  ) => Uint8Array.from(bytes)),
);
const overCap = fc.integer({ min: MAX_FRAME + 1, max: 5 * MAX_FRAME }).map((length) =>
  bad<never>("over_cap", "x".repeat(length) + "\n")
);
const invalid: fc.Arbitrary<(string | number)[]> = fc.constantFrom<(string | number)[][]>(
  [0xff],
  ["a", 0xc3],
  ["é", 0xe2, 0x82, "b"],
  [0xed, 0xa0, 0x80],
  ["\ufffd", 0x80],
  [0xc0, 0xaf],
);
const ends = fc.constantFrom("\n", "\r\n");

const text = fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) =>
  !/[\n\r\ufeff]/.test(text) && bytesOf(text).length <= MAX_FRAME - 1
);

laws<string>({
  codec: codecs.lines,
  overhead: 1,
  messages: text,
  segments: fc.oneof(
    fc.tuple(text, ends).map(([text, end]): Segment<string> => good(text + end, text)),
    overCap,
    fc.tuple(invalid, ends).map(([content, end]): Segment<string> => ({
      bytes: bytesOf([...content, end]),
      messages: [new TextDecoder().decode(bytesOf(content))],
      faults: ["invalid_utf8"],
    })),
  ),
  pieces,
  model: (bytes) => linesOf(bytes).map((line) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(line)),
});

laws<JsonValue>({
  codec: codecs.ndjson,
  overhead: 1,
  messages: values.filter((value) => bytesOf(JSON.stringify(value)).length < MAX_FRAME),
  back,
  segments: fc.oneof(
    fc.tuple(values, ends).filter(([value]) => bytesOf(JSON.stringify(value)).length < MAX_FRAME).map((
      [value, end],
    ): Segment<JsonValue> => good(JSON.stringify(value) + end, back(value))),
    odd.map((text): Segment<JsonValue> => good(text + "\n", JSON.parse(text))),
    fc.tuple(notJson.filter((text) => text !== "\ufeff1"), ends).map(([text, end]) =>
      bad<JsonValue>("not_json", text.slice(0, MAX_FRAME - 1) + end)
    ),
    fc.tuple(invalid, ends).map(([content, end]) => bad<JsonValue>("invalid_utf8", [...content, end])),
    fc.constantFrom("\n", "\r\n", "  \n", "\t\r\n").map((blank) => bad<JsonValue>([], blank)),
    overCap,
  ),
  pieces: fc.oneof(pieces, notJson.map(bytesOf), odd.map(bytesOf)),
  model: (bytes) => linesOf(bytes).map(valueOf).filter((value) => value !== undefined),
});
