/** JSON-RPC: a call that can't be made ready fails alone, whichever hook it is that fails it. */
import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import {
  type JsonRpcDialect,
  type JsonRpcPeer,
  LSP,
  UnencodableMessageError,
} from "@outrider/outrider/protocol";
import { jsonrpc } from "@outrider/outrider";
import { revoked } from "../../actor/biting.ts";
import { failureOf } from "../../support/probes.ts";
import { boom, echo } from "../echo.ts";

const dialectOf = (more: Partial<JsonRpcDialect>): JsonRpcDialect => ({ ...LSP, ...more });
const handlers = { add: ({ params }: { params: unknown }) => (params as number[]).reduce((a, b) => a + b) };
const sum = (...params: unknown[]) => ({ method: "add", params });

const calls: Readonly<Record<string, () => unknown>> = {
  "params with a BigInt": () => sum(1n),
  "params that throw": () => ({ method: "add", params: { toJSON: boom } }),
  "a getter for params that throws": () => Object.defineProperty({ method: "add" }, "params", { get: boom }),
  "a method that is none": () => ({ method: 7 }),
  "what can't be looked at": revoked,
  "a batch with one that can't be sent": () => [sum(1), sum(2n), sum(3)],
  "a batch with one that can't be looked at": () => [sum(1), revoked()],
  "what the dialect can't give a token": () => ({ ...sum(1), onProgress() {} }),
  "a batch with one that the dialect can't give a token": () => [sum(1), { ...sum(1), onProgress() {} }],
  "what 'known' throws at": () => ({ method: "known" }),
};

for (const [name, make] of Object.entries(calls)) {
  Deno.test(`JSON-RPC: others are answered, and nothing is left, when one asks ${name}`, async () => {
    const protocol = jsonrpc({
      handlers,
      dialect: dialectOf({ withToken: boom }),
      known: ({ method }) => method === "known" ? boom() : undefined,
    });
    await using tree = await echo({ protocol, maxInFlight: 3 });
    const { ref } = tree;
    const before = ref.ask(sum(1, 2));
    const failed = failureOf(ref.ask(make()));
    if (!name.includes("token") && !name.includes("known")) void ref.tell(make());
    const behind = ref.ask(sum(3, 4));
    assertInstanceOf(await failed, UnencodableMessageError);
    assertEquals([await before, await behind, ref.generation], [3, 7, 1]);
    // Were one of those that failed still on the account, no more than two of these could be on their way, ever.
    for (let i = 0; i < 4; i++) void ref.ask(make()).catch(() => {});
    assertEquals(await Promise.all([1, 2, 3, 4].map((n) => ref.ask(sum(n)))), [1, 2, 3, 4]);
  });
}

Deno.test("JSON-RPC: a request keeps its number when its toJSON asks the sidecar as well", async () => {
  let asked: Promise<unknown> | undefined;
  let last: JsonRpcPeer | undefined;
  const protocol = jsonrpc({
    handlers,
    known: ({ method, params }, peer) => {
      if (method === "add" && (params as unknown[])[0] === 5) asked = peer.request("add", [20, 30]);
      return undefined;
    },
    dialect: dialectOf({
      withToken: (params) => {
        asked = last!.request("add", [7, 8]);
        return params;
      },
    }),
    handshake: (peer) => {
      last = peer;
      return Promise.resolve();
    },
  });
  await using tree = await echo({ protocol });
  assertEquals(await tree.ref.ask(sum(5, 6)), 11);
  assertEquals(await asked, 50);
  assertEquals(await tree.ref.ask({ ...sum(1, 2), onProgress() {} }), 3);
  assertEquals(await asked, 15);
});

Deno.test("JSON-RPC: a caller that gives up fails alone when the dialect's cancel throws, or can't be sent", async () => {
  const cancels: unknown[] = [boom, () => ({ method: "c", params: 1n }), () => undefined, revoked];
  for (const cancel of cancels) {
    const held = Promise.withResolvers<void>();
    const protocol = jsonrpc({
      dialect: dialectOf({ cancel: cancel as JsonRpcDialect["cancel"] }),
      handlers: { ...handlers, wait: () => held.promise },
    });
    await using tree = await echo({ protocol });
    const { ref, log } = tree;
    const abort = new AbortController();
    const failed = failureOf(ref.ask({ method: "wait" }, { signal: abort.signal }));
    assertEquals(await ref.ask(sum(1, 2)), 3);
    abort.abort();
    assertStrictEquals(await failed, abort.signal.reason);
    await log.until((event) =>
      event.type === "output" && event.line.startsWith("Cannot take request 1 back: ")
    );
    assertEquals([await ref.ask(sum(3, 4)), ref.generation], [7, 1]);
    held.resolve();
  }
});
