/** A sidecar that tells its secret in every way it can: nothing that is told about it has it. */
import { assert, assertEquals, assertInstanceOf, assertMatch, assertThrows } from "@std/assert";
import { jsonLine } from "@outrider/outrider/report";
import { ProgramChangedError, SecretFileError } from "@outrider/outrider/process";
import { sidecar, SidecarExitedError, type SidecarOptions } from "@outrider/outrider";
import { z } from "zod";
import { failureOf } from "../support/probes.ts";
import { Timeline } from "../../src/report/timeline.ts";
import { AT_ONCE, Probe, sh } from "./health/probe.ts";

const folder = await Deno.makeTempDir();
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
const SECRET = 'hunter2 "quoted" of the test';
const file = `${folder}/key`;
await Deno.writeTextFile(file, SECRET + "\n");

const telling = (script: string): SidecarOptions => ({
  ...sh(script),
  env: { KEY: { file } },
  stop: AT_ONCE,
  restart: "temporary",
});

/** Everything that was told, in each form in which it is printed. */
function told(probe: Probe): string {
  const timeline = new Timeline({ name: "t", width: 1, color: false, time: "elapsed" });
  return probe.log.events.flatMap((event) => [
    ...[jsonLine(event), timeline.line(event) ?? "", Deno.inspect(event, { depth: 20 })],
    ...("cause" in event && event.cause instanceof Error ? [event.cause.stack ?? ""] : []),
    ...("exit" in event && "cause" in event.exit ? [event.exit.cause?.stack ?? ""] : []),
  ]).join("\n");
}

function assertHidden(text: string): void {
  for (const part of ["hunter2", "of the test"]) assert(!text.includes(part), text);
  assertMatch(text, /\*\*\*/);
}

Deno.test("its lines on stdout and stderr, and its last words", async () => {
  const script = 'echo "out $KEY"; echo "err $KEY" >&2; printf "%s" "last $KEY" >&2; exit 3';
  await using probe = await Probe.start(telling(script));
  const { exit } = await probe.event("exited");
  await probe.event("output", ({ line }) => line === "out ***");
  assert(exit.reason === "crash");
  assertInstanceOf(exit.cause, SidecarExitedError);
  assertEquals(exit.cause.stderrTail, ["err ***", "last ***"]);
  assertMatch(exit.cause.message, /its last words: last \*\*\*$/);
  assertHidden(told(probe));
});

Deno.test("malformed, invalid and unrequested messages", async () => {
  const plain = `${folder}/plain`;
  await Deno.writeTextFile(plain, "hunter2-of the test");
  const script = 'echo "{{ $KEY"; echo "[\\"$KEY\\"]"; exec cat >/dev/null';
  const options = { ...telling(script), env: { KEY: { file: plain } }, protocol: "ndjson" } as const;
  await using unclaimed = await Probe.start(options);
  await unclaimed.event("dead_letter");
  await using unfit = new Probe({ ...options, schemas: { published: z.number() } });
  const reading = unfit.ref.subscribe();
  await unfit.system.start();
  await unfit.event("malformed", ({ kind }) => kind === "schema");
  await reading.return();
  for (const probe of [unclaimed, unfit]) {
    assertEquals(probe.all("malformed").map(({ kind }) => kind).slice(0, 1), ["not_json"]);
    assertHidden(told(probe));
  }
});

Deno.test("a strict sidecar's failure, and a reply that comes too late", async () => {
  await using strict = await Probe.start({
    ...telling('echo "{{ $KEY"; exec cat >/dev/null'),
    protocol: "ndjson",
    strict: true,
  });
  await strict.event("exited");
  assertHidden(told(strict));
  await using late = await Probe.start({
    ...telling('read -r line; read -r line; echo "$KEY"; exec cat >/dev/null'),
    protocol: "lines",
  });
  const gone = late.ref.ask("a", { timeout: 1 });
  await failureOf(gone);
  late.ref.tell("b");
  assertEquals((await late.event("dead_letter")).reason, "late_reply");
  assertHidden(told(late));
});

Deno.test("the last words of a probe's command, which has the same variables", async () => {
  const command = ["sh", "-c", 'echo "no $KEY" >&2; exit 1'];
  const startup = { command };
  await using probe = new Probe({
    ...telling("exec sleep 1000"),
    startWithin: 3_000,
    probes: { startup },
  });
  const error = await failureOf(probe.system.start());
  assertMatch(error.message, /its last words: no \*\*\*/);
  await probe.event("start_failed");
  assertHidden(told(probe) + Deno.inspect(error, { depth: 20 }));
});

Deno.test("a message and its reply are their caller's: they are as they are", async () => {
  await using probe = await Probe.start({
    ...telling('read -r line; echo "$KEY"; exec cat >/dev/null'),
    protocol: "lines",
  });
  assertEquals(await probe.ref.ask("x"), SECRET);
});

Deno.test("a secret that was changed is read at the next start; one that is gone ends the restarts", async () => {
  const file = `${folder}/changes`;
  await Deno.writeTextFile(file, "first");
  await using probe = await Probe.start({
    ...sh('while read -r line; do [ "$line" = die ] && exit 1; printf "%s\\n" "$KEY"; done'),
    env: { KEY: { file } },
    protocol: "lines",
    stop: AT_ONCE,
  });
  assertEquals(await probe.ref.ask("x"), "first");
  await Deno.writeTextFile(file, "second");
  probe.ref.tell("die");
  await probe.event("ready", ({ generation }) => generation === 2);
  assertEquals(await probe.ref.ask("x"), "second");
  await Deno.remove(file);
  probe.ref.tell("die");
  const { cause } = await probe.event("start_failed");
  assertInstanceOf(cause, SecretFileError);
  assertEquals((await probe.event("finished")).verdict, "keep");
});

Deno.test("a program that is not the pinned one is refused once, and not tried again", async () => {
  await using probe = new Probe({ ...sh("true"), sha256: "0".repeat(64) });
  const error = await failureOf(probe.system.start());
  assertInstanceOf((await probe.event("start_failed")).cause, ProgramChangedError);
  assertMatch(error.message, /is not the pinned file/);
  assertEquals(probe.all("starting").length, 1);
});

Deno.test("a program that anybody can replace is warned about once", async () => {
  const loose = `${folder}/loose`;
  await Deno.writeTextFile(loose, "#!/bin/sh\nread -r line\nexit 1\n");
  await Deno.chmod(loose, 0o777);
  await using probe = await Probe.start({ command: loose, protocol: "lines", stop: AT_ONCE });
  probe.ref.tell("die");
  await probe.event("ready", ({ generation }) => generation === 2);
  assertEquals(probe.all("warning").map(({ message }) => message), [
    `the program "${loose}" can be replaced: anybody may write to ${loose}`,
  ]);
});

Deno.test("options that make no sense are refused", () => {
  const refused = (options: Partial<SidecarOptions>, why: string) =>
    assertThrows(() => sidecar("s", { command: "x", ...options }), Error, why);
  refused({ env: { PATH: { file: "x" } } }, "Cannot read PATH from elsewhere");
  refused({ launcher: [] as never }, "launcher: must not be empty");
  refused({ sha256: "abc" }, "64 hexadecimal digits");
  for (const uid of [-1, 1.5, 2 ** 32 - 1, NaN]) refused({ uid }, "uid: ");
  refused({ gid: -1 }, "gid: must be 0 or more, got -1");
});
