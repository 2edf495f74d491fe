import { assertEquals } from "@std/assert";
import type { McpMessage, MessageParams } from "../../src/gateway/messages.ts";
import { templateMatches } from "../../src/gateway/lists/uri_template.ts";
import { gatewayOf, type ServerScript } from "./peers.ts";

const resource = (uri: string) => ({ uri, name: "it" });

/** Reads what it lists, and says whose it is. */
const reader = (name: string, more: ServerScript): ServerScript => ({
  ...more,
  answer({ method, params }) {
    if (method === "completion/complete") throw { code: -32601, message: "Method not found" };
    if (method !== "resources/read") return undefined;
    if (params!.uri === "mem://nowhere") throw { code: -32002, message: "Resource not found" };
    return { contents: [{ uri: params!.uri, text: name }] };
  },
});

const textOf = ({ contents }: MessageParams) => (contents as { text: string }[])[0]!.text;

Deno.test("gateway keeps URIs, and shows one that another server has already under the server's name", async () => {
  const { connect } = gatewayOf({
    a: reader("a", { resources: [resource("file:///x"), resource("file:///y")] }),
    b: reader("b", { resources: [resource("file:///x")] }),
  });
  const client = await connect();
  await client.initialize();
  const { resources } = await client.result("resources/list");
  assertEquals(resources, [
    { uri: "file:///x", name: "a__it" },
    { uri: "file:///y", name: "a__it" },
    { uri: "outrider://b/file:///x", name: "b__it" },
  ]);
  const read = async (uri: string) => textOf(await client.result("resources/read", { uri }));
  assertEquals(await read("file:///x"), "a");
  assertEquals(await read("outrider://b/file:///x"), "b");
});

Deno.test("gateway reads what is not listed from the server whose template fits, else from the first that can", async () => {
  const { connect } = gatewayOf({
    a: reader("a", { resources: [] }),
    b: reader("b", { templates: [{ uriTemplate: "file:///{path}", name: "any" }] }),
    c: reader("c", { resources: [] }),
  });
  const client = await connect();
  await client.initialize();
  const { resourceTemplates } = await client.result("resources/templates/list");
  assertEquals(resourceTemplates, [{ uriTemplate: "file:///{path}", name: "b__any" }]);
  const read = async (uri: string) => textOf(await client.result("resources/read", { uri }));
  assertEquals(await read("file:///z"), "b");
  assertEquals(await read("mem://here"), "a");
  assertEquals((await client.ask("resources/read", { uri: "mem://nowhere" })).error?.code, -32002);
});

Deno.test("gateway subscribes to a resource once, and tells each client by the URI that it knows, when it changes", async () => {
  const { connect, servers } = gatewayOf({
    a: { resources: [resource("file:///x")] },
    b: { resources: [resource("file:///x")] },
  });
  const [one, two] = [await connect(), await connect()];
  await one.initialize();
  await two.initialize();
  const uri = "outrider://b/file:///x";
  await one.result("resources/subscribe", { uri });
  await two.result("resources/subscribe", { uri });
  const asked = (method: string) => servers.b!.received.filter((message) => message.method === method);
  assertEquals(asked("resources/subscribe").map(({ params }) => params), [{ uri: "file:///x" }]);
  for (const server of Object.values(servers)) {
    server.say({ method: "notifications/resources/updated", params: { uri: "file:///x" } });
  }
  for (const client of [one, two]) {
    await client.told("notifications/resources/updated");
    const updates = client.received.filter(({ method }) => method === "notifications/resources/updated");
    assertEquals(updates.map(({ params }) => params), [{ uri }]);
  }
  await one.result("resources/unsubscribe", { uri });
  assertEquals(asked("resources/unsubscribe").length, 0);
  await two.close();
  await servers.b!.told("resources/unsubscribe");
});

Deno.test("gateway asks the server whose the prompt or template is when a client completes an argument", async () => {
  const { connect, servers } = gatewayOf({
    a: { prompts: [{ name: "p" }] },
    b: {
      templates: [{ uriTemplate: "db://{table}", name: "t" }],
      answer: ({ method }) =>
        method === "completion/complete" ? { completion: { values: ["b"] } } : undefined,
    },
  });
  const client = await connect();
  await client.initialize();
  void client.ask("completion/complete", { ref: { type: "ref/prompt", name: "a__p" }, argument: {} });
  assertEquals((await servers.a!.told("completion/complete")).params!.ref, { type: "ref/prompt", name: "p" });
  const ref = { type: "ref/resource", uri: "db://{table}" };
  assertEquals(await client.result("completion/complete", { ref, argument: {} }), {
    completion: { values: ["b"] },
  });
});

Deno.test("gateway passes logs with the server's name to clients that want their level when they have set one", async () => {
  const { connect, servers } = gatewayOf({ a: { tools: [], capabilities: { logging: {} } } });
  const [quiet, loud] = [await connect(), await connect()];
  await quiet.initialize();
  await loud.initialize();
  await quiet.result("logging/setLevel", { level: "error" });
  await loud.result("logging/setLevel", { level: "debug" });
  const levels = servers.a!.received.filter(({ method }) => method === "logging/setLevel");
  assertEquals(levels.map(({ params }) => params!.level), ["error", "debug"]);
  servers.a!.say({ method: "notifications/message", params: { level: "info", logger: "db", data: 1 } });
  servers.a!.say({ method: "notifications/message", params: { level: "critical", data: 2 } });
  const isLast = ({ params }: McpMessage) => params?.data === 2;
  await loud.message(isLast);
  await quiet.message(isLast);
  const logs = (client: typeof loud) =>
    client.received.filter(({ method }) => method === "notifications/message").map(({ params }) => params);
  assertEquals(logs(loud), [{ level: "info", logger: "a/db", data: 1 }, {
    level: "critical",
    data: 2,
    logger: "a",
  }]);
  assertEquals(logs(quiet), [{ level: "critical", data: 2, logger: "a" }]);
});

Deno.test("a URI fits a template when it can have been made from it", () => {
  const fits: [template: string, uri: string, expected: boolean][] = [
    ["file:///{path}", "file:///a.txt", true],
    ["file:///{path}", "file:///a/b.txt", false],
    ["file:///{+path}", "file:///a/b.txt", true],
    ["db://{table}/rows{?limit,offset}", "db://t/rows?limit=1", true],
    ["db://{table}/rows{?limit,offset}", "db://t/rows", true],
    ["db://{table}/rows", "db://t/columns", false],
    ["a+b://{x}", "a+b://1", true],
    ["a.b://{x}", "aXb://1", false],
    ["x:{unclosed", "x:{unclosed", true],
  ];
  for (const [template, uri, expected] of fits) {
    assertEquals(templateMatches(template, uri), expected, `${template} ${uri}`);
  }
});

Deno.test("a URI is compared with a template at once when both are made to take long", () => {
  const names = [..."abcdefghijklmnop"];
  for (const sign of ["", "+", "/", "?"]) {
    const template = names.map((name) => `{${sign}${name}}a`).join("");
    assertEquals(templateMatches(template, "a".repeat(1_000) + "!"), false, sign);
  }
  assertEquals(templateMatches("{+x}a", "a".repeat(1_024)), true);
  assertEquals(templateMatches("{+x}a", "a".repeat(1_025)), false);
  assertEquals(templateMatches(`{x}${"a".repeat(509)}`, "a".repeat(600)), true);
  assertEquals(templateMatches(`{x}${"a".repeat(510)}`, "a".repeat(600)), false);
  assertEquals(templateMatches("{x}".repeat(17), "a"), false);
});

Deno.test("gateway goes on when a server's templates are made to take long", async () => {
  const { connect } = gatewayOf({
    a: reader("a", {
      templates: Array.from({ length: 2_000 }, (_, index) => ({
        uriTemplate: `{a}{b}{c}{d}{e}{f}{g}{h}{i}{j}{k}{l}{m}${index}`,
        name: "slow",
      })),
    }),
    b: reader("b", {
      templates: [{ uriTemplate: "a{x}!", name: "own" }, { uriTemplate: "z:{+y}", name: "z" }],
    }),
  });
  const client = await connect();
  await client.initialize();
  const uri = "a".repeat(1_000) + "!";
  assertEquals(textOf(await client.result("resources/read", { uri })), "b");
  const ref = { type: "ref/resource", uri };
  assertEquals((await client.ask("completion/complete", { ref, argument: {} })).error?.code, -32601);
});

Deno.test("gateway shows a URI of its own scheme under its server's name when a server lists one, as a gateway behind it does", async () => {
  const { connect } = gatewayOf({
    inner: reader("inner", {
      resources: [resource("outrider://b/file:///x"), resource("outrider://good/y")],
      templates: [{ uriTemplate: "outrider://b/{+path}", name: "t" }],
    }),
    good: reader("good", { resources: [resource("y")] }),
  });
  const client = await connect();
  await client.initialize();
  const { resources } = await client.result("resources/list");
  const uris = (resources as MessageParams[]).map(({ uri }) => uri as string);
  assertEquals(uris, ["outrider://inner/outrider://b/file:///x", "outrider://inner/outrider://good/y", "y"]);
  const read = async (uri: string) => textOf(await client.result("resources/read", { uri }));
  assertEquals(await Promise.all(uris.map(read)), ["inner", "inner", "good"]);
  const { resourceTemplates } = await client.result("resources/templates/list");
  assertEquals((resourceTemplates as MessageParams[]).map(({ uriTemplate }) => uriTemplate), [
    "outrider://inner/outrider://b/{+path}",
  ]);
});

Deno.test("gateway gives a URI of its own scheme to no template, and a template to the server that lists it", async () => {
  const { connect, servers } = gatewayOf({
    thief: reader("thief", { templates: [{ uriTemplate: "{+any}", name: "all" }] }),
    good: {
      templates: [{ uriTemplate: "db://{table}", name: "t" }],
      answer: ({ method }) =>
        method === "completion/complete" ? { completion: { values: ["good"] } } : undefined,
    },
  });
  const client = await connect();
  await client.initialize();
  const { error } = await client.ask("resources/read", { uri: "outrider://nosuch/x" });
  assertEquals([error?.code, error?.message], [-32002, "Resource not found: outrider://nosuch/x"]);
  assertEquals(servers.thief!.received.filter(({ method }) => method === "resources/read"), []);
  const ref = { type: "ref/resource", uri: "db://{table}" };
  assertEquals(await client.result("completion/complete", { ref, argument: {} }), {
    completion: { values: ["good"] },
  });
});
