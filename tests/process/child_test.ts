import { assert, assertEquals, assertGreater, assertRejects, assertThrows } from "@std/assert";
import { NAMELESS_SIGNAL } from "../../src/process/child.ts";
import { spawn } from "../../src/process/spawn.ts";
import { PipeClosedError } from "../../src/process/pipes/pipe_errors.ts";
import { codecs } from "../../src/process/codecs/codecs.ts";
import { alive, Collected, command, ended, fixture, output, ready } from "./fixture.ts";

Deno.test("child answers, and ends when its stdin is closed", async () => {
  const child = spawn(fixture("echo_ndjson"));
  const reading = output(child);
  child.write('{"n":1}\n');
  child.write('{"n":2}\n');
  await child.closeStdin();
  assertEquals(await reading, '{"n":1}\n{"n":2}\n');
  assertEquals(await child.closed, { status: { code: 0, signal: undefined }, pipesHeld: false });
  assert(!alive(child.pid));
});

Deno.test("child returns 10 MB when they are written as fast as the pipe allows", async () => {
  const child = spawn(fixture("echo_ndjson"));
  let bytes = 0;
  const reading = child.readStdout((chunk) => void (bytes += chunk.length));
  const line = "x".repeat(999) + "\n";
  let waits = 0;
  for (let i = 0; i < 10_000; i++) {
    const full = child.write(line);
    if (full !== undefined) waits++;
    await full;
  }
  await child.closeStdin();
  await reading;
  await child.closed;
  assertEquals(bytes, 10_000_000);
  assertGreater(waits, 10);
});

Deno.test("child reports the exit code or the signal when it ends", async () => {
  const exited = spawn(fixture("exits_with_code", "42"));
  assertEquals(await exited.exited, { code: 42, signal: undefined });
  await exited.closed;
  const killed = await ready("never_reads");
  assert(killed.signal("SIGKILL"));
  assertEquals(await killed.exited, { code: 137, signal: "SIGKILL" });
  await killed.closed;
});

Deno.test("signal returns false when the child has ended, and throws when there is no such signal", async () => {
  const child = await ready("never_reads");
  assertThrows(() => child.signal("SIGNONE" as Deno.Signal), TypeError);
  assert(child.signal("SIGTERM"));
  await child.closed;
  assertEquals(child.signal("SIGTERM"), false);
  assertEquals(child.signal("SIGKILL"), false);
});

Deno.test("child returns the unsent frames when it dies in the middle of a write", async () => {
  const child = spawn(fixture("dies_mid_write"));
  const big = child.write("x".repeat(1_000_000), "big");
  child.write("never handed over", "small");
  const error = await assertRejects(async () => await big, PipeClosedError);
  assertEquals(error.pid, child.pid);
  assertEquals(child.unsent(), ["small"]);
  await child.closeStdin();
  assertEquals((await child.closed).status.code, 3);
  assertEquals(child.stderrTail, ["cannot go on"]);
  assertThrows(() => child.write("late"), PipeClosedError);
});

Deno.test("child asks to await writes and can be killed when it never reads", async () => {
  const child = await ready("never_reads");
  assertEquals(child.write("x".repeat(1_000)), undefined);
  const full = child.write("x".repeat(1_000_000), "waiting");
  assert(full instanceof Promise);
  const closing = child.closeStdin();
  child.signal("SIGKILL");
  await assertRejects(async () => await full, PipeClosedError);
  await closing;
  assertEquals((await child.closed).pipesHeld, false);
});

Deno.test("child closes when it is killed while it floods stdout", async () => {
  const child = spawn(fixture("floods_stdout"));
  let bytes = 0;
  const much = Promise.withResolvers<void>();
  const reading = child.readStdout((chunk) => {
    bytes += chunk.length;
    if (bytes > 10_000_000) much.resolve();
  });
  await much.promise;
  child.signal("SIGKILL");
  assertEquals((await child.closed).pipesHeld, false);
  await reading;
});

Deno.test("child releases its unread stdout when it ends", async () => {
  const child = spawn(fixture("floods_stdout"));
  child.signal("SIGKILL");
  assertEquals((await child.closed).pipesHeld, false);
});

Deno.test("child lives on when it closes its stdin, and writing fails", async () => {
  const child = await ready("closes_stdin_lives_on");
  const writes = async () => {
    for (;;) await child.write("x".repeat(100_000));
  };
  const error = await assertRejects(writes, PipeClosedError);
  assert(error.cause instanceof Deno.errors.BrokenPipe);
  await child.closeStdin();
  assert(alive(child.pid));
  child.signal("SIGKILL");
  await child.closed;
});

Deno.test("child lives on when it closes its stdout, and reading ends", async () => {
  const closed = Promise.withResolvers<void>();
  const child = spawn(fixture("closes_stdout_lives_on"), { onStderr: () => closed.resolve() });
  assertEquals(await output(child), "last\n");
  await closed.promise;
  assert(alive(child.pid));
  await child.closeStdin();
  assertEquals(await child.closed, { status: { code: 0, signal: undefined }, pipesHeld: false });
});

Deno.test("child exits at once and closes at the deadline when a grandchild holds its stdout", async () => {
  let fire = () => {};
  const set = Promise.withResolvers<number>();
  const timers = {
    setTimeout: (fn: () => void, ms: number) => {
      fire = fn;
      set.resolve(ms);
    },
    clearTimeout: () => {},
  };
  const child = spawn(fixture("holds_stdout_by_grandchild"), { timers, drainDeadline: 1_234 });
  const reading = output(child);
  let closed = false;
  child.closed.then(() => closed = true);
  assertEquals(await child.exited, { code: 7, signal: undefined });
  assertEquals(await set.promise, 1_234);
  assertThrows(() => child.write("too late"), PipeClosedError);
  await spawn(command("true")).closed;
  assertEquals(closed, false);
  fire();
  assertEquals(await child.closed, {
    status: { code: 7, signal: undefined },
    pipesHeld: true,
    orphans: true,
  });
  await ended(Number(await reading));
});

Deno.test("child closes when the consumer of its stdout stalls for ever", async () => {
  const child = spawn(fixture("no_newline"), { drainDeadline: 20 });
  const reading = child.readStdout(() => new Promise(() => {}));
  assertEquals(await child.closed, { status: { code: 0, signal: undefined }, pipesHeld: true });
  await reading;
});

Deno.test("child rejects closed with the error when its stderr listener throws", async () => {
  const child = spawn(command("sh", "-c", "echo a >&2; echo b >&2"), {
    onStderr: () => {
      throw new RangeError("listener");
    },
  });
  await assertRejects(() => child.closed, RangeError, "listener");
  assertEquals(child.stderrTail, ["a", "b"]);
});

Deno.test("child delivers whole lines when its output splits characters or lacks a newline", async () => {
  for (const [name, expected] of [["splits_utf8", ["café"]], ["no_newline", ["one", "two"]]] as const) {
    const sink = new Collected<string>();
    const decoder = codecs.lines.decoder(sink, { maxFrame: 100 });
    const child = spawn(fixture(name));
    await child.readStdout((chunk) => {
      decoder.push(chunk);
      if (name === "splits_utf8" && sink.messages.length === 0) void child.closeStdin();
    });
    decoder.end();
    await child.closed;
    assertEquals([sink.messages, sink.faults], [expected, []]);
  }
});

Deno.test("child delivers the valid messages and names each fault when it prints garbage", async () => {
  const sink = new Collected<unknown>();
  const decoder = codecs.ndjson.decoder(sink, { maxFrame: 1_000 });
  const child = spawn(fixture("prints_garbage"));
  await child.readStdout((chunk) => decoder.push(chunk));
  decoder.end();
  await child.closed;
  assertEquals(sink.messages, [{ n: 1 }, { n: 2 }, { n: 3 }]);
  assertEquals(sink.faults.map(({ kind }) => kind), ["not_json", "invalid_utf8", "over_cap", "truncated"]);
});

Deno.test("children leave nothing behind when a hundred of them run at once", async () => {
  const children = Array.from({ length: 100 }, () => spawn(fixture("echo_ndjson")));
  for (const child of children) child.write("hello\n");
  await Promise.all(children.map((child) => child.closeStdin()));
  await Promise.all(children.map((child) => child.closed));
  assertEquals(children.filter((child) => alive(child.pid)), []);
});

Deno.test({
  name: "child reports its end when Deno has no name for the signal",
  ignore: Deno.build.os !== "linux", // where 34 is a real-time signal
  sanitizeResources: false, // Deno itself does not close the resource of such a process
  async fn() {
    const child = spawn({
      program: "sh",
      args: ["-c", "kill -34 $$"],
      cwd: undefined,
      env: {},
      inheritEnv: ["PATH"],
    });
    assertEquals(await child.exited, { code: NAMELESS_SIGNAL, signal: undefined });
    await child.closed;
  },
});
