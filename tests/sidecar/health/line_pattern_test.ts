import { OptionError } from "../../../src/options/option_error.ts";
import { assert, assertEquals, assertInstanceOf, assertMatch, assertThrows } from "@std/assert";
import { SidecarExitedError, SidecarNotReadyError, StartError } from "@outrider/outrider";
import { LineScanner, READY_LINE_CAP } from "../../../src/sidecar/health/output_lines.ts";
import { SidecarNoRepliesError } from "@outrider/outrider/protocol";
import { alive } from "../../process/fixture.ts";
import { failureOf } from "../../support/probes.ts";
import { AT_ONCE, fixture, Probe, sh, take } from "./probe.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);

Deno.test("the scanner finds the line in any split of the input, and returns the rest behind it", () => {
  const input = "caf\u00e9\n\nready 42\r\nrest\nready";
  const all = bytes(input);
  for (let size = 1; size <= all.length; size++) {
    const lines: string[] = [];
    const scanner = new LineScanner(/^ready \d+$/g, (line) => lines.push(line));
    let rest: Uint8Array | undefined;
    let at = 0;
    for (; rest === undefined; at += size) rest = scanner.scan(all.subarray(at, at + size));
    assertEquals(text(rest)! + text(all.subarray(at)), "rest\nready");
    assertEquals(lines, ["caf\u00e9", "", "ready 42"]);
  }
});

Deno.test("the scanner looks at no more of a line than its cap", () => {
  const lines: string[] = [];
  const scanner = new LineScanner("end", (line) => lines.push(line));
  assertEquals(scanner.scan(bytes("x".repeat(READY_LINE_CAP + 10))), undefined);
  assertEquals(scanner.scan(bytes("end\nthe end\nrest")), bytes("rest"));
  assertEquals(lines.map((line) => line.length), [READY_LINE_CAP, 7]);
});

Deno.test("an invalid pattern is refused at construction", () => {
  assertThrows(() => new LineScanner("(", () => {}), OptionError);
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
  assertMatch(cause.message, /did not get ready within 100 ms$/);
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
  assertMatch(cause.message, /exited with code 0 before it got ready$/);
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
