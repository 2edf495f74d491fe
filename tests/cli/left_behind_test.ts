/** What is left of a tree when its runtime was killed: the verbs say so, and down ends it. */
import { assertEquals, assertMatch } from "@std/assert";
import { delay } from "@std/async";
import { Witness } from "../containment/witness.ts";
import { alive, Folder, Running } from "./outrider.ts";
import { Session } from "./session.ts";

const { outrider } = new Session();

Deno.test("ps, status and why say what runs on, and down ends it, when the runtime was killed", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "db", command: "sleep", args: ["1000"], stop: { stdin: 0 } }]);
  await using up = new Running(["up", file]);
  await up.line(/tree +ready/);
  const [pid] = up.pids();
  up.signal("SIGKILL");
  await up.ended();
  using _ = { [Symbol.dispose]: () => endIfThere(pid!) };
  for (const args of [["ps", file], ["status", file], ["why", file, "db"]]) {
    const { code, stderr } = await outrider(args);
    assertEquals(code, 1);
    assertMatch(
      stderr,
      new RegExp(`process ${up.pid}, has ended without stopping it. Still running: db, pid ${pid}\n`),
    );
    assertMatch(stderr, /To end what is left: outrider down /);
  }
  const down = await outrider(["down", file]);
  assertEquals([down.code, down.stderr], [0, ""]);
  assertEquals(down.stdout, `ended what a killed runtime had left: db, pid ${pid}\n`);
  assertEquals(await alive([pid!]), []);
  const again = await outrider(["down", file]);
  assertEquals(again.code, 1);
  assertMatch(again.stderr, /none listens for it/);
});

Deno.test("ps names what has left the session of its sidecar, and down ends it, when the runtime was killed", async () => {
  await using folder = new Folder();
  await using witness = new Witness();
  const file = folder.manifest([witness.sidecar("leaves", "leaves_its_session")]);
  await using up = new Running(["up", file]);
  const left = Number(/\d+$/.exec(await up.line(/leaves#1 +stdout +\d+$/))![0]);
  await up.line(/tree +ready/);
  up.signal("SIGKILL");
  await up.ended();
  // The sidecar ends with its stdin.
  while ((await alive(up.pids())).length > 0) await delay(20);
  const { stderr } = await outrider(["ps", file]);
  assertMatch(stderr, new RegExp(`Still running: .*\\bleaves, pid ${left}\\b`));
  const down = await outrider(["down", file]);
  assertEquals([down.code, down.stderr], [0, ""]);
  assertMatch(down.stdout, new RegExp(`^ended what a killed runtime had left: .*\\bleaves, pid ${left}\\b`));
  assertEquals(await witness.alive(), []);
});

/** Ends what a failed test has left. */
function endIfThere(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
