import { OptionError } from "../../../src/options/option_error.ts";
import { assert, assertEquals, assertInstanceOf, assertMatch, assertThrows } from "@std/assert";
import { SidecarExitedError, SidecarNotReadyError, StartError } from "@outrider/outrider";
import { compileLinePattern, LineSplitter } from "../../../src/sidecar/health/output_lines.ts";
import { SidecarNoRepliesError } from "@outrider/outrider/protocol";
import { alive } from "../../process/fixture.ts";
import { failureOf } from "../../support/probes.ts";
import { AT_ONCE, fixture, Probe, sh, take } from "./probe.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);

Deno.test("the splitter finds the line in any split of the input, and returns the rest behind it", () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    const all = bytes(`caf\u00e9${end}${end}x\rready 42${end}rest\nready`);
    for (let size = 1; size <= all.length; size++) {
      const splitter = new LineSplitter();
      let came = "";
      let rest = "";
      let isOver = false;
      for (let at = 0; at < all.length; at += size) {
        const chunk = all.subarray(at, at + size);
        const behind: Uint8Array | undefined = isOver ? chunk : splitter.split(chunk, (line) => {
          came += String.fromCharCode(...line);
          return /ready 42[\r\n]/.test(came);
        });
        isOver ||= behind !== undefined;
        if (behind !== undefined) rest += text(splitter.rest(behind));
      }
      assertEquals(rest, "rest\nready");
    }
  }
});

Deno.test("a pattern sees a line as a terminal shows it when it has colours, a title or backspaces in it", () => {
  const matches = compileLinePattern("stdout", /^Local: +http:\/\/localhost:5173\/$/);
  assert(
    matches("\x1b]0;title\x07\x1b[1mLocal\x1b[22m:   \x1b[36mhttp://localhost:\x1b[1m5173\x1b[22m/\x1b[39m"),
  );
  assert(matches("Lokk\b\bcal: http://localhost:5173/\x1b[K"));
  assert(!matches("Local: http://localhost:%1b[1m5173/"));
});

Deno.test("an invalid pattern is refused at construction", () => {
  assertThrows(() => compileLinePattern("stdout", "("), OptionError);
});

Deno.test("started: it is ready as soon as it runs", async () => {
  await using probe = await Probe.start({ ...sh("exec cat"), protocol: "lines", ready: "started" });
  assertEquals(probe.log.lines().filter((line) => line.startsWith("s")), [
    "s#1 starting",
    "s#1 spawned",
    "s#1 ready",
  ]);
});

Deno.test("stdout: messages begin behind the line, in the same chunk too", async () => {
  await using probe = new Probe({
    ...sh("printf 'hello\\nready now\\nfirst\\nsec'; printf 'ond\\n'; exec cat"),
    protocol: "lines",
    ready: { stdout: "^ready" },
  });
  const output = probe.ref.subscribe();
  await probe.system.start();
  assertEquals(await take(output, 2), ["first", "second"]);
  assertEquals(probe.all("output").map(({ line }) => line), ["hello", "ready now"]);
  assertEquals(await probe.ref.ask("x"), "x");
});

Deno.test("stdout: the line may come in pieces, and messages wait for it", async () => {
  await using probe = new Probe({
    ...sh("printf 'rea' ; sleep 0.05; printf 'dy'; sleep 0.05; echo; exec cat"),
    protocol: "ndjson",
    ready: { stdout: /^ready$/ },
  });
  const reply = probe.ref.ask({ n: 1 });
  await probe.system.start();
  assertEquals(await reply, { id: 1, n: 1 });
});

Deno.test("stderr: a line there", async () => {
  await using probe = await Probe.start({
    ...sh("echo message; echo starting >&2; echo Listening on 80 >&2; exec cat"),
    protocol: "lines",
    ready: { stderr: /listening/i },
  });
  const lines = probe.all("output").map(({ line }) => line);
  assertEquals(lines, ["starting", "Listening on 80"]);
  assertEquals((await probe.event("dead_letter")).message, "message"); // stdout is the protocol's from the start
});

for (const [protocol, reply] of [["lines", "ping"], ["ndjson", { id: "p", ping: 1 }]] as const) {
  Deno.test(`reply: the first answer of ${protocol}`, async () => {
    await using probe = await Probe.start({ ...sh("sleep 0.05; exec cat"), protocol, ready: { reply } });
    const message = protocol === "lines" ? "x" : { id: "x" };
    assertEquals(await probe.ref.ask(message), message);
    assertEquals(probe.ref.deadLetters, 0);
  });
}

Deno.test("reply: a protocol without replies can't start so", async () => {
  await using probe = new Probe({ command: "cat", protocol: "bytes", ready: { reply: "x" } });
  const error = await failureOf(probe.system.start());
  assertInstanceOf(error, StartError);
  assertInstanceOf((await probe.event("start_failed")).cause, SidecarNoRepliesError);
  assertEquals(probe.all("spawned"), []);
});

Deno.test("a deadline that is missed is a failed start, and the process is gone", async () => {
  await using probe = new Probe({
    ...sh("echo no luck >&2; exec sleep 60"),
    protocol: "lines",
    ready: { stdout: "ready", within: 100 },
  });
  const error = await failureOf(probe.system.start());
  assertInstanceOf(error, StartError);
  assertEquals(error.path, "s");
  const { cause } = await probe.event("start_failed");
  assertInstanceOf(cause, SidecarNotReadyError);
  assertEquals([cause.code, cause.path, cause.stderrTail], ["sidecar_not_ready", "s", ["no luck"]]);
  assertMatch(
    cause.message,
    /did not get ready within 100 ms; no line on stdout matched "ready"; nothing came there; .*stdbuf/,
  );
  assert(!alive(await probe.pid()));
  assertEquals(probe.all("starting").length, 1); // and it was not tried again
});

Deno.test("a process that ends before it is ready fails its start with the cause of its death", async () => {
  await using probe = new Probe({
    ...sh("echo bad port >&2; exit 4"),
    protocol: "lines",
    ready: { stdout: "ready" },
  });
  await failureOf(probe.system.start());
  const { cause } = await probe.event("start_failed");
  const exited = cause instanceof SidecarNotReadyError ? cause.cause : cause;
  assertInstanceOf(exited, SidecarExitedError);
  assertEquals([exited.exitCode, exited.stderrTail, exited.lastWords], [4, ["bad port"], "bad port"]);
});

Deno.test("a process that ends well before it is ready was not ready", async () => {
  await using probe = new Probe({ ...fixture("exits_with_code", "0"), ready: { stdout: "ready" } });
  await failureOf(probe.system.start());
  const { cause } = await probe.event("start_failed");
  assertInstanceOf(cause, SidecarNotReadyError);
  assertMatch(
    cause.message,
    /exited with code 0 before it got ready; no line on stdout matched "ready"; nothing came there$/,
  );
});

Deno.test("a stop cuts in on a sidecar that is getting ready", async () => {
  await using probe = new Probe({
    ...sh("echo up; exec sleep 60"),
    ready: { stdout: "ready" },
    stop: AT_ONCE,
  });
  const started = failureOf(probe.system.start());
  await probe.output("up");
  await probe.system.stop();
  assertInstanceOf(await started, StartError);
  assert(!alive(await probe.pid()));
  assertEquals([probe.all("start_failed"), probe.all("ready")], [[], []]);
  assertEquals((await probe.event("stopped")).exit, { reason: "shutdown" });
});

Deno.test("a restart waits for readiness as the first start did", async () => {
  await using probe = await Probe.start({
    ...sh("echo ready; exec cat"),
    protocol: "lines",
    ready: { stdout: "ready" },
  });
  Deno.kill(await probe.pid(), "SIGKILL");
  await probe.event("exited");
  assertEquals(await probe.ref.ask("x"), "x");
  assertEquals(probe.all("ready").length, 2);
});
