import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { MessageParams } from "../../src/gateway/messages.ts";
import { gatewayOf, hang } from "./peers.ts";

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
  assertStringIncludes(instructions as string, "## files\n\n> Take absolute paths.");
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

Deno.test("gateway warns once of patterns and disabled tools that fit no tool when all lists are known", async () => {
  const { gateway, warnings, connect } = gatewayOf({
    files: { tools: [tool("read"), tool("write")] },
    web: { tools: [tool("get")] },
  }, {
    allow: ["files__*", "filez__*"],
    deny: ["files__w?ite", "files__wirte"],
    limits: { files: { disabledTools: ["read", "raed"] } },
  });
  const client = await connect();
  await client.initialize();
  gateway.absent("web", "it was stopped");
  await client.names("tools/list");
  warnings.length = 0;
  gateway.present("web");
  await client.told("notifications/tools/list_changed");
  for (const _ of [1, 2]) assertEquals(await client.names("tools/list"), []);
  assertEquals(warnings.filter((warning) => !warning.includes("available")), [
    "--allow 'filez__*' fits the name of no tool",
    "--deny 'files__wirte' fits the name of no tool",
    `'files' has no tool 'raed', which its "disabledTools" names`,
  ]);
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
  for (const cursor of ["x", 5, 1_000, "", "0", "1e3", " 1000", "999", "-1000", {}]) {
    assertEquals((await client.ask("tools/list", { cursor })).error?.code, -32602, `${cursor}`);
  }
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
