/** Nothing is left in the process table, however a run of real programs ends. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileStem } from "../../src/containment/folder.ts";
import { delay } from "@std/async";
import { Folder, Running, words } from "../cli/outrider.ts";
import { hasSetsid, putSetsid } from "../process/start/setsid.ts";
import { Witness } from "./witness.ts";

const SCOPED = ["--allow-run=sh,kill,ps", "--allow-read", "--allow-write", "--allow-env"];
const RUNTIMES: readonly (readonly [how: string, flags: readonly string[] | undefined])[] = [
  ["without a list of programs", undefined],
  ["with --allow-run=…,kill,ps", SCOPED],
  ["with --allow-run=…,kill,ps,setsid", ["--allow-run=sh,kill,ps,setsid", ...SCOPED.slice(1)]],
];

/** One of each misbehaviour. */
function family(witness: Witness): Record<string, unknown>[] {
  return [
    witness.sidecar("forks_twice", "forks_twice"),
    witness.sidecar("ignores_term", "family_ignores_term"),
    witness.sidecar("hands_pipes_on", "hands_pipes_on"),
  ];
}

for (const [how, flags] of RUNTIMES) {
  Deno.test(`${how}: a normal stop leaves nothing`, async () => {
    await using witness = new Witness();
    await using folder = new Folder();
    const env = { XDG_STATE_HOME: folder.path };
    await using up = new Running(["up", folder.manifest(family(witness))], { env, ...(flags && { flags }) });
    await up.line(/tree +ready/);
    await up.line(/contained +a stop ends each sidecar and all that it has started; .* the next start/);
    assert((await witness.alive()).length >= 6);
    up.signal("SIGTERM");
    assertEquals(await up.ended(), { code: 0, stderr: "" });
    assertEquals((await witness.alive()).map(({ command }) => command), []);
    assertEquals([...Deno.readDirSync(`${folder.path}/outrider`)], []);
  });

  Deno.test(`${how}: a second signal leaves nothing`, async () => {
    await using witness = new Witness();
    await using folder = new Folder();
    const env = { XDG_STATE_HOME: folder.path };
    const patient = family(witness).map((sidecar) => ({ ...sidecar, stop: { term: "1h" } }));
    await using up = new Running(["up", folder.manifest(patient)], { env, ...(flags && { flags }) });
    await up.line(/tree +ready/);
    up.signal("SIGINT");
    await up.line(/hands_pipes_on#1 +stopped/);
    // The same one within half a second would count once.
    up.signal("SIGTERM");
    assertEquals((await up.ended()).code, 130);
    assertEquals(typeof await witness.gone(1_000), "number");
  });

  Deno.test(`${how}: SIGKILL leaves nothing where there is a guardian`, async () => {
    await using witness = new Witness();
    await using folder = new Folder();
    const env = { XDG_STATE_HOME: folder.path };
    const children = [...family(witness), witness.sidecar("leaves", "leaves_its_session")];
    const manifest = folder.manifest(children, { onHostDeath: "guard" });
    await using up = new Running(["up", manifest], { env, ...(flags && { flags }) });
    await up.line(/tree +ready/);
    await up.line(/contained .* a guardian ends all within a second/);
    assert((await witness.alive()).length >= 8);
    up.signal("SIGKILL");
    await up.ended();
    const took = await witness.gone(3_000);
    assert(typeof took === "number", String(took));
  });

  Deno.test(`${how}: the next start ends the orphans after a SIGKILL without a guardian`, async () => {
    await using witness = new Witness();
    await using folder = new Folder();
    const env = { XDG_STATE_HOME: folder.path };
    const children = [...family(witness), witness.sidecar("leaves", "leaves_its_session")];
    const manifest = folder.manifest(children);
    const options = { env, ...(flags && { flags }) };
    await using first = new Running(["up", manifest], options);
    await first.line(/tree +ready/);
    first.signal("SIGKILL");
    await first.ended();
    const left = await witness.alive();
    assert(left.length >= 4, String(left.length));
    await using second = new Running(["up", manifest], options);
    await second.line(/tree +ready/);
    const pids = new Set(left.map(({ pid }) => pid));
    assertEquals((await witness.alive()).filter(({ pid }) => pids.has(pid)), []);
    const told = second.lines.join("\n");
    assertMatch(told, /ignores_term#1 +swept +process \d+, which the run before had left behind, was ended/);
    second.signal("SIGTERM");
    assertEquals((await second.ended()).code, 0);
    assertEquals(typeof await witness.gone(1_000), "number");
    assertEquals([...Deno.readDirSync(`${folder.path}/outrider`)], []);
  });
}

Deno.test("a run ends and names processes in sessions of their own when it is over", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  const env = { XDG_STATE_HOME: folder.path };
  await using up = new Running(["up", folder.manifest([witness.sidecar("leaves", "leaves_its_session")])], {
    env,
  });
  await up.line(/tree +ready/);
  up.signal("SIGTERM");
  const { code, stderr } = await up.ended();
  assertEquals(code, 0);
  assertStringIncludes(stderr, "which a sidecar had left behind in a session of its own");
  assertEquals((await witness.alive()).map(({ command }) => command), []);
});

Deno.test("the start says so where a stop reaches the sidecar alone", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  const flags = ["--allow-run=sh", "--allow-read", "--allow-env"];
  await using up = new Running(["up", folder.manifest([witness.sidecar("a", "hands_pipes_on")])], { flags });
  await up.line(
    /contained +a stop ends the sidecars, but not .*; if .*, their stdin ends where it is a pipe, and nothing more/,
  );
  await up.line(/tree +ready/);
  up.signal("SIGTERM");
  // Not beyond the deadline, though a grandchild holds the pipes and nobody may end it.
  assertEquals((await up.ended()).code, 0);
  assertMatch(up.lines.join("\n"), /a#1 +pipes held/);
  assert((await witness.alive()).length > 0);
});

Deno.test("a run warns of a ledger that cannot be written, and starts and stops all the same", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  const manifest = folder.manifest(family(witness));
  // What is to become the ledger is a folder: a full disk that a test can have.
  const state = `${folder.path}/outrider`;
  Deno.mkdirSync(`${await fileStem(state, manifest)}.ledger.new`, { recursive: true });
  await using up = new Running(["up", manifest], { env: { XDG_STATE_HOME: folder.path } });
  await up.line(/tree +warning +the ledger .* can't be written: File exists; if Outrider is killed/);
  await up.line(/tree +ready/);
  up.signal("SIGTERM");
  assertEquals(await up.ended(), { code: 0, stderr: "" });
  assertEquals((await witness.alive()).map(({ command }) => command), []);
});

/** A `setsid` that says so and waits for ever: what it is to start stays in the group of the runtime. */
const STUCK = "echo stuck; exec sleep 1000";

/** A runtime whose one sidecar is stuck on its way to a session of its own. */
async function stuck(
  { folder, witness, more = {} }: { folder: Folder; witness: Witness; more?: Record<string, unknown> },
): Promise<{ up: Running; manifest: string; env: Record<string, string> }> {
  const bin = putSetsid(folder, STUCK);
  const sidecar = { ...witness.sidecar("a", "ignores_term"), ready: "started", protocol: "lines" };
  const manifest = folder.manifest([sidecar], more);
  const env = { XDG_STATE_HOME: folder.path, PATH: `${bin}:${Deno.env.get("PATH")}` };
  const up = new Running(
    new Deno.Command(words([])[0]!, {
      args: words(["up", manifest]).slice(1),
      env: { NO_COLOR: "1", ...env },
      // It leads a group, as a job of a shell does.
      detached: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }),
  );
  await up.line(/tree +ready/);
  while ((await witness.alive()).length === 0) await delay(10);
  return { up, manifest, env };
}

const NO_SETSID = { ignore: !hasSetsid };

Deno.test({
  ...NO_SETSID,
  name: "a guardian ends a sidecar that had no group yet when the runtime was killed",
  async fn() {
    await using witness = new Witness();
    await using folder = new Folder();
    const { up } = await stuck({ folder, witness, more: { onHostDeath: "guard" } });
    await using _ = up;
    up.signal("SIGKILL");
    await up.ended();
    assertEquals(typeof await witness.gone(5_000), "number");
  },
});

Deno.test({
  ...NO_SETSID,
  name: "the next start ends a sidecar that had no group yet when the runtime was killed",
  async fn() {
    await using witness = new Witness();
    await using folder = new Folder();
    const { up, manifest, env } = await stuck({ folder, witness });
    await using _ = up;
    up.signal("SIGKILL");
    await up.ended();
    const left = (await witness.alive()).map(({ pid }) => pid);
    assertEquals(left.length, 1);
    await using second = new Running(["up", manifest], { env: { ...env, PATH: Deno.env.get("PATH")! } });
    await second.line(/tree +ready/);
    assertEquals((await witness.alive()).filter(({ pid }) => left.includes(pid)), []);
    await second.line(/a#1 +swept/);
    second.signal("SIGTERM");
    assertEquals((await second.ended()).code, 0);
  },
});

Deno.test({
  ...NO_SETSID,
  name: "a stop, and Ctrl-C on a terminal, leave nothing of a sidecar that had no group yet",
  async fn() {
    for (
      const end of [(up: Running) => up.signal("SIGTERM"), (up: Running) => Deno.kill(-up.pid, "SIGINT")]
    ) {
      await using witness = new Witness();
      await using folder = new Folder();
      const { up } = await stuck({ folder, witness });
      await using _ = up;
      end(up);
      assertEquals(await up.ended(), { code: 0, stderr: "" });
      assertEquals((await witness.alive()).map(({ command }) => command), []);
    }
  },
});
