import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4";
import { codecs } from "../../../src/process/codecs/codecs.ts";
import { MAX_LENGTH } from "../../../src/process/framing/framing.ts";
import { Collected } from "../fixture.ts";
import { bytesOf } from "../codecs/splits.ts";
import { bad, good, joined, latin1, laws, MAX_FRAME, type Segment } from "./laws.ts";
import { fuzzed } from "./runs.ts";

const contents = fc.oneof(
  fc.uint8Array({ maxLength: MAX_FRAME }),
  fc.constantFrom("", "a,b", "1:a,", "\n", "12:hello", "\0\0\0\x01").map(bytesOf),
  fc.constant(new Uint8Array(MAX_FRAME)),
);
const overCap = fc.integer({ min: MAX_FRAME + 1, max: 5 * MAX_FRAME });

for (const name of ["length-prefixed-be", "length-prefixed-le"] as const) {
  const prefix = (length: number): Uint8Array => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, length, name === "length-prefixed-le");
    return bytes;
  };
  const framed = (content: Uint8Array) => joined([prefix(content.length), content]);
  laws<Uint8Array>({
    codec: codecs[name],
    overhead: 4,
    messages: contents,
    segments: fc.oneof(
      contents.map((content): Segment<Uint8Array> => good(framed(content), content)),
      overCap.map((length) => bad<Uint8Array>("over_cap", [...framed(new Uint8Array(length))])),
    ),
    pieces: fc.oneof(
      fc.constantFrom(0, 1, 2, MAX_FRAME, MAX_FRAME + 1, 255, 65_536, 0x7fff_ffff, 0x8000_0000, MAX_LENGTH)
        .map(prefix),
      fc.constantFrom("INFO: up\n", "a").map(bytesOf),
    ),
    model(bytes) {
      const found: Uint8Array[] = [];
      const view = new DataView(bytes.buffer);
      for (let at = 0; at + 4 <= bytes.length;) {
        const from = at + 4;
        at = from + view.getUint32(at, name === "length-prefixed-le");
        if (at <= bytes.length && at - from <= MAX_FRAME) found.push(bytes.slice(from, at));
      }
      return found;
    },
  });
}

const netstring = (content: Uint8Array) => joined([bytesOf(`${content.length}:`), content, bytesOf(",")]);

laws<Uint8Array>({
  codec: codecs.netstring,
  overhead: 12,
  messages: contents,
  segments: fc.oneof(
    contents.map((content): Segment<Uint8Array> => good(netstring(content), content)),
    fc.constantFrom("\n", " ", "\r\n\t").map((blank): Segment<Uint8Array> => bad([], blank)),
    overCap.map((length) => bad<Uint8Array>("over_cap", [...netstring(new Uint8Array(length))])),
    fc.constantFrom("ready", "INFO up", ":", "12 monkeys", "-1:a", ":a", "\0").map((text) =>
      bad<Uint8Array>("stray", text + "\n")
    ),
    fc.constantFrom(
      ...["01:a", "00:", `${MAX_LENGTH + 1}:`, "9".repeat(400), "12:30:05 INFO up", "1:ab", "0:x", "3:ab;d"],
    ).map((text) => bad<Uint8Array>("bad_length", text + "\n")),
    fc.constant(bad<Uint8Array>(["stray", "stray"], "x".repeat(8_200) + "\n")),
  ),
  pieces: fc.constantFrom(
    ...[
      "0",
      "1",
      "2",
      "9",
      "60",
      "61",
      "4294967295",
      "4294967296",
      ":",
      ",",
      "\n",
      " ",
      "a",
      "1:",
      "1:a",
      "2:a,",
      "-",
    ],
  ).map(bytesOf),
  model(bytes) {
    const text = latin1(bytes);
    const found: Uint8Array[] = [];
    for (let at = 0; at < text.length;) {
      if (/[ \t\r\n]/.test(text[at]!)) {
        at++;
        continue;
      }
      const [head, digits] = text.slice(at).match(/^(0|[1-9]\d{0,9}):/) ?? [];
      const [from, length] = [at + (head ?? "").length, Number(digits ?? Infinity)];
      // What is over the cap is believed; what has its end behind the input's is the last.
      if (
        length <= MAX_LENGTH &&
        (length > MAX_FRAME || from + length >= text.length || text[from + length] === ",")
      ) {
        at = from + length + 1;
        if (length <= MAX_FRAME && at <= text.length) found.push(bytes.slice(from, from + length));
      } else {
        const lost = text.slice(at).search(/[,\n]/);
        if (lost < 0) return found;
        at += lost + 1;
      }
    }
    return found;
  },
});

fuzzed(
  "netstring: a length that is not true costs its own frame and no other",
  {
    cases: fc.record({
      before: fc.array(fc.stringMatching(/^[^,\n]{0,40}$/)),
      wrong: fc.stringMatching(/^[^,\n]{0,40}$/),
      length: fc.nat(MAX_FRAME),
      after: fc.array(fc.stringMatching(/^[^,\n]{0,40}$/)),
    }),
    law: ({ before, wrong, length, after }) => {
      const [good, rest] = [before, after].map((texts) =>
        joined(texts.map((text) => netstring(bytesOf(text))))
      );
      const frame = bytesOf(`${length}:${wrong},`);
      const bytes = joined([good!, frame, rest!]);
      const end = good!.length + `${length}:`.length + length;
      // There, it would be a frame like any other, or the last one.
      fc.pre(end < bytes.length && bytes[end] !== 0x2c);
      const sink = new Collected<Uint8Array>();
      const decoder = codecs.netstring.decoder(sink, { maxFrame: 4 * MAX_FRAME });
      decoder.push(bytes);
      decoder.end();
      assertEquals(sink.messages, [...before, ...after].map(bytesOf));
    },
  },
);
