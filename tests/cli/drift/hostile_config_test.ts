/** `check` in a folder into which another user has put a `deno.json`. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Folder, outrider } from "../outrider.ts";

Deno.test("check says which deno.json it does not read when that is a pipe, too large, or nests too deep", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "a", command: "cat" }]);
  const config = `${folder.path}/deno.json`;
  const cases: Record<string, () => void> = {
    "which is not a file": () => {
      const { success } = new Deno.Command("mkfifo", { args: [config] }).outputSync();
      assertEquals(success, true);
    },
    "which is larger than 262144 bytes": () => {
      Deno.writeTextFileSync(config, "{}");
      Deno.truncateSync(config, 50_000_000_000);
    },
    "which Deno can't read": () => Deno.writeTextFileSync(config, `{"tasks":${'{"a":'.repeat(20_000)}`),
  };
  for (const [why, make] of Object.entries(cases)) {
    make();
    const { code, stderr } = await outrider(["check", file]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, `the tasks of ${config}, ${why}`);
    Deno.removeSync(config);
  }
});
