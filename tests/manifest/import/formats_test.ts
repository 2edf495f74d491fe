/** How the format of a file is told by its text. */
import { assertEquals, assertRejects } from "@std/assert";
import { Folder } from "../../cli/outrider.ts";
import { ImportFile } from "../../../src/manifest/import/format.ts";
import { importFormatOf } from "../../../src/manifest/import/formats.ts";
import { ManifestError } from "../../../src/manifest/manifest_errors.ts";

async function formatOf(text: string): Promise<string> {
  await using folder = new Folder();
  return await importFormatOf(new ImportFile(folder.write("services", text)));
}

Deno.test("importFormatOf knows apps of pm2 when they stand behind comments, in a list, or alone", async () => {
  for (
    const text of [
      "apps:\n  - script: a.js",
      '// ours\n\n  { "apps": [] }',
      "/* a {\n */\r\n[{\n  script: 'a.js' }]",
      '{\n  "name": "a",\n  "script": "a.js"\n}',
    ]
  ) assertEquals(await formatOf(text), "pm2", text);
});

Deno.test("importFormatOf has an answer within seconds when a file is made to take for ever", async () => {
  for (const line of ["\n", "{\n", " [\r\n", "{ script\n"]) {
    const before = performance.now();
    await assertRejects(
      () => formatOf(line.repeat(300_000 / line.length)),
      ManifestError,
      "neither its name",
    );
    assertEquals(performance.now() - before < 20_000, true, line);
  }
});
