/** `shapeOf` agrees with `JSON.parse` on every text. */
import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4";
import { type JsonShape, shapeOf } from "../../../src/process/codecs/json_shape.ts";
import { fuzzed } from "./runs.ts";

function judged(text: string): JsonShape {
  try {
    JSON.parse(text);
    return "json";
  } catch {
    return "not_json";
  }
}

/** Pieces that JSON is made of, so that what is put together is often nearly JSON. */
const piece = fc.constantFrom(
  ...[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    '"a"',
    '"\\',
    "\\u00e9",
    "\\ud8",
    "\\n",
    "\\x",
    "\t",
    " ",
    "\r",
    "\u00a0",
  ],
  ...[
    "0",
    "1",
    "-",
    "+",
    ".",
    "e",
    "E",
    "00",
    "1.5",
    "-0",
    "1e5",
    "true",
    "false",
    "null",
    "nul",
    "NaN",
    "é",
    "\0",
  ],
);
const soup = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
const spaced = fc.tuple(fc.jsonValue(), fc.constantFrom(0, 1, "\t")).map(([value, indent]) =>
  JSON.stringify(value, null, indent)
);

/** JSON with one character taken away, doubled or put in. */
const nearly = fc.tuple(spaced, fc.nat(), fc.nat(2), piece).map(([text, where, how, piece]) => {
  const at = where % (text.length + 1);
  return text.slice(0, at) + ["", text.charAt(at).repeat(2), piece][how] + text.slice(at + 1);
});

fuzzed("json: shapeOf agrees with JSON.parse", {
  cases: fc.oneof(soup, spaced, nearly, fc.string()),
  law: (text) => assertEquals(shapeOf(text), judged(text), JSON.stringify(text)),
  runs: 10_000,
});
