import {
  IncarnationEndedError,
  MessageRefusedError,
  OptionError,
  ProgramNotFoundError,
  SidecarExitedError,
  SidecarProtocolError,
} from "@outrider/outrider";
import { PIPE_DRAIN_MS } from "@outrider/outrider/process";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { filter, type FilterOptions, runFilter, through } from "@outrider/outrider/actors/filter";
import { SidecarOutputCutError } from "@outrider/outrider/protocol";
import { failureOf, stateOf } from "../support/probes.ts";
import { systemClock } from "../../src/time/clock.ts";
import { hasty, sh } from "../sidecar/health/probe.ts";
import { alive } from "../process/fixture.ts";
import { Planted } from "./planted.ts";

const start = (options: FilterOptions) => Planted.start(filter("s", options));
const text = (stream: ReadableStream<Uint8Array>) => new Response(stream as BodyInit).text();
const lines = { as: "lines" } as const;

/** So many MiB, in chunks of 64 KiB, none the same as another. */
function* mebibytes(count: number): Generator<Uint8Array> {
  for (let n = 0; n < count * 16; n++) yield new Uint8Array(new Uint32Array(16_384).fill(n).buffer);
}

// --- What goes in and comes out -----------------------------------------------------------

Deno.test("a batch filter answers when it has read everything; each job has a process of its own", async () => {
  await using s = await start({ command: "sort" });
  const jobs = [["b", "c", "a"], ["z", "y"], []].map((input) =>
    Array.fromAsync(runFilter(s.ref, input, lines))
  );
  assertEquals(await Promise.all(jobs), [["a", "b", "c"], ["y", "z"], []]);
  assertEquals(new Set(s.all("spawned").map(({ pid }) => pid)).size, 3);
});

Deno.test("a filter of lines answers while it reads: many lines for one, or none", async () => {
  await using s = await start(sh('while read -r n; do [ "$n" = 0 ] || seq 1 "$n"; done'));
  const input = new TransformStream<string, string>();
  const writer = input.writable.getWriter();
  const output = runFilter(s.ref, input.readable, lines).getReader();
  void writer.write("2");
  assertEquals([await output.read(), await output.read()].map(({ value }) => value), ["1", "2"]);
  void writer.write("0");
  void writer.write("1");
  assertEquals((await output.read()).value, "1");
  void writer.close();
  assertEquals((await output.read()).done, true);
});

const inputs: Record<string, () => Parameters<typeof runFilter>[1]> = {
  "a string": () => "häus",
  bytes: () => new TextEncoder().encode("häus"),
  "an array": () => ["hä", new TextEncoder().encode("us")],
  "an async generator": async function* () {
    yield "hä";
    yield "";
    yield await Promise.resolve("us");
  },
  "a stream": () => ReadableStream.from(["häus"]),
};
for (const [name, input] of Object.entries(inputs)) {
  Deno.test(`input can be ${name}`, async () => {
    await using s = await start({ command: "cat" });
    const made = input();
    assertEquals(
      await text(runFilter(s.ref, typeof made === "function" ? (made as () => string)() : made)),
      "häus",
    );
  });
}

Deno.test("a last line without its end is a line, and lines are cut wherever chunks are", async () => {
  await using s = await start(sh("printf 'a\\nb'; sleep 0.01; printf 'c\\n\\nd'"));
  assertEquals(await Array.fromAsync(runFilter(s.ref, "", lines)), ["a", "bc", "", "d"]);
});

Deno.test("a filter is a transform stream, and chains with another", async () => {
  await using s = await Planted.start(
    filter("s", { command: "gzip", args: ["-c"] }),
    filter("back", { command: "gzip", args: ["-dc"] }),
  );
  const there = ReadableStream.from(["a", "b"]).pipeThrough(through(s.ref));
  assertEquals(await text(there.pipeThrough(through(s.system.ref("back")))), "ab");
});

// --- Flow -----------------------------------------------------------------------------------

Deno.test("100 MiB pass through cat as they are, and few of them are in memory", async () => {
  await using s = await start({ command: "cat" });
  let [given, got, ahead] = [0, 0, 0];
  const input = function* () {
    for (const chunk of mebibytes(100)) {
      given += chunk.length;
      yield chunk;
    }
  };
  let next = 0;
  for await (const chunk of runFilter(s.ref, input())) {
    ahead = Math.max(ahead, given - got);
    if (got % 65_536 === 0) assertEquals(chunk[0], next & 255);
    got += chunk.length;
    next = Math.floor(got / 65_536);
  }
  assertEquals(got, 100 * 1_048_576);
  assertLess(ahead, 1_048_576);
});

Deno.test("100 MiB pass through gzip and back", async () => {
  await using s = await start(sh("gzip -1 | gzip -dc"));
  let got = 0;
  for await (const chunk of runFilter(s.ref, mebibytes(100))) got += chunk.length;
  assertEquals(got, 100 * 1_048_576);
});

Deno.test("a slow reader stops the process, and that stops the input", async () => {
  await using s = await start({ command: "cat" });
  await using other = await start({ command: "cat" });
  let given = 0;
  const input = function* () {
    for (const chunk of mebibytes(8)) {
      given += chunk.length;
      yield chunk;
    }
  };
  const reader = runFilter(s.ref, input()).getReader();
  let got = (await reader.read()).value!.length;
  for (let n = 0; n < 50; n++) await text(runFilter(other.ref, "x")); // time enough, told by what another gets done
  assertLess(given, 1_048_576);
  for (let read = await reader.read(); !read.done; read = await reader.read()) got += read.value.length;
  assertEquals(got, 8 * 1_048_576);
});

Deno.test("the last output of a process reaches a late reader whole", async () => {
  // Its pipe is kept for 200 ms, which is enough for what it left in it, and over before the reader comes.
  const brisk = { ...systemClock, setTimeout: (fn: () => void, ms: number) => setTimeout(fn, ms / 10) };
  const planted = new Planted([filter("s", sh("seq 1 12000"))], brisk);
  await using s = planted;
  await s.system.start();
  const output = runFilter(s.ref, "", lines).getReader();
  let last = (await output.read()).value;
  const { pid } = await s.event("spawned");
  while (alive(pid)) await stateOf(undefined);
  await new Promise<void>((resolve) => brisk.setTimeout(resolve, 2 * PIPE_DRAIN_MS));
  for (let read = await output.read(); !read.done; read = await output.read()) last = read.value;
  assertEquals(last, "12000");
});

// --- Ends -----------------------------------------------------------------------------------

Deno.test("an exit code other than 0 is an error behind all that came, with the last lines of stderr", async () => {
  await using s = await start(sh("echo one; echo two; echo no more >&2; exit 3"));
  const got: string[] = [];
  const error = await failureOf((async () => {
    for await (const line of runFilter(s.ref, "", lines)) got.push(line);
  })());
  assertInstanceOf(error, SidecarExitedError);
  assertEquals([error.exitCode, error.path, error.lastWords, got], [3, "s", "no more", ["one", "two"]]);
  assertEquals(s.all("exited"), []); // the filter itself is as well as before
});

Deno.test("exit codes that are as good as 0", async () => {
  await using s = await start({ command: "grep", args: ["x"], successExitStatus: [1] });
  assertEquals(await text(runFilter(s.ref, "abc\n")), "");
  await using strict = await start({ command: "grep", args: ["x"] });
  assertInstanceOf(await failureOf(text(runFilter(strict.ref, "abc\n"))), SidecarExitedError);
});

Deno.test("a signal is an error, whatever exit codes are good", async () => {
  await using s = await start({ ...sh("kill -TERM $$"), successExitStatus: [143] });
  const error = await failureOf(text(runFilter(s.ref, "")));
  assertInstanceOf(error, SidecarExitedError);
  assertEquals(error.signal, "SIGTERM");
});

Deno.test("a program that needs no more input ends well, and the input is cancelled", async () => {
  await using s = await start({ command: "head", args: ["-n", "2"] });
  let over = false;
  const endless = async function* () {
    try {
      for (let n = 1;; n++) yield `${n}\n`;
    } finally {
      over = true;
    }
  };
  assertEquals(await text(runFilter(s.ref, endless())), "1\n2\n");
  assert(over);
  let cancelled = false;
  const silent = new ReadableStream<string>({
    start: (controller) => controller.enqueue("1\n2\n"),
    cancel: () => void (cancelled = true),
  });
  assertEquals(await text(runFilter(s.ref, silent)), "1\n2\n");
  assert(cancelled);
});

Deno.test("an error of the input fails the output, and ends the process", async () => {
  await using s = await start({ command: "cat" });
  const broken = async function* () {
    yield "one";
    await Promise.resolve();
    throw new RangeError("no more of it");
  };
  const error = await failureOf(text(runFilter(s.ref, broken())));
  assertInstanceOf(error, RangeError);
  assertEquals(error.message, "no more of it");
  assertInstanceOf(await failureOf(text(runFilter(s.ref, [1 as unknown as string]))), Error);
  assertInstanceOf(await failureOf(Array.fromAsync(runFilter(s.ref, ["a\nb"], lines))), Error);
});

Deno.test("a line over the cap is a failure", async () => {
  await using s = await start({ command: "cat", maxFrame: 10 });
  const error = await failureOf(Array.fromAsync(runFilter(s.ref, ["short", "much too long"], lines)));
  assertInstanceOf(error, SidecarProtocolError);
  assertEquals(error.fault.kind, "over_cap");
});

Deno.test("to leave the output ends the process, and makes room for the next", async () => {
  await using s = await start({ ...sh('read -r go; [ "$go" ] && exec yes; echo next'), concurrency: 1 });
  for await (const line of runFilter(s.ref, "go", lines)) {
    assertEquals(line, "y");
    break;
  }
  assertEquals(await Array.fromAsync(runFilter(s.ref, "", lines)), ["next"]);
});

Deno.test("an abort ends the process, or keeps the job from beginning", async () => {
  await using s = await start({ ...sh("echo begun; exec sleep 600"), concurrency: 1 });
  const abort = new AbortController();
  const first = runFilter(s.ref, "", { ...lines, signal: abort.signal }).getReader();
  assertEquals((await first.read()).value, "begun");
  const waiting = runFilter(s.ref, ["x"], { ...lines, signal: abort.signal }).getReader();
  await stateOf(undefined);
  const enough = new Error("enough");
  abort.abort(enough);
  for (const reader of [first, waiting]) {
    assertStrictEquals(await failureOf(reader.read()), enough);
  }
  assertEquals(s.all("spawned").length, 1);
});

Deno.test("a program that is not there fails the job, and not the filter", async () => {
  await using s = await start({ command: "no-such-program" });
  assertInstanceOf(await failureOf(text(runFilter(s.ref, "x"))), ProgramNotFoundError);
  assertInstanceOf(await failureOf(text(runFilter(s.ref, "x"))), ProgramNotFoundError);
  assertEquals(s.ref.generation, 1);
});

// --- The actor --------------------------------------------------------------------------------

Deno.test("no more processes run than are allowed; other jobs wait their turn", async () => {
  await using s = await start({ ...sh("read -r x; echo $x"), concurrency: 2 });
  const inputs = Array.from({ length: 5 }, () => new TransformStream<string, string>());
  const outputs = inputs.map(({ readable }) => Array.fromAsync(runFilter(s.ref, readable, lines)));
  await s.log.until(() => s.all("spawned").length === 2);
  await stateOf(undefined);
  assertEquals(s.all("spawned").length, 2);
  for (const [n, { writable }] of inputs.entries()) {
    const writer = writable.getWriter();
    writer.write(String(n)).catch(() => {});
    writer.close().catch(() => {});
  }
  assertEquals(await Promise.all(outputs), [["0"], ["1"], ["2"], ["3"], ["4"]]);
  assertEquals(s.all("spawned").length, 5);
});

Deno.test("a stop lets jobs end for a while, then ends them; half of a result does not count", async () => {
  const s = await start({
    ...sh("trap '' TERM; echo begun; cat >/dev/null; echo end"),
    concurrency: 1,
    stop: { drain: 1, term: 1 },
  });
  const input = new TransformStream<string, string>();
  const running = runFilter(s.ref, input.readable, lines).getReader();
  assertEquals((await running.read()).value, "begun");
  const waiting = runFilter(s.ref, "", lines).getReader();
  await s.system.stop();
  // The stdin of the first came to an end, so it may have written its last line; that is no success.
  let error: Error | undefined;
  while (error === undefined) await running.read().catch((thrown) => error = thrown);
  assertInstanceOf(error, IncarnationEndedError);
  assertInstanceOf(await failureOf(waiting.read()), Error);
  await s[Symbol.asyncDispose]();
});

Deno.test("a message that is not a job is refused", async () => {
  await using s = await start({ command: "cat" });
  assertInstanceOf(await failureOf(s.ref.ask("hello")), MessageRefusedError);
  await s.ref.tell("hello");
  assertEquals((await s.event("dead_letter")).reason, "refused");
  assertThrows(() => filter("s", { command: "cat", concurrency: 0 }), OptionError);
});

Deno.test("cut output is an error", async () => {
  const planted = new Planted(
    [filter("s", sh("sleep 600 >&1 2>/dev/null & echo $!; exit 0"))],
    hasty(PIPE_DRAIN_MS),
  );
  await using s = planted;
  await s.system.start();
  const got: string[] = [];
  const error = await failureOf((async () => {
    for await (const line of runFilter(s.ref, "", lines)) got.push(line);
  })());
  Deno.kill(Number(got[0]), "SIGKILL");
  assertInstanceOf(error, SidecarOutputCutError);
  await s.event("pipes_held");
});

Deno.test("jobs go on when a filter receives a hostile message", async () => {
  await using planted = await start({ command: "cat" });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const before = text(runFilter(planted.ref, "before"));
  void planted.ref.tell(proxy);
  assertInstanceOf(await failureOf(planted.ref.ask(proxy)), MessageRefusedError);
  assertEquals([await before, await text(runFilter(planted.ref, "behind")), planted.ref.generation], [
    "before",
    "behind",
    1,
  ]);
});
