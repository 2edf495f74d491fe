/** `outrider check` looks whether log files can be written, and leaves none behind. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { Folder } from "../outrider.ts";
import { Session } from "../session.ts";

const session = new Session();

const web = (log?: unknown) => ({ id: "web", command: "cat", ...log !== undefined && { log } });

Deno.test("check says what up would say when a log can't be written, and passes one that can", async () => {
  await using folder = new Folder();
  await Deno.symlink("/dev/null", `${folder.path}/link.log`);
  folder.write("a-file", "");
  const wrong: [log: unknown, says: string][] = [
    [{ file: "missing/web.log" }, "its folder is missing; make it, or name a folder as `dir`, which is made"],
    [{ file: "link.log" }, "it is a link; name the file that it leads to, or remove it"],
    [{ dir: "a-file" }, "what should be its folder is a file; name another one"],
  ];
  for (const [log, says] of wrong) {
    for (const children of [[web(log)], [{ id: "team", log, children: [web()] }]]) {
      const file = folder.manifest(children);
      const { code, stdout, stderr } = await session.run(["check", file]);
      assertEquals([code, stdout], [1, ""]);
      assertStringIncludes(stderr, "Cannot start 'tree': 1 fault\n");
      assertStringIncludes(stderr, `  ${children[0]!.id}: Cannot write the log ${folder.path}/`);
      assertStringIncludes(stderr, says);
      const up = await session.run(["up", file, "--for", "1ms"]);
      assertEquals(up.code, 1);
      assertStringIncludes(up.stderr, says);
    }
  }
  await Deno.mkdir(`${folder.path}/there`);
  for (const log of [{ file: "there/web.log" }, { dir: "there" }, { dir: "new/folder" }]) {
    const { code, stderr } = await session.run(["check", folder.manifest([web()], { log })]);
    assertEquals([code, stderr], [0, ""]);
  }
  assertEquals([...Deno.readDirSync(`${folder.path}/there`)], []);
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), [
    "a-file",
    "link.log",
    "outrider.json",
    "there",
  ]);
});
