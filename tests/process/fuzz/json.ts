/** JSON for the fuzz tests of the codecs that carry it. */
import fc from "npm:fast-check@^4";
import type { JsonValue } from "../../../src/process/codecs/json.ts";
import { MAX_FRAME } from "./laws.ts";

const size = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;

/** Values within the cap. */
export const values: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }).map((value) => value as JsonValue),
  fc.string({ unit: "binary" }),
  fc.constantFrom<JsonValue>(
    { id: 1, method: "a" },
    ["é€🦕"],
    "\ufffd",
    "\ufeff",
    JSON.parse('{"__proto__":{"x":1}}'),
    "Content-Length: 1\r\n\r\n1",
  ),
).filter((value) => size(value) <= MAX_FRAME);

/** What a value is when it comes back: JSON has no -0. */
export const back = (value: JsonValue): JsonValue => JSON.parse(JSON.stringify(value));

/** JSON with another meaning than one may think, and still JSON. */
export const odd = fc.constantFrom(
  "1e999",
  "-1e999",
  "1".repeat(MAX_FRAME),
  "0." + "1".repeat(MAX_FRAME - 2),
  '{"id":1,"id":2}',
  '{"__proto__":1}',
  "[".repeat(MAX_FRAME / 2) + "]".repeat(MAX_FRAME / 2),
  ' { "a" : [ ] } ',
  '"\\ud800"',
);

/** Within the cap, and no JSON. */
export const notJson = fc.constantFrom(
  ...[
    "{",
    "]",
    "[1,]",
    "{a:1}",
    "'a'",
    "01",
    "+1",
    ".5",
    "1.",
    "NaN",
    "undefined",
    "[INFO] started",
    "2026-01-01",
  ],
  ...[
    "[".repeat(MAX_FRAME),
    '{"a":'.repeat(MAX_FRAME / 5),
    '"\\x"',
    '"\t"',
    "truefalse",
    "1 2",
    "\ufeff1",
    "\0",
  ],
);

/** The value of a text within the cap, or `undefined`; as anybody would write it. */
export function valueOf(bytes: Uint8Array): JsonValue | undefined {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
