/** Programs of an executable as files: private, checked, shared by its runs, and gone after the last one. */
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { UnpackError } from "../../../src/cli/compile/compile_errors.ts";
import { type Embedded, sha256Hex } from "../../../src/cli/compile/plan.ts";
import { Unpacked } from "../../../src/cli/compiled/unpack.ts";
import type { Command } from "../../../src/process/command.ts";
import { spawn } from "../../../src/process/spawn.ts";
import { ProgramChangedError, ProgramUntrustedError } from "../../../src/process/process_errors.ts";
import { fileURLToPath } from "node:url";
import { checkout, Folder } from "../outrider.ts";

const text = "#!/bin/sh\necho hello\n";
const hello = { name: "hello #1", sha256: await sha256Hex(new TextEncoder().encode(text)) };

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

Deno.test("unpack repairs the leftovers of a killed run, and removes them at its end", async () => {
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

Deno.test("unpack refuses a program that differs from the embedded one", async () => {
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
  Deno.test(`unpack refuses a folder that ${what}, and leaves it alone`, async () => {
    await using folder = new Folder();
    const packed = packedIn(folder);
    const to = `${folder.path}/out`;
    make(to);
    const error = await assertRejects(() => Unpacked.at(to, packed), UnpackError);
    assertEquals(error.code, "unpack_folder_taken");
    assert(isThere(to));
  });
}

/** Only root may give a folder away. */
const notRoot = Deno.build.os === "windows" || Deno.uid() !== 0;
const STRANGER = 54_321;

for (
  const [what, ignore, make] of [
    ["lets others write", false, (parent: string) => Deno.chmodSync(parent, 0o777)],
    ["lets its group write", false, (parent: string) => Deno.chmodSync(parent, 0o775)],
    ["belongs to another user", notRoot, (parent: string) => Deno.chownSync(parent, STRANGER, STRANGER)],
    ["is a link of another user", notRoot, (parent: string) => {
      Deno.renameSync(parent, `${parent}-real`);
      Deno.symlinkSync(`${parent}-real`, parent);
      new Deno.Command("chown", { args: ["-h", `${STRANGER}`, parent] }).outputSync();
    }],
  ] as const
) {
  for (const below of ["", "/deeper", "/deeper/than/that"]) {
    Deno.test({
      name: `nothing is unpacked${below && " below"}, or made, when a folder on the way ${what} ${below}`
        .trimEnd(),
      ignore,
      fn: async () => {
        await using folder = new Folder();
        const packed = packedIn(folder);
        const parent = `${folder.path}/parent`;
        Deno.mkdirSync(parent);
        make(parent);
        const error = await assertRejects(() => Unpacked.at(`${parent}${below}/out`, packed), UnpackError);
        assertEquals(error.code, "unpack_folder_taken");
        assertStringIncludes(error.message, parent);
        assertStringIncludes(
          error.message,
          "; set XDG_CACHE_HOME to a folder of this user's own, or compile with",
        );
        assertEquals([...Deno.readDirSync(parent)], []);
      },
    });
  }
}

Deno.test({
  name: "a folder that another user made at the path is not used, and nothing in it is run",
  ignore: notRoot,
  fn: async () => {
    await using folder = new Folder();
    const packed = packedIn(folder);
    const to = `${folder.path}/out`;
    Deno.mkdirSync(to, { mode: 0o700 });
    Deno.writeTextFileSync(`${to}/${hello.name}`, text, { mode: 0o500 });
    Deno.chownSync(to, STRANGER, STRANGER);
    const error = await assertRejects(
      () => Unpacked.at(to, packed),
      UnpackError,
      `${to} belongs to user ${STRANGER}`,
    );
    assertEquals(error.code, "unpack_folder_taken");
  },
});

Deno.test("the folders above are made, for this user alone", async () => {
  await using folder = new Folder();
  const unpacked = await Unpacked.at(`${folder.path}/a/b/out`, packedIn(folder));
  assertEquals([modeOf(`${folder.path}/a`), modeOf(`${folder.path}/a/b`)], [0o700, 0o700]);
  await unpacked.remove();
});

Deno.test("unpack reports a place where no folder can be made, with the way out", async () => {
  await using folder = new Folder();
  const packed = packedIn(folder);
  folder.write("file", "");
  for (const to of [`${folder.path}/file/out`, "/dev/null/cache/out"]) {
    const error = await assertRejects(
      () => Unpacked.at(to, packed),
      UnpackError,
      "or compile with --unpack-to",
    );
    assertEquals(error.code, "unpack_folder_unusable");
  }
});

/** Whether a file system was put at the place, on which no program may run; only root may. */
async function mountNoexec(place: string): Promise<boolean> {
  const args = ["-t", "tmpfs", "-o", "noexec,mode=700", "none", place];
  return !notRoot && (await new Deno.Command("mount", { args, stderr: "null" }).output()).success;
}

Deno.test("unpack reports a file system where no program may run", async (test) => {
  await using folder = new Folder();
  const place = `${folder.path}/place`;
  Deno.mkdirSync(place);
  const packed = packedIn(folder);
  const ignore = !await mountNoexec(place);
  await test.step({
    name: "needs root, who may mount one",
    ignore,
    fn: async () => {
      try {
        const at = Unpacked.at(`${place}/out`, packed);
        const error = await assertRejects(() => at, UnpackError, "mounted noexec");
        assertEquals(error.code, "unpack_folder_unusable");
        assertEquals([...Deno.readDirSync(place)], []);
      } finally {
        await new Deno.Command("umount", { args: [place] }).output();
      }
    },
  });
});

// --- Each start --------------------------------------------------------------------------------------

function commandOf(file: string, more: Partial<Command> = {}): Command {
  return { program: file, args: [], cwd: undefined, env: {}, inheritEnv: ["PATH"], ...more };
}

async function said(command: Command): Promise<string> {
  const child = spawn(command);
  const chunks: Uint8Array[] = [];
  await child.readStdout((chunk) => void chunks.push(chunk.slice()));
  await child.closed;
  return new TextDecoder().decode(await new Blob(chunks as BlobPart[]).arrayBuffer());
}

for (
  const [what, ignore, change] of [
    ["its file was written to", false, (file: string) => {
      Deno.chmodSync(file, 0o700);
      Deno.writeTextFileSync(file, "#!/bin/sh\necho another\n");
      Deno.chmodSync(file, 0o500);
    }],
    ["its file was exchanged", false, (file: string) => {
      Deno.removeSync(file);
      Deno.writeTextFileSync(file, "#!/bin/sh\necho another\n", { mode: 0o500 });
    }],
    ["its file is a link", false, (file: string) => {
      Deno.renameSync(file, `${file}-2`);
      Deno.symlinkSync(`${file}-2`, file);
    }],
    ["its file has a second name", false, (file: string) => Deno.linkSync(file, `${file}-2`)],
    ["others may write to its file", false, (file: string) => Deno.chmodSync(file, 0o777)],
    ["its file is another user's", notRoot, (file: string) => Deno.chownSync(file, STRANGER, STRANGER)],
    ["others may enter its folder", false, (_: string, to: string) => Deno.chmodSync(to, 0o711)],
    [
      "its folder is another user's",
      notRoot,
      (_: string, to: string) => Deno.chownSync(to, STRANGER, STRANGER),
    ],
    ["its folder was removed", false, (_: string, to: string) => Deno.removeSync(to, { recursive: true })],
    ["its folder was exchanged for a link", false, (_: string, to: string) => {
      Deno.renameSync(to, `${to}-2`);
      Deno.symlinkSync(`${to}-2`, to);
    }],
    ["a folder above lets others write", false, (_: string, to: string) => Deno.chmodSync(`${to}/..`, 0o777)],
    ["a file with holes, of any size, is in its place", false, (file: string) => {
      Deno.removeSync(file);
      Deno.writeTextFileSync(file, text, { mode: 0o600 });
      Deno.truncateSync(file, 500_000_000_000);
      Deno.chmodSync(file, 0o500);
    }],
    ["another user made all of it again", notRoot, (file: string, to: string) => {
      Deno.removeSync(to, { recursive: true });
      Deno.mkdirSync(to, { mode: 0o700 });
      Deno.writeTextFileSync(file, text, { mode: 0o500 });
      for (const path of [file, to]) Deno.chownSync(path, STRANGER, STRANGER);
    }],
  ] as const
) {
  Deno.test({
    name: `an unpacked program is not started again when ${what}`,
    ignore,
    fn: async () => {
      await using folder = new Folder();
      Deno.mkdirSync(`${folder.path}/parent`, { mode: 0o700 });
      const to = `${folder.path}/parent/out`;
      const file = `${to}/${hello.name}`;
      const unpacked = await Unpacked.at(to, packedIn(folder));
      assertEquals(await said(commandOf(file)), "hello\n");
      change(file, to);
      for (const command of [commandOf(file), commandOf("/bin/echo", { launcher: [file] })]) {
        const error = assertThrows(() => spawn(command));
        assert(error instanceof ProgramUntrustedError || error instanceof ProgramChangedError, `${error}`);
      }
      await unpacked.remove();
    },
  });
}

Deno.test("a program is looked at as long as it is unpacked, and no longer", async () => {
  await using folder = new Folder();
  const to = `${folder.path}/out`;
  const unpacked = await Unpacked.at(to, packedIn(folder));
  await unpacked.remove();
  Deno.mkdirSync(to);
  Deno.writeTextFileSync(`${to}/${hello.name}`, text, { mode: 0o755 });
  assertEquals(await said(commandOf(`${to}/${hello.name}`)), "hello\n");
});
