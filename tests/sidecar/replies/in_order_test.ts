/** Replies by their order, of real processes. */
import { assertEquals } from "@std/assert";
import { launch, sidecar } from "@outrider/outrider";
import { pool } from "@outrider/outrider/actors/pool";
import { Folder } from "../../cli/outrider.ts";
import { failureOf } from "../../support/probes.ts";
import { AT_ONCE, sh } from "../health/probe.ts";

const OWES = { ...sh("read a; echo $a; exec cat >/dev/null"), protocol: "lines", stop: AT_ONCE } as const;

Deno.test("an ask that times out names the request that is owed a reply first when replies come in order", async () => {
  await using folder = new Folder();
  const token = folder.write("token", "hunter22");
  await using app = await launch([
    sidecar("one", OWES),
    pool("many", OWES, { size: 1, perCopy: 8 }),
    sidecar("safe", { ...OWES, env: { TOKEN: { file: token } } }),
  ], { report: false });
  const owed = "replies come in order, and that to an earlier request is owed first: ";
  for (
    const [path, slow] of [["one", "slow query"], ["many", "x".repeat(100)], [
      "safe",
      "with hunter22",
    ]] as const
  ) {
    const ref = app.ref(path);
    assertEquals(await ref.ask("hello"), "hello");
    const first = failureOf(ref.ask(slow, { timeout: 60_000 }));
    const { message } = await failureOf(ref.ask("next", { timeout: 300 }));
    const text = path === "many" ? `"${"x".repeat(79)}…` : `"${slow.replace("hunter22", "***")}"`;
    assertEquals(message.split("; ").slice(1).join("; "), owed + text);
    // The one that is owed has none before it.
    const { message: own } = await failureOf(app.ref(path).ask("x", { timeout: 1 }));
    assertEquals(own.includes(owed), true);
    await app.terminateChild(path);
    await first;
  }
});
