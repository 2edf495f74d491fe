import { assert, assertEquals, assertInstanceOf, assertMatch, assertStrictEquals } from "@std/assert";
import { jsonLine } from "../../../src/log.ts";
import { createRedactor } from "../../../src/process/secrets/mask.ts";
import { redactValue } from "../../../src/process/secrets/mask_values.ts";

const redact = createRedactor(["s3cr3t-value"])!;
const clear = (value: unknown): string => Deno.inspect(value, { depth: 200, showHidden: true });

/** As a message in an event is told, in each way. */
function assertHidden(message: unknown): void {
  const event = {
    at: 0,
    path: "a",
    generation: 1,
    type: "dead_letter",
    reason: "unclaimed",
    message,
  } as const;
  const told = redactValue(event, redact);
  for (const text of [jsonLine(told), clear(told)]) assert(!text.includes("s3cr3t"), text);
}

Deno.test("redactValue masks values at any depth, and returns the same value when there is nothing to mask", () => {
  const clean = { a: [1, "x", null], b: new Uint8Array(1), c: new Date(0), d: new Error("x") };
  assertStrictEquals(redactValue(clean, redact), clean);
  const said = { a: ["s3cr3t-value", { b: "is s3cr3t-value" }], same: clean };
  const masked = redactValue(said, redact);
  assertEquals(masked, { a: ["***", { b: "is ***" }], same: clean });
  for (const key of ["b", "c", "d"] as const) assertStrictEquals(masked.same[key], clean[key]);
  assertEquals(said.a[0], "s3cr3t-value");
});

Deno.test("redactValue masks keys, and keeps them apart", () => {
  const said = { "s3cr3t-value": 1, "s3cr3t%2Dvalue": 2, "of s3cr3t-value": { "s3cr3t-value": [] }, a: 3 };
  assertEquals(redactValue(said, redact), { "***": 1, "***2": 2, "of ***": { "***": [] }, a: 3 } as never);
  assertHidden(new Map([["s3cr3t-value", new Set(["s3cr3t-value"])]]));
  assertEquals(redactValue(new Map([["s3cr3t-value", 1]]), redact), new Map([["***", 1]]));
  assertHidden({ [Symbol("x")]: "s3cr3t-value" });
});

Deno.test("redactValue cuts a value off when it is below 64 levels", () => {
  const nested = (levels: number): unknown => levels === 0 ? ["s3cr3t-value"] : [nested(levels - 1)];
  for (const levels of [1, 62, 63, 64, 65, 100, 5_000]) assertHidden(nested(levels));
  assertMatch(JSON.stringify(redactValue(nested(100), redact)), /^\[{64}"…"\]{64}$/);
});

Deno.test("redactValue keeps cycles, and hides nothing less in them", () => {
  const round: { self?: unknown; text: string } = { text: "s3cr3t-value" };
  round.self = { round };
  const masked = redactValue(round, redact) as { self: { round: unknown } };
  assertStrictEquals(masked.self.round, masked);
  assertHidden(round);
  let shared: unknown = "s3cr3t-value";
  for (let level = 0; level < 60; level++) shared = [shared, shared];
  const [first, second] = redactValue(shared, redact) as unknown[];
  assert(first === second, "what is shared is copied once");
});

Deno.test("redactValue masks an error's message, cause, stack and fields, and keeps its class", () => {
  const cause = new AggregateError([new Error("s3cr3t-value")], "many");
  const error = redactValue(
    Object.assign(new RangeError("no s3cr3t-value", { cause }), { "s3cr3t-value": 1 }),
    redact,
  );
  assertInstanceOf(error, RangeError);
  assertInstanceOf(error.cause, AggregateError);
  assertEquals([error.message, error.cause.message, error.cause.errors[0].message], [
    "no ***",
    "many",
    "***",
  ]);
  assertMatch(error.stack ?? "", /^RangeError: no \*\*\*\n +at .*mask_values_test\.ts/);
  assertHidden(error);
  assertHidden(new DOMException("s3cr3t-value", "AbortError"));
  const renamed = new Error("s3cr3t-value");
  renamed.message = "fine";
  assertHidden(renamed);
});

Deno.test("redactValue shows an object of another class as its JSON, or not at all, when a secret is in it", () => {
  class Own {
    text = "s3cr3t-value";
  }
  assertEquals(
    redactValue([new Own(), new URL("http://h/s3cr3t-value")], redact),
    ["***", "http://h/***"] as never,
  );
  assertHidden({ a: 1, toJSON: () => ({ b: "s3cr3t-value" }) });
  assertHidden(Object.defineProperty({}, "x", { get: () => "s3cr3t-value", enumerable: true }));
});

Deno.test("redactValue never throws when a value is hostile", () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const throws = () => {
    throw new Error("no");
  };
  const traps = new Proxy({}, { ownKeys: throws, get: throws, getPrototypeOf: throws });
  const getter = Object.defineProperty(new Error("x"), "message", { get: throws });
  for (
    const hostile of [revoked.proxy, traps, getter, { toJSON: throws }, Object.create(null), () => {}, 1n]
  ) {
    assertEquals((redactValue({ hostile, text: "s3cr3t-value" }, redact)).text, "***");
  }
});

for (
  const [what, many] of Object.entries({
    "empty objects": Array.from({ length: 490_000 }, () => ({})),
    "short texts": Array.from({ length: 300_000 }, () => "abc%64%65%66"),
    "texts with a secret": Array.from({ length: 100_000 }, () => "s3cr3t-value"),
    "keys": Object.fromEntries(Array.from({ length: 95_000 }, (_, n) => [`%73${n}`, n])),
    "keys that are secret": Object.fromEntries(
      Array.from({ length: 4_000 }, (_, n) => [`s3cr3t-value${n}`, n]),
    ),
    "long texts": Array.from({ length: 1_000 }, () => "%73".repeat(3_000)),
  })
) {
  Deno.test(`redactValue looks at a bounded part when a value has many ${what}`, () => {
    let calls = 0;
    let chars = 0;
    const told = redactValue({ many }, (text) => {
      calls++;
      chars += text.length;
      return redact(text);
    });
    assert(calls < 50_000 && chars < 10_000_000, `${calls} texts with ${chars} characters`);
    assert(JSON.stringify(told).length < 4_000_000);
    assertHidden({ many: Array.isArray(many) ? [...many, "s3cr3t-value"] : { ...many, x: "s3cr3t-value" } });
  });
}

Deno.test("redactValue shows where it has left something out of a value with many parts", () => {
  const items = redactValue(Array.from({ length: 100_000 }, (_, n) => n), redact);
  assertEquals([items[0], items.at(-1)], [0, "…" as never]);
  const fields = redactValue(Object.fromEntries(items.map((n) => [`k${n}`, n])), redact);
  assertEquals([fields.k0, fields["…"]], [0, "…" as never]);
  const few = Array.from({ length: 9_000 }, (_, n) => n);
  assertStrictEquals(redactValue(few, redact), few);
});
