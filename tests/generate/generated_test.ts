/** What is generated is what the definitions of options say now. */
import { assertEquals } from "@std/assert";
import { canDocument } from "./api_page.ts";
import { generated } from "./main.ts";
import { withTables } from "./tables.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("each generated file is fresh: deno task generate changes nothing", {
  ignore: !canDocument,
}, async () => {
  const files = await generated();
  assertEquals(files.size > 5, true);
  for (const [path, text] of files) {
    assertEquals(
      await Deno.readTextFile(new URL(path, ROOT)),
      text,
      `${path} is out of date: deno task generate`,
    );
  }
});

Deno.test("a page names no table that does not exist", () => {
  let error: unknown;
  try {
    withTables("<!-- fields of nothing -->\n<!-- end -->", {});
  } catch (thrown) {
    error = thrown;
  }
  assertEquals((error as Error).message, "There is no table of that name: of nothing");
});
