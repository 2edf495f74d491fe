/**
 * The real ffmpeg: it rewrites one line on stderr while it works, tells its progress on stdout where it is asked to,
 * names the cause of a failure some lines before its last one, and exits with 255 after SIGTERM.
 *
 * @module
 */
import { assert, assertEquals, assertGreater, assertInstanceOf, assertLessOrEqual, assertMatch } from "@std/assert";
import { SidecarExitedError, type SidecarOptions } from "@outrider/outrider";
import { causeOf } from "@outrider/outrider/actor";
import { Probe } from "../sidecar/health/probe.ts";

const ffmpeg = await (async () => {
  try {
    return (await new Deno.Command("ffmpeg", { args: ["-version"], stdout: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
})();

function test(name: string, fn: () => Promise<void>): void {
  Deno.test(name, async (test) => {
    await test.step({
      name: ffmpeg ? "with the ffmpeg on PATH" : "skipped: needs ffmpeg",
      ignore: !ffmpeg,
      fn,
    });
  });
}

/** A job that encodes a moving picture as fast as it is watched, for so many seconds. */
function encoder(seconds: number, output: readonly string[], more: Partial<SidecarOptions> = {}) {
  const picture = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=25"];
  const args = ["-hide_banner", "-re", ...picture, "-t", `${seconds}`, ...output];
  return { command: "ffmpeg", args, restart: "temporary", ...more } as SidecarOptions;
}

/** The error that it ended of. */
async function failure(probe: Probe): Promise<SidecarExitedError> {
  const cause = causeOf((await probe.event("exited")).exit);
  assertInstanceOf(cause, SidecarExitedError);
  return cause;
}

function stderrOf(probe: Probe): string[] {
  return probe.all("output").filter(({ stream }) => stream === "stderr").map(({ line }) => line);
}

test("ffmpeg shows its progress as a line a second at most when it rewrites it ten times as often", async () => {
  await using probe = await Probe.start(encoder(2.5, ["-stats_period", "0.05", "-f", "null", "-"]));
  const began = performance.now();
  assertEquals((await probe.event("exited")).exit, { reason: "normal" });
  const seconds = (performance.now() - began) / 1_000;
  const progress = stderrOf(probe).filter((line) => line.includes("frame="));
  assertGreater(progress.length, 1);
  assertLessOrEqual(progress.length, seconds + 3);
  for (const line of progress) assertEquals(line.split("frame=").length, 2, line);
  assertMatch(progress.at(-1)!, /Lsize=/); // the last of them, as ffmpeg leaves it
  assert(stderrOf(probe).some((line) => line.startsWith("Input #0, lavfi")));
});

test("ffmpeg tells its progress as messages when -progress goes to a pipe with the protocol lines", async () => {
  const output = ["-nostats", "-progress", "pipe:1", "-stats_period", "0.1", "-f", "null", "-"];
  const probe = new Probe(encoder(0.5, output, { protocol: "lines" }));
  await using _ended = probe;
  await probe.system.start();
  const fields = new Map<string, string>();
  for await (const line of probe.ref.subscribe()) {
    const [key, value] = line.split("=");
    fields.set(key, value);
    if (line === "progress=end") break;
  }
  assertGreater(Number(fields.get("frame")), 5);
  assertEquals(fields.get("progress"), "end");
});

test("ffmpeg ends with the cause as its last words when there is no such codec", async () => {
  await using probe = await Probe.start(encoder(1, ["-c:v", "nosuchcodec", "-f", "null", "-"]));
  const error = await failure(probe);
  assertEquals(error.exitCode, 1);
  assertMatch(error.message, /Unknown encoder 'nosuchcodec'/);
  assert(stderrOf(probe).includes("Unknown encoder 'nosuchcodec'"));
});

test("ffmpeg ends with the cause in its last words when the disk is full", async () => {
  await using probe = await Probe.start(encoder(1, ["-y", "-f", "rawvideo", "-flush_packets", "1", "/dev/full"]));
  const error = await failure(probe);
  assertEquals(error.exitCode, 1);
  assertMatch(error.message, /No space left on device/);
  assert(stderrOf(probe).some((line) => /^[^=]*No space left on device$/.test(line)), stderrOf(probe).join("\n"));
});

test("ffmpeg ends in order when it is sent q", async () => {
  await using probe = await Probe.start(encoder(60, ["-f", "null", "-"], { protocol: "lines" }));
  await probe.event("output", ({ line }) => line.startsWith("Output #0"));
  await probe.ref.tell("q");
  assertEquals((await probe.event("exited")).exit, { reason: "normal" });
});

test("ffmpeg ends in order when it is stopped", async () => {
  await using probe = await Probe.start(encoder(60, ["-f", "null", "-"]));
  await probe.event("output", ({ line }) => line.startsWith("Output #0"));
  await probe.system.stop();
  assertEquals((await probe.event("stopped")).exit, { reason: "shutdown" });
  assertEquals(probe.steps().includes("kill"), false);
});

test("ffmpeg crashes with code 255 when somebody else sends it SIGTERM", async () => {
  await using probe = await Probe.start(encoder(60, ["-f", "null", "-"]));
  await probe.event("output", ({ line }) => line.startsWith("Output #0"));
  Deno.kill(await probe.pid(), "SIGTERM");
  const error = await failure(probe);
  assertEquals([error.exitCode, error.signal], [255, undefined]);
  assertMatch(error.message, /received signal 15/);
});
