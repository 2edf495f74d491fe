import { assert, assertEquals, assertLess } from "@std/assert";
import { codecs } from "../../../src/process/codecs/codecs.ts";
import { JsonReader } from "../../../src/process/codecs/json.ts";
import { MAX_JSON_DEPTH, shapeOf } from "../../../src/process/codecs/json_shape.ts";
import { utf8Length } from "../../../src/text/utf8.ts";
import { Collected } from "../fixture.ts";

/** What `ndjson` makes of some lines. */
function ndjson(...lines: string[]): Collected<unknown> {
  const sink = new Collected<unknown>();
  const decoder = codecs.ndjson.decoder(sink, { maxFrame: 10_000_000 });
  decoder.push(new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")));
  decoder.end();
  return sink;
}

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const nestedObjects = (depth: number) => '{"a":'.repeat(depth) + "1" + "}".repeat(depth);

for (const [name, make] of [["arrays", nested], ["objects", nestedObjects]] as const) {
  Deno.test(`json: ${name} may be ${MAX_JSON_DEPTH} deep, and no deeper`, () => {
    const [most, more] = [make(MAX_JSON_DEPTH), make(MAX_JSON_DEPTH + 1)];
    // Behind garbage, texts are looked at before they are parsed.
    const { messages, faults } = ndjson(most, more, most, more);
    assertEquals(messages.map((message) => JSON.stringify(message)), [most, most]);
    assertEquals(faults.map(({ kind }) => kind), ["too_deep", "too_deep"]);
  });
}

Deno.test("json: a text is refused when it is too deep, wherever that is and however long the text around it", () => {
  const filler = JSON.stringify("x".repeat(1_500_000));
  for (const around of ['"x"', filler]) {
    const { faults, messages } = ndjson(`[${around},{"a":[1,null,${nested(MAX_JSON_DEPTH - 1)}]}]`, around);
    assertEquals([faults.map(({ kind }) => kind), messages.length], [["too_deep"], 1]);
  }
});

Deno.test("json: a text is not deep when its brackets are in strings or beside one another", () => {
  const wide = JSON.stringify(Array.from({ length: 5_000 }, () => [[["[[[[", '\\"]']]]));
  assertEquals(ndjson(wide, JSON.stringify(nested(5_000))).faults, []);
});

Deno.test("json: ten megabytes of open brackets are refused, and quickly when they come again", () => {
  const reader = new JsonReader();
  const bomb = "[".repeat(9_999_999);
  assertEquals([reader.read(bomb), reader.fault], [undefined, "too_deep"]);
  const start = performance.now();
  for (let i = 0; i < 100; i++) assertEquals([reader.read(bomb), reader.fault], [undefined, "too_deep"]);
  // Parsing one of them is a second.
  assertLess(performance.now() - start, 2_000);
});

Deno.test("json: a number is the nearest one when it cannot be represented", () => {
  const { messages, faults } = ndjson("1e999", "-1e999", "9007199254740993", "1e-999", "1".repeat(1_000_000));
  assertEquals([messages, faults], [[Infinity, -Infinity, 9007199254740992, 0, Infinity], []]);
});

Deno.test("json: __proto__ is a key like any other, and the last counts when keys are equal", () => {
  const [proto, twice] = ndjson('{"__proto__":{"polluted":true}}', '{"id":1,"id":2}').messages;
  assert(Object.hasOwn(proto as object, "__proto__"));
  assertEquals(Object.getPrototypeOf(proto), Object.prototype);
  assertEquals(({} as { polluted?: boolean }).polluted, undefined);
  assertEquals(twice, { id: 2 });
});

Deno.test("json: texts are read as before when garbage came before them", () => {
  const values = ['"a\\u00e9\\n"', "-0.5e-3", "[]", "{}", ' { "a" : [ 1 , { } ] } ', "true", "false", "null"];
  const { messages, faults } = ndjson("garbage", ...values, "more garbage", ...values);
  const expected = values.map((value) => JSON.parse(value));
  assertEquals([messages, faults.length], [[...expected, ...expected], 2]);
});

Deno.test("json: an invalid text is refused the same when it comes again", () => {
  const texts = [
    "{",
    "]",
    "[1]]",
    "[1}",
    '{"a":1]',
    "[1,]",
    '{"a":1,}',
    "{1:1}",
    '{"a"1}',
    '{"a":}',
    '{"a"}',
    "[1 2]",
  ]
    .concat([
      '"',
      '"\t"',
      '"\\x"',
      '"\\u00g0"',
      '"\\',
      "01",
      "-",
      "+1",
      "1.",
      ".5",
      "1e",
      "1e+",
      "tru",
      "nulls",
      "NaN",
    ])
    .concat([
      "\ufeff1",
      "\u00a01",
      "1 2",
      "'a'",
      "-01",
      "[,1]",
      "{,}",
      "--1",
      "0x1",
      "Infinity",
      "undefined",
    ]);
  assertEquals(texts.filter((text) => shapeOf(text) !== "not_json"), []);
  const { messages, faults } = ndjson(...texts, ...texts);
  assertEquals([messages, faults.map(({ kind }) => kind)], [[], texts.concat(texts).map(() => "not_json")]);
});

Deno.test("json: a line costs no error when short garbage floods", () => {
  const sink = { faults: 0, message() {}, malformed: () => void sink.faults++ };
  const decoder = codecs.ndjson.decoder(sink, { maxFrame: 100 });
  const chunk = new TextEncoder().encode("x\n".repeat(32_768));
  const parse = JSON.parse;
  let parsed = 0;
  JSON.parse = (text: string) => (parsed++, parse(text));
  try {
    for (let i = 0; i < 10; i++) decoder.push(chunk);
  } finally {
    JSON.parse = parse;
  }
  assertEquals([sink.faults, parsed], [327_680, 1]);
});

Deno.test("utf8Length counts as many bytes as TextEncoder makes", () => {
  for (
    const text of [
      "",
      "a",
      "é",
      "€",
      "🦕",
      "\ud83e",
      "\udd95",
      "\ud83ea",
      "\udd95\ud83e",
      "\ud83eé",
      "a🦕é€\0",
    ]
  ) {
    assertEquals(utf8Length(text), new TextEncoder().encode(text).length, JSON.stringify(text));
  }
});

Deno.test("json: a line is counted to its end when it is over the cap", () => {
  for (const codec of [codecs.lines, codecs.ndjson]) {
    let bytes = 0;
    const sink = {
      message() {},
      malformed: (fault: { bytes: number }) => void (bytes += fault.bytes),
      skipped: (more: number) => void (bytes += more),
    };
    const decoder = codec.decoder(sink, { maxFrame: 10 });
    const input = new TextEncoder().encode("x".repeat(1_000) + "\n1\n" + "y".repeat(500));
    for (let at = 0; at < input.length; at += 7) decoder.push(input.subarray(at, at + 7));
    decoder.end();
    assertEquals(bytes, 1_500);
  }
});
