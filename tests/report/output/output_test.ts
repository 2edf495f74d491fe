/** Output that nobody, somebody, or somebody slow reads. */
import { assert, assertEquals } from "@std/assert";
import { OUTPUT_RETRY_MS } from "../../../src/report/output/file_writer.ts";
import { LineOutput, OUTPUT_HIGH_WATER } from "../../../src/report/output/output.ts";
import { Gate } from "../../support/probes.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

/** A file under a test's control. */
class File {
  readonly writes: string[] = [];
  /** What the next writes do; after the last, all is taken. */
  readonly script: (Error | Gate | number)[] = [];

  async write(bytes: Uint8Array): Promise<number> {
    const step = this.script.shift();
    if (step instanceof Error) throw step;
    if (step instanceof Gate) await step.passed;
    const taken = typeof step === "number" ? step : bytes.length;
    this.writes.push(new TextDecoder().decode(bytes.subarray(0, taken)));
    return taken;
  }
}

Deno.test("Output writes a line at once, and later lines together in the next write", async () => {
  const file = new File();
  const gate = new Gate();
  file.script.push(gate);
  const output = new LineOutput(file);
  for (const line of ["one", "two", "three"]) assertEquals(output.line(line), undefined);
  gate.open();
  await output.flush();
  assertEquals(file.writes, ["one\n", "two\nthree\n"]);
});

Deno.test("Output writes the rest after a partial write", async () => {
  const file = new File();
  file.script.push(2, 1);
  const output = new LineOutput(file);
  output.line("hello");
  await output.flush();
  assertEquals(file.writes, ["he", "l", "lo\n"]);
});

Deno.test("a reader that stalls makes the writer wait once enough is unwritten, until there is room", async () => {
  const file = new File();
  const gate = new Gate();
  file.script.push(gate);
  const output = new LineOutput(file);
  output.line("first");
  let full: void | Promise<void> = undefined;
  let lines = 0;
  for (; full === undefined; lines++) full = output.line("x".repeat(1_023));
  assertEquals(lines, OUTPUT_HIGH_WATER / 1_024);
  gate.open();
  await full;
  assertEquals(file.writes.map((text) => text.length), [6, OUTPUT_HIGH_WATER]);
  assertEquals(output.line("more"), undefined);
  await output.flush();
});

Deno.test("Output drops lines without waiting after its reader has gone", async () => {
  const hungUp = Object.assign(new Error("Input/output error"), { code: "EIO" });
  for (const error of [new Deno.errors.BrokenPipe(), new Deno.errors.BadResource(), hungUp]) {
    const file = new File();
    file.script.push(error);
    const output = new LineOutput(file);
    output.line("one");
    await output.flush();
    assert(output.isBroken);
    for (let i = 0; i < 100; i++) assertEquals(output.line("x".repeat(10_000)), undefined);
    await output.flush();
    assertEquals(file.writes, []);
  }
});

Deno.test("a full disk costs the lines of that moment, and no later ones", async () => {
  const file = new File();
  file.script.push(new Error("No space left on device (os error 28)"));
  const output = new LineOutput(file);
  output.line("one");
  await output.flush();
  output.line("two");
  await output.flush();
  assertEquals(file.writes, ["two\n"]);
});

Deno.test("a file that would block is tried again, and nothing is lost", async () => {
  const clock = new VirtualClock();
  const file = new File();
  file.script.push(3, new Deno.errors.WouldBlock());
  const output = new LineOutput(file, clock);
  output.line("hello");
  await clock.settle();
  assertEquals(file.writes, ["hel"]);
  await clock.advance(OUTPUT_RETRY_MS);
  await output.flush();
  assertEquals(file.writes, ["hel", "lo\n"]);
});
