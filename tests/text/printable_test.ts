/** What is not printed as it is, and how it is shown. */
import { assert, assertEquals } from "@std/assert";
import { isPrintable, visible, visibleJson, visibleLines } from "../../src/text/printable.ts";
import { UNPRINTABLE } from "../support/unprintable.ts";

Deno.test("a character is shown by its number when a terminal obeys or hides it", () => {
  for (const char of UNPRINTABLE) {
    const shown = visible(`a${char}b`);
    assert(/^a\\(x[0-9a-f]{2}|u[0-9a-f]{4}|u\{[0-9a-f]{5}\})b$/.test(shown), JSON.stringify([char, shown]));
    assert(isPrintable(shown) && !isPrintable(char), JSON.stringify(char));
  }
  assertEquals(visible("\x1b[2J\u202e\u{e0041}\ud800"), "\\x1b[2J\\u202e\\u{e0041}\\ud800");
});

Deno.test("text stays as it is when it is printable in any language", () => {
  for (const text of ["plain ~", "café ∑ 漢字", "😀 ⚠️ 👍🏽", "עברית العربية हिन्दी ไทย", "\u00a0"]) {
    assertEquals([visible(text), isPrintable(text)], [text, true]);
  }
});

Deno.test("a text keeps its line breaks and tabs when it may have many lines", () => {
  assertEquals(visibleLines("a\n\tb\r\n\x1b[1m"), "a\n\tb\\x0d\n\\x1b[1m");
});

Deno.test("JSON keeps its meaning when unprintable characters are escaped", () => {
  const values: unknown[] = [UNPRINTABLE, [UNPRINTABLE.join("")], { [UNPRINTABLE.join("")]: "\u202e é" }];
  for (const value of values) {
    for (const indent of [undefined, 2]) {
      const text = visibleJson(JSON.stringify(value, null, indent));
      assertEquals(JSON.parse(text), value);
      assert(text.split("\n").every(isPrintable));
    }
  }
});
