/** Patterns that untrusted lines are searched for: JavaScript's meaning, in linear time. */
import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { PATTERN_REACH, PatternError } from "../../src/text/pattern.ts";
import { searchFor } from "../../src/text/search.ts";

/** Lines that tell expressions apart. */
const LINES = [
  "",
  "a",
  "b",
  "ab",
  "abab",
  "aab",
  "ready",
  "READY",
  "Server ready on port 8080",
  "listening on 127.0.0.1:80",
  "x\ty",
  "a.b",
  "a\rb",
  "a\u2028b",
  "a\u00a0b",
  "_",
  "é",
  "É",
  "漢字",
  "😀",
  "a-b",
  "]",
  "{2}",
  "a{,2}",
  "^$",
  "\\c",
  "[x]",
  "\x08",
  "\x01",
  "𝒳",
];

const PATTERNS: readonly (RegExp | string)[] = [
  "ready",
  "^ready",
  "ready$",
  "^ready$",
  "^$",
  "",
  "^",
  "$",
  "a^b",
  "a$b",
  "a|^b$",
  "listening on \\S+:\\d{2,5}",
  "(?<host>[\\d.]+):(?<port>\\d+)",
  "(a)(b)\\B",
  "\\bon\\b",
  "a.b",
  "a\\.b",
  "a[\\s\\S]b",
  "a\\sb",
  "[^]",
  "[]",
  "a[^]b",
  "[\\w-]b",
  "[a\\-z]b",
  "[]a]",
  "[\\]]",
  "\\]",
  "]",
  "x{2}|x",
  "a{,2}",
  "\\{2\\}",
  "a{2}b",
  "a{2,}b",
  "a{1,2}?b",
  "\\ca|\\cA",
  "\\\\c",
  "\\c",
  "[\\c]",
  "[\\b]",
  "\\x08",
  "\\u0001",
  "\\0",
  "\\x",
  "\\q",
  "\\-",
  "(?:a|b)+$",
  "(?i:ready)",
  "(?-i:ready)",
  "(?s:a.b)",
  "[^\\W]",
  "[^\\s]",
  "[\\D]",
  "[\\S]",
  "[\\d-x]",
  "\\w\\W\\w",
  "\\v|\\f|\\t",
  "p{2}",
  "\\p{L}",
  "漢",
  "[漢字]",
  "𝒳",
  "[^$]",
  "\\^\\$",
  "a||b",
  "a*?b",
  "(?:)",
  "[(?=]",
  "\\(?=",
  /ready/i,
  /[a-c]B/i,
  /[\W_]$/i,
  /\w/i,
  /^\W$/i,
  /a.b/s,
  /^.$/u,
  /\p{L}/u,
  /\P{L}/u,
  /\p{Lu}/u,
  /\p{Script=Han}/u,
  /\p{sc=Greek}/u,
  /[\p{L}\d]b/u,
  /\u{1f600}/u,
  /\ud83d\ude00/u,
  /a\/b/,
  /ready/d,
];

Deno.test("a pattern matches as the same regular expression does", () => {
  for (const pattern of PATTERNS) {
    const search = searchFor(pattern);
    const expression = new RegExp(pattern);
    // Without `u`, JavaScript counts the halves of a character that is more than one.
    const lines = expression.unicode ? LINES : LINES.filter((line) => !/[^\0-\uffff]/u.test(line));
    assertEquals(lines.filter(search), lines.filter((line) => expression.test(line)), String(pattern));
  }
});

Deno.test("a random pattern matches as the same regular expression does", () => {
  const parts = ["a", "b", ".", "[ab]", "[^a]", "\\w", "\\W", "\\d", "\\s", "^", "$", "\\b", "\\.", "r", "é"];
  const ends = ["", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?"];
  const flags = ["", "", "i", "s", "u", "is"];
  let seed = 7;
  const below = (n: number) => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff) % n;
  const make = (depth: number): string =>
    Array.from({ length: 1 + below(4) }, () => {
      if (depth > 0 && below(4) === 0) return `(${make(depth - 1)})${ends[below(ends.length)]}`;
      if (below(8) === 0) return "|";
      const part = parts[below(parts.length)]!;
      return /^(\^|\$|\\b)$/.test(part) ? part : part + ends[below(ends.length)];
    }).join("");
  for (let round = 0; round < 3_000; round++) {
    const source = make(2);
    const expression = new RegExp(source, flags[below(flags.length)]);
    const search = searchFor(expression);
    for (const line of LINES) {
      if (/[^\0-\uffff]/u.test(line) && !expression.unicode) continue;
      assertEquals(search(line), expression.test(line), `${expression} on ${line}`);
    }
  }
});

Deno.test("a pattern searches from the beginning of each line when it has a lastIndex", () => {
  for (const pattern of [/ready/g, /ready/y, /re[a]dy/y]) {
    pattern.lastIndex = 3;
    const search = searchFor(pattern);
    assertEquals([search("ready"), search("ready"), search("not ready")], [true, true, !pattern.sticky]);
    assertEquals(pattern.lastIndex, 3);
  }
});

Deno.test("a pattern that RE2 cannot match is refused, with an alternative", () => {
  const cases: readonly [RegExp | string, string][] = [
    ["ready(?=!)", "a lookahead"],
    ["ready(?!!)", "a lookahead"],
    ["(?<=not )ready", "a lookbehind"],
    ["(?<!not )ready", "a lookbehind"],
    ["(a)\\1", "a backreference"],
    ["(?<x>a)\\k<x>", "a backreference"],
    ["\\012", "an octal escape"],
    [/a[b--c]/v, "the flag `v`"],
    ["a{1001}", "invalid repeat"],
    ["(?:[ab]{1,100}){1,9}[cd]{1,300}", "1000 steps at most"],
  ];
  for (const [pattern, says] of cases) {
    const { message } = assertThrows(() => searchFor(pattern), PatternError);
    assert(message.includes(says), `${pattern}: ${message}`);
  }
  assertThrows(() => searchFor("("), SyntaxError);
});

Deno.test("a pattern takes time in proportion to the line when both are hostile", () => {
  const lines = [
    "listeningport".repeat(6_000),
    "a".repeat(80_000),
    " ".repeat(80_000),
    "ab ".repeat(30_000),
    "=".repeat(80_000),
  ];
  const patterns = [
    "listening.*port.*ready",
    "(a+)+b",
    "(a|a)*c",
    "(a|aa)+$",
    "(.*)*!",
    ".*.*.*=.*;",
    "^(\\s+)*x",
    "(\\w+\\s?)+:",
    "(x+x+)+y",
    "([a-z]+)*\\d",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
  ];
  const started = performance.now();
  for (const pattern of patterns) for (const line of lines) searchFor(pattern)(line);
  assertLess(performance.now() - started, 10_000);
});

Deno.test("a pattern does not match when the text is behind its reach", () => {
  for (const pattern of ["ready", "ready$", "read[y]"]) {
    const search = searchFor(pattern);
    assert(search("x".repeat(PATTERN_REACH - 5) + "ready"));
    assert(!search("x".repeat(PATTERN_REACH - 4) + "ready"), pattern);
  }
});
