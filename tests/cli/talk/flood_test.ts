/** A sidecar that never stops writing takes neither time nor lines from the others. */
import { assert, assertMatch } from "@std/assert";
import { Folder, outrider, runs } from "../outrider.ts";

Deno.test("a flood of output holds up no timer, and pushes out no line about the life of the tree", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "quiet", command: "cat" }, runs("flood", "floods_stdout")]);
  const { stdout } = await outrider(["up", file, "--for", "1s", "--time", "elapsed"]);
  const [, seconds] = /^ *([\d.]+) {2}tree +stopping/m.exec(stdout) ?? [];
  assert(Number(seconds) < 2, `stopping at ${seconds} s`);
  assertMatch(stdout, /quiet#1 +started/);
  assertMatch(stdout, /quiet#1 +stopped +by SIGTERM/);
  assertMatch(stdout, /flood#1 +stopped/);
});
