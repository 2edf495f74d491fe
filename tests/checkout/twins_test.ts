/** Rules that are written twice, because neither place may import the other: they stay the same. */
import { assertEquals } from "@std/assert";
import { MAX_TALLY_DEATHS } from "../../src/options/fields/supervision.ts";
import { SidecarExitedError } from "../../src/sidecar/sidecar_errors.ts";
import { MAX_TALLY } from "../../src/supervision/restart_rules.ts";
import { printableLine } from "../../src/text/words.ts";

/** Every text of up to five of these. */
function* texts(parts: readonly string[], length = 5): Generator<string> {
  yield "";
  if (length === 0) return;
  for (const rest of texts(parts, length - 1)) for (const part of parts) yield part + rest;
}

Deno.test("colours are taken out of last words as they are taken out of the report", () => {
  const taken = { last: 0, all: 0 };
  for (const text of texts(["\x1b", "[", "1", ";", ":", "m", "?", "é"])) {
    const line = `x${text}`;
    const { lastWords } = new SidecarExitedError("a", { code: 1, signal: undefined }, [line]);
    // What is no colour stays as it is in the one, and is shown in the other.
    assertEquals(lastWords?.replaceAll("\x1b", "\\x1b"), printableLine(line));
    taken.all++;
    if (lastWords !== line) taken.last++;
  }
  assertEquals([taken.last > 0, taken.last < taken.all], [true, true]);
});

Deno.test("a supervisor remembers as many deaths as a tally may count", () => {
  assertEquals(MAX_TALLY, MAX_TALLY_DEATHS);
});
