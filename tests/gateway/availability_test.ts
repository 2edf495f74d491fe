import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { MessageParams } from "../../src/gateway/messages.ts";
import { gatewayOf, hang } from "./peers.ts";

const tool = (name: string) => ({ name, inputSchema: { type: "object" } });
const text = (result: MessageParams) => (result.content as { text: string }[])[0]!.text;

Deno.test("gateway fails a call at once and tells its client when the server is absent, and calls it when it is back", async () => {
  const { gateway, connect } = gatewayOf({ files: { tools: [tool("read")] }, web: { tools: [tool("get")] } });
  const client = await connect();
  await client.initialize();
  client.received.length = 0;
  gateway.absent("web", "it is held back until 12:00:00: exit code 1");
  await client.told("notifications/tools/list_changed");
  const log = await client.told("notifications/message");
  assertEquals(log.params, {
    level: "warning",
    logger: "outrider",
    data: "The server 'web' is not available: it is held back until 12:00:00: exit code 1",
  });
  assertEquals(await client.names("tools/list"), ["files__read"]);
  assertEquals((await client.ask("tools/call", { name: "web__get" })).error, {
    code: -32000,
    message: "The server 'web' is not available: it is held back until 12:00:00: exit code 1",
    data: {
      reason: "unavailable",
      server: "web",
      why: "it is held back until 12:00:00: exit code 1",
    },
  });
  client.received.length = 0;
  gateway.present("web");
  await client.told("notifications/tools/list_changed");
  assertEquals(await client.names("tools/list"), ["files__read", "web__get"]);
  assertEquals(text(await client.result("tools/call", { name: "web__get" })), "get {}");
});

Deno.test("gateway greets a server again when its connection was closed and it is back", async () => {
  const { gateway, connect, servers } = gatewayOf({ files: { tools: [tool("read")] } });
  const client = await connect();
  await client.initialize();
  servers.files!.onclose!();
  const { error } = await client.ask("tools/call", { name: "files__read" });
  assertEquals(error?.message, "The server 'files' is not available: it has ended");
  client.received.length = 0;
  gateway.present("files");
  await client.told("notifications/tools/list_changed");
  assertEquals(servers.files!.received.filter(({ method }) => method === "initialize").length, 2);
  assertEquals(await client.names("tools/list"), ["files__read"]);
  assertEquals(text(await client.result("tools/call", { name: "files__read" })), "read {}");
});

Deno.test("gateway passes the error of a cut call on as it is when a server dies", async () => {
  const error = {
    code: -32000,
    message: "Connection closed: it exited",
    data: { reason: "crash", generation: 2 },
  };
  const { connect } = gatewayOf({
    files: {
      tools: [],
      answer: ({ method }) => {
        if (method === "tools/call") throw error;
        return undefined;
      },
    },
  });
  const client = await connect();
  await client.initialize();
  assertEquals((await client.ask("tools/call", { name: "files__x" })).error, error);
});

Deno.test("gateway answers a client and has the server come later when it does not answer its handshake in time", async () => {
  let isSlow = true;
  const { connect, servers, warnings } = gatewayOf({
    good: { tools: [tool("a")] },
    slow: {
      tools: [tool("b")],
      answer: ({ method }) => method === "initialize" && isSlow ? hang() : undefined,
    },
  }, { openWithin: 20 });
  const client = await connect();
  const { instructions } = await client.initialize();
  assertStringIncludes(instructions as string, "Still starting: slow.");
  assertEquals(warnings, ["The server 'slow' has not answered within 20 ms; it is waited for"]);
  assertEquals(await client.names("tools/list"), ["good__a"]);
  isSlow = false;
  const { id } = await servers.slow!.told("initialize");
  client.received.length = 0;
  servers.slow!.say({
    id: id!,
    result: { protocolVersion: "2025-06-18", capabilities: { tools: {} }, serverInfo: {} },
  });
  await client.told("notifications/tools/list_changed");
  assertEquals(await client.names("tools/list"), ["good__a", "slow__b"]);
});

Deno.test("gateway greets a server again, and says once why it is not shown, when it has failed the first request", async () => {
  let failures = 2;
  const { gateway, connect, warnings } = gatewayOf({
    ill: {
      tools: [tool("a")],
      answer: ({ method }) => {
        if (method === "initialize" && failures-- > 0) throw { code: -32603, message: "no disk" };
        return undefined;
      },
    },
  });
  const client = await connect();
  const { instructions } = await client.initialize();
  assertStringIncludes(instructions as string, "Not available: ill: no disk.");
  assertEquals([...gateway.unshown()], [["ill", "no disk"]]);
  gateway.present("ill");
  await client.told("notifications/tools/list_changed");
  assertEquals(await client.names("tools/list"), ["ill__a"]);
  assertEquals(warnings.filter((warning) => warning.includes("not shown")), [
    "The server 'ill' is not shown: no disk",
  ]);
  await gateway.close("it is over");
});

Deno.test("gateway fails a request with its reason and cancels it when the server takes longer than its timeout", async () => {
  const { connect, servers, warnings } = gatewayOf({
    files: { tools: [], answer: ({ method }) => method === "tools/call" ? hang() : undefined },
  }, { limits: { files: { timeout: 30 } } });
  const client = await connect();
  await client.initialize();
  const { error } = await client.ask("tools/call", { name: "files__x" });
  assertEquals([error?.code, error?.data], [-32001, { reason: "timeout", server: "files", timeout: 30 }]);
  await servers.files!.told("notifications/cancelled");
  for (let n = 0; n < 4; n++) await client.ask("tools/call", { name: "files__x" });
  const warning = "The server 'files' has not answered 'tools/call' within 30 ms";
  const more = [2, 4].map((count) => `${warning}; ${count} requests have timed out so far`);
  assertEquals(warnings, [warning, ...more]);
});

Deno.test("gateway gives a server no more calls at a time than its concurrency when more come", async () => {
  const { connect, servers } = gatewayOf({
    files: { tools: [], answer: ({ method }) => method === "tools/call" ? hang() : undefined },
  }, { limits: { files: { concurrency: 2 } } });
  const client = await connect();
  await client.initialize();
  const all = [1, 2, 3, 4].map((n) =>
    client.result("tools/call", { name: "files__x", arguments: { n } }, `c${n}`)
  );
  const calls = () => servers.files!.received.filter(({ method }) => method === "tools/call");
  await servers.files!.told("tools/call");
  await client.result("ping");
  assertEquals(calls().length, 2);
  client.say({ method: "notifications/cancelled", params: { requestId: "c3" } });
  for (const { id } of calls()) servers.files!.say({ id: id!, result: { done: true } });
  const last = await servers.files!.message(({ params }) => (params?.arguments as MessageParams)?.n === 4);
  servers.files!.say({ id: last.id!, result: { done: true } });
  assertEquals(await Promise.all([all[0], all[1], all[3]]), [{ done: true }, { done: true }, { done: true }]);
  assertEquals(calls().length, 3);
});

Deno.test("gateway agrees on a revision with each side by itself when they differ", async () => {
  const { connect, warnings } = gatewayOf({
    old: { tools: [tool("a")], version: "2024-11-05" },
    unknown: { tools: [], version: "2031-01-01" },
  });
  const client = await connect();
  assertEquals((await client.initialize({}, "2025-06-18")).protocolVersion, "2025-06-18");
  assertEquals(await client.names("tools/list"), ["old__a"]);
  assert(warnings.some((warning) => /'unknown' is not shown: it speaks MCP 2031-01-01/.test(warning)));
  const other = await connect();
  assertEquals((await other.initialize({}, "1999-01-01")).protocolVersion, "2025-11-25");
});

Deno.test("gateway answers requests that come right behind a client's first message when it has greeted its servers", async () => {
  const { connect } = gatewayOf({ files: { tools: [tool("read")] } });
  const client = await connect();
  const [, list] = await Promise.all([client.initialize(), client.names("tools/list")]);
  assertEquals(list, ["files__read"]);
});

Deno.test("gateway answers all that is under way with the reason when it closes", async () => {
  const { gateway, connect } = gatewayOf({
    files: { tools: [], answer: ({ method }) => method === "tools/call" ? hang() : undefined },
  });
  const client = await connect();
  await client.initialize();
  const call = client.ask("tools/call", { name: "files__x" });
  await client.result("ping");
  await gateway.close("the gateway stops");
  assertEquals((await call).error, { code: -32000, message: "Connection closed: the gateway stops" });
});
