import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { codecs, UnencodableMessageError } from "@outrider/outrider/protocol";
import type { JsonValue } from "@outrider/outrider";
import { MAX_PENDING_REQUESTS } from "../../../src/sidecar/replies/pending_requests.ts";
import { SidecarTooManyAsksError } from "../../../src/sidecar/messages/message_errors.ts";
import { JsonRpcError, type JsonRpcOptions, type JsonRpcPeer } from "../../../src/sidecar/json_rpc/types.ts";
import { LSP, MCP } from "../../../src/sidecar/json_rpc/dialects.ts";
import { JsonRpcCorrelation } from "../../../src/sidecar/json_rpc/correlation.ts";
import { MAX_HANDLED_AT_ONCE } from "../../../src/sidecar/json_rpc/handlers.ts";
import { Caller, RecordedLine } from "../../support/line.ts";
import { stateOf } from "../../support/probes.ts";

function conversation(options: JsonRpcOptions = {}) {
  const line = new RecordedLine();
  const pairing = new JsonRpcCorrelation(line, codecs.ndjson, options);
  const ask = (message: unknown) => {
    const caller = new Caller();
    return { caller, frame: JSON.parse(pairing.request(message, caller) as string) };
  };
  /** A message of the sidecar. */
  const take = (message: JsonValue) => pairing.match(message);
  return { line, pairing, ask, take };
}

Deno.test("a request has a number, and its result is the answer", () => {
  const { ask, take, pairing } = conversation();
  const [a, b] = [ask({ method: "add", params: [1, 2] }), ask({ method: "now" })];
  assertEquals(a.frame, { jsonrpc: "2.0", id: 1, method: "add", params: [1, 2] });
  assertEquals(b.frame, { jsonrpc: "2.0", id: 2, method: "now" });
  assert(take({ jsonrpc: "2.0", id: 2, result: null }));
  assert(take({ jsonrpc: "2.0", id: 1, result: 3 }));
  assertEquals([a.caller.got, b.caller.got, pairing.size], [[3], [null], 0]);
});

Deno.test("an error is refused with its code and data", () => {
  const { ask, take } = conversation();
  const { caller } = ask({ method: "x" });
  take({
    jsonrpc: "2.0",
    id: 1,
    error: { code: -32_601, message: "Method not found", data: { method: "x" } },
  });
  const [error] = caller.got;
  assertInstanceOf(error, JsonRpcError);
  assertEquals([error.code, error.message, error.data], [-32_601, "Method not found", { method: "x" }]);
});

for (const wrong of [7, "text", {}, { message: 1 }, [1]]) {
  Deno.test(`a malformed error, ${JSON.stringify(wrong)}, still rejects the ask`, () => {
    const { ask, take } = conversation();
    const { caller } = ask({ method: "x" });
    take({ jsonrpc: "2.0", id: 1, error: wrong as JsonValue });
    assertInstanceOf(caller.got[0], JsonRpcError);
  });
}

Deno.test("a tell is a notification, and one without a method is refused", () => {
  const { pairing } = conversation();
  assertEquals(pairing.frame({ method: "exit" }), '{"jsonrpc":"2.0","method":"exit"}\n');
  for (const wrong of [null, 1, "exit", {}, { method: 1 }, [{}]]) {
    assertThrows(() => pairing.frame(wrong), UnencodableMessageError);
    assertThrows(() => pairing.request(wrong, new Caller()), UnencodableMessageError);
  }
  assertEquals(pairing.size, 0);
});

Deno.test("unrequested and repeated replies, and those under an id of another type, are unmatched", () => {
  const { ask, take, line } = conversation();
  const { caller } = ask({ method: "x" });
  for (const id of [0, 2, -1, 1.5, "x", null, [1]]) assert(take({ jsonrpc: "2.0", id, result: "wrong" }));
  take({ jsonrpc: "2.0", id: 1, result: "right" });
  take({ jsonrpc: "2.0", id: 1, result: "again" });
  assertEquals(caller.got, ["right"]);
  assertEquals(line.unclaimedItems.length, 8);
});

Deno.test("JSON that is not a JSON-RPC message is malformed", () => {
  const { take, line } = conversation();
  const wrong: JsonValue[] = [1, "text", null, {}, { id: 1 }, [], [[]], { method: 5, id: 1 }];
  for (const message of wrong) assert(take(message));
  assertEquals(line.faults.map(({ kind }) => kind), Array(8).fill("not_json_rpc"));
});

Deno.test("a notification is for the subscribers", () => {
  const seen: string[] = [];
  const { take } = conversation({ onNotification: ({ method }) => seen.push(method) });
  assert(!take({ jsonrpc: "2.0", method: "log", params: { text: "hello" } }));
  assertEquals(seen, ["log"]);
});

Deno.test("a request of the sidecar is answered by its handler", async () => {
  const { take, line } = conversation({
    handlers: {
      add: ({ params }) => (params as number[]).reduce((a, b) => a + b),
      nothing: async () => {},
      refuse() {
        throw new JsonRpcError(7, "no", { why: "because" });
      },
      fail() {
        throw new Error("broken");
      },
      unspeakable: () => 1n,
    },
  });
  const methods = ["add", "nothing", "refuse", "fail", "unspeakable", "unknown", "toString"];
  for (const [at, method] of methods.entries()) {
    take({ jsonrpc: "2.0", id: `r${at}`, method, params: [1, 2] });
  }
  const answers = await line.json(methods.length) as {
    id: string;
    result?: unknown;
    error?: { code: number };
  }[];
  const byId = answers.sort((a, b) => a.id.localeCompare(b.id));
  assertEquals(byId.map(({ result, error }) => error?.code ?? result), [
    3,
    null,
    7,
    -32_603,
    -32_603,
    -32_601,
    -32_601,
  ]);
});

Deno.test("a request whose id is not a string, a number or null is answered as invalid, and reaches no handler", async () => {
  let handled = 0;
  const { take, line } = conversation({ handlers: { add: () => ++handled } });
  const wrong: JsonValue[] = [{}, [], true, [7], { id: 1 }];
  for (const id of wrong) take({ jsonrpc: "2.0", id, method: "add" });
  take(wrong.map((id) => ({ jsonrpc: "2.0", id, method: "add" })));
  for (const id of ["x", 1.5, null]) take({ jsonrpc: "2.0", id, method: "add" });
  await new Promise((resolve) => setTimeout(resolve));
  const error = { code: -32_600, message: "Invalid request: an id is a string, a number or null" };
  const refused = { jsonrpc: "2.0", id: null, error };
  const answers = line.sent.map((frame) => JSON.parse(frame as string));
  assertEquals(answers.filter((answer) => "error" in answer), wrong.map(() => refused));
  assertEquals(answers.find((answer) => Array.isArray(answer)), wrong.map(() => refused));
  assertEquals(answers.filter((answer) => "result" in answer).map(({ id }) => id), ["x", 1.5, null]);
  assertEquals(handled, 3);
});

Deno.test("handlers of requests that came under one id all learn of the end", async () => {
  const signals: AbortSignal[] = [];
  const { take, pairing } = conversation({
    handlers: { wait: ({ signal }) => new Promise(() => signals.push(signal)) },
  });
  for (let n = 0; n < 3; n++) take({ jsonrpc: "2.0", id: "same", method: "wait" });
  pairing.close(() => new Error("over"));
  assertEquals(signals.map(({ aborted }) => aborted), [true, true, true]);
  await stateOf(undefined);
});

Deno.test("no more requests of the sidecar are handled at a time than the limit", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { take, line } = conversation({ handlers: { wait: () => promise } });
  for (let id = 0; id <= MAX_HANDLED_AT_ONCE; id++) take({ jsonrpc: "2.0", id, method: "wait" });
  const [refused] = await line.json(1) as [{ id: number; error: { code: number } }];
  assertEquals([refused.id, refused.error.code], [MAX_HANDLED_AT_ONCE, -32_000]);
  resolve();
  assertEquals((await line.json(MAX_HANDLED_AT_ONCE + 1)).length, MAX_HANDLED_AT_ONCE + 1);
  take({ jsonrpc: "2.0", id: "later", method: "wait" });
  assertEquals((await line.json(MAX_HANDLED_AT_ONCE + 2)).at(-1), {
    jsonrpc: "2.0",
    id: "later",
    result: null,
  });
});

for (
  const [name, dialect, cancel, answered] of [
    ["LSP", LSP, { method: "$/cancelRequest", params: { id: "r" } }, [{
      code: -32_800,
      message: "Request cancelled",
    }]],
    ["MCP", MCP, { method: "notifications/cancelled", params: { requestId: "r" } }, []],
  ] as const
) {
  Deno.test(`${name}: the sidecar takes its request back`, async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { take, line } = conversation({
      dialect,
      handlers: {
        wait: ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener("abort", () => {
              reject(signal.reason);
              resolve();
            });
          }),
      },
    });
    take({ jsonrpc: "2.0", id: "r", method: "wait" });
    assert(take({ jsonrpc: "2.0", ...cancel } as unknown as JsonValue));
    await promise;
    const errors = (await line.json(answered.length) as { error: unknown }[]).map(({ error }) => error);
    assertEquals(errors, [...answered]);
  });

  Deno.test(`${name}: progress goes to its caller, under a token of its own`, () => {
    const { ask, take } = conversation({ dialect });
    const progress: unknown[] = [];
    const { frame, caller } = ask({
      method: "work",
      params: { n: 1 },
      onProgress: (value: unknown) => progress.push(value),
    });
    assertEquals(frame.params.n, 1);
    const tell = (token: number): JsonValue =>
      name === "LSP"
        ? { jsonrpc: "2.0", method: "$/progress", params: { token, value: { percentage: 50 } } }
        : {
          jsonrpc: "2.0",
          method: "notifications/progress",
          params: { progressToken: token, percentage: 50 },
        };
    assertEquals(name === "LSP" ? frame.params.workDoneToken : frame.params._meta.progressToken, 1);
    assert(take(tell(1)));
    assert(!take(tell(2)));
    take({ jsonrpc: "2.0", id: 1, result: "done" });
    assert(!take(tell(1)));
    assertEquals([progress, caller.got], [[{ percentage: 50 }], ["done"]]);
  });
}

Deno.test("an abandoned request is cancelled, and its answer dropped", async () => {
  const { ask, take, line, pairing } = conversation({ dialect: LSP });
  const { caller } = ask({ method: "slow" });
  caller.giveUp();
  assertEquals(await line.json(), [{ jsonrpc: "2.0", method: "$/cancelRequest", params: { id: 1 } }]);
  assertEquals(pairing.size, 0);
  take({ jsonrpc: "2.0", id: 1, error: { code: -32_800, message: "cancelled" } });
  assertEquals([caller.got, line.unclaimedItems.length], [[], 1]);
});

Deno.test("without a dialect nothing is cancelled", () => {
  const { ask, line } = conversation();
  ask({ method: "slow" }).caller.giveUp();
  assertEquals(line.sent, []);
});

Deno.test("a batch is one frame, and one answer with each outcome in its place", () => {
  const { ask, take } = conversation();
  const { frame, caller } = ask([{ method: "a" }, { method: "log", notification: true }, { method: "b" }]);
  assertEquals(frame, [
    { jsonrpc: "2.0", id: 1, method: "a" },
    { jsonrpc: "2.0", method: "log" },
    { jsonrpc: "2.0", id: 2, method: "b" },
  ]);
  take([{ jsonrpc: "2.0", id: 2, error: { code: 1, message: "no" } }, {
    jsonrpc: "2.0",
    id: 1,
    result: "A",
  }]);
  const [[first, second]] = caller.got as [[unknown, PromiseRejectedResult]];
  assertEquals(first, { status: "fulfilled", value: "A" });
  assertEquals([second.status, second.reason.code, second.reason.message], ["rejected", 1, "no"]);
});

Deno.test("a batch that could not be sent, or has nothing to answer, leaves nothing behind", () => {
  const { pairing, ask, take } = conversation();
  assertThrows(() => ask([{ method: "a", notification: true }]), UnencodableMessageError);
  assertThrows(() => ask([]), UnencodableMessageError);
  assertThrows(() => ask([{ method: "a" }, { method: "b", params: 1n }]), UnencodableMessageError);
  assertEquals(pairing.size, 0);
  ask([{ method: "a" }, { method: "b" }]);
  pairing.withdraw();
  assertEquals(pairing.size, 0);
  const { caller, frame } = ask({ method: "c" });
  take({ jsonrpc: "2.0", id: frame.id, result: "C" });
  assertEquals(caller.got, ["C"]);
});

Deno.test("a batch of more than is kept account of is refused, and one of as many is not", () => {
  const { pairing } = conversation();
  const call = { method: "a" };
  assertThrows(
    () => pairing.request(Array(MAX_PENDING_REQUESTS + 1).fill(call), new Caller()),
    SidecarTooManyAsksError,
  );
  assertEquals(pairing.size, 0);
  pairing.request(Array(MAX_PENDING_REQUESTS).fill(call), new Caller());
  assertEquals(pairing.size, MAX_PENDING_REQUESTS);
});

Deno.test("a batch of the sidecar is answered in one frame, when the last answer is there", async () => {
  const { take, line } = conversation({
    handlers: { now: () => 1, later: () => Promise.resolve(2) },
  });
  take([
    { jsonrpc: "2.0", id: "a", method: "later" },
    { jsonrpc: "2.0", method: "note" },
    { jsonrpc: "2.0", id: "b", method: "now" },
  ]);
  const [answers] = await line.json(1) as [{ id: string; result: number }[]];
  assertEquals(answers.map(({ id, result }) => `${id}${result}`).sort(), ["a2", "b1"]);
  assertEquals(line.published, [{ jsonrpc: "2.0", method: "note" }]);
});

Deno.test("notifications of a batch are published with their share of the batch's bytes", () => {
  const { pairing, line } = conversation();
  pairing.match([{ jsonrpc: "2.0", method: "a" }, { jsonrpc: "2.0", method: "b" }], 1_000);
  assertEquals([line.published.length, line.publishedBytes], [2, 1_000]);
});

Deno.test("known calls are answered without the sidecar", () => {
  const { pairing } = conversation({
    known: ({ method }) => method === "initialize" ? { ok: true } : undefined,
  });
  const caller = new Caller();
  assertEquals(pairing.request({ method: "initialize" }, caller), "");
  assertEquals([caller.got, pairing.size], [[{ ok: true }], 0]);
});

Deno.test("the handshake speaks past the mailbox, and fails with the sidecar", async () => {
  const { pairing, line, take } = conversation({
    handshake: async (peer) => {
      await peer.request("initialize", { version: 1 });
      peer.notify("initialized");
      await peer.request("again");
    },
  });
  const hello = pairing.handshake();
  assertEquals(await line.json(1), [{ jsonrpc: "2.0", id: 1, method: "initialize", params: { version: 1 } }]);
  take({ jsonrpc: "2.0", id: 1, result: {} });
  assertEquals((await line.json(3)).slice(1), [
    { jsonrpc: "2.0", method: "initialized" },
    { jsonrpc: "2.0", id: 2, method: "again" },
  ]);
  const gone = new Error("gone");
  pairing.close(() => gone);
  assertEquals(await hello.catch((error) => error), gone);
});

Deno.test("a peer learns that the sidecar has ended, and sends nothing more", async () => {
  let peer: JsonRpcPeer | undefined;
  const { pairing, line } = conversation({ handshake: (given) => Promise.resolve(void (peer = given)) });
  await pairing.handshake();
  assert(!peer!.signal.aborted);
  const gone = new Error("gone");
  pairing.close(() => gone);
  assertEquals(peer!.signal.reason, gone);
  assertEquals(await peer!.request("late").catch((error) => error), gone);
  assertEquals([line.sent, pairing.size], [[], 0]);
});

Deno.test("a stop sends no shutdown request without one", () => {
  assertEquals(conversation().pairing.requestShutdown, undefined);
});
