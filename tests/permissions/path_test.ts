/** Paths as text: what `node:path` says of any of them, without loading it. */
import { assertEquals } from "@std/assert";
import * as posix from "node:path/posix";
// deno-lint-ignore no-import-prefix -- as in runs.ts
import fc from "npm:fast-check@^4";
import { fuzzed } from "../process/fuzz/runs.ts";
import { basename, dirname, extname, isAbsolute, join, resolve } from "../../src/permissions/path.ts";

const path = fc.oneof(
  fc.string({ unit: fc.constantFrom("/", ".", "..", "a", "b.c", "\n", "é", "\\"), maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 6 }),
);

if (Deno.build.os !== "windows") {
  fuzzed("paths are taken apart and put together as Node does it", {
    cases: fc.array(path, { minLength: 1, maxLength: 4 }),
    runs: 5_000,
    law: (paths) => {
      const [first = ""] = paths;
      const told = JSON.stringify(paths);
      assertEquals(resolve(...paths), posix.resolve(...paths), told);
      assertEquals(join(...paths), posix.join(...paths), told);
      assertEquals(isAbsolute(first), posix.isAbsolute(first), told);
      assertEquals(dirname(first), posix.dirname(first), told);
      assertEquals(basename(first), posix.basename(first), told);
      assertEquals(extname(first), posix.extname(first), told);
    },
  });
}
