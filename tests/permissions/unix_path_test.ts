import { dirname, join, resolve } from "node:path/posix";
import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4";
import { absolutePath, folderAround, pathIn } from "../../src/permissions/unix_path.ts";

const written = fc.array(fc.constantFrom("/", "a", "b.c", ".", "..", "...", "é", " "), { maxLength: 10 })
  .map((parts) => parts.join(""));

Deno.test({
  name: "paths of Unix are what node:path makes of them, whatever is written",
  ignore: Deno.build.os === "windows",
  fn() {
    fc.assert(fc.property(written, (path) => {
      const absolute = absolutePath(path);
      assertEquals(absolute, resolve(path));
      assertEquals(folderAround(absolute), dirname(absolute));
      assertEquals(pathIn(absolute, "socket"), join(absolute, "socket"));
    }));
  },
});
