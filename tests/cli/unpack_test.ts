/** Programs of an executable as files: private, checked, shared by its runs, and gone after the last one. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { UnpackError } from "../../src/cli/executable/errors.ts";
import { sha256 } from "../../src/cli/executable/plan.ts";
import type { Embedded } from "../../src/cli/executable/plan.ts";
import { Unpacked } from "../../src/cli/executable/unpack.ts";
import { fileURLToPath } from "node:url";
import { checkout, Folder } from "./outrider.ts";

const text = "#!/bin/sh\necho hello\n";
const hello = { name: "hello #1", sha256: await sha256(new TextEncoder().encode(text)) };

/** What an executable has in it. */
function packedIn(folder: Folder, programs: readonly Embedded[] = [hello]): {
  programs: readonly Embedded[];
  files: URL;
} {
  Deno.mkdirSync(`${folder.path}/programs`);
  Deno.writeTextFileSync(`${folder.path}/programs/${hello.name}`, text);
  return { programs, files: new URL(`file://${folder.path}/programs/`) };
}

function modeOf(path: string): number {
  return Deno.lstatSync(path).mode! & 0o777;
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test("a program is unpacked to a folder of this user alone, runs, and is gone at the end", async () => {
  await using folder = new Folder();
  const packed = packedIn(folder);
  const to = `${folder.path}/out`;
  const unpacked = await Unpacked.at(to, packed);
  assertEquals([modeOf(to), modeOf(`${to}/${hello.name}`)], [0o700, 0o500]);
  const { stdout } = await new Deno.Command(`${to}/${hello.name}`).output();
  assertEquals(new TextDecoder().decode(stdout), "hello\n");
  await unpacked.remove();
  assert(!isThere(to));
});

/** Another run, which ends when its stdin does. */
async function anotherRun(to: string, files: URL): Promise<Deno.ChildProcess> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", `--import-map=${checkout}tests/support/npm/import_map.json`],
      ...[
        `--allow-read=${to},${fileURLToPath(files)}`,
        `--allow-write=${to}`,
        `${checkout}tests/fixtures/unpacks.ts`,
      ],
      ...[to, files.href, hello.name, hello.sha256],
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = process.stdout.getReader();
  await reader.read();
  await reader.cancel();
  return process;
}

async function end(process: Deno.ChildProcess): Promise<void> {
  await process.stdin.close();
  assertEquals((await process.status).code, 0);
}

Deno.test("two runs share the folder, and the last one removes it", async () => {
  await using folder = new Folder();
  const { files } = packedIn(folder);
  const to = `${folder.path}/out`;
  const runs = await Promise.all([anotherRun(to, files), anotherRun(to, files)]);
  await end(runs[0]);
  assertEquals(Deno.readTextFileSync(`${to}/${hello.name}`), text);
  await end(runs[1]);
  assert(!isThere(to));
});

Deno.test("runs that end in the same moment leave nothing", async () => {
  await using folder = new Folder();
  const { files } = packedIn(folder);
  const to = `${folder.path}/out`;
  const runs = await Promise.all([anotherRun(to, files), anotherRun(to, files), anotherRun(to, files)]);
  await Promise.all(runs.map(end));
  assert(!isThere(to));
});

Deno.test("what a killed run left is checked, made right, and removed", async () => {
  await using folder = new Folder();
  const packed = packedIn(folder);
  const to = `${folder.path}/out`;
  Deno.mkdirSync(to, { mode: 0o700 });
  Deno.writeTextFileSync(`${to}/${hello.name}`, "#!/bin/sh\necho something else\n", { mode: 0o500 });
  const unpacked = await Unpacked.at(to, packed);
  assertEquals(Deno.readTextFileSync(`${to}/${hello.name}`), text);
  await unpacked.remove();
  assert(!isThere(to));
});

Deno.test("a program that is not what was embedded is not unpacked", async () => {
  await using folder = new Folder();
  const packed = packedIn(folder, [{ ...hello, sha256: "0".repeat(64) }]);
  const to = `${folder.path}/out`;
  const error = await assertRejects(() => Unpacked.at(to, packed), UnpackError, "is not what was embedded");
  assertEquals(error.code, "embedded_damaged");
  assert(!isThere(to));
});

for (
  const [what, make] of [
    ["others may enter", (to: string) => {
      Deno.mkdirSync(to);
      Deno.chmodSync(to, 0o755);
    }],
    ["is a link", (to: string) => {
      Deno.mkdirSync(`${to}-real`, { mode: 0o700 });
      Deno.symlinkSync(`${to}-real`, to);
    }],
    ["is a file", (to: string) => Deno.writeTextFileSync(to, "")],
  ] as const
) {
  Deno.test(`a folder that ${what} is not used, and left alone`, async () => {
    await using folder = new Folder();
    const packed = packedIn(folder);
    const to = `${folder.path}/out`;
    make(to);
    const error = await assertRejects(() => Unpacked.at(to, packed), UnpackError);
    assertEquals(error.code, "unpack_folder_taken");
    assert(isThere(to));
  });
}
