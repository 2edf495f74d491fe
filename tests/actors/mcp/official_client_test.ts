/** The official SDK's client on sessions, with servers made with its SDK: in both eras, and while the server is killed. */
import {
  type CallToolResult,
  Client,
  type ClientOptions,
  ProtocolError,
  type Tool,
} from "npm:@modelcontextprotocol/client@2.4.0";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { NO_BACKOFF } from "@outrider/outrider";
import { mcp, type McpSession, mcpSession } from "@outrider/outrider/actors/mcp";
import { Planted } from "../planted.ts";

const folder = import.meta.dirname!;
const checkout = new URL("../../../", import.meta.url).pathname;
const NEWS = "news:today";

/** A server of the SDK; with `reject`, it speaks no revision that has a handshake. */
function sdkServer(...args: "reject"[]) {
  const pinned = ["--no-config", "--frozen", `--lock=${checkout}deno.lock`];
  return {
    command: Deno.execPath(),
    args: ["run", "--quiet", ...pinned, "--allow-env", `${folder}/sdk_server.ts`, ...args],
    inheritEnv: ["PATH", "HOME", "DENO_DIR", "DENO_TLS_CA_STORE", "DENO_CERT", "NPM_CONFIG_REGISTRY"],
    backoff: NO_BACKOFF,
  };
}

/** A server by hand, which does as it is told. */
function fakeServer(behaviour: object) {
  const args = ["run", "--no-config", `${folder}/fake_server.ts`, JSON.stringify({ by: [behaviour] })];
  return { command: Deno.execPath(), args, backoff: NO_BACKOFF };
}

/** The SDK's client of a session, and what it is told. */
class Told {
  readonly client: Client;
  readonly logged: unknown[] = [];
  readonly updated: string[] = [];
  readonly lists: number[] = [];
  readonly errors: Error[] = [];
  readonly #spec: McpSession;
  readonly #planted: Planted;
  #wake: (() => void) | undefined;

  constructor(spec: McpSession, planted: Planted, mode: "legacy" | "auto") {
    const options: ClientOptions = {
      capabilities: { sampling: {}, elicitation: {} },
      versionNegotiation: { mode },
      listChanged: {
        tools: {
          debounceMs: 0,
          onChanged: (error, tools) => this.#note(() => this.lists.push(error === null ? tools!.length : -1)),
        },
      },
    };
    const client = new Client({ name: "test", version: "1.0.0" }, options);
    client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: { name: "Ada" } }));
    client.setRequestHandler("sampling/createMessage", () => ({
      model: "none",
      role: "assistant",
      content: { type: "text", text: "roses are red" },
    }));
    client.setNotificationHandler(
      "notifications/message",
      ({ params }) => this.#note(() => this.logged.push(params.data)),
    );
    client.setNotificationHandler(
      "notifications/resources/updated",
      ({ params }) => this.#note(() => this.updated.push(params.uri)),
    );
    client.onerror = (error) => this.#note(() => this.errors.push(error));
    this.client = client;
    this.#spec = spec;
    this.#planted = planted;
  }

  #note(add: () => void): void {
    add();
    this.#wake?.();
  }

  async until(fits: () => boolean): Promise<void> {
    while (!fits()) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  connect(): Promise<void> {
    return this.client.connect(this.#spec.transport(this.#planted.system.ref(this.#spec)));
  }

  async call(name: string, given = {}, onprogress?: () => void): Promise<string> {
    const options = { timeout: 60_000, ...onprogress && { onprogress } };
    const { content } = await this.client.callTool({ name, arguments: given }, options);
    return (content[0] as { text: string }).text;
  }

  /** Kills the server in the middle of a call. */
  async killed(): Promise<ProtocolError> {
    const pid = Number(await this.call("pid"));
    const cut = this.call("hang", {}, () => Deno.kill(pid, "SIGKILL"));
    return await assertRejects(() => cut, ProtocolError);
  }
}

/** What holds in either era. */
async function throughAKill(told: Told): Promise<void> {
  assertEquals(await told.call("add", { a: 2, b: 3 }), "5");
  assertEquals(await told.call("greet"), 'Ada: {"type":"text","text":"roses are red"}');
  const { code, message, data } = await told.killed();
  assertEquals(code, -32_000);
  assertMatch(message, /Connection closed: the process of '\w+' was ended by SIGKILL/);
  assertEquals(data, { reason: "crash", generation: 1, exitCode: 137, signal: "SIGKILL", stderr: [] });
  assertEquals(await told.call("add", { a: 4, b: 5 }), "9");
  assertMatch(await told.call("greet"), /^Ada: .*roses/);
  await told.until(() => told.lists.length > 0);
  assertEquals(told.lists[0], 5);
}

Deno.test("the SDK's client goes on with the next process when its own is killed, in both eras", async () => {
  const specs = [
    mcpSession("legacy", sdkServer()),
    mcpSession("auto", sdkServer()),
    mcpSession("modern", sdkServer("reject")),
  ] as const;
  await using planted = await Planted.start(...specs);
  const [legacy, auto, modern] = [
    new Told(specs[0], planted, "legacy"),
    new Told(specs[1], planted, "auto"),
    new Told(specs[2], planted, "auto"),
  ];
  await Promise.all([legacy.connect(), auto.connect(), modern.connect()]);
  assertEquals(
    [legacy, auto, modern].map(({ client }) => client.getNegotiatedProtocolVersion()),
    ["2025-11-25", "2026-07-28", "2026-07-28"],
  );
  await legacy.client.setLoggingLevel("debug");
  await legacy.client.subscribeResource({ uri: NEWS });
  await auto.client.listen({ resourceSubscriptions: [NEWS] });
  await Promise.all([legacy, auto, modern].map(throughAKill));
  assertEquals(await legacy.call("report"), NEWS);
  await auto.call("report");
  await legacy.until(() => legacy.updated.length > 0 && legacy.logged.includes("a detail"));
  await auto.until(() => auto.updated.length > 0);
  for (const { client, errors } of [legacy, auto, modern]) {
    assertEquals(errors, []);
    await client.close();
  }
});

Deno.test("the SDK's client is told the revisions of a server that has no handshake, and connects when its probe is cut", async () => {
  const specs = [
    mcpSession("modern", sdkServer("reject")),
    mcpSession("fragile", fakeServer({ diesOf: "server/discover" })),
  ] as const;
  await using planted = await Planted.start(...specs);
  const refused = new Told(specs[0], planted, "legacy");
  const error = await assertRejects(() => refused.connect(), ProtocolError);
  assertEquals([error.code, error.data], [-32_022, { supported: ["2026-07-28"], requested: "2025-11-25" }]);
  const fallen = new Told(specs[1], planted, "auto");
  await fallen.connect();
  assertEquals(fallen.client.getNegotiatedProtocolVersion(), "2025-11-25");
  const crashed = planted.all("exited").filter(({ exit }) => exit.reason === "crash");
  assertEquals(crashed.map(({ path }) => path), ["fragile"]);
  for (const { client } of [refused, fallen]) await client.close();
});

Deno.test("the SDK's client is told progress when it comes in one chunk with the result", async () => {
  const spec = mcpSession("s", fakeServer({}));
  await using planted = await Planted.start(spec);
  const told = new Told(spec, planted, "legacy");
  await told.connect();
  const progress: unknown[] = [];
  const onprogress = (one: unknown) => void progress.push(one);
  await told.client.callTool({ name: "progress", arguments: {} }, { onprogress });
  assertEquals([progress, told.errors], [[{ progress: 1 }], []]);
  await told.client.close();
});

Deno.test("our own client speaks with a server of the SDK that has no handshake, and goes on when that is killed", async () => {
  const spec = mcp("s", {
    ...sdkServer("reject"),
    handlers: {
      "elicitation/create": () => ({ action: "accept", content: { name: "Ada" } }),
      "sampling/createMessage": () => ({
        model: "none",
        role: "assistant",
        content: { type: "text", text: "red" },
      }),
    },
  });
  await using planted = await Planted.start(spec);
  const ref = planted.system.ref(spec);
  const output = ref.subscribe();
  const params = { notifications: { resourceSubscriptions: [NEWS] } };
  const listening = ref.ask({ method: "subscriptions/listen", params }, {
    timeout: Infinity,
    onDeath: "replay",
  });
  listening.catch(() => {}); // it is over when the server stops
  const textOf = async (name: string, given = {}) => {
    const { content } = await spec.call<CallToolResult>(ref, { name, arguments: given });
    return content[0]!.type === "text" ? content[0]!.text : undefined;
  };
  const tools = await spec.tools<Tool>(ref);
  assertEquals(tools.map(({ name }) => name), ["add", "pid", "hang", "greet", "report"]);
  assertEquals(await textOf("greet"), 'Ada: {"type":"text","text":"red"}');
  Deno.kill(Number(await textOf("pid")), "SIGKILL");
  await planted.event("ready", ({ path, generation }) => path === "s" && generation === 2);
  assertEquals(await textOf("add", { a: 4, b: 5 }), "9");
  await textOf("report");
  const told = [];
  while (told.at(-1) !== "notifications/resources/updated") told.push((await output.next()).value!.method);
  assertEquals(told.slice(0, 2), Array(2).fill("notifications/subscriptions/acknowledged"));
});
