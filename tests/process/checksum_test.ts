import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import type { Command } from "../../src/process/command.ts";
import { requiredForCommand, spawn } from "../../src/process/spawn.ts";
import * as errors from "../../src/process/process_errors.ts";
import { hashFile } from "../../src/process/checksum.ts";
import { command, output } from "./fixture.ts";

const folder = await Deno.makeTempDir();
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
const write = (name: string, text: string, mode = 0o755) =>
  Deno.writeTextFileSync(`${folder}/${name}`, text, { mode });
const GOOD = "#!/bin/sh\necho good\n";
write("tool", GOOD);
const sha256 = hashFile(`${folder}/tool`);

async function run(spec: Command): Promise<string> {
  const child = spawn(spec);
  const text = await output(child);
  await child.closed;
  return text;
}

Deno.test("sha256Of hashes the whole file", async () => {
  const bytes = new Uint8Array(700_000).map((_, index) => index * 31);
  await Deno.writeFile(`${folder}/large`, bytes);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  assertEquals(hashFile(`${folder}/large`), digest);
});

Deno.test("spawn runs a program when its checksum fits, by path and by name, upper-case digits or not", async () => {
  for (
    const spec of [
      command(`${folder}/tool`),
      { ...command("./tool"), cwd: folder },
      { ...command("tool"), env: { PATH: `/nowhere:${folder}:/bin` } },
    ]
  ) {
    assertEquals(await run({ ...spec, sha256 }), "good\n");
    assertEquals(await run({ ...spec, sha256: sha256.toUpperCase() }), "good\n");
  }
});

Deno.test("spawn refuses a program with both digests in the error when its file has changed, at each start", async () => {
  const spec = { ...command("tool"), env: { PATH: `${folder}:/bin` }, sha256 };
  assertEquals(await run(spec), "good\n");
  write("tool", "#!/bin/sh\necho bad\n");
  const found = hashFile(`${folder}/tool`);
  const error = assertThrows(() => spawn(spec), errors.ProgramChangedError);
  assertEquals([error.code, error.death.kind, error.program, error.file], [
    ...["program_changed", "unstartable", "tool", `${folder}/tool`],
  ]);
  assertEquals([error.expected, error.found], [sha256, found]);
  assertMatch(error.message, new RegExp(`${found}.*${sha256}`));
  write("tool", GOOD);
  assertEquals(await run(spec), "good\n");
});

Deno.test("spawn refuses a program when another file comes first on PATH", () => {
  const front = `${folder}/front`;
  Deno.mkdirSync(front);
  write("front/tool", "#!/bin/sh\necho bad\n");
  const env = { PATH: `${front}:${folder}` };
  const error = assertThrows(() => spawn({ ...command("tool"), env, sha256 }), errors.ProgramChangedError);
  assertEquals(error.file, `${front}/tool`);
});

Deno.test("spawn reports a program with a checksum that is missing or not executable", () => {
  const missing = { ...command("nope"), env: { PATH: folder }, sha256 };
  assertEquals(assertThrows(() => spawn(missing), errors.ProgramNotFoundError).searched, [folder]);
  write("plain", GOOD, 0o644);
  assertThrows(() => spawn({ ...command(`${folder}/plain`), sha256 }), errors.ProgramNotExecutableError);
});

Deno.test({
  name: "spawn requires permission to read the file when the program has a checksum",
  permissions: { run: true, env: ["PATH"] },
  fn() {
    const spec = { ...command(`${folder}/tool`), sha256 };
    const error = assertThrows(() => spawn(spec), errors.PermissionMissingError);
    assertEquals(error.missingFlag, `--allow-read=${folder}/tool`);
    assertEquals(requiredForCommand({ ...command("tool"), env: { PATH: "/a:/b" }, sha256 }), [
      { name: "run", value: "/a/tool" },
      { name: "run", value: "/b/tool" },
      { name: "read", value: "/a/tool" },
      { name: "read", value: "/b/tool" },
    ]);
    assertEquals(requiredForCommand({ ...command("tool"), inheritEnv: [], sha256 })[1], {
      name: "env",
      value: "PATH",
    });
  },
});

Deno.test({
  name: "spawn needs no more than to run and read the file when the program has a checksum",
  permissions: { run: [`${folder}/tool`], read: [`${folder}/tool`], env: ["PATH"] },
  async fn() {
    const spec = { ...command("tool"), env: { PATH: `/nowhere:${folder}` }, sha256 };
    assertEquals(requiredForCommand(spec)[0], { name: "run", value: `${folder}/tool` });
    assertEquals(await run(spec), "good\n");
    assert(Deno.permissions.querySync({ name: "read", path: folder }).state !== "granted");
  },
});

Deno.test({
  name: "spawn refuses a program with a checksum unread when its file is too large",
  ignore: Deno.build.os === "windows",
  fn() {
    write("sparse", GOOD);
    Deno.truncateSync(`${folder}/sparse`, 500_000_000_000);
    const spec = { ...command(`${folder}/sparse`), sha256 };
    const error = assertThrows(() => spawn(spec), errors.ProgramTooLargeError, "has 500,000,000,000 bytes");
    assertEquals([error.code, error.death.kind, error.size], [
      "program_too_large",
      "unstartable",
      500_000_000_000,
    ]);
  },
});
