/**
 * How the real ffmpeg ends: by a letter on stdin, by SIGTERM with code 255, and by itself with its cause.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { SidecarExitedError, type SidecarOptions } from "@outrider/outrider";
import { causeOf } from "@outrider/outrider/actor";
import { Probe } from "../sidecar/health/probe.ts";
import { testWith } from "./programs.ts";

/** A job that encodes a moving picture as fast as it is watched, for a minute at most. */
function encoder(protocol?: "lines", ...options: readonly string[]): SidecarOptions {
  const picture = ["-re", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=25", "-t", "60"];
  const args = ["-hide_banner", ...picture, ...options, "-f", "null", "-"];
  return { command: "ffmpeg", args, protocol, restart: "temporary" };
}

/** Waits until it encodes. */
async function working(probe: Probe): Promise<void> {
  await probe.event("output", ({ line }) => line.startsWith("Output #0"));
}

async function failure(probe: Probe): Promise<SidecarExitedError> {
  const cause = causeOf((await probe.event("exited")).exit);
  assertInstanceOf(cause, SidecarExitedError);
  return cause;
}

testWith("ffmpeg", "ffmpeg ends normally when it is sent q", async () => {
  await using probe = await Probe.start(encoder("lines"));
  await working(probe);
  await probe.ref.tell("q");
  assertEquals((await probe.event("exited")).exit, { reason: "normal" });
});

testWith("ffmpeg", "ffmpeg ends in order when its tree is stopped", async () => {
  await using probe = await Probe.start(encoder());
  await working(probe);
  await probe.system.stop();
  assertEquals((await probe.event("stopped")).exit, { reason: "shutdown" });
  assert(!probe.steps().includes("kill"), probe.steps().join());
});

testWith("ffmpeg", "ffmpeg crashes with code 255 when it gets SIGTERM from elsewhere", async () => {
  await using probe = await Probe.start(encoder());
  await working(probe);
  Deno.kill(await probe.pid(), "SIGTERM");
  const { exitCode, signal, message } = await failure(probe);
  assertEquals([exitCode, signal], [255, undefined]);
  assertMatch(message, /received signal 15/);
});

testWith("ffmpeg", "ffmpeg has the codec in its last words when there is no such codec", async () => {
  await using probe = await Probe.start(encoder(undefined, "-c:v", "nosuchcodec"));
  const { exitCode, message } = await failure(probe);
  assertEquals(exitCode, 1);
  assertMatch(message, /Unknown encoder 'nosuchcodec'/);
});
