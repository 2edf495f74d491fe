import { assert, assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { type Exit, SidecarExitedError, type SidecarOptions } from "@outrider/outrider";
import { isThere } from "../../cli/compiled/executable.ts";
import { Probe } from "../health/probe.ts";

const ffmpeg = ["/usr/bin/ffmpeg", "/usr/local/bin/ffmpeg", "/opt/homebrew/bin/ffmpeg"].find(isThere);
const HAS_FULL_DISK = Deno.build.os === "linux";

/** A picture that moves, ten frames a second. */
function source(seconds: number, size = "64x64"): string[] {
  return ["-f", "lavfi", "-i", `testsrc=size=${size}:rate=10:duration=${seconds}`];
}

function test(
  title: string,
  run: (program: Pick<SidecarOptions, "command" | "restart">) => Promise<void>,
): void {
  Deno.test({
    name: ffmpeg === undefined ? `skipped: needs ffmpeg: ${title}` : title,
    ignore: ffmpeg === undefined,
    fn: () => run({ command: ffmpeg!, restart: "temporary" }),
  });
}

function exited(exit: Exit): SidecarExitedError {
  assert(exit.reason === "crash");
  assertInstanceOf(exit.cause, SidecarExitedError);
  return exit.cause;
}

test("ffmpeg has each line of its own and its last state shown when it writes progress over itself", async (program) => {
  const args = ["-nostdin", "-hide_banner", "-re", ...source(2), "-f", "null", "-"];
  await using probe = await Probe.start({ ...program, args });
  const { exit } = await probe.event("exited");
  assertEquals(exit, { reason: "normal" });
  const lines = probe.all("output").map(({ line }) => line);
  assertEquals(lines.filter((line) => line.includes("\r")), []);
  const last = lines.findLastIndex((line) => line.startsWith("frame="));
  assertStringIncludes(lines[last]!, "frame=   20 ");
  assert(lines[last + 1]!.startsWith("video:"));
  assert(lines.includes("Output #0, null, to 'pipe:':"));
});

test("ffmpeg publishes its progress as lines when it is told to write it to stdout", async (program) => {
  const args = ["-nostdin", "-nostats", "-progress", "pipe:1", ...source(1), "-f", "null", "-"];
  await using probe = new Probe({ ...program, args, protocol: "lines", pairing: "none" });
  const lines = probe.ref.subscribe();
  await probe.system.start();
  const got = await Array.fromAsync(lines);
  assertEquals(got.at(-1), "progress=end");
  assert(got.includes("frame=10"));
});

test("ffmpeg has last words when its input is missing", async (program) => {
  const args = ["-nostdin", "-hide_banner", "-i", "/no/such/film.mkv", "-f", "null", "-"];
  await using probe = await Probe.start({ ...program, args });
  const error = exited((await probe.event("exited")).exit);
  assertEquals([error.exitCode > 0, error.signal], [true, undefined]);
  assertEquals(error.lastWords, "/no/such/film.mkv: No such file or directory");
});

test("ffmpeg has its states and the error behind them in its last lines, and words, when it can't write", async (program) => {
  const args = [
    "-nostdin",
    "-hide_banner",
    ...source(60, "640x480"),
    "-f",
    "rawvideo",
    "-y",
    HAS_FULL_DISK ? "/dev/full" : "/no/such/folder/film",
  ];
  await using probe = await Probe.start({ ...program, args });
  const { stderrTail, lastWords = "" } = exited((await probe.event("exited")).exit);
  const cause = HAS_FULL_DISK ? "No space left on device" : "No such file or directory";
  if (HAS_FULL_DISK) assert(stderrTail.some((line) => line.startsWith("frame=")));
  assert(stderrTail.some((line) => line.includes(cause)));
  assertStringIncludes(lastWords, cause);
  assert(probe.all("output").some(({ line }) => line.includes(cause)));
});
