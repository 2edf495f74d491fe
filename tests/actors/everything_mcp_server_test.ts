/** The MCP server that has everything the protocol has, of its makers. */
import { assert, assertEquals, assertInstanceOf, assertMatch, assertStrictEquals } from "@std/assert";
import { IncarnationEndedError, NO_BACKOFF, SidecarExitedError } from "@outrider/outrider";
import { mcp, type McpOptions } from "@outrider/outrider/actors/mcp";
import { failureOf } from "../support/probes.ts";
import { Probe } from "../sidecar/health/probe.ts";
import { everything } from "./servers.ts";

function start(more: Partial<McpOptions> = {}): Promise<Probe> {
  return Probe.start((id) => mcp(id, { ...everything, backoff: NO_BACKOFF, ...more }));
}

const call = (name: string, args: object = {}) => ({
  method: "tools/call",
  params: { name, arguments: args },
});

/** The text of a tool's result. */
const textOf = ({ content }: { content: { text: string }[] }): string =>
  content.map(({ text }) => text).join("\n");

Deno.test("tools are listed and called; a tool that fails is a result that says so", async () => {
  await using probe = await start();
  const { ref } = probe;
  const { protocolVersion, serverInfo, capabilities } = await ref.ask({ method: "initialize" });
  assertEquals([protocolVersion, serverInfo.name], ["2025-11-25", "mcp-servers/everything"]);
  assertEquals(capabilities.tools, { listChanged: true });
  const { tools } = await ref.ask({ method: "tools/list" });
  const names: string[] = tools.map(({ name }: { name: string }) => name);
  assert(names.includes("echo") && names.includes("get-sum"), names.join());
  assert(!names.includes("trigger-sampling-request"), "it was told that nobody samples");
  assertEquals(textOf(await ref.ask(call("echo", { message: "héllo\n🦊" }))), "Echo: héllo\n🦊");
  assertEquals(textOf(await ref.ask(call("get-sum", { a: 19, b: 23 }))), "The sum of 19 and 23 is 42.");
  const failed = await ref.ask(call("get-sum", { a: "one" }));
  assertEquals(failed.isError, true);
  assertEquals(await ref.ask({ method: "ping" }), {});
});

Deno.test("progress goes to its caller, and ends with the answer", async () => {
  await using probe = await start();
  const progress: unknown[] = [];
  const result = await probe.ref.ask({
    ...call("trigger-long-running-operation", { duration: 0.06, steps: 3 }),
    onProgress: (value: unknown) => progress.push(value),
  });
  assertMatch(textOf(result), /completed/);
  assertEquals(progress, [1, 2, 3].map((step) => ({ progress: step, total: 3 })));
});

Deno.test("a call that is given up is cancelled: the server does not answer it, and answers the next", async () => {
  const asked = Promise.withResolvers<void>();
  const sample = Promise.withResolvers<object>();
  await using probe = await start({
    handlers: {
      "sampling/createMessage": () => {
        asked.resolve();
        return sample.promise;
      },
    },
  });
  const { ref } = probe;
  // Tools that the server adds when it knows its client are news for subscribers.
  const output = ref.subscribe();
  const abort = new AbortController();
  const cancelled = ref.ask(call("trigger-sampling-request", { prompt: "6 * 7" }), { signal: abort.signal });
  await asked.promise;
  abort.abort();
  assertStrictEquals(await failureOf(cancelled), abort.signal.reason);
  // The tool can end only now, behind the cancellation. Only its answer is kept back.
  sample.resolve({ role: "assistant", model: "none", content: { type: "text", text: "forty-two" } });
  assertEquals(textOf(await ref.ask(call("echo", { message: "next" }))), "Echo: next");
  assertEquals(await ref.ask({ method: "ping" }), {});
  assertEquals(ref.deadLetters, 0);
  await output.return();
});

Deno.test("handlers answer the server's requests: sampling, roots, elicitation", async () => {
  const asked: unknown[] = [];
  await using probe = await start({
    handlers: {
      "sampling/createMessage": async ({ params }) => {
        asked.push((params as { messages: { content: unknown }[] }).messages[0]!.content);
        await Promise.resolve();
        return { role: "assistant", model: "none", content: { type: "text", text: "forty-two" } };
      },
      "roots/list": () => ({ roots: [{ uri: "file:///home/ada", name: "Ada's" }] }),
      "elicitation/create": () => ({ action: "decline" }),
    },
  });
  const { ref } = probe;
  assertMatch(textOf(await ref.ask(call("trigger-sampling-request", { prompt: "6 * 7" }))), /forty-two/);
  assertEquals(asked, [{ type: "text", text: "Resource trigger-sampling-request context: 6 * 7" }]);
  assertMatch(textOf(await ref.ask(call("get-roots-list"))), /Ada's\n +URI: file:\/\/\/home\/ada/);
  assertMatch(textOf(await ref.ask(call("trigger-elicitation-request"))), /declined/);
});

Deno.test("a server that is killed in the middle of a call is started again, and calls go on", async () => {
  const greetings: string[] = [];
  await using probe = await start({ opened: (_, { serverInfo }) => void greetings.push(serverInfo.name) });
  const { ref } = probe;
  const pid = await probe.pid();
  await probe.event("output", ({ stream }) => stream === "stderr");
  // Progress that was written before the end may come after it, when there is no such process any more.
  let kill = () => {
    kill = () => {};
    Deno.kill(pid, "SIGKILL");
  };
  const error = await failureOf(ref.ask({
    ...call("trigger-long-running-operation", { duration: 60, steps: 6_000 }),
    onProgress: () => kill(),
  }));
  assertInstanceOf(error, IncarnationEndedError);
  assertInstanceOf(error.cause, SidecarExitedError);
  const { signal, stderrTail, lastWords } = error.cause;
  const words = "Starting default (STDIO) server...";
  assertEquals([error.generation, signal, stderrTail, lastWords], [1, "SIGKILL", [words], words]);
  const { value, generation } = await ref.ask(call("echo", { message: "again" }), { detailed: true });
  assertEquals([textOf(value), generation], ["Echo: again", 2]);
  assertEquals(greetings, Array(2).fill("mcp-servers/everything"));
});

Deno.test("the server minds SIGTERM, not that its stdin is closed", async () => {
  const probe = await start({ stop: { drain: 0, stdin: 20, term: 60_000 } });
  await probe[Symbol.asyncDispose]();
  assertEquals(probe.steps(), ["drain", "close_stdin", "SIGTERM"]);
});
