/** Messages of JSON that would hold the event loop for as long as it takes to parse them. */
import { assertEquals } from "@std/assert";
import { codecs } from "../../../src/process/codecs/codecs.ts";
import { LIGHT_JSON, MAX_JSON_WEIGHT, shapeOf } from "../../../src/process/codecs/json_shape.ts";
import { DEFAULT_MAX_FRAME } from "../../../src/process/framing/framing.ts";
import { Collected } from "../fixture.ts";

const CAP = DEFAULT_MAX_FRAME;

/** `part` by its number again and again, as many as there is room for in a frame. */
function full(open: string, part: (n: number) => string, close: string): string {
  const parts: string[] = [];
  for (let n = 0, room = CAP - 100; room > 0; n++) {
    parts.push(part(n));
    room -= parts[n]!.length + 1;
  }
  return `${open}${parts.slice(0, -1).join(",")}${close}`;
}

const array = (part: (n: number) => string) => full("[", part, "]");
const object = (part: (n: number) => string) => full("{", part, "}");
const fields = (count: number, key: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => `"${key(n)}":0`).join(",");
const SHARED = fields(60, (n) => `a${n}`);

/** What each is, where that is not a message, and a text of it as long as a frame may be. */
const HOSTILE: Readonly<Record<string, readonly [kind: string, text: () => string]>> = {
  "empty arrays": ["too_heavy", () => array(() => "[]")],
  "empty objects": ["too_heavy", () => array(() => "{}")],
  "empty texts": ["too_heavy", () => array(() => '""')],
  "short texts": ["too_heavy", () => array((n) => `"${n.toString(36)}"`)],
  "single digits": ["too_heavy", () => array(() => "0")],
  "one object of different keys": ["too_heavy", () => object((n) => `"k${n}":0`)],
  "one object of one key": ["too_heavy", () => object(() => '"a":0')],
  "one object of numbers as keys": ["too_heavy", () => object((n) => `"${n}":0`)],
  "objects of a key each": ["too_heavy", () => array((n) => `{"k${n}":0}`)],
  "objects of a hundred keys": ["too_heavy", () => array((n) => `{${fields(100, (i) => `${n}_${i}`)}}`)],
  "objects that differ in the last key": ["too_heavy", () => array((n) => `{${SHARED},"u${n}":0}`)],
  "objects with keys that are escaped": ["too_heavy", () => array((n) => `{"\\u006b${n}":0}`)],
  "objects of a number as key": ["too_heavy", () => array((n) => `{"${n % 1_024 * 16_384}":0}`)],
  "texts of digits that clash": ["too_heavy", () => array((n) => `"${n % 1_024 * 16_384}"`)],
  "values behind a long text": ["too_heavy", () => `["${"x".repeat(CAP / 2)}",${"[],".repeat(CAP / 7)}0]`],
  "arrays in arrays": ["too_deep", () => "[".repeat(CAP / 2) + "]".repeat(CAP / 2)],
  "objects in objects": ["too_deep", () => '{"a":'.repeat(CAP / 7) + "0" + "}".repeat(CAP / 7)],
  "towers beside one another": ["too_heavy", () => array(() => "[".repeat(900) + "]".repeat(900))],
  "arrays that do not end": ["too_deep", () => "[".repeat(CAP - 1)],
  "arrays before garbage": ["too_heavy", () => `[${"[],".repeat(CAP / 3 - 10)}x`],
  "numbers before garbage": ["not_json", () => `[${"10000000,".repeat(CAP / 9 - 10)}x`],
};

const ACCEPTED: Readonly<Record<string, () => string>> = {
  "one text": () => `"${"x".repeat(CAP - 2)}"`,
  "one text of two bytes a character": () => `"${"\u00e4".repeat(CAP / 2 - 1)}"`,
  "one text of escapes": () => `"${"\\n".repeat(CAP / 2 - 1)}"`,
  "one text of quotes": () => `"${'\\"'.repeat(CAP / 2 - 1)}"`,
  "a picture as a result": () => `{"jsonrpc":"2.0","id":1,"result":{"data":"${"QUJD".repeat(2_490_000)}"}}`,
  "one number": () => "1".repeat(CAP),
  "blanks": () => " ".repeat(CAP - 1) + "0",
  "numbers with their digits": () => array((n) => `${(n + 1) / 7}`),
  "places in files": () => {
    const place = (n: number) => `{"line":${n},"character":0}`;
    const range = (n: number) => `{"start":${place(n)},"end":${place(n + 1)}}`;
    return array((n) => `{"id":${n},"name":"name of ${n}","uri":"file:///src/${n}.ts","range":${range(n)}}`);
  },
  "a table of names": () => `{${fields(80_000, (n) => `/src/some/folder/file${n}.ts`)}}`,
  "records": () => `[${'{"id":12345,"name":"someone","tags":["a","b"],"ok":true},'.repeat(100_000)}0]`,
};

/** What a codec makes of one message. */
function decoded(codec: "ndjson" | "content-length", text: string): Collected<unknown> {
  const sink = new Collected<unknown>();
  const bytes = new TextEncoder().encode(text);
  const decoder = codecs[codec].decoder(sink, { maxFrame: CAP });
  decoder.push(new TextEncoder().encode(codec === "ndjson" ? "" : `Content-Length: ${bytes.length}\r\n\r\n`));
  for (let at = 0; at < bytes.length; at += 65_536) decoder.push(bytes.slice(at, at + 65_536));
  if (codec === "ndjson") decoder.push(new TextEncoder().encode("\n"));
  decoder.end();
  return sink;
}

for (const [name, [kind, text]] of Object.entries(HOSTILE)) {
  Deno.test(`json: a frame of ${name} is refused when it would hold the loop`, () => {
    const { messages, faults } = decoded("ndjson", text());
    assertEquals([messages.length, faults.map((fault) => fault.kind)], [0, [kind]]);
  });
}

for (const [name, text] of Object.entries(ACCEPTED)) {
  Deno.test(`json: a frame of ${name} is a message when it is as long as a frame may be`, () => {
    const { messages, faults } = decoded("ndjson", text());
    assertEquals([messages.length, faults], [1, []]);
  });
}

Deno.test("json: a frame behind its length is weighed as a line is", () => {
  for (const what of ["empty arrays", "arrays in arrays", "numbers before garbage"]) {
    const [kind, text] = HOSTILE[what]!;
    assertEquals(decoded("content-length", text()).faults.map((fault) => fault.kind), [kind]);
  }
  assertEquals(decoded("content-length", ACCEPTED["one text"]!()).messages.length, 1);
});

Deno.test("json: a text cannot be too heavy when it is not weighed", () => {
  const heaviest = ['"0"', "[]", '""', '{"0":0}'].map((part) => {
    const text = `[${`${part},`.repeat(LIGHT_JSON)}`.slice(0, LIGHT_JSON - 1);
    return text.slice(0, text.lastIndexOf(",")) + "]";
  });
  for (const text of heaviest) {
    assertEquals(shapeOf(text), "json");
    // Its longer brother, which is looked at, is none as it is none.
    assertEquals(shapeOf(text + " ".repeat(LIGHT_JSON)), "json", text.slice(0, 20));
  }
});

Deno.test("json: a text is refused when its weight is above the limit, and not at it", () => {
  const numbers = (count: number) => `[${"1000,".repeat(count - 1)}1000]`;
  assertEquals(shapeOf(numbers(MAX_JSON_WEIGHT - 4)), "json");
  assertEquals(shapeOf(numbers(MAX_JSON_WEIGHT - 3)), "too_heavy");
});

Deno.test("json: keys weigh nothing when they were there before, in any order of their objects", () => {
  const kinds = ['{"a":1,"b":2}', '{"b":1,"a":2}', '{"a":1}', '{"c":{"a":1}}'];
  const text = JSON.stringify(Array.from({ length: 250_000 }, (_, n) => JSON.parse(kinds[n % 4]!)));
  assertEquals(shapeOf(text), "json");
  // With a key of its own, each of them weighs 20 more.
  assertEquals(shapeOf(text.replaceAll('"a":1}', () => `"${Math.random()}":1}`)), "too_heavy");
});
