/** Validators: Rust's meaning, bounded time, and nothing that a pattern can do to the runtime. */
import { assert, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4";
import { argsFor, ArgumentError, MAX_ARGUMENT_LENGTH } from "../../../src/manifest/templates/arguments.ts";
import { MAX_PATTERN_STEPS, validator } from "../../../src/manifest/fields/validator.ts";
import { fuzzed } from "../../process/fuzz/runs.ts";

function matches(pattern: string, value: string): boolean {
  const { matches, problem } = validator(pattern);
  assert(matches !== undefined, `${pattern}: ${problem}`);
  return matches(value);
}

Deno.test("the classes are Unicode's, as in Rust", () => {
  const table: [pattern: string, yes: string[], no: string[]][] = [
    ["\\d+", ["0", "42", "٤٢"], ["", "a", "²", "4 2"]],
    ["\\D", ["a", "²"], ["4", "٤"]],
    ["[\\d-]+", ["4-2", "٤"], ["a"]],
    ["[^\\d]", ["a"], ["٤", "4"]],
    ["\\w+", ["aé_9", "Ⓐ", "e\u0301"], ["a-b", "", " "]],
    ["\\W", ["-", " "], ["é", "_", "Ⓐ"]],
    ["[\\w.]+", ["é.a"], ["-"]],
    ["[^\\w]", ["-"], ["é"]],
    ["\\s", [" ", "\t", "\u00a0", "\u0085", "\u3000"], ["a", "\ufeff"]],
    ["\\S+", ["a", "\ufeff"], ["a b", "\u00a0", "\u0085", "\u3000", ""]],
    ["[\\S]", ["a"], ["\u3000"]],
    [".", ["a", "💩", "\r", "\u2028"], ["\n", "ab"]],
    ["(?i)on|off", ["ON", "Off"], ["o"]],
    ["[]a]+", ["]a"], ["b"]],
    ["[^]a]", ["b"], ["]"]],
    ["[[:alpha:]]+", ["aZ"], ["é", "1"]],
    ["\\p{Greek}+", ["αβ"], ["a"]],
    ["^a$", ["a"], ["a\n", "ba"]],
    ["\\x{41}\\.\\[\\]\\\\", ["A.[]\\"], ["A"]],
  ];
  for (const [pattern, yes, no] of table) {
    for (const value of yes) assert(matches(pattern, value), `${pattern} takes ${JSON.stringify(value)}`);
    for (const value of no) assert(!matches(pattern, value), `${pattern} refuses ${JSON.stringify(value)}`);
  }
});

Deno.test("a validator with another meaning here, or more than linear time, is refused", () => {
  const refused = [
    ...["(?=a)", "(?!a)", "(?<=a)b", "(a)\\1", "(?>a)", "a++"],
    ...["\\bword\\b", "\\Ba", "\\<a", "[a&&b]", "[a-z--b]", "[a~~b]", "[a[bc]]", "[\\W]", "\\Qa\\E"],
    ...["(", "[a", "*", "a{2,1}", "a{1001}", "\\", "((a{100}){100}){100}"],
    // A literal for RE2; a repetition or nothing at all for Rust.
    ...["a{,5}", "a{", "a{b}", "{a}"],
    ...[`\\w{${MAX_PATTERN_STEPS}}`, "x".repeat(1_001), "(.?){500}(.?){500}"],
  ];
  for (const pattern of refused) assert(validator(pattern).problem !== undefined, pattern);
});

Deno.test("a brace stands for itself where it is escaped, in a class, or part of a name", () => {
  for (
    const [pattern, value] of [["\\{a\\}", "{a}"], ["[{}]{2}", "{}"], ["\\p{Greek}{2}", "αβ"], [
      "\\x{41}+",
      "A",
    ]]
  ) {
    assertEquals(validator(pattern!).matches?.(value!), true, pattern);
  }
});

Deno.test("a pattern that would stop a backtracking engine for ever has its answer at once", () => {
  const value = "a".repeat(MAX_ARGUMENT_LENGTH - 1) + "!";
  for (const pattern of ["(a+)+", "(a|a)*", "(a*)*b", "(?:a|aa)+", "(.*)(.*)(.*)(.*)x", "(a?){80}a{80}"]) {
    const [before, answer] = [performance.now(), matches(pattern, value)];
    assertEquals(answer, false, pattern);
    // Backtracking would need more than the age of the universe.
    assert(performance.now() - before < 20_000, pattern);
  }
});

const piece = fc.constantFrom(
  ...[
    "a",
    "b",
    "0",
    "-",
    ".",
    "\\d",
    "\\w",
    "\\S",
    "[a-c]",
    "[^a]",
    "(a|b)",
    "(?:ab)",
    "(a+)",
    "\\.",
    "é",
    "x{1,3}",
  ],
);
const suffix = fc.constantFrom("", "", "*", "+", "?", "{0,4}", "{2}");
const pattern = fc.array(fc.tuple(piece, suffix), { minLength: 1, maxLength: 8 }).map((all) =>
  all.map(([one, times]) => (one.endsWith("}") ? one : one + times)).join("")
);
const word = fc.string({ unit: fc.constantFrom(..."ab0-.xé \n"), maxLength: 24 });

// Over these letters the classes of both are the same but `\w`, which here has more in it.
const unicode = (pattern: string) => pattern.replaceAll("\\w", "[\\p{L}\\p{N}_]");

fuzzed("a validator takes exactly what a whole match takes", {
  cases: fc.tuple(pattern, word),
  law: ([pattern, value]) => {
    const expected = new RegExp(`^(?:${unicode(pattern)})$`, "u").test(value);
    assertEquals(matches(pattern, value), expected, `${pattern} on ${JSON.stringify(value)}`);
  },
});

const any = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(..."()[]{}|*+?^$\\.-&~:<>=!#,dDwWsSbBpQEaA0129iPxu"), maxLength: 40 }),
);

fuzzed(
  "no pattern crashes it: it is compiled, or there is a reason",
  {
    cases: fc.tuple(any, fc.string()),
    law: ([one, value]) => {
      const { matches, problem } = validator(one);
      if (matches === undefined) assert(problem !== "");
      else matches(value);
    },
  },
);

const rules = fc.array(fc.oneof(fc.string(), pattern.map((validator) => ({ validator, secret: false }))), {
  maxLength: 4,
});

fuzzed(
  "what argsFor lets through is what was given, and each keeps its rule",
  {
    cases: fc.tuple(rules, fc.array(fc.oneof(fc.string({ unit: "binary" }), word), { maxLength: 5 })),
    law: ([args, given]) => {
      // Some are right, or nothing would ever be let through.
      const mixed = given.map((value, index) =>
        typeof args[index] === "string" && index % 2 === 0 ? args[index] : value
      );
      try {
        const passed = argsFor({ id: "x", args }, mixed);
        assertEquals(passed, mixed);
        assertEquals(passed.length, args.length);
        for (const [index, rule] of args.entries()) {
          if (typeof rule === "string") assertEquals(passed[index], rule);
          else assert(new RegExp(`^(?:${unicode(rule.validator)})$`, "u").test(passed[index]!));
        }
      } catch (error) {
        if (!(error instanceof ArgumentError)) throw error;
        assert(error.index <= Math.max(args.length, mixed.length));
      }
    },
  },
);
