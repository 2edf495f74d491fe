/** One log file: what is in which file, and whose files are refused. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { LogFile, type LogFileOptions } from "../../../src/logs/files/log_file.ts";
import { LogFileError } from "../../../src/logs/files/log_file_errors.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const encoder = new TextEncoder();

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "outrider_log_" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function logFile(file: string, more: Partial<LogFileOptions> = {}, clock?: VirtualClock): LogFile {
  const warn = (message: string) => {
    throw new Error(message);
  };
  return new LogFile({ file, max: 100, keep: 3, gzip: false, makesFolder: false, warn, ...more }, clock);
}

/** As an outlet does: until all of it is taken. */
async function writeAll(log: LogFile, text: string): Promise<void> {
  for (let left = encoder.encode(text); left.length > 0;) left = left.subarray(await log.write(left));
}

async function texts(...files: string[]): Promise<string[]> {
  return await Promise.all(files.map((file) => Deno.readTextFile(file)));
}

Deno.test("a log file begins a new one at a line's end when the next line has no room", () =>
  inFolder(async (folder) => {
    const file = `${folder}/web.log`;
    const log = logFile(file, { max: 10 });
    await writeAll(log, "one\ntwo\nthree\nfour\n");
    await log.close();
    assertEquals(await texts(`${file}.2`, `${file}.1`, file), ["one\ntwo\n", "three\n", "four\n"]);
  }));

Deno.test("a log file keeps as many older files as it is to", () =>
  inFolder(async (folder) => {
    const file = `${folder}/web.log`;
    const log = logFile(file, { max: 4, keep: 2 });
    await writeAll(log, "one\ntwo\nsix\nten\n");
    await log.close();
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "web.log",
      "web.log.1",
      "web.log.2",
    ]);
    assertEquals(await texts(`${file}.2`, `${file}.1`, file), ["two\n", "six\n", "ten\n"]);
  }));

Deno.test("a log file has a line that is longer than it may be whole, also when it comes in pieces", () =>
  inFolder(async (folder) => {
    const file = `${folder}/web.log`;
    const log = logFile(file, { max: 10 });
    await writeAll(log, "one\n");
    await writeAll(log, "x".repeat(12));
    await writeAll(log, "y".repeat(12));
    await writeAll(log, "z\ntwo\n");
    await log.close();
    assertEquals(await texts(`${file}.2`, `${file}.1`, file), [
      "one\n",
      `${"x".repeat(12)}${"y".repeat(12)}z\n`,
      "two\n",
    ]);
  }));

Deno.test("a log file goes on behind what is there, and ends a line that a run left open", () =>
  inFolder(async (folder) => {
    const file = `${folder}/web.log`;
    await Deno.writeTextFile(file, "old\ncut o");
    const log = logFile(file);
    await writeAll(log, "new\n");
    await log.close();
    assertEquals(await texts(file), ["old\ncut o\nnew\n"]);
  }));

Deno.test("a log file counts what is there when it is opened", () =>
  inFolder(async (folder) => {
    const file = `${folder}/web.log`;
    await Deno.writeTextFile(file, "12345678\n");
    const log = logFile(file, { max: 10 });
    await writeAll(log, "9\n");
    await log.close();
    assertEquals(await texts(`${file}.1`, file), ["12345678\n", "9\n"]);
  }));

Deno.test("a log file is private, and so are those beside it", () =>
  inFolder(async (folder) => {
    const log = logFile(`${folder}/new/web.log`, { max: 4, makesFolder: true });
    await writeAll(log, "one\ntwo\n");
    await log.close();
    assertEquals(Deno.statSync(`${folder}/new`).mode! & 0o777, 0o700);
    for (const name of ["web.log", "web.log.1"]) {
      assertEquals(Deno.statSync(`${folder}/new/${name}`).mode! & 0o777, 0o600);
    }
  }));

Deno.test("a log file is made anew a second after it was moved away", () =>
  inFolder(async (folder) => {
    const file = `${folder}/web.log`;
    const clock = new VirtualClock();
    const log = logFile(file, {}, clock);
    await writeAll(log, "one\n");
    await Deno.rename(file, `${file}.moved`);
    await writeAll(log, "two\n");
    await clock.advance(1_000);
    await writeAll(log, "three\n");
    await log.close();
    assertEquals(await texts(`${file}.moved`, file), ["one\ntwo\n", "three\n"]);
  }));

Deno.test("a log file is written from its start when it was cut to nothing", () =>
  inFolder(async (folder) => {
    const file = `${folder}/web.log`;
    const clock = new VirtualClock();
    const log = logFile(file, { max: 10 }, clock);
    await writeAll(log, "12345678\n");
    await Deno.truncate(file);
    await clock.advance(1_000);
    await writeAll(log, "9\n");
    await log.close();
    assertEquals(await texts(file), ["9\n"]);
  }));

Deno.test("a log file refuses a write while its folder is missing, and goes on when it is back", () =>
  inFolder(async (folder) => {
    const clock = new VirtualClock();
    await Deno.mkdir(`${folder}/logs`);
    const log = logFile(`${folder}/logs/web.log`, {}, clock);
    await writeAll(log, "one\n");
    await Deno.remove(`${folder}/logs`, { recursive: true });
    await clock.advance(1_000);
    await assertRejects(async () => await log.write(encoder.encode("two\n")), Deno.errors.NotFound);
    await Deno.mkdir(`${folder}/logs`);
    await writeAll(log, "two\n");
    await log.close();
    assertEquals(await texts(`${folder}/logs/web.log`), ["two\n"]);
  }));

Deno.test("a log file grows when it can't be rotated, and says so", () =>
  inFolder(async (folder) => {
    const file = `${folder}/web.log`;
    // In the place of an older file.
    await Deno.mkdir(`${file}.1/full`, { recursive: true });
    const warnings: string[] = [];
    const log = logFile(file, { max: 4, keep: 1, warn: (message) => warnings.push(message) });
    await writeAll(log, "one\ntwo\nsix\n");
    await log.close();
    assertEquals(await texts(file), ["one\ntwo\nsix\n"]);
    assertEquals(warnings.length, 1);
    assertStringIncludes(warnings[0]!, "can't be rotated");
  }));

Deno.test("a log file compresses those beside it, and what a run before has left", () =>
  inFolder(async (folder) => {
    const file = `${folder}/web.log`;
    const old = "an old line\n".repeat(10_000);
    await Deno.writeTextFile(`${file}.1`, old);
    await Deno.writeTextFile(`${file}.1.gz`, "cut off");
    const log = logFile(file, { max: 100_000, gzip: true });
    await log.open();
    await Promise.all([`${file}.1`].map(gone));
    assertEquals(await unzipped(`${file}.1.gz`), old);
    const lines = "a new line\n".repeat(9_091);
    await writeAll(log, lines);
    await gone(`${file}.1`);
    await log.close();
    const [first, second, last] = [
      await unzipped(`${file}.2.gz`),
      await unzipped(`${file}.1.gz`),
      await texts(file),
    ];
    assertEquals(first, old);
    assertEquals(second + last[0], lines);
    assertEquals(Deno.statSync(`${file}.1.gz`).mode! & 0o777, 0o600);
  }));

Deno.test("a log file that is closed while it compresses leaves the whole file", () =>
  inFolder(async (folder) => {
    const file = `${folder}/web.log`;
    const old = "an old line\n".repeat(200_000);
    await Deno.writeTextFile(`${file}.1`, old);
    const log = logFile(file, { gzip: true });
    await log.open();
    await there(`${file}.1.gz`);
    await log.close();
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["web.log", "web.log.1"]);
    assertEquals(await texts(`${file}.1`), [old]);
  }));

Deno.test("a log file refuses links, files with a second name, and what is not a file", () =>
  inFolder(async (folder) => {
    const other = `${folder}/other`;
    await Deno.writeTextFile(other, "theirs\n");
    await Deno.symlink(other, `${folder}/link.log`);
    await Deno.link(other, `${folder}/hard.log`);
    await Deno.mkdir(`${folder}/folder.log`);
    for (const name of ["link.log", "hard.log", "folder.log"]) {
      const log = logFile(`${folder}/${name}`);
      const { code } = await assertRejects(() => log.open(), LogFileError);
      assertEquals(code, "log_file_unusable");
      await assertRejects(async () => await log.write(encoder.encode("ours\n")), LogFileError);
      await log.close();
    }
    assertEquals(await texts(other), ["theirs\n"]);
  }));

Deno.test("a log file refuses a folder into which anybody may put another one", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/shared`);
    await Deno.chmod(`${folder}/shared`, 0o777);
    const log = logFile(`${folder}/shared/web.log`);
    const error = await assertRejects(() => log.open(), LogFileError);
    assertStringIncludes(error.message, "others may write to");
    await log.close();
    // With the sticky bit, as /tmp has it, nobody exchanges what is another's.
    await Deno.chmod(`${folder}/shared`, 0o1777);
    const sticky = logFile(`${folder}/shared/web.log`);
    await sticky.open();
    await sticky.close();
  }));

Deno.test({
  name: "a log file refuses a file and a link of another user in a shared folder",
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
  fn: () =>
    inFolder(async (folder) => {
      await Deno.chmod(folder, 0o1777);
      await Deno.mkdir(`${folder}/own`, { mode: 0o700 });
      await Deno.writeTextFile(`${folder}/theirs.log`, "");
      await Deno.chown(`${folder}/theirs.log`, 12345, 12345);
      await Deno.symlink(`${folder}/own`, `${folder}/way`);
      await new Deno.Command("chown", { args: ["-h", "12345", `${folder}/way`] }).output();
      for (const file of [`${folder}/theirs.log`, `${folder}/way/web.log`]) {
        const log = logFile(file);
        const error = await assertRejects(() => log.open(), LogFileError);
        assertStringIncludes(error.message, "belongs to user 12345");
        await log.close();
      }
    }),
});

Deno.test("a log file is refused while another one writes to it, and free again when that is closed", () =>
  inFolder(async (folder) => {
    const file = `${folder}/web.log`;
    const first = logFile(file);
    await first.open();
    const second = logFile(file);
    const { code } = await assertRejects(() => second.open(), LogFileError);
    assertEquals(code, "log_file_taken");
    await first.close();
    await second.open();
    await second.close();
    assert(Deno.statSync(file).isFile);
  }));

async function gone(file: string): Promise<void> {
  for (;;) {
    try {
      await Deno.lstat(file);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function there(file: string): Promise<void> {
  while (!await Deno.lstat(file).then(() => true, () => false)) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function unzipped(file: string): Promise<string> {
  const { readable } = await Deno.open(file);
  return await new Response(readable.pipeThrough(new DecompressionStream("gzip"))).text();
}
