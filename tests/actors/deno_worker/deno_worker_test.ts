import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLessOrEqual,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { AskTimeoutError, IncarnationEndedError, SidecarExitedError, StartError } from "@outrider/outrider";
import { UnencodableMessageError } from "@outrider/outrider/protocol";
import {
  denoWorker,
  type DenoWorkerOptions,
  ITEM_CREDIT,
  WorkerClient,
  WorkerThrewError,
} from "@outrider/outrider/actors/deno_worker";
import type { Api } from "../../fixtures/worker.ts";
import { failureOf, stateOf } from "../../support/probes.ts";
import { Planted } from "../planted.ts";

const module = new URL("../../fixtures/worker.ts", import.meta.url);

async function start(options: Partial<DenoWorkerOptions> = {}) {
  const planted = await Planted.start(denoWorker("s", { module, ...options }));
  return {
    planted,
    worker: new WorkerClient<Api>(planted.ref),
    [Symbol.asyncDispose]: () => planted[Symbol.asyncDispose](),
  };
}

const outputs = ({ planted }: { planted: Planted }) => planted.all("output").map(({ line }) => line);

// --- Calls ----------------------------------------------------------------------------------

Deno.test("a call is answered, with the types of its handler", async () => {
  await using w = await start({ args: ["one", "two"] });
  const { worker } = w;
  const sum: number = await worker.call("add", { a: 1, b: 2 });
  assertEquals([sum, await worker.call("later", { a: 2 }), await worker.call("nothing")], [
    3,
    { twice: 4 },
    undefined,
  ]);
  assertEquals(await worker.call("args"), ["one", "two"]);
  // @ts-expect-error -- no such handler
  const error = await failureOf(worker.call("subtract", {}));
  assertStringIncludes(error.message, "Cannot call 'subtract': the worker serves add, later");
  // @ts-expect-error -- it takes arguments
  void worker.call("add").catch(() => {});
  // @ts-expect-error -- arguments of another type
  void worker.call("add", { a: "1", b: 2 });
  // @ts-expect-error -- it is not a stream
  assertInstanceOf(await failureOf(worker.stream("add", { a: 1, b: 2 }).next()), WorkerThrewError);
  // @ts-expect-error -- it is one
  assertInstanceOf(await failureOf(worker.call("count", { to: 1 })), WorkerThrewError);
});

Deno.test("a call has the types that JSON leaves of what its handler gives and takes", async () => {
  await using w = await start();
  const odd = await w.worker.call("odd");
  const at: string = odd.at;
  const link: string = odd.link;
  const bytes: { [index: string]: number } = odd.bytes;
  const empty: { [key: string]: never }[] = [odd.map, odd.set, odd.buffer];
  const list: readonly [string, null, "x"] = odd.list;
  const maybe: string | undefined = odd.maybe;
  const deep: { value: { at: string } } = odd.deep;
  // @ts-expect-error -- functions are left out
  assertEquals(odd.call, undefined);
  const epoch = "1970-01-01T00:00:00.000Z";
  assertEquals([at, link, bytes, empty, list, maybe, deep], [
    epoch,
    "http://localhost/a",
    { 0: 1, 1: 2 },
    [{}, {}, {}],
    [epoch, null, "x"],
    undefined,
    { value: { at: epoch } },
  ]);
  const moments: AsyncGenerator<string, void, void> = w.worker.stream("moments");
  assertEquals(await Array.fromAsync(moments), [epoch]);
  // @ts-expect-error -- a date does not arrive as one
  const arrived: string = await w.worker.call("since", { at: new Date(0) });
  assertEquals(arrived, "string");
});

Deno.test("many calls at a time, small and large, each get their own answer", async () => {
  await using w = await start();
  const sums = Array.from({ length: 1_000 }, (_, n) => w.worker.call("add", { a: n, b: 1 }));
  const large = "ä\n".repeat(500_000);
  const echoes = [w.worker.call("echo", large), w.worker.call("big", { size: 3_000_000 })];
  assertEquals(await Promise.all(sums), Array.from({ length: 1_000 }, (_, n) => n + 1));
  assert(await echoes[0] === large);
  assertEquals((await echoes[1] as string).length, 3_000_000);
});

Deno.test("a handler's error arrives as the cause: name, message, stack", async () => {
  await using w = await start();
  const error = await failureOf(w.worker.call("throws", { message: "too far" }));
  assertInstanceOf(error, WorkerThrewError);
  assertEquals([error.code, error.path, error.call], ["worker_threw", "s", "throws"]);
  assertEquals(error.message, "Cannot do 'throws' in 's': RangeError: too far");
  const { cause } = error;
  assert(cause instanceof Error);
  assertEquals([cause.name, cause.message], ["RangeError", "too far"]);
  assertStringIncludes(cause.stack!, "fixtures/worker.ts");
  assertStringIncludes((await failureOf(w.worker.call("throwsText"))).message, "no error at all");
  assertStringIncludes((await failureOf(w.worker.call("unsayable"))).message, "BigInt");
  assertEquals(await w.worker.call("add", { a: 1, b: 1 }), 2);
});

Deno.test("a worker's console goes to stderr, and corrupts no frame", async () => {
  await using w = await start({ strict: true });
  await w.worker.call("prints");
  assertEquals(await w.worker.call("add", { a: 1, b: 1 }), 2);
  await w.planted.event("output", ({ line }) => line === "error");
  const printed = outputs(w).join("\n");
  for (const word of ["log", "info", "debug", "dir: 1", "[ 1 ]", "group", "count: 1", "time: "]) {
    assertStringIncludes(printed, word);
  }
  assertEquals(w.planted.all("malformed"), []);
});

Deno.test("a tell calls its handler, and its failure is in the log", async () => {
  await using w = await start();
  await w.worker.tell("throws", { message: "for nobody" });
  await w.planted.event("output", ({ line }) => line.includes("RangeError: for nobody"));
  assertInstanceOf(await failureOf(w.planted.ref.ask("hello")), UnencodableMessageError);
  assertInstanceOf(await failureOf(w.planted.ref.ask({ call: 1 })), UnencodableMessageError);
});

// --- Giving up, and ends -------------------------------------------------------------------------

Deno.test("a caller that gives up aborts the signal of the handler", async () => {
  await using w = await start();
  const abort = new AbortController();
  const hanging = w.worker.call("hang", undefined, { signal: abort.signal });
  await w.planted.event("output", ({ line }) => line === "hangs");
  abort.abort();
  assertStrictEquals(await failureOf(hanging), abort.signal.reason);
  await w.planted.event("output", ({ line }) => line === "let go");
  assertInstanceOf(await failureOf(w.worker.call("hang", undefined, { timeout: 20 })), AskTimeoutError);
  await w.planted.log.until(() => outputs(w).filter((line) => line === "let go").length === 2);
  assertEquals([await w.worker.call("add", { a: 1, b: 1 }), w.planted.ref.deadLetters], [2, 0]);
});

Deno.test("an uncaught error ends the worker, and the next one goes on", async () => {
  await using w = await start({ backoff: { initial: 0, factor: 1, max: 0, jitter: 0, resetAfter: 0 } });
  const error = await failureOf(w.worker.call("rejectsForNobody"));
  assertInstanceOf(error, IncarnationEndedError);
  assertInstanceOf(error.cause, SidecarExitedError);
  assert(
    error.cause.stderrTail.some((line) => line.includes("nobody catches this")),
    error.cause.stderrTail.join(),
  );
  assertEquals([await w.worker.call("add", { a: 1, b: 1 }), w.planted.ref.generation], [2, 2]);
});

Deno.test("a stop lets a call end, then aborts its handler's signal", async () => {
  await using w = await start({ stop: { drain: 1, stdin: 5_000, term: 5_000 } });
  const hanging = w.worker.call("hang");
  await w.planted.event("output", ({ line }) => line === "hangs");
  await w.planted.system.stop();
  assertInstanceOf(await failureOf(hanging), IncarnationEndedError);
  assertEquals(w.planted.all("stop_step").map(({ step }) => step), ["drain", "close_stdin"]);
  assert(outputs(w).includes("let go"));
});

Deno.test("a module that can't be loaded, or serves nothing, is a failed start", async () => {
  const missing = new Planted([denoWorker("s", { module: "file:///no/such/worker.ts" })]);
  assertInstanceOf(await failureOf(missing.system.start()), StartError);
  const { cause } = await missing.event("start_failed");
  assertInstanceOf(cause, SidecarExitedError);
  assertStringIncludes(cause.lastWords!, "Module not found");
  await missing[Symbol.asyncDispose]();
  await using silent = new Planted([denoWorker("s", { module: "data:application/typescript,1" })]);
  assertInstanceOf(await failureOf(silent.system.start()), StartError);
  assertStringIncludes((await silent.event("start_failed")).cause.message, "before it got ready");
});

// --- Permissions -------------------------------------------------------------------------------------

Deno.test("a worker may do nothing unless it is allowed to, and its error names the flag", async () => {
  await using w = await start();
  const { worker } = w;
  const path = import.meta.filename!;
  const denied = [
    ["--allow-read", worker.call("read", { path })],
    ["--allow-env", worker.call("env", { name: "HOME" })],
    ["--allow-net", worker.call("connect", { port: 9 })],
    ["--cached-only", worker.call("fetchModule", { url: "https://esm.sh/none" })],
  ] as const;
  for (const [flag, call] of denied) {
    const error = await failureOf(call);
    assertInstanceOf(error, WorkerThrewError);
    assertStringIncludes(error.message, flag);
  }
});

Deno.test("a worker has its granted permissions only", async () => {
  const path = import.meta.filename!;
  await using w = await start({
    permissions: { read: [new URL(import.meta.url)], env: ["GREETING"] },
    env: { GREETING: "hello", SECRET: "x" },
  });
  const { worker } = w;
  assertStringIncludes(await worker.call("read", { path }), "and no more");
  assertEquals(await worker.call("env", { name: "GREETING" }), "hello");
  assertStringIncludes((await failureOf(worker.call("env", { name: "SECRET" }))).message, "--allow-env");
  assertStringIncludes(
    (await failureOf(worker.call("read", { path: "/etc/passwd" }))).message,
    "permissions grants",
  );
});

// --- Streams -----------------------------------------------------------------------------------------

Deno.test("a generator answers with a stream; calls go on meanwhile", async () => {
  await using w = await start();
  const [two, three] = [w.worker.stream("count", { to: 1_000 }), w.worker.stream("count", { to: 3 })];
  let n: number = (await two.next()).value!;
  assertEquals(await w.worker.call("add", { a: 1, b: 1 }), 2);
  assertEquals(await Array.fromAsync(three), [1, 2, 3]);
  for await (const next of two) assertEquals(next, ++n);
  assertEquals(n, 1_000);
});

Deno.test("a slow reader holds up his own stream, and no other answer", async () => {
  await using w = await start();
  const slow = w.worker.stream("count", { to: 1_000_000 });
  await slow.next();
  for (let n = 0; n < 500; n++) assertEquals(await w.worker.call("add", { a: n, b: 1 }), n + 1);
  await slow.return();
  const { line } = await w.planted.event("output", ({ line }) => line.startsWith("counted "));
  assertLessOrEqual(Number(line.split(" ")[1]), ITEM_CREDIT + 2);
  assertEquals(w.planted.ref.deadLetters, 0);
});

Deno.test("to leave a stream ends its generator, by break or by signal", async () => {
  await using w = await start();
  for await (const n of w.worker.stream("count", { to: 1_000_000 })) if (n === 100) break;
  await w.planted.event("output", ({ line }) => line.startsWith("counted "));
  assertEquals(await w.worker.call("add", { a: 1, b: 1 }), 2);
  assertEquals(w.planted.ref.deadLetters, 0); // what was on its way was his, and he let it go
  const abort = new AbortController();
  const silent = w.worker.stream("silence", undefined, { signal: abort.signal });
  await silent.next();
  const next = silent.next();
  assertEquals(await stateOf(next), "pending");
  abort.abort(new RangeError("enough"));
  assertInstanceOf(await failureOf(next), RangeError);
  assertEquals(await w.worker.call("add", { a: 1, b: 1 }), 2);
});

Deno.test("the error of a generator, or the end of its process, comes behind its items", async () => {
  await using w = await start();
  for (const [name, what] of [["breaks", WorkerThrewError], ["dies", IncarnationEndedError]] as const) {
    const items: number[] = [];
    const error = await failureOf((async () => {
      for await (const item of w.worker.stream(name, { after: 100 })) items.push(item);
    })());
    assertInstanceOf(error, what);
    assertEquals(items.length, 100);
    if (error instanceof IncarnationEndedError) {
      assertEquals(error.generation, 1);
      assertInstanceOf(error.cause, SidecarExitedError);
      assertEquals(error.cause.exitCode, 7);
    }
  }
});

Deno.test("a worker whose timers outlive its stdin ends with the stop sequence", async () => {
  await using w = await start({ stop: { drain: 0, stdin: 0, term: 5_000 } });
  await w.worker.call("holdsOn");
  await w.planted.system.stop();
  assertEquals(w.planted.all("stop_step").map(({ step }) => step), ["drain", "close_stdin", "SIGTERM"]);
});

Deno.test("a worker ends itself when its runtime is gone", async () => {
  const left = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", module.pathname, "impatient"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const stdin = left.stdin.getWriter();
  await stdin.write(new TextEncoder().encode('{"id":1,"call":"holdsOn"}\n'));
  let said = "";
  for await (const text of left.stdout.pipeThrough(new TextDecoderStream())) {
    if (!said.endsWith('{"id":1}\n') && (said += text).endsWith('{"id":1}\n')) await stdin.close();
  }
  assertEquals((await left.status).code, 1);
});

Deno.test("a call fails alone, and the worker lives on, when its handler throws an unreadable value", async () => {
  await using w = await start();
  for (const what of ["revoked", "message", "bigint", "symbol", "text"]) {
    const error = await failureOf(w.worker.call("throwsBiting", { what }));
    assertInstanceOf(error, WorkerThrewError);
    assertEquals(typeof (error.cause as Error).message, "string");
  }
  assertEquals(await w.worker.call("add", { a: 1, b: 2 }), 3);
  assertEquals(w.planted.ref.generation, 1);
});
