/** What callbacks of ours throw ends what it concerns, and nothing else; it is never an unhandled rejection. */
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import {
  IncarnationEndedError,
  jsonrpc,
  JsonRpcError,
  NO_BACKOFF,
  sidecar,
  type SidecarOptions,
  supervisor,
} from "@outrider/outrider";
import { MCP } from "@outrider/outrider/protocol";
import { type ProcessScripts, simulate, type Simulation } from "@outrider/outrider/testing";
import { failureOf } from "../support/probes.ts";

function play(options: Partial<SidecarOptions>, s: ProcessScripts): Promise<Simulation> {
  const spec = sidecar("s", { command: "s", backoff: NO_BACKOFF, ...options });
  return simulate(supervisor("root", [spec]), { processes: { s } });
}

const boom = () => {
  throw new Error("boom");
};

Deno.test("a check that throws at an unfinished last frame ends the incarnation", async () => {
  const last = [{ raw: '{"method":"bye"}', onMessage: 1 }];
  await using simulation = await play({ protocol: jsonrpc({ onNotification: boom }) }, [
    { protocol: "ndjson", says: last, dies: { onMessage: 1, with: 0 } },
    { protocol: "ndjson", reply: () => ({ jsonrpc: "2.0", result: "again" }) },
  ]);
  const ref = simulation.ref("s");
  const error = await failureOf(simulation.settled(ref.ask({ method: "x" })));
  assertInstanceOf(error, IncarnationEndedError);
  assertEquals((error.cause as Error).message, "boom");
  assertEquals(await simulation.settled(ref.ask({ method: "x" })), "again");
});

Deno.test("a caller whose onProgress throws fails alone, and its request is cancelled", async () => {
  const news = {
    jsonrpc: "2.0",
    method: "notifications/progress",
    params: { progressToken: 1, progress: 1 },
  };
  await using simulation = await play({ protocol: jsonrpc({ dialect: MCP }) }, {
    protocol: "ndjson",
    takes: 10,
    says: [{ onMessage: 1, stdout: JSON.stringify(news) }],
    reply: (message) => "id" in (message as object) ? { jsonrpc: "2.0", result: "done" } : undefined,
  });
  const ref = simulation.ref("s");
  const failed = failureOf(ref.ask({ method: "slow", onProgress: boom }));
  const answered = ref.ask({ method: "other" });
  assertEquals((await simulation.settled(failed)).message, "boom");
  assertEquals(await simulation.settled(answered), "done");
  assertEquals(ref.generation, 1);
  const told = simulation.process("s").life.received as { method: string; params?: { requestId: number } }[];
  const cancelled = told.find(({ method }) => method === "notifications/cancelled");
  assertEquals(cancelled?.params?.requestId, 1);
});

Deno.test("an error of a handler is answered when JSON cannot represent it", async () => {
  const handlers = {
    count() {
      throw new JsonRpcError(7, "too much", { n: 1n });
    },
  };
  await using simulation = await play({ protocol: jsonrpc({ handlers }) }, {
    protocol: "ndjson",
    says: [{ after: 1, stdout: '{"jsonrpc":"2.0","id":"a","method":"count"}' }],
  });
  await simulation.advance(1);
  const [answer] = simulation.process("s").life.received as { id: string; error: { code: number } }[];
  assert(answer !== undefined);
  assertEquals([answer.id, answer.error.code], ["a", -32_603]);
});
