import { assertEquals, assertStringIncludes } from "@std/assert";
import type { MessageParams } from "../../src/gateway/messages.ts";
import { gatewayOf } from "./peers.ts";

const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};
const SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";
const modern = (params: MessageParams = {}) => ({ ...params, _meta: META });
const tool = (name: string) => ({ name, inputSchema: { type: "object" } });

Deno.test("gateway speaks of 2026-07-28 to its client when all servers do", async () => {
  const { connect, servers, gateway } = gatewayOf({
    a: { isModern: true, tools: [tool("t")], instructions: "Be brief." },
    b: { isModern: true, tools: [tool("t")] },
  });
  const client = await connect();
  const discovered = await client.result("server/discover", modern());
  assertEquals(discovered.supportedVersions, ["2026-07-28"]);
  assertEquals(discovered.resultType, "complete");
  assertStringIncludes(discovered.instructions as string, "Be brief.");
  assertEquals(gateway.era, "modern");
  const list = await client.result("tools/list", modern());
  assertEquals((list.tools as { name: string }[]).map(({ name }) => name), ["a__t", "b__t"]);
  assertEquals([list.resultType, list.cacheScope], ["complete", "private"]);
  assertEquals((await servers.a!.told("tools/list")).params!._meta, META);
  await client.result("tools/call", modern({ name: "b__t" }));
  assertEquals((await servers.b!.told("tools/call")).params, { name: "t", _meta: META });
  const { tools } = await (await connect()).result("tools/list", modern());
  assertEquals((tools as unknown[]).length, 2);
  assertEquals((await client.ask("ping", modern())).error?.code, -32601);
  const wrong = { _meta: { ...META, "io.modelcontextprotocol/protocolVersion": "2099-01-01" } };
  assertEquals((await client.ask("tools/list", wrong)).error?.code, -32022);
});

Deno.test("gateway sends its client back to initialize when one server speaks an older revision alone", async () => {
  const { connect, gateway } = gatewayOf({
    a: { isModern: true, tools: [tool("t")] },
    b: { tools: [tool("u")] },
  });
  const client = await connect();
  assertEquals((await client.ask("server/discover", modern())).error?.code, -32601);
  await client.initialize();
  assertEquals(gateway.era, "legacy");
  assertEquals(await client.names("tools/list"), ["a__t", "b__u"]);
  // Another client's probe does not take that back.
  assertEquals((await (await connect()).ask("server/discover", modern())).error?.code, -32601);
  assertEquals(await client.names("tools/list"), ["a__t", "b__u"]);
});

Deno.test("gateway warns once of a server that is not there when its client probes the later era, and shows it again", async () => {
  const reason = "Cannot reach 'b': it is in quarantine";
  let isThere = false;
  const { connect, gateway, servers, warnings } = gatewayOf({
    a: { isModern: true, tools: [tool("t")] },
    b: {
      isModern: true,
      tools: [tool("t")],
      answer: ({ method }) => {
        if (method !== "server/discover" || isThere) return undefined;
        throw { code: -32601, message: `Method not found: ${reason}`, data: { reason } };
      },
    },
  });
  gateway.absent("b", "it is held back");
  const client = await connect();
  const { instructions } = await client.result("server/discover", modern());
  assertStringIncludes(instructions as string, "Not available: b: it is held back.");
  isThere = true;
  gateway.present("b");
  await servers.b!.told("subscriptions/listen");
  const { tools } = await client.result("tools/list", modern());
  assertEquals((tools as { name: string }[]).map(({ name }) => name), ["a__t", "b__t"]);
  assertEquals(warnings, [
    "The server 'b' is not available: it is held back",
    "The server 'b' is available again",
  ]);
});

Deno.test("gateway tells those who listen what has changed when it speaks of 2026-07-28", async () => {
  const { connect, servers } = gatewayOf({
    a: { isModern: true, tools: [tool("t")], resources: [{ uri: "mem://1", name: "r" }] },
  });
  const client = await connect();
  await client.result("server/discover", modern());
  const notifications = { toolsListChanged: true, resourceSubscriptions: ["mem://1"] };
  client.say({ id: "L", method: "subscriptions/listen", params: modern({ notifications }) });
  const { params } = await client.told("notifications/subscriptions/acknowledged");
  assertEquals(params, { notifications, _meta: { [SUBSCRIPTION]: "L" } });
  const listen = await servers.a!.message(({ params }) =>
    (params?.notifications as MessageParams)?.resourceSubscriptions !== undefined
  );
  servers.a!.say({ method: "notifications/tools/list_changed", params: { _meta: { [SUBSCRIPTION]: 1 } } });
  assertEquals((await client.told("notifications/tools/list_changed")).params, {
    _meta: { [SUBSCRIPTION]: "L" },
  });
  servers.a!.say({
    method: "notifications/resources/updated",
    params: { uri: "mem://1", _meta: { [SUBSCRIPTION]: listen.id } },
  });
  assertEquals((await client.told("notifications/resources/updated")).params, {
    uri: "mem://1",
    _meta: { [SUBSCRIPTION]: "L" },
  });
  assertEquals(client.received.filter(({ method }) => method === "notifications/prompts/list_changed"), []);
  client.say({ method: "notifications/cancelled", params: { requestId: "L" } });
  assertEquals((await servers.a!.told("notifications/cancelled")).params!.requestId, listen.id);
});

Deno.test("gateway speaks for a client of an older revision when a server knows 2026-07-28 alone", async () => {
  const { connect, servers } = gatewayOf({
    old: { tools: [tool("t")] },
    late: {
      isModernAlone: true,
      tools: [tool("ask")],
      resources: [{ uri: "mem://1", name: "r" }],
      instructions: "New.",
      answer({ method, params }) {
        if (method !== "tools/call") return undefined;
        const { inputResponses, requestState } = params!;
        if (inputResponses !== undefined) {
          return {
            content: [{ type: "text", text: JSON.stringify({ inputResponses, requestState }) }],
            resultType: "complete",
          };
        }
        return {
          resultType: "input_required",
          inputRequests: { name: { method: "elicitation/create", params: { message: "?" } } },
          requestState: "s",
        };
      },
    },
  });
  const client = await connect();
  client.answer = ({ method, params }) => ({
    action: "accept",
    content: { method, message: params!.message },
  });
  const { instructions } = await client.initialize({ elicitation: {} });
  assertStringIncludes(instructions as string, "## late\n\n> New.");
  assertEquals(await client.names("tools/list"), ["old__t", "late__ask"]);
  const { content, resultType } = await client.result("tools/call", { name: "late__ask", arguments: {} });
  assertEquals(resultType, undefined);
  assertEquals(JSON.parse((content as { text: string }[])[0]!.text), {
    inputResponses: { name: { action: "accept", content: { method: "elicitation/create", message: "?" } } },
    requestState: "s",
  });
  const meta = (await servers.late!.told("tools/call")).params!._meta as MessageParams;
  assertEquals(meta["io.modelcontextprotocol/protocolVersion"], "2026-07-28");
  assertEquals(meta["io.modelcontextprotocol/clientCapabilities"], { elicitation: { form: {} } });
  await client.result("resources/subscribe", { uri: "mem://1" });
  const listen = await servers.late!.message(({ params }) =>
    (params?.notifications as MessageParams)?.resourceSubscriptions !== undefined
  );
  servers.late!.say({
    method: "notifications/resources/updated",
    params: { uri: "mem://1", _meta: { [SUBSCRIPTION]: listen.id } },
  });
  assertEquals((await client.told("notifications/resources/updated")).params!.uri, "mem://1");
  await client.result("resources/unsubscribe", { uri: "mem://1" });
  assertEquals((await servers.late!.told("notifications/cancelled")).params!.requestId, listen.id);
  await client.result("logging/setLevel", { level: "debug" });
});

Deno.test("gateway refuses what a server of 2026-07-28 asks for when its client can't answer that", async () => {
  const { connect } = gatewayOf({
    late: {
      isModernAlone: true,
      tools: [],
      answer: ({ method }) =>
        method === "tools/call"
          ? { resultType: "input_required", inputRequests: { x: { method: "roots/list" } } }
          : undefined,
    },
  });
  const client = await connect();
  await client.initialize();
  assertEquals((await client.ask("tools/call", { name: "late__x" })).error?.code, -32601);
});
