/** What is left of a tree when its runtime was killed: the verbs say so, and down ends it. */
import { assertEquals, assertMatch } from "@std/assert";
import { alive, Folder, outrider, Running } from "./outrider.ts";

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

/** Ends what a failed test has left. */
function endIfThere(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
