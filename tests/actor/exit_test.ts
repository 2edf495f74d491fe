import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { asError, causeOf, type Exit, isClean } from "../../src/actor/exit.ts";

const cause = new Error("boom");
const table: readonly [Exit, boolean, Error | undefined][] = [
  [{ reason: "normal" }, true, undefined],
  [{ reason: "shutdown" }, true, undefined],
  [{ reason: "shutdown", cause }, true, cause],
  [{ reason: "killed", abandoned: false }, false, undefined],
  [{ reason: "killed", abandoned: true }, false, undefined],
  [{ reason: "crash", cause }, false, cause],
];

Deno.test("an exit is clean when it is normal or shutdown", () => {
  for (const [exit, clean, expected] of table) {
    assertEquals(isClean(exit), clean, exit.reason);
    assertStrictEquals(causeOf(exit), expected);
  }
});

Deno.test("a thrown value becomes the cause of an error when it is not an error", () => {
  assertStrictEquals(asError(cause), cause);
  for (const thrown of ["words", undefined, null, 0, { message: "looks like one" }]) {
    const error = asError(thrown);
    assertInstanceOf(error, Error);
    assertStrictEquals(error.cause, thrown);
  }
});

Deno.test("a thrown value becomes an error when it has no text", () => {
  for (const thrown of [Object.create(null), Symbol("mute")]) {
    assertStrictEquals(asError(thrown).cause, thrown);
  }
});
