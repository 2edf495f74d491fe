/** Arguments given at run time: what a template takes, what it refuses, and how it says so. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  argsFor,
  ARGUMENT_MASK,
  ArgumentError,
  MAX_ARGUMENT_LENGTH,
} from "../../../src/manifest/templates/arguments.ts";
import { MAX_ARGUMENTS } from "../../../src/manifest/fields/manifest.ts";
import type { ArgumentRules } from "../../../src/manifest/fields/types.ts";

const take = (args: ArgumentRules, given: readonly string[]) => argsFor({ id: "worker", args }, given);
const match = (validator: string, secret = false) => ({ validator, secret });

function refusal(args: ArgumentRules, given: readonly string[]): string {
  const error = assertThrows(() => take(args, given), ArgumentError);
  return `${error.code} ${error.index}: ${error.message.replace(`Cannot start "worker": `, "")}`;
}

Deno.test("argsFor passes allowed arguments on unchanged", () => {
  assertEquals(take(["--port", match("\\d+")], ["--port", "8080"]), ["--port", "8080"]);
  assertEquals(take([], []), []);
  assertEquals(take(true, ["$(rm -rf /)", "", "; a b"]), ["$(rm -rf /)", "", "; a b"]);
});

Deno.test("a refusal names the index, the value and the rule", () => {
  assertEquals(
    refusal(["--port", match("\\d+")], ["--port", "80a"]),
    `argument_refused 1: argument 1 is "80a"; it must match "\\\\d+" from its beginning to its end`,
  );
  assertEquals(
    refusal(["--port"], ["--prot"]),
    `argument_refused 0: argument 0 is "--prot"; it must be "--port"`,
  );
});

Deno.test("there are as many as there are rules: none is made up, and none is dropped", () => {
  const rules = ["--port", match("\\d+")];
  assertEquals(
    refusal(rules, ["--port"]),
    `argument_missing 1: argument 1 is missing; it takes 2 arguments, and this one must match "\\\\d+" from its beginning to its end`,
  );
  assertEquals(
    refusal(rules, ["--port", "1", "--rm"]),
    `argument_extra 2: argument 2 is "--rm"; it takes 2 arguments`,
  );
  assertEquals(refusal([], ["x"]), `argument_extra 0: argument 0 is "x"; it takes no arguments`);
  assertEquals(refusal(rules, []).split(";")[0], "argument_missing 0: argument 0 is missing");
});

Deno.test("a validator has to match from the beginning to the end, whatever it looks like", () => {
  const rule = [match("a|b")];
  assertEquals(take(rule, ["b"]), ["b"]);
  for (const value of ["ax", "xb", "a\n", "\na", "ab", ""]) assert(refusal(rule, [value]) !== "");
  assert(refusal([match("(?m)^a$")], ["b\na"]) !== "");
});

Deno.test("argsFor refuses arguments that no system takes, under any rule", () => {
  for (const rules of [true, [match("(?s).*")]] as const) {
    assert(refusal(rules, ["a\0b"]).includes("must not contain NUL"));
    assert(refusal(rules, ["\ud800"]).includes("half a character"));
    assert(refusal(rules, ["x".repeat(MAX_ARGUMENT_LENGTH + 1)]).includes("4096 characters at most"));
    assertEquals(take(rules, ["x".repeat(MAX_ARGUMENT_LENGTH)])[0]?.length, MAX_ARGUMENT_LENGTH);
    const odd = [7] as unknown as string[];
    assert(refusal(rules, odd).includes("it must be a string"));
    for (const none of [{ 0: "x" }, "x", null, undefined] as unknown as string[][]) {
      assert(refusal(rules, none).includes("arguments come as an array"));
    }
  }
  assertEquals(take(true, Array(MAX_ARGUMENTS).fill("x")).length, MAX_ARGUMENTS);
  assert(refusal(true, Array(MAX_ARGUMENTS + 1).fill("x")).startsWith(`argument_extra ${MAX_ARGUMENTS}`));
});

Deno.test("a secret is not in the error, nor in anything that is printed of it", () => {
  const secret = "hunter2";
  const cases: [ArgumentRules, string[]][] = [
    [[match("\\d+", true)], [secret]],
    [["--token", match("\\d+")], ["--token", secret]],
    [["--api-key", match("\\d+")], ["--api-key", secret]],
    [[match("--password=\\d+")], [`--password=${secret}`]],
    [[match("DB_PASSWORD=\\d+")], [`DB_PASSWORD=${secret}`]],
    [[match("Authorization: \\d+")], [`Authorization: ${secret}`]],
    [[match("\\d+")], [`https://ann:${secret}@example.org/`]],
    [[match("\\d+")], [`https://ann:p@${secret}@example.org/`]],
    [[match("\\d+"), match("[a-z]+\\d", true)], [secret]],
    [[match("[a-z]+\\d", true)], [secret.replace("2", "3"), secret]],
    [["--token", "--x"], ["--token", secret]],
    [[`--secret=${secret}`], ["--secret=other"]],
    [["--secret", secret], ["--secret"]],
    [[], [`--auth-key=${secret}`]],
  ];
  for (const [rules, given] of cases) {
    const error = assertThrows(() => take(rules, given), ArgumentError);
    const told = Deno.inspect(error) + JSON.stringify(error) + error.message;
    assert(!told.includes(secret), told);
    assert(told.includes(ARGUMENT_MASK), told);
  }
});

Deno.test("argsFor shows a value that only looks like a secret", () => {
  for (const value of ["--author=ann", "--passive=1", "compass=3"]) {
    assert(refusal([], [value]).includes(value), value);
  }
});

Deno.test("a long or unprintable value is shown short and quoted", () => {
  const error = assertThrows(() => take([], ["\x1b[31m" + "x".repeat(1_000)]), ArgumentError);
  assert(error.message.length < 200);
  assert(!error.message.includes("\x1b"));
});

/** An array whose element 1 is another one each time it is read. */
function changing(...given: string[]): { readonly args: string[]; readonly reads: () => number } {
  let reads = 0;
  const args = ["--width"];
  Object.defineProperty(args, 1, { get: () => given[Math.min(reads++, given.length - 1)], enumerable: true });
  return { args, reads: () => reads };
}

Deno.test("argsFor reads an argument once, and passes on the checked value", () => {
  for (const rules of [["--width", match("[0-9]+")], true] as const) {
    const { args, reads } = changing("800", "; rm -rf /");
    const taken = take(rules, args);
    assertEquals([taken, reads(), Object.isFrozen(taken)], [["--width", "800"], 1, true]);
    assert(taken !== args);
  }
  const { args, reads } = changing("; rm -rf /", "800");
  assert(refusal(["--width", match("[0-9]+")], args).includes("; rm -rf /"));
  assertEquals(reads(), 1);
});

Deno.test("arguments are read by their place when an array says otherwise of itself", () => {
  class Odd extends Array<string> {
    override *entries(): ArrayIterator<[number, string]> {
      yield [0, "800"];
    }
    override *[Symbol.iterator](): ArrayIterator<string> {
      yield "; rm -rf /";
    }
  }
  const odd = new Odd();
  odd.push("800");
  assertEquals(take([match("[0-9]+")], odd), ["800"]);
  let length = 0;
  const growing = new Proxy(["800"], {
    get: (target, key) => key === "length" ? ++length : Reflect.get(target, key),
  });
  assertEquals([take([match("[0-9]+")], growing), length], [["800"], 1]);
});

Deno.test("arguments that can't be read are refused, and of far too many only one too many is read", () => {
  const bites = Object.defineProperty(["--width"], 1, {
    get() {
      throw new Error("it bites");
    },
  });
  assertEquals(
    refusal(["--width", match("[0-9]+")], bites),
    "argument_refused 1: argument 1 is a value that can't be read; arguments are strings in an array",
  );
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  assert(refusal(true, proxy).startsWith("argument_refused 0: "));
  let reads = 0;
  const endless = new Proxy([], { get: (_, key) => key === "length" ? 2 ** 32 - 1 : (reads++, "x") });
  assert(refusal(true, endless).startsWith(`argument_extra ${MAX_ARGUMENTS}: `));
  assertEquals(reads, MAX_ARGUMENTS + 1);
  assert(refusal([match("[0-9]+")], new Array(1)).includes("it must be a string"));
});
