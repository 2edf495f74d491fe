/** A process that has the number or the words of ours, and is not ours, is never signalled. */
import { delay } from "@std/async";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ContainmentError } from "../../src/containment/containment_errors.ts";
import { fileStem } from "../../src/containment/folder.ts";
import { Guardian } from "../../src/containment/guard.ts";
import { readRuntimeIdentity } from "../../src/containment/identity.ts";
import { Lock } from "../../src/containment/lock.ts";
import { sweep } from "../../src/containment/sweep.ts";
import { acquireLock } from "../../src/containment/acquire_lock.ts";
import { processTable } from "../../src/process/ps.ts";
import { Folder, outrider, Running, words } from "../cli/outrider.ts";
import { Witness } from "./witness.ts";

const self = (await readRuntimeIdentity())!;
const isRoot = self.uid === 0;

/** A process that lives, in a group of its own, until the test is over. */
class Stranger implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly pid: number;

  constructor(program: string, args: readonly string[], env: Record<string, string> = {}) {
    this.#process = new Deno.Command(program, { args: [...args], env, detached: true, stdin: "null" })
      .spawn();
    this.pid = this.#process.pid;
  }

  /** One that has become the program it was to be. */
  static async started(...of: ConstructorParameters<typeof Stranger>): Promise<Stranger> {
    const stranger = new Stranger(...of);
    while (!(await stranger.row())?.command.includes("sleep")) { /* not yet */ }
    return stranger;
  }

  async row() {
    return (await processTable({ pids: [this.pid] }))?.find(({ zombie }) => !zombie);
  }

  async isAlive(): Promise<boolean> {
    return await this.row() !== undefined;
  }

  async [Symbol.asyncDispose]() {
    // With what it has started: a shell waits for a sleep.
    if (await this.isAlive()) Deno.kill(-this.pid, "SIGKILL");
    await this.#process.status;
  }
}

/** Looks for what carries the mark of a run, in each way there is. */
async function sweepFor(run: string): Promise<number[]> {
  const guardian = new Guardian(run);
  guardian.add(2_000_000_000);
  await guardian.close();
  const record = { run, pid: 2, at: Date.now(), manifest: "/m", uid: self.uid, scope: self.scope! };
  const swept = await sweep({ run: record, processes: [] }, { way: "deno", runtime: self });
  return swept!.ended.map(({ pid }) => pid);
}

Deno.test("a sweep leaves processes alone with the mark in the command line, in a value, or behind another name", async () => {
  const run = crypto.randomUUID();
  const mark = `OUTRIDER_RUN=${run}:1:1:a`;
  await using ours = await Stranger.started("sleep", ["60"], { OUTRIDER_RUN: `${run}:1:1:a` });
  await using inArguments = await Stranger.started("sh", ["-c", "sleep 60; :", mark, "A=b"]);
  await using asLast = await Stranger.started("sh", ["-c", "sleep 60; :", "x", mark]);
  await using inValue = await Stranger.started("sleep", ["60"], { NOTE: `grep ${mark} in the log` });
  await using inName = await Stranger.started("sleep", ["60"], { MY_OUTRIDER_RUN: `${run}:1:1:a` });
  await using inOther = await Stranger.started("sleep", ["60"], { OUTRIDER_RUN: `x${run}:1:1:a` });
  const strangers = [inArguments, asLast, inValue, inName, inOther];
  await sweepFor(run);
  assertEquals(await ours.isAlive(), false);
  assertEquals(await Promise.all(strangers.map((one) => one.isAlive())), strangers.map(() => true));
});

Deno.test("a run leaves processes alone that only mention its mark", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  const env = { XDG_STATE_HOME: folder.path };
  const manifest = folder.manifest([witness.sidecar("a", "leaves_its_session")]);
  await using up = new Running(["up", manifest], { env });
  await up.line(/tree +ready/);
  const ledger = Deno.readTextFileSync(`${await fileStem(`${folder.path}/outrider`, manifest)}.ledger`);
  const [, run] = /"run":"([^"]+)"/.exec(ledger)!;
  const [marked] = await witness.alive();
  const [mark = ""] = /OUTRIDER_RUN=\S+/.exec(marked!.environment!)!;
  await using whole = await Stranger.started("sh", ["-c", "sleep 60; :", mark, "A=b"]);
  await using short = await Stranger.started("sh", ["-c", "sleep 60; :", `OUTRIDER_RUN=${run}`]);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
  assertEquals([await whole.isAlive(), await short.isAlive()], [true, true]);
});

Deno.test({
  name: "a run with all permissions tells a mark from the same words in the value of another variable",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using witness = new Witness();
    await using folder = new Folder();
    const manifest = folder.manifest([witness.sidecar("a", "leaves_its_session")]);
    await using up = new Running(["up", manifest], { env: { XDG_STATE_HOME: folder.path }, flags: ["-A"] });
    await up.line(/tree +ready/);
    const [marked] = await witness.alive();
    const [mark = ""] = /OUTRIDER_RUN=\S+/.exec(marked!.environment!)!;
    await using stranger = await Stranger.started("sleep", ["60"], { SUDO_COMMAND: `/usr/bin/grep ${mark}` });
    up.signal("SIGTERM");
    assertEquals((await up.ended()).code, 0);
    assertEquals([await stranger.isAlive(), await witness.gone(0).then((took) => typeof took)], [
      true,
      "number",
    ]);
  },
});

Deno.test({
  name: "a sweep leaves alone what another user has given the mark to",
  ignore: !isRoot,
  async fn() {
    const run = crypto.randomUUID();
    const user = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
    await using theirs = await Stranger.started("setpriv", [...user, "sleep", "60"], {
      OUTRIDER_RUN: `${run}:1:1:a`,
    });
    assertEquals((await theirs.row())!.uid, 65_534);
    assertEquals(await sweepFor(run), []);
    assert(await theirs.isAlive());
    const record = { run, pid: 2, at: Date.now(), manifest: "/m", uid: self.uid, scope: self.scope! };
    const swept = await sweep({ run: record, processes: [] }, {
      way: "deno",
      runtime: self,
      users: [65_534],
    });
    assertEquals(swept!.ended.map(({ pid }) => pid), [theirs.pid]);
  },
});

Deno.test({
  name: "a run of root ends what a sidecar that became another user left in a session of its own",
  ignore: !isRoot,
  async fn() {
    await using witness = new Witness();
    await using folder = new Folder();
    const script = "setsid sh -c 'echo \"$$\"; exec sleep 600 >/dev/null 2>&1 </dev/null' & cat >/dev/null";
    const user = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
    const file = folder.manifest([
      witness.sidecar("a", "echo_ndjson", { command: "setpriv", args: [...user, "sh", "-c", script] }),
    ]);
    await using up = new Running(["up", file, "--for", "5s"], { env: { XDG_STATE_HOME: folder.path } });
    await up.line(/tree +ready/);
    assertEquals((await up.ended()).code, 0);
    assertEquals(await witness.gone(0).then((took) => typeof took), "number");
  },
});

Deno.test("a guardian leaves alone a group that has a number of ours, and started at another time", async () => {
  const guardian = new Guardian(crypto.randomUUID());
  await using stranger = await Stranger.started("sleep", ["60"]);
  await using ours = await Stranger.started("sleep", ["60"]);
  guardian.add(stranger.pid, { at: Date.now() - 60_000 });
  guardian.add(ours.pid, { at: Date.now() });
  await guardian.close();
  assertEquals([await stranger.isAlive(), await ours.isAlive()], [true, false]);
});

Deno.test("a sweep takes no number of a ledger from another pid namespace or another boot for its own", async () => {
  await using stranger = await Stranger.started("sleep", ["60"]);
  const { namespace, boot } = self.scope!;
  const processes = [{ pid: stranger.pid, at: Date.now(), path: "a", generation: 1 }];
  for (const scope of [undefined, { namespace: "1", boot }, { namespace, boot: boot! - 60_000 }]) {
    const run = { run: "R1", pid: 2, at: Date.now(), manifest: "/m", uid: self.uid, ...(scope && { scope }) };
    const swept = await sweep({ run, processes }, { way: "deno", runtime: self });
    assertEquals(swept, { ended: [], remaining: [] });
  }
  assert(await stranger.isAlive());
});

Deno.test("--take-over signals no stranger, whatever the lock says", async () => {
  await using folder = new Folder();
  await using stranger = await Stranger.started("sleep", ["60"]);
  const { started } = (await stranger.row())!;
  const whole = { pid: stranger.pid, at: Date.now(), run: "R1", started, scope: self.scope };
  const locks: [lock: unknown, why: string][] = [
    [{ pid: stranger.pid, at: Date.now() }, "it did not write down when it started"],
    [{ ...whole, started: started - 60_000 }, "the process with that number is another one"],
    [{ ...whole, scope: { ...self.scope, namespace: "1" } }, "another pid namespace, or on another machine"],
    [{ ...whole, scope: { ...self.scope, boot: 5 } }, "another pid namespace, or on another machine"],
    [{ ...whole, pid: Deno.pid }, "the number of this process"],
    [{ ...whole, pid: 2_000_000_000 }, "no process has that number here"],
    ...[1, 0, -1, -stranger.pid, 1.5, `${stranger.pid}`, null].map((pid): [unknown, string] => [
      { ...whole, pid },
      "its number is not in",
    ]),
    ["garbage", "its number is not in"],
    [{ ...whole, at: 1e300, started: "x" }, "it did not write down when it started"],
  ];
  await Promise.all(locks.map(async ([lock, why], index) => {
    const path = folder.write(`${index}.lock`, JSON.stringify(lock));
    const holder = Deno.openSync(path, { write: true });
    holder.lockSync(true);
    const error = await assertRejects(
      () => acquireLock("/m", path, { takeOver: true, way: "deno", runtime: self, termWithin: 10_000 }),
      ContainmentError,
    );
    assertEquals(error.code, "not_taken_over");
    assertStringIncludes(error.message, why);
    holder.close();
    // Deno before 2.7 is still waiting for it; and a process that is just being started has it open until it is run.
    for (let claim = await Lock.claim(path);; claim = await Lock.claim(path)) {
      if (claim instanceof Lock) {
        claim.release();
        break;
      }
      await delay(10);
    }
  }));
  assert(await stranger.isAlive());
});

Deno.test("a lock or a ledger that is a link is not followed, and the start is refused", async () => {
  await using folder = new Folder();
  const state = `${folder.path}/outrider`;
  const manifest = folder.manifest([{ id: "a", command: "cat" }]);
  const stem = await fileStem(state, manifest);
  Deno.mkdirSync(state, { mode: 0o700 });
  const precious = folder.write("precious", "precious");
  for (const target of [precious, `${folder.path}/nowhere`]) {
    for (const name of ["lock", "ledger"]) {
      Deno.symlinkSync(target, `${stem}.${name}`);
      const { code, stderr } = await outrider(["up", manifest, "--for", "10ms"], {
        env: { XDG_STATE_HOME: folder.path },
      });
      assertEquals(code, 1, stderr);
      assertStringIncludes(stderr, `Cannot use ${stem}.${name}: it is a link; remove it`);
      Deno.removeSync(`${stem}.${name}`);
    }
    Deno.symlinkSync(target, `${stem}.ledger.new`);
    const up = await outrider(["up", manifest, "--for", "10ms"], { env: { XDG_STATE_HOME: folder.path } });
    assertEquals([up.code, up.stderr], [0, ""]);
  }
  assertEquals(Deno.readTextFileSync(precious), "precious");
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), [
    "outrider",
    "outrider.json",
    "precious",
  ]);
});

const namespaces = ["--pid", "--fork", "--mount-proc", "--kill-child"];
const canUnshare = await new Deno.Command("unshare", { args: [...namespaces, "true"], stderr: "null" })
  .output().then(({ success }) => success, () => false);

Deno.test({
  name: "--take-over refuses a runtime in another pid namespace, and signals nobody of its own",
  ignore: !canUnshare,
  async fn() {
    await using witness = new Witness();
    await using folder = new Folder();
    const env = { XDG_STATE_HOME: folder.path };
    const manifest = folder.manifest([witness.sidecar("a", "forks_twice")]);
    const inner = new Deno.Command("unshare", {
      // Process 1 of its namespace is the shell.
      args: [...namespaces, "sh", "-c", '"$@" & wait', "sh", ...words(["up", manifest])],
      env: { NO_COLOR: "1", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    await using first = new Running(inner);
    await first.line(/tree +ready/);
    const { code, stderr } = await outrider(["up", manifest, "--take-over"], { env });
    assertEquals(code, 1);
    assertStringIncludes(stderr, "it is in another pid namespace, or on another machine; stop it yourself");
    assert((await witness.alive()).length > 0);
    // All of the namespace ends with its process 1, and that with what has made it.
    first.signal("SIGKILL");
    await first.ended();
    assertEquals(typeof await witness.gone(10_000), "number");
  },
});
