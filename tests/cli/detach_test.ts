/** Trees in the background: what `up -d` says of the runtime that it has started, and what it leaves. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { flagsOfLine } from "../../src/cli/detach.ts";
import { alive, Folder, type Outcome, pidsIn } from "./outrider.ts";
import { Session } from "./session.ts";

const { outrider } = new Session();

const cat = { id: "cat", command: "cat", protocol: "lines" };

/** Command lines in one folder, whose tree is ended after the test. */
class Background implements AsyncDisposable {
  readonly folder = new Folder();

  constructor(children: readonly unknown[], more?: Record<string, unknown>) {
    this.folder.manifest(children, more);
  }

  verb(...args: string[]): Promise<Outcome> {
    const cwd = this.folder.path;
    return outrider(args, { cwd, env: { XDG_STATE_HOME: cwd } });
  }

  /** The children that the running tree has. */
  async children(): Promise<string[]> {
    const { stdout } = await this.verb("ps", "--json");
    return JSON.parse(stdout).children.map(({ path }: { path: string }) => path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.verb("down");
    await this.folder[Symbol.asyncDispose]();
  }
}

Deno.test("up -d fails with the reason when a runtime has the tree already", async () => {
  await using background = new Background([cat]);
  const first = await background.verb("up", "-d");
  assertEquals([first.code, first.stderr], [0, ""]);
  const again = await background.verb("up", "-d");
  assertEquals([again.code, again.stdout], [1, ""]);
  assertMatch(again.stderr, /^It has ended with code 1; \S+ has:\n +Cannot start .*: process \d+ has been/);
});

Deno.test("up -d --take-over fails and leaves the tree as it was when the new one can't start", async () => {
  await using background = new Background([cat]);
  assertEquals((await background.verb("up", "-d")).code, 0);
  background.folder.manifest([{ ...cat, id: "new", command: "./no-such-program" }]);
  const missing = await background.verb("up", "-d", "--take-over");
  assertEquals([missing.code, missing.stdout], [1, ""]);
  assertStringIncludes(missing.stderr, "no-such-program");
  background.folder.write("outrider.json", "{ not json");
  const wrong = await background.verb("up", "-d", "--take-over");
  assertEquals([wrong.code, wrong.stdout], [2, ""]);
  assertStringIncludes(wrong.stderr, "outrider.json");
  assertEquals(await background.children(), ["cat"]);
});

Deno.test("up -d --take-over returns when the new tree has started in place of the old one", async () => {
  await using background = new Background([{
    ...cat,
    command: "sh",
    args: ["-c", "trap 'sleep 1; exit' TERM; echo is up; while :; do sleep 0.1; done"],
    ready: { stdout: "is up" },
    protocol: undefined,
  }]);
  assertEquals((await background.verb("up", "-d")).code, 0);
  background.folder.manifest([{ ...cat, id: "new" }]);
  const over = await background.verb("up", "-d", "--take-over");
  assertEquals(over.code, 0, over.stderr);
  const [, pid] = /process (\d+)/.exec(over.stdout)!;
  assertEquals(await background.children(), ["new"]);
  assertEquals(await alive([Number(pid)]), [Number(pid)]);
});

Deno.test("up -d --control takes over and is reached at its path when a tree listens there already", async () => {
  await using background = new Background([cat]);
  const socket = `${background.folder.path}/own.sock`;
  const first = await background.verb("up", "-d", "--control", socket);
  assertEquals([first.code, first.stderr], [0, ""]);
  const refused = await background.verb("up", "-d", "--control", socket);
  assertEquals([refused.code, refused.stdout], [1, ""]);
  background.folder.manifest([{ ...cat, id: "new" }]);
  const over = await background.verb("up", "-d", "--take-over", "--control", socket);
  assertEquals(over.code, 0, over.stderr);
  assertStringIncludes((await background.verb("ps", socket)).stdout, "new ");
  assertEquals(await background.children(), ["new"]);
});

Deno.test("up -d --wait-ready fails as its tree does when not all are ready in time", async () => {
  await using background = new Background([{
    id: "slow",
    command: "sleep",
    args: ["60"],
    ready: { stdout: "x", within: "60s" },
  }]);
  const late = await background.verb("up", "-d", "--wait-ready", "1s");
  assertEquals([late.code, late.stdout], [1, ""]);
  assertStringIncludes(late.stderr, "Not all are ready within 1 s");
  background.folder.manifest([cat]);
  const inTime = await background.verb("up", "-d", "--wait-ready", "60s");
  assertEquals([inTime.code, inTime.stderr], [0, ""]);
});

Deno.test("up -d returns when the tree has started, which goes on until down ends it", async () => {
  await using folder = new Folder();
  folder.manifest([cat]);
  const env = { XDG_STATE_HOME: folder.path };
  const verb = (...args: string[]) => outrider(args, { cwd: folder.path, env });
  const started = await verb("up", "-d");
  assertEquals([started.code, started.stderr], [0, ""]);
  const [, log] = /^tree: runs in the background, process \d+; its log is (\S+)\n$/.exec(started.stdout)!;
  assertMatch((await verb("ps")).stdout, /^cat +running /m);
  assertEquals((await verb("ask", "cat", "hello")).stdout, "hello\n");
  assertEquals(await verb("down"), { code: 0, stdout: "tree: stopped\n", stderr: "" });
  const text = Deno.readTextFileSync(log!);
  assertMatch(text, /tree +stopped/);
  assertEquals(await alive(pidsIn(text)), []);
  folder.manifest([{ ...cat, comand: "cat" }]);
  const failed = await verb("up", "-d");
  assertEquals([failed.code, failed.stdout], [2, ""]);
  assertStringIncludes(failed.stderr, "comand");
});

Deno.test("up -d rotates its log, which reopen and logs know, when the tree has none of its own", async () => {
  await using background = new Background([{
    id: "talker",
    command: "sh",
    args: ["-c", "head -c 12000000 /dev/zero | tr '\\0' x | fold -w 1000; echo; echo done; exec sleep 600"],
  }]);
  const { code, stdout, stderr } = await background.verb("up", "-d");
  assertEquals([code, stderr], [0, ""]);
  const [, log = ""] = /its log is (\S+)\n$/.exec(stdout)!;
  assert(log.startsWith(`${background.folder.path}/outrider/`), log);
  while (!(await background.verb("logs", "-n", "1")).stdout.endsWith("done\n"));
  assertEquals((await background.verb("reopen")).stdout, `${log}: reopened\n`);
  assertEquals((await background.verb("down")).code, 0);
  for (const file of [log, `${log}.1`]) assert(Deno.statSync(file).size <= 10_000_000);
  const left = await background.verb("logs", "-n", "1");
  assertMatch(left.stdout, /talker#1 +stdout +done\n$/, left.stderr);
});

Deno.test("up -d writes nothing beside the log that the tree has", async () => {
  await using background = new Background([{
    id: "talker",
    command: "sh",
    args: ["-c", "echo mine; exec cat"],
  }], {
    log: { dir: "logs" },
  });
  const { stdout } = await background.verb("up", "-d");
  assertEquals(stdout.split("its log is ")[1], `${background.folder.path}/logs\n`);
  await background.verb("down");
  assertMatch(Deno.readTextFileSync(`${background.folder.path}/logs/talker.log`), /stdout +mine\n/);
  const state = `${background.folder.path}/outrider`;
  const others = [...Deno.readDirSync(state)].filter(({ isFile }) => isFile);
  for (const { name } of others) {
    assertEquals(Deno.readTextFileSync(`${state}/${name}`).includes("mine"), false, name);
  }
});

Deno.test("up -d fails when nothing could end its tree, as it can't listen", async () => {
  await using background = new Background([cat]);
  const flags = ["run", "read", "write", "env"].map((name) => `--allow-${name}`);
  const cwd = background.folder.path;
  const { code, stdout, stderr } = await outrider(["up", "-d"], {
    cwd,
    env: { XDG_STATE_HOME: cwd },
    flags,
  });
  const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
  // Before Deno 2.9 a socket takes no permission of its own.
  if (major === 2 && minor < 9) return;
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(stderr, "Cannot go into the background: nothing but a signal could end it");
});

Deno.test("up -d fails with the reason when the state folder can't be used", async () => {
  await using background = new Background([cat]);
  const cwd = background.folder.path;
  const shared = `${cwd}/shared`;
  Deno.mkdirSync(`${shared}/outrider`, { recursive: true });
  Deno.chmodSync(`${shared}/outrider`, 0o777);
  const file = background.folder.write("file", "");
  for (const [state, why] of [[file, "Not a directory"], [shared, "others may write to it"]]) {
    const { code, stdout, stderr } = await outrider(["up", "-d"], { cwd, env: { XDG_STATE_HOME: state! } });
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(
      stderr,
      `Cannot go into the background: ${state}/outrider can't be used: ${why}; XDG_STATE_HOME names another one\n`,
    );
  }
  assertEquals([...Deno.readDirSync(`${shared}/outrider`)], []);
});

Deno.test("up -d starts one runtime when the option is given twice", async () => {
  await using background = new Background([cat]);
  const { code, stdout, stderr } = await background.verb("up", "-dd");
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^tree: runs in the background, process \d+; its log is \S+\n$/);
});

Deno.test("up -d takes over the flags of Deno as they are when one has a space in it", async () => {
  await using folder = new Folder();
  folder.manifest([cat]);
  const denied = "--deny-ffi=/no such/library";
  const env = { XDG_STATE_HOME: folder.path };
  const flags = ["run", "read", "write", "env", "net"].map((name) => `--allow-${name}`);
  const options = { cwd: folder.path, env, flags: [...flags, denied] };
  const started = await outrider(["up", "-d", "--log-level", "info"], options);
  assertEquals([started.code, started.stderr], [0, ""]);
  const [, pid] = /process (\d+)/.exec(started.stdout)!;
  const ps = await new Deno.Command("ps", { args: ["-ww", "-o", "args=", "-p", pid!] }).output();
  assertStringIncludes(new TextDecoder().decode(ps.stdout), `${denied} /`);
  assertEquals((await outrider(["down"], { cwd: folder.path, env })).stdout, "tree: stopped\n");
});

Deno.test("the flags of a line of ps are taken where it is clear where each of them ends", () => {
  const line = (text: string) => flagsOfLine(`/bin/deno ${text} up -d x.json`, ["up", "-d", "x.json"]);
  for (const text of ["run -A main.ts", "run --allow-read=/a --config deno.json main.ts", "run main.ts"]) {
    assertEquals(line(text), text.split(" "));
  }
  for (const text of ["run --allow-read=/a b -A main.ts", "run -A my main.ts", "test -A main.ts"]) {
    assertEquals(line(text), undefined, text);
  }
});
