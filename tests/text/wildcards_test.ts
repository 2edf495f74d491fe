import { assertEquals } from "@std/assert";
import { select } from "../../src/control/methods/selection.ts";
import { nameMatcher } from "../../src/gateway/lists/names.ts";

Deno.test("a pattern with wildcards is compared at once when it and the text are made to take long", () => {
  const [pattern, text] = ["*a".repeat(500) + "b", "a".repeat(2_000)];
  assertEquals(nameMatcher([pattern])(text), false);
  assertEquals(nameMatcher([pattern])(`${text}b`), true);
  assertEquals(select([`x/${pattern}`], [`x/${text}`, `x/${text}b`, `x/${text}b/y`]).paths, [`x/${text}b`]);
});
