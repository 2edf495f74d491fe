/** `outrider import`: how it tells the format of a file. What it makes of each is in tests/manifest/import. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Folder } from "./outrider.ts";
import { Session } from "./session.ts";

const session = new Session();

Deno.test("import reads a file as the format of --from when neither its name nor its text says one", async () => {
  await using folder = new Folder();
  const file = folder.write("app.json", {
    package: { productName: "app" },
    tauri: { bundle: { externalBin: ["x"] } },
  });
  const told = await session.run(["import", file]);
  assertEquals([told.code, JSON.parse(told.stdout).name], [0, "app"]);
  const plain = folder.write("plain.json", {});
  const unknown = await session.run(["import", plain]);
  assertEquals(unknown.code, 2);
  assertStringIncludes(
    unknown.stderr,
    "neither its name nor its text says what it is; say it with --from FORMAT",
  );
  const asTauri = await session.run(["import", plain, "--from", "tauri"]);
  assertStringIncludes(asTauri.stderr, "it has no program as a sidecar");
  const wrong = await session.run(["import", plain, "--from", "compose"]);
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, "Cannot use --from compose: it takes ");
});

Deno.test("import says that it is one already when it is given a manifest", async () => {
  await using folder = new Folder();
  const { code, stderr } = await session.run(["import", folder.manifest([{ id: "cat", command: "cat" }])]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "it is a manifest already; 'outrider check' checks it");
});
