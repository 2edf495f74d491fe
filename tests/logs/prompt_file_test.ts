/** When a log file is written at once. */
import { assertEquals, assertThrows } from "@std/assert";
import { PromptFile } from "../../src/logs/prompt_file.ts";
import { systemClock } from "../../src/time/clock.ts";

const isLinux = Deno.build.os === "linux";
/** The first part of a disk, as Linux numbers it. */
const DISK = 0x0801;

Deno.test("a file is written at once when it is on a disk, until a write is slow, and again later", () => {
  let now = 0;
  let takes = 1;
  const file = {
    writeSync(bytes: Uint8Array) {
      now += takes;
      if (bytes.length === 0) throw new Error("full");
      return bytes.length;
    },
  };
  const prompt = new PromptFile(file, DISK, { ...systemClock, now: () => now });
  assertEquals(prompt.isPrompt, isLinux);
  assertEquals(prompt.writeSync(new Uint8Array(3)), 3);
  assertEquals(prompt.isPrompt, isLinux);
  takes = 300;
  assertThrows(() => prompt.writeSync(new Uint8Array(0)), Error, "full");
  assertEquals(prompt.isPrompt, false);
  now += 9_000;
  assertEquals(prompt.isPrompt, false);
  now += 2_000;
  assertEquals(prompt.isPrompt, isLinux);
});

Deno.test("a file is never written at once when its file system has no disk of its own", () => {
  const file = { writeSync: (bytes: Uint8Array) => bytes.length };
  // A share over a network, and one whose number has a part above the major one.
  for (const dev of [0x2f, 0x10002f]) assertEquals(new PromptFile(file, dev).isPrompt, false);
});
