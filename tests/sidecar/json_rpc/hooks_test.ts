/** What hooks of JSON-RPC throw, and answers that are malformed, cost the one that they concern. */
import { assertEquals, assertInstanceOf } from "@std/assert";
import { codecs, type JsonRpcHandler, type JsonRpcPeer, LSP, MCP } from "@outrider/outrider/protocol";
import {
  jsonrpc,
  JsonRpcError,
  type JsonRpcOptions,
  type JsonValue,
  sidecar,
  start,
  supervisor,
} from "@outrider/outrider";
import { JsonRpcCorrelation } from "../../../src/sidecar/json_rpc/correlation.ts";
import { BITING, revoked } from "../../actor/biting.ts";
import { Caller, RecordedLine } from "../../support/line.ts";
import { boom } from "../echo.ts";

function conversation(options: JsonRpcOptions = {}) {
  const line = new RecordedLine();
  const pairing = new JsonRpcCorrelation(line, codecs.ndjson, options);
  return { line, pairing, take: (message: JsonValue) => pairing.match(message) };
}

/** What was going on has come to rest. */
const rest = () => new Promise((resolve) => setTimeout(resolve, 0));

const errors: JsonValue[] = [
  { code: 1, message: { toString: 1, valueOf: 1 } },
  { code: 1, message: { text: "nested" } },
  { code: 1, message: ["a"] },
  { code: 1, message: null },
  { code: { toString: 1 }, message: "m" },
  { code: "x", message: "m", data: { toString: 1 } },
  { message: { toJSON: 1 } },
  { toString: 1 },
  [[{ toString: 1 }]],
  true,
];
for (const error of errors) {
  Deno.test(`JSON-RPC: an ask fails alone when it is answered with the error ${JSON.stringify(error)}`, () => {
    const { pairing, take } = conversation();
    const callers = [new Caller(), new Caller()];
    for (const caller of callers) pairing.request({ method: "x" }, caller);
    take({ jsonrpc: "2.0", id: 1, error });
    take({ jsonrpc: "2.0", id: 2, result: 7 });
    const [failed] = callers[0]!.got;
    assertInstanceOf(failed, JsonRpcError);
    assertEquals([typeof failed.message, typeof failed.code, callers[1]!.got], ["string", "number", [7]]);
  });
}

Deno.test("JSON-RPC: a message of an error that is not a text is shown as it came", () => {
  const { pairing, take } = conversation();
  const caller = new Caller();
  pairing.request({ method: "x" }, caller);
  take({ jsonrpc: "2.0", id: 1, error: { code: 1, message: { text: "nested" } } });
  assertEquals((caller.got[0] as Error).message, '{"text":"nested"}');
});

Deno.test("JSON-RPC: nothing is answered when the sidecar has ended before its request was handled", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const { line, pairing, take } = conversation({
    dialect: LSP, // which answers what was taken back
    handlers: { slow: () => promise, bad: () => promise.then(boom) },
  });
  take({ jsonrpc: "2.0", id: "a", method: "slow" });
  take([{ jsonrpc: "2.0", id: "b", method: "slow" }, { jsonrpc: "2.0", id: "c", method: "bad" }]);
  pairing.close(() => new Error("over"));
  resolve("late");
  await rest();
  assertEquals([line.sent, line.notes], [[], []]);
});

const handlers: Readonly<Record<string, unknown>> = {
  "throws": boom,
  "is not a function": 7,
  "gives what can't be looked at": revoked,
  "gives what JSON has no text for": () => ({ a: 1n }),
  "gives a toJSON that throws": () => ({ toJSON: boom }),
};
for (const [name, handler] of Object.entries(handlers)) {
  Deno.test(`JSON-RPC: a request of the sidecar is answered with an error when its handler ${name}`, async () => {
    const { line, take } = conversation({ handlers: { bad: handler as JsonRpcHandler, good: () => 1 } });
    take({ jsonrpc: "2.0", id: "a", method: "bad" });
    take({ jsonrpc: "2.0", id: "b", method: "good" });
    const answers = await line.json(2) as { id: string; error?: { code: number } }[];
    const codes = Object.fromEntries(answers.map(({ id, error }) => [id, error?.code]));
    assertEquals(codes, { a: -32_603, b: undefined });
  });
}

Deno.test("JSON-RPC: a request of the sidecar is answered with an error when its handler throws an unreadable value", async () => {
  for (const [name, value] of Object.entries(BITING)) {
    const thrower = () => {
      throw value();
    };
    const { line, take } = conversation({ handlers: { bad: thrower } });
    take({ jsonrpc: "2.0", id: "a", method: "bad" });
    const [answer] = await line.json(1) as { id: string; error: { code: number; message: string } }[];
    assertEquals(
      [answer!.id, answer!.error.code, typeof answer!.error.message],
      ["a", -32_603, "string"],
      name,
    );
  }
});

Deno.test("JSON-RPC: a request of the sidecar is answered with an error when its handler can't be read", async () => {
  const odd = Object.defineProperty({}, "bad", { get: boom, enumerable: true });
  const { line, take } = conversation({ handlers: odd as Record<string, JsonRpcHandler> });
  take({ jsonrpc: "2.0", id: "a", method: "bad" });
  const [answer] = await line.json(1) as { error: { code: number } }[];
  assertEquals(answer!.error.code, -32_603);
});

Deno.test("JSON-RPC: a throwing listener of a request's signal is logged, and nothing ends", async () => {
  const heard: string[] = [];
  const wait: JsonRpcHandler = ({ signal }) => {
    signal.addEventListener("abort", boom);
    signal.addEventListener("abort", () => heard.push("behind"));
    return new Promise(() => {});
  };
  const { line, pairing, take } = conversation({ dialect: LSP, handlers: { wait } });
  take({ jsonrpc: "2.0", id: "a", method: "wait" });
  take({ jsonrpc: "2.0", id: "b", method: "wait" });
  await rest();
  take({ jsonrpc: "2.0", method: "$/cancelRequest", params: { id: "a" } });
  assertEquals([heard, line.notes], [["behind"], ["Cannot handle a request of the sidecar: boom"]]);
  pairing.close(() => new Error("over"));
  assertEquals([heard.length, line.notes.length], [2, 2]);
});

Deno.test("JSON-RPC: a rejecting onNotification is logged, and the notification goes on", async () => {
  const onNotification = (() => Promise.reject(new Error("boom"))) as () => void;
  const { line, take } = conversation({ onNotification });
  assertEquals(take({ jsonrpc: "2.0", method: "news" }), false); // it is for the subscribers
  await rest();
  assertEquals(line.notes, ["Cannot handle a notification: boom"]);
});

Deno.test("JSON-RPC: a caller fails alone when its onProgress rejects, and its request is cancelled", async () => {
  const { line, pairing, take } = conversation({ dialect: MCP });
  const callers = [new Caller(), new Caller()];
  const onProgress = (() => Promise.reject(new Error("boom"))) as () => void;
  pairing.request({ method: "slow", onProgress }, callers[0]!);
  pairing.request({ method: "other" }, callers[1]!);
  take({ jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: 1, progress: 1 } });
  await rest();
  assertEquals((callers[0]!.got[0] as Error).message, "boom");
  assertEquals((await line.json()).map((frame) => (frame as { method: string }).method), [
    "notifications/cancelled",
  ]);
  take({ jsonrpc: "2.0", id: 2, result: 1 });
  assertEquals(callers[1]!.got, [1]);
});

Deno.test("JSON-RPC: all that waits hears of the end when 'unsent' throws or rejects", async () => {
  for (const unsent of [boom, () => Promise.reject(revoked()) as unknown as void]) {
    const peers: JsonRpcPeer[] = [];
    const { line, pairing, take } = conversation({
      unsent,
      handlers: { wait: ({ peer }) => void peers.push(peer) },
    });
    take({ jsonrpc: "2.0", id: "a", method: "wait" });
    const own = peers[0]!.request("x").catch((error: Error) => error.message);
    pairing.close(() => new Error("over"), []);
    assertEquals([await own, peers[0]!.signal.aborted], ["over", true]);
    await rest();
    assertEquals(line.notes.length, 1);
  }
});

Deno.test("JSON-RPC: an answer stands, and the log says it, when an async onReply rejects", async () => {
  const { line, pairing, take } = conversation();
  const caller = new Caller();
  pairing.request({ method: "x", onReply: () => Promise.reject(new Error("boom")) }, caller);
  take({ jsonrpc: "2.0", id: 1, result: 7 });
  await rest();
  assertEquals([caller.got, line.notes], [[7], ["Cannot tell a caller of its request: boom"]]);
});

Deno.test("JSON-RPC: a stop goes to its end when the goodbye throws, or a listener of the peer's signal", async () => {
  const goodbyes: ((peer: JsonRpcPeer) => Promise<void>)[] = [
    boom,
    () => Promise.reject(revoked()),
    () => undefined as unknown as Promise<void>,
    (peer) => {
      peer.signal.addEventListener("abort", boom);
      return Promise.resolve();
    },
    (peer) => (peer.notify("x", { a: 1n }), Promise.resolve()),
  ];
  for (const requestShutdown of goodbyes) {
    const spec = sidecar("echo", {
      command: "cat",
      protocol: jsonrpc({ requestShutdown, handlers: { x: () => 1 } }),
    });
    const system = await start(supervisor("root", [spec]));
    const pids: number[] = [];
    const events = system.events();
    assertEquals(await system.ref("echo").ask({ method: "x" }), 1);
    await system.stop();
    assertEquals(await system.ended, { reason: "shutdown" });
    for await (const event of events) {
      if (event.type === "stopped" && event.path === "echo") pids.push(event.took);
    }
    assertEquals(pids.length, 1);
  }
});
