import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { MessageParams } from "../../src/gateway/messages.ts";
import { gatewayOf } from "./peers.ts";

const tool = (name: string) => ({ name, inputSchema: { type: "object" } });
const text = (result: MessageParams) => (result.content as { text: string }[])[0]!.text;

Deno.test("gateway shows the tools and prompts of all servers with their prefix when a client lists them", async () => {
  const { connect } = gatewayOf({
    files: {
      tools: [
        tool("read"),
        tool("write"),
        { name: "task", execution: { taskSupport: "required" } },
        tool("read"),
      ],
      prompts: [{ name: "sum" }],
    },
    web: { tools: [tool("read")] },
  });
  const client = await connect();
  const { capabilities, serverInfo } = await client.initialize();
  assertEquals((serverInfo as MessageParams).title, "test");
  assertEquals(Object.keys(capabilities as object).toSorted(), [
    "completions",
    "logging",
    "prompts",
    "resources",
    "tools",
  ]);
  assertEquals(await client.names("tools/list"), ["files__read", "files__write", "web__read"]);
  assertEquals(await client.names("prompts/list"), ["files__sum"]);
});

Deno.test("gateway passes a call on under the tool's own name when its prefix is that of a server", async () => {
  const { connect, servers } = gatewayOf({ files: { tools: [tool("read__all")] }, web: { tools: [] } });
  const client = await connect();
  await client.initialize();
  const params = { name: "files__read__all", arguments: { a: 1 }, _meta: { trace: "x" } };
  assertEquals(text(await client.result("tools/call", params, "my id")), 'read__all {"a":1}');
  const call = await servers.files!.told("tools/call");
  assertEquals(call.params, { name: "read__all", arguments: { a: 1 }, _meta: { trace: "x" } });
  const unknown = await client.ask("tools/call", { name: "other__read" });
  assertEquals(unknown.error?.code, -32602);
});

Deno.test("gateway names its servers, what they say and which are missing when a client begins", async () => {
  const { gateway, connect } = gatewayOf({
    files: { tools: [], instructions: "Take absolute paths." },
    web: { tools: [] },
  });
  gateway.absent("web", "it is held back");
  const { instructions } = await (await connect()).initialize();
  assertStringIncludes(instructions as string, "Servers: files.");
  assertStringIncludes(instructions as string, "Not available: web: it is held back.");
  assertStringIncludes(instructions as string, "## files\n\nTake absolute paths.");
});

Deno.test("gateway hides a tool and refuses its call when a pattern denies it", async () => {
  const { connect, servers } = gatewayOf({
    files: { tools: [tool("read"), tool("write")] },
    web: { tools: [tool("get")] },
  }, {
    allow: ["files__*"],
    deny: ["*__write"],
  });
  const client = await connect();
  await client.initialize();
  assertEquals(await client.names("tools/list"), ["files__read"]);
  for (const name of ["files__write", "web__get"]) {
    const { error } = await client.ask("tools/call", { name });
    assertEquals(error, { code: -32602, message: `The tool '${name}' is not allowed here` });
  }
  assertEquals(servers.files!.received.filter(({ method }) => method === "tools/call"), []);
});

Deno.test("gateway follows the pages of a server, and forgets its lists when it says that they changed", async () => {
  let added: MessageParams[] = [];
  const { connect, servers } = gatewayOf({
    files: {
      tools: [],
      answer: ({ method, params }) => {
        if (method !== "tools/list") return undefined;
        return params?.cursor === undefined
          ? { tools: [tool("a")], nextCursor: "2" }
          : { tools: [tool("b"), ...added] };
      },
    },
  });
  const client = await connect();
  await client.initialize();
  assertEquals(await client.names("tools/list"), ["files__a", "files__b"]);
  assertEquals(await client.names("tools/list"), ["files__a", "files__b"]);
  assertEquals(servers.files!.received.filter(({ method }) => method === "tools/list").length, 2);
  added = [tool("c")];
  const before = client.received.length;
  servers.files!.say({ method: "notifications/tools/list_changed" });
  await client.message((message) =>
    message.method === "notifications/tools/list_changed" && client.received.indexOf(message) >= before
  );
  assertEquals(await client.names("tools/list"), ["files__a", "files__b", "files__c"]);
});

Deno.test("gateway leaves out the list of a server and says so when it can't be had", async () => {
  const { connect, warnings } = gatewayOf({
    good: { tools: [tool("a")] },
    bad: {
      tools: [],
      answer: ({ method }) => {
        if (method === "tools/list") throw { code: -32603, message: "broken" };
        return undefined;
      },
    },
  });
  const client = await connect();
  await client.initialize();
  assertEquals(await client.names("tools/list"), ["good__a"]);
  assert(warnings.includes("The tools of 'bad' are left out: broken"), warnings.join("\n"));
});

Deno.test("gateway gives a page of a list, and refuses a cursor that is none, when a list is long", async () => {
  const tools = Array.from({ length: 1_001 }, (_, index) => tool(`t${index}`));
  const { connect } = gatewayOf({ files: { tools } });
  const client = await connect();
  await client.initialize();
  const first = await client.result("tools/list");
  assertEquals((first.tools as unknown[]).length, 1_000);
  const second = await client.result("tools/list", { cursor: first.nextCursor });
  assertEquals([(second.tools as unknown[]).length, second.nextCursor], [1, undefined]);
  assertEquals((await client.ask("tools/list", { cursor: "x" })).error?.code, -32602);
});

Deno.test("gateway brings progress and an answer back under the client's own id and token when they are equal in two clients", async () => {
  const { connect } = gatewayOf({
    files: {
      tools: [tool("slow")],
      answer: ({ method, params }, server) => {
        if (method !== "tools/call") return undefined;
        const { progressToken } = params!._meta as MessageParams;
        server.say({ method: "notifications/progress", params: { progressToken, progress: 1 } });
        return undefined;
      },
    },
  });
  const [one, two] = [await connect(), await connect()];
  await one.initialize();
  await two.initialize();
  const call = (client: typeof one, of: string) =>
    client.result("tools/call", { name: "files__slow", arguments: { of }, _meta: { progressToken: 7 } }, 7);
  assertEquals(await Promise.all([call(one, "one"), call(two, "two")]).then((all) => all.map(text)), [
    'slow {"of":"one"}',
    'slow {"of":"two"}',
  ]);
  for (const client of [one, two]) {
    const progress = client.received.filter(({ method }) => method === "notifications/progress");
    assertEquals(progress.map(({ params }) => params), [{ progressToken: 7, progress: 1 }]);
  }
});

Deno.test("gateway cancels a call at its server and does not answer it when its client cancels it", async () => {
  const { connect, servers } = gatewayOf({
    files: { tools: [tool("hang")], answer: ({ method }) => method === "tools/call" ? hang() : undefined },
  });
  const client = await connect();
  await client.initialize();
  void client.ask("tools/call", { name: "files__hang" }, "mine");
  const { id } = await servers.files!.told("tools/call");
  client.say({ method: "notifications/cancelled", params: { requestId: "mine", reason: "enough" } });
  const cancelled = await servers.files!.told("notifications/cancelled");
  assertEquals(cancelled.params, { requestId: id, reason: "enough" });
  servers.files!.say({ id, result: { content: [] } });
  await client.result("ping");
  assertEquals(client.received.filter(({ id }) => id === "mine"), []);
});

/** Lets a request go unanswered. */
function hang(): never {
  throw undefined;
}

Deno.test("gateway passes a request of a server to its client and the answer back when the client can answer it", async () => {
  const { connect, servers } = gatewayOf({ files: { tools: [] }, web: { tools: [] } });
  const client = await connect();
  client.answer = ({ method, params }) => ({ asked: method, params: params ?? null });
  await client.initialize({ roots: {}, tasks: {} });
  const { params } = await servers.files!.told("initialize");
  assertEquals(params!.capabilities, { roots: {} });
  for (const server of Object.values(servers)) {
    server.say({ id: 101, method: "roots/list" });
    server.say({ id: "s", method: "sampling/createMessage", params: {} });
    server.say({ id: 102, method: "ping" });
    const answers = await Promise.all([101, "s", 102].map((id) => server.message((each) => each.id === id)));
    assertEquals(answers.map(({ result, error }) => result ?? error?.code), [
      { asked: "roots/list", params: null },
      -32601,
      {},
    ]);
  }
});

Deno.test("gateway sends a request of a server into the stream of the call that waits for it when there is one", async () => {
  const { connect } = gatewayOf({
    files: {
      tools: [],
      answer({ method }, server) {
        if (method !== "tools/call") return undefined;
        server.say({ id: 50, method: "roots/list" });
        return hang();
      },
    },
  });
  const client = await connect();
  await client.initialize({ roots: {} });
  void client.ask("tools/call", { name: "files__x" }, "mine");
  const asked = await client.told("roots/list");
  assertEquals(client.related.get(asked), "mine");
});

Deno.test("gateway tells a client that a request of a server is off when the server takes it back", async () => {
  const { connect, servers } = gatewayOf({ files: { tools: [] } });
  const client = await connect();
  await client.initialize({ elicitation: {} });
  servers.files!.say({
    id: 5,
    method: "elicitation/create",
    params: { message: "?", _meta: { progressToken: 1 } },
  });
  const { id, params } = await client.told("elicitation/create");
  client.say({
    method: "notifications/progress",
    params: { progressToken: (params!._meta as MessageParams).progressToken, progress: 2 },
  });
  assertEquals((await servers.files!.told("notifications/progress")).params, {
    progressToken: 1,
    progress: 2,
  });
  servers.files!.say({ method: "notifications/cancelled", params: { requestId: 5 } });
  assertEquals((await client.told("notifications/cancelled")).params, { requestId: id });
});

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
  const { connect, servers } = gatewayOf({
    good: { tools: [tool("a")] },
    slow: {
      tools: [tool("b")],
      answer: ({ method }) => method === "initialize" && isSlow ? hang() : undefined,
    },
  }, { openWithin: 20 });
  const client = await connect();
  const { instructions } = await client.initialize();
  assertStringIncludes(instructions as string, "Still starting: slow.");
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

Deno.test("gateway fails a request with its reason and cancels it when the server takes longer than its timeout", async () => {
  const { connect, servers } = gatewayOf({
    files: { tools: [], answer: ({ method }) => method === "tools/call" ? hang() : undefined },
  }, { limits: { files: { timeout: 30 } } });
  const client = await connect();
  await client.initialize();
  const { error } = await client.ask("tools/call", { name: "files__x" });
  assertEquals([error?.code, error?.data], [-32001, { reason: "timeout", server: "files", timeout: 30 }]);
  await servers.files!.told("notifications/cancelled");
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

Deno.test("gateway shows bare names, or refuses to begin, when two servers have the same one", async () => {
  const good = gatewayOf({ files: { tools: [tool("read")] }, web: { tools: [tool("get")] } }, {
    bareNames: true,
  });
  const client = await good.connect();
  await client.initialize();
  assertEquals(await client.names("tools/list"), ["read", "get"]);
  assertEquals(text(await client.result("tools/call", { name: "get" })), "get {}");
  const refused: string[] = [];
  const bad = gatewayOf({ files: { tools: [tool("read")] }, web: { tools: [tool("read")] } }, {
    bareNames: true,
    onRefused: (message) => void refused.push(message),
  });
  const other = await bad.connect();
  const error = await assertRejects(() =>
    other.initialize().catch(({ message }) => Promise.reject(new Error(message)))
  );
  assertEquals(refused, [
    "Cannot show bare names: the tool 'read' is of 'files' and of 'web'; leave out --bare-names",
  ]);
  assertEquals((error as Error).message, refused[0]);
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

Deno.test("gateway answers requests of a client at once when they have no server, and refuses others", async () => {
  const { connect } = gatewayOf({ files: { tools: [] } });
  const client = await connect();
  assertEquals(await client.result("ping"), {});
  await client.initialize();
  assertEquals((await client.ask("initialize", {}, "again")).error?.code, -32600);
  assertEquals((await client.ask("tasks/list")).error?.code, -32601);
  assertEquals((await client.ask("tools/call", {})).error?.code, -32602);
  assertEquals((await client.ask("logging/setLevel", { level: "loud" })).error?.code, -32602);
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
