/** Log files of whole trees, with real processes: each line is in one file, or it is counted. */

import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { launch, OptionError, sidecar } from "@outrider/outrider";
import { LogFileError } from "@outrider/outrider/process";
import { logAt } from "../../src/launch/log_files.ts";
import { outrider, Running } from "../cli/outrider.ts";
import { Session } from "../cli/session.ts";

const session = new Session();

const PIECES = 100_000;
/** Prints lines until there is a file `end`, and notes how many: those that come soon after a gap belong to it. */
const GOES_ON = "i=0; until [ -e end ]; do i=$((i+1)); echo again; sleep 0.05; done; echo $i > count";

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "outrider_logs_" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The manifest of a tree with `log` and these shell scripts. */
async function manifest(
  folder: string,
  log: unknown,
  scripts: Readonly<Record<string, string | { script: string; log: unknown }>>,
): Promise<string> {
  const file = `${folder}/outrider.json`;
  const children = Object.entries(scripts).map(([id, of]) => {
    const { script, log } = typeof of === "string" ? { script: of, log: undefined } : of;
    return { id, command: "sh", args: ["-c", script], restart: "temporary", ...log !== undefined && { log } };
  });
  await Deno.writeTextFile(file, JSON.stringify({ name: "app", log, children }));
  return file;
}

/** The files of a log, oldest first. */
async function filesOf(file: string): Promise<string[]> {
  const older: string[] = [];
  for (let number = 1;; number++) {
    const form = [`${file}.${number}.gz`, `${file}.${number}`].find((form) => isThere(form));
    if (form === undefined) break;
    older.unshift(await textOf(form));
  }
  return [...older, await textOf(file)];
}

async function textOf(file: string): Promise<string> {
  const { readable } = await Deno.open(file);
  return await new Response(
    file.endsWith(".gz") ? readable.pipeThrough(new DecompressionStream("gzip")) : readable,
  )
    .text();
}

function isThere(file: string): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch {
    return false;
  }
}

/** What a child has printed on stdout, of a text. */
function printed(text: string): string[] {
  return text.split("\n").flatMap((line) => / {2}stdout +(.*)/.exec(line)?.[1] ?? []);
}

/** The lines that the gaps of a text name. */
function lost(text: string): number {
  return text.split("\n").reduce((sum, line) => {
    const count = / {2}lost +([\d,]+) lines? of/.exec(line)?.[1] ?? "0";
    return sum + Number(count.replaceAll(",", ""));
  }, 0);
}

/** Resolves when `look` gives something. */
async function until<Found>(look: () => Promise<Found | undefined> | Found | undefined): Promise<Found> {
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index + 1));
}

Deno.test("a tree's log has each line of a flood once, in order, in files of whole lines", () =>
  inFolder(async (folder) => {
    const max = 1_000_000;
    const file = await manifest(folder, { dir: "logs", max, keep: 100 }, { web: `seq ${PIECES}` });
    const { code } = await session.run(["up", file]);
    assertEquals(code, 0);
    const files = await filesOf(`${folder}/logs/web.log`);
    assert(files.length > 3, `${files.length} files`);
    for (const text of files) {
      assert(text.length <= max && text.endsWith("\n"));
      for (const line of text.slice(0, -1).split("\n")) {
        assertMatch(line, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}web#1/);
      }
    }
    assertEquals(printed(files.join("")), numbers(PIECES));
  }));

Deno.test("a log with gzip has each line once in its compressed files", () =>
  inFolder(async (folder) => {
    const lines = 30_000;
    const isDone = "[ -e logs/web.log.2.gz ] && [ ! -e logs/web.log.1 ] && [ ! -e logs/web.log.2 ]";
    const script = `seq ${lines}; until ${isDone}; do sleep 0.05; done`;
    const file = await manifest(folder, { dir: "logs", max: "700KB", keep: 100, gzip: true }, {
      web: script,
    });
    const { code } = await session.run(["up", file]);
    assertEquals(code, 0);
    assert(isThere(`${folder}/logs/web.log.1.gz`) && isThere(`${folder}/logs/web.log.2.gz`));
    assertEquals(printed((await filesOf(`${folder}/logs/web.log`)).join("")), numbers(lines));
  }));

Deno.test("the logs of two children in one folder are apart, and a child's own log is not in the tree's", () =>
  inFolder(async (folder) => {
    const log = { file: "own.log", format: "json" };
    const file = await manifest(folder, { dir: "logs" }, {
      web: "echo from web",
      db: "echo from db",
      own: { script: "echo from own", log },
    });
    const { code, stdout } = await session.run(["up", file]);
    assertEquals(code, 0);
    assertEquals([...Deno.readDirSync(`${folder}/logs`)].map(({ name }) => name).sort(), [
      "+tree.log",
      "db.log",
      "web.log",
    ]);
    assertEquals(printed(await textOf(`${folder}/logs/web.log`)), ["from web"]);
    assertEquals(printed(await textOf(`${folder}/logs/db.log`)), ["from db"]);
    assertStringIncludes(await textOf(`${folder}/logs/+tree.log`), "stopping");
    const events = (await textOf(`${folder}/own.log`)).trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(new Set(events.map(({ path }) => path)), new Set(["own"]));
    assertEquals(events.filter(({ type }) => type === "output").map(({ line }) => line), ["from own"]);
    for (const { time } of events) assertEquals(new Date(time).toISOString(), time);
    for (const line of ["from web", "from db", "from own"]) assertStringIncludes(stdout, line);
  }));

Deno.test("a tree's log in one file has all children and the events of the tree", () =>
  inFolder(async (folder) => {
    const file = await manifest(folder, { file: "app.log" }, { web: "echo from web", db: "echo from db" });
    const { code } = await session.run(["up", file]);
    assertEquals(code, 0);
    const text = await textOf(`${folder}/app.log`);
    assertEquals(printed(text).sort(), ["from db", "from web"]);
    assertMatch(text, / app +starting/);
    assertEquals(Deno.statSync(`${folder}/app.log`).mode! & 0o777, 0o600);
  }));

Deno.test("a log that was moved away goes on in a new file within moments, and no line is cut or missing", () =>
  inFolder(async (folder) => {
    const script =
      `i=0; while [ ! -e end ]; do i=$((i+1)); echo $i; sleep 0.01; done; echo last; echo $i > count`;
    const file = await manifest(folder, { file: "app.log" }, { web: script });
    const up = new Running(["up", file]);
    const log = `${folder}/app.log`;
    await until(async () => isThere(log) && printed(await textOf(log)).includes("3"));
    await Deno.rename(log, `${log}.moved`);
    await until(() => isThere(log) && Deno.statSync(log).size > 0);
    await Deno.writeTextFile(`${folder}/end`, "");
    assertEquals((await up.ended()).code, 0);
    const count = Number(await Deno.readTextFile(`${folder}/count`));
    const text = await textOf(`${log}.moved`) + await textOf(log);
    assertEquals(printed(text), [...numbers(count), "last"]);
    assertEquals(lost(text), 0);
  }));

Deno.test("a log whose folder vanishes holds no child, and names what it has lost when it is back", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/logs`);
    // More than has room before a log: a child that was held would not get to its end.
    const script = `while [ ! -e gone ]; do sleep 0.05; done; seq -f %060g ${PIECES}; touch printed; ` +
      `while [ ! -e back ]; do sleep 0.05; done; ${GOES_ON}`;
    const file = await manifest(folder, { file: "logs/app.log" }, { web: script });
    const up = new Running(["up", file]);
    const log = `${folder}/logs/app.log`;
    await up.line(/web#1 +ready/);
    await Deno.rename(`${folder}/logs`, `${folder}/away`);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await Deno.writeTextFile(`${folder}/gone`, "");
    await until(() => isThere(`${folder}/printed`));
    await up.line(/app +warning +the log .* can't be written/);
    await Deno.mkdir(`${folder}/logs`);
    await until(() => isThere(log));
    await Deno.writeTextFile(`${folder}/back`, "");
    await until(async () => printed(await textOf(log)).includes("again"));
    await Deno.writeTextFile(`${folder}/end`, "");
    assertEquals((await up.ended()).code, 0);
    const text = await textOf(`${folder}/away/app.log`) + await textOf(log);
    const written = printed(text).length;
    assert(lost(text) > 0, "nothing was lost");
    assertEquals(written + lost(text), PIECES + Number(await Deno.readTextFile(`${folder}/count`)));
  }));

Deno.test({
  name: "a log on a full disk holds no child, and what is written and what is lost is all there was",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0 || !await canMount(),
  fn: () =>
    inFolder(async (folder) => {
      await Deno.mkdir(`${folder}/disk`);
      await run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", `${folder}/disk`);
      try {
        const script = `seq -f %060g ${PIECES}; touch printed; ` +
          `while [ ! -e back ]; do sleep 0.05; done; ${GOES_ON}`;
        const file = await manifest(folder, { file: "disk/app.log" }, { web: script });
        const up = new Running(["up", file]);
        const log = `${folder}/disk/app.log`;
        await until(() => isThere(`${folder}/printed`));
        await up.line(/app +warning +the log .* can't be written/);
        await run("mount", "-o", "remount,size=64m", `${folder}/disk`);
        await Deno.writeTextFile(`${folder}/back`, "");
        await until(async () => printed(await textOf(log)).includes("again"));
        await Deno.writeTextFile(`${folder}/end`, "");
        assertEquals((await up.ended()).code, 0);
        const text = await textOf(log);
        assert(lost(text) > 0, "nothing was lost");
        assertEquals(
          printed(text).length + lost(text),
          PIECES + Number(await Deno.readTextFile(`${folder}/count`)),
        );
        for (const line of text.slice(0, -1).split("\n")) assertMatch(line, /^\d{4}-\d\d-\d\d /);
      } finally {
        await run("umount", `${folder}/disk`);
      }
    }),
});

Deno.test("a log of a runtime that is killed has whole lines without a gap, and the next run goes on in it", () =>
  inFolder(async (folder) => {
    const file = await manifest(folder, { file: "app.log", max: "300KB", keep: 1_000 }, {
      web: "[ -e again ] && exec echo again; i=0; while :; do i=$((i+1)); echo $i; done",
    });
    const up = new Running(["up", file]);
    const log = `${folder}/app.log`;
    await until(() => isThere(`${log}.2`));
    up.signal("SIGKILL");
    await up.ended();
    await Deno.writeTextFile(`${folder}/again`, "");
    assertEquals((await session.run(["up", file])).code, 0);
    const files = await filesOf(log);
    for (const text of files) assert(text.endsWith("\n"));
    const lines = printed(files.join(""));
    assertEquals(lines.pop(), "again");
    assertEquals(lines, numbers(lines.length));
  }));

Deno.test("up refuses a log that another run writes to, a link, and a folder that is missing, before anything starts", () =>
  inFolder(async (folder) => {
    const script = "touch started; while [ ! -e end ]; do sleep 0.05; done";
    const file = await manifest(folder, { file: "app.log" }, { web: script });
    await using up = new Running(["up", file]);
    await up.line(/web#1 +ready/);
    await Deno.mkdir(`${folder}/other`);
    const other = await manifest(`${folder}/other`, { file: "../app.log" }, { web: "touch started" });
    const taken = await session.run(["up", other]);
    assertEquals(taken.code, 1);
    assertStringIncludes(taken.stderr, "another run, or another log of this one, writes to it");
    await Deno.symlink(`${folder}/outrider.json`, `${folder}/link.log`);
    await manifest(`${folder}/other`, { file: "../link.log" }, { web: "touch started" });
    const link = await session.run(["up", other]);
    assertEquals(link.code, 1);
    assertStringIncludes(link.stderr, "it is a link");
    await manifest(`${folder}/other`, { file: "missing/app.log" }, { web: "touch started" });
    const missing = await session.run(["up", other]);
    assertEquals(missing.code, 1);
    assertStringIncludes(missing.stderr, "its folder is missing");
    assert(!isThere(`${folder}/other/started`));
    await Deno.writeTextFile(`${folder}/end`, "");
    assertEquals((await up.ended()).code, 0);
  }));

Deno.test("a log needs the permissions that 'permissions' lists, and no more", () =>
  inFolder(async (folder) => {
    const file = await manifest(folder, { dir: "logs", max: 200, keep: 2, gzip: true }, {
      web: "seq 100",
      own: { script: "seq 100", log: { file: "own.log", max: 200, keep: 2, gzip: true } },
    });
    const { stdout } = await session.run(["permissions", file]);
    const flags = stdout.trim().split(" ");
    const kept = ["own.log", "own.log.1", "own.log.1.gz", "own.log.2", "own.log.2.gz"].map((name) =>
      `${folder}/${name}`
    );
    assert(flags.includes(`--allow-write=${[`${folder}/logs`, ...kept].join(",")}`), stdout);
    assertEquals((await outrider(["up", file], { flags })).code, 0);
    assert(isThere(`${folder}/own.log`) && isThere(`${folder}/logs/web.log`));
    const fewer = flags.filter((flag) => !flag.startsWith("--allow-write"));
    const { code, stderr } = await outrider(["up", file], { flags: fewer });
    assertEquals(code, 3);
    assertStringIncludes(stderr, `--allow-write=${folder}/logs`);
  }));

Deno.test("launch writes the logs that code names, each child's to its own", () =>
  inFolder(async (folder) => {
    const job = (id: string) => sidecar(id, { command: "echo", args: [`from ${id}`], restart: "temporary" });
    const app = await launch([job("web"), job("db")], {
      log: [{ dir: `${folder}/logs`, format: "json" }, { of: "db", file: `${folder}/db.log` }],
      stopWhenFinished: true,
      warn() {},
    });
    await app.outcome;
    assertEquals(printed(await textOf(`${folder}/db.log`)), ["from db"]);
    const lines = (await textOf(`${folder}/logs/web.log`)).trimEnd().split("\n").map((line) =>
      JSON.parse(line)
    );
    assertEquals(lines.filter(({ type }) => type === "output").map(({ line }) => line), ["from web"]);
    assert(!isThere(`${folder}/logs/db.log`));
    assert(isThere(`${folder}/logs/+tree.log`));
  }));

Deno.test("launch refuses a log that it can't write, before anything is started or locked", () =>
  inFolder(async (folder) => {
    const job = sidecar("web", { command: "touch", args: [`${folder}/started`], restart: "temporary" });
    const log = { file: `${folder}/missing/web.log` };
    await assertRejects(() => launch(job, { log, warn() {} }), LogFileError, "its folder is missing");
    const both = { file: `${folder}/web.log`, dir: folder };
    await assertRejects(() => launch(job, { log: both, warn() {} }), OptionError, `has "file" and "dir"`);
    assert(!isThere(`${folder}/started`));
  }));

Deno.test("logAt finds the log of the nearest child above, else the tree's", () => {
  const [tree, pool, copy] = [{}, { of: "pool" }, { of: "pool/1" }];
  const logs = [tree, pool, copy];
  assertEquals(logAt(logs, "/"), tree);
  assertEquals(logAt(logs, "web"), tree);
  assertEquals(logAt(logs, "pool"), pool);
  assertEquals(logAt(logs, "pool/2"), pool);
  assertEquals(logAt(logs, "pool/1"), copy);
  assertEquals(logAt([pool], "web"), undefined);
});

async function run(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Whether this may mount a file system: not in most containers. */
async function canMount(): Promise<boolean> {
  const folder = await Deno.makeTempDir({ prefix: "outrider_mount_" });
  try {
    await run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder);
    await run("umount", folder);
    return true;
  } catch {
    return false;
  } finally {
    await Deno.remove(folder);
  }
}
