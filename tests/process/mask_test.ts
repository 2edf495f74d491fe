import { assert, assertEquals, assertInstanceOf, assertMatch, assertStrictEquals } from "@std/assert";
import { maskOf, SHORTEST_MASKED, withoutSecrets } from "../../src/process/mask.ts";

const mask = maskOf(["s3cr3t-value", 'two "lines"\nof it', "a.c"])!;

Deno.test("a secret is masked wherever it stands, as it is, as JSON writes it, and line by line", () => {
  assertEquals(mask("key=s3cr3t-value; s3cr3t-values3cr3t-value"), "key=***; ******");
  assertEquals(mask(JSON.stringify({ key: 'two "lines"\nof it' })), '{"key":"***"}');
  assertEquals([mask('> two "lines"'), mask("of it!"), mask('two \\"lines\\"')], ["> ***", "***!", "***"]);
  assertEquals(mask("s3cr3t-valve, abc a-c"), "s3cr3t-valve, abc a-c");
});

Deno.test("a secret that was cut at the end of a text is masked from its fourth character on", () => {
  assertEquals([mask("x s3c"), mask("x s3cr"), mask("x s3cr3t-valu")], ["x s3c", "x ***", "x ***"]);
});

Deno.test("what is too short to be a secret is left alone, for to mask it would tell it", () => {
  assertEquals(maskOf(["x".repeat(SHORTEST_MASKED - 1), ""]), undefined);
  assert(maskOf(["x".repeat(SHORTEST_MASKED)]) !== undefined);
});

Deno.test("values are masked all through; an error keeps its class; what has nothing to mask is not copied", () => {
  const clean = { a: [1, "x", null], b: new Uint8Array(1) };
  assertStrictEquals(withoutSecrets(clean, mask), clean);
  const said = { a: ["s3cr3t-value", { b: "is s3cr3t-value" }], same: clean };
  const masked = withoutSecrets(said, mask);
  assertEquals(masked.a, ["***", { b: "is ***" }]);
  assertStrictEquals(masked.same, clean);
  assertEquals(said.a[0], "s3cr3t-value");
  const error = withoutSecrets(new RangeError("no s3cr3t-value", { cause: new Error("s3cr3t-value") }), mask);
  assertInstanceOf(error, RangeError);
  assertInstanceOf(error.cause, Error);
  assertEquals([error.message, error.cause.message], ["no ***", "***"]);
  assert(!`${error.stack}`.includes("s3cr3t-value"));
  const round: { self?: unknown; text: string } = { text: "s3cr3t-value" };
  round.self = round;
  assertEquals(withoutSecrets(round, mask).text, "***");
});

Deno.test("an error that is masked keeps its stack, without the secret", () => {
  const masked = withoutSecrets(new TypeError("it was hunter2"), maskOf(["hunter2"])!);
  assertEquals(masked.stack?.split("\n")[0], "TypeError: it was ***");
  assertMatch(masked.stack ?? "", /\n +at .*mask_test\.ts/);
});
