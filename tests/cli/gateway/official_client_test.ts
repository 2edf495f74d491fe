import { assert, assertEquals, assertMatch } from "@std/assert";
import { Client, StreamableHTTPClientTransport } from "npm:@modelcontextprotocol/client@2.4.0";
import { StdioClientTransport } from "npm:@modelcontextprotocol/client@2.4.0/stdio";
import { checkout, command, words } from "../outrider.ts";
import { ManifestFolder, rawServer } from "./gateway_process.ts";

const ignore = Deno.build.os === "windows";

/** What a client sees while a server dies; the same on every way in. */
async function throughACrash(client: Client): Promise<void> {
  const { tools } = await client.listTools();
  const own = tools.map(({ name }) => name).filter((name) => name.startsWith("one"));
  assertEquals(own, ["one__echo", "one__die", "one__pid"]);
  const call = async (name: string, args: Record<string, unknown> = {}) => {
    const { content } = await client.callTool({ name: `one__${name}`, arguments: args });
    return (content as { text: string }[])[0]!.text;
  };
  assertEquals(await call("echo", { a: 1 }), '{"a":1}');
  const cut = await call("die", { code: 4 }).catch((error) => error);
  assertEquals(cut.code, -32000);
  assertEquals([cut.data.reason, cut.data.exitCode], ["crash", 4]);
  assertEquals(await call("echo", { b: 2 }), '{"b":2}');
}

Deno.test({
  name: "outrider mcp serves official clients over HTTP with a token, and refuses what may not ask",
  ignore,
  async fn() {
    await using folder = new ManifestFolder([rawServer("one")]);
    const tokenFile = `${folder.path}/token`;
    const args = [
      "mcp",
      folder.file,
      "--http",
      "127.0.0.1:0",
      "--token-file",
      tokenFile,
      "--log-level",
      "error",
    ];
    const process = command(args).spawn();
    void process.stdout.cancel();
    try {
      const url = await urlOf(process.stderr);
      const token = (await Deno.readTextFile(tokenFile)).trim();
      assertEquals((await Deno.stat(tokenFile)).mode! & 0o777, 0o600);
      const connected = async () => {
        const headers = { Authorization: `Bearer ${token}` };
        const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
        const client = new Client({ name: "test", version: "1" });
        await client.connect(transport);
        return { client, transport };
      };
      const [one, two] = await Promise.all([connected(), connected()]);
      await throughACrash(one.client);
      assertEquals((await two.client.callTool({ name: "one__echo" })).content, [{
        type: "text",
        text: "{}",
      }]);
      await one.transport.terminateSession();
      await Promise.all([one.client.close(), two.client.close()]);
      const ask = async (headers: Record<string, string>, path = "") => {
        const response = await fetch(url + path, { method: "POST", headers, body: "{}" });
        await response.body?.cancel();
        return response.status;
      };
      const Authorization = `Bearer ${token}`;
      assertEquals(await ask({}), 401);
      assertEquals(await ask({ Authorization: "Bearer other" }), 401);
      assertEquals(await ask({ Authorization, Origin: "https://example.com" }), 403);
      assertEquals(await ask({ Authorization, "mcp-session-id": "gone" }), 404);
      assertEquals(await ask({ Authorization }, "/other"), 404);
    } finally {
      process.kill("SIGTERM");
    }
    assertEquals((await process.status).code, 0);
  },
});

Deno.test({
  name: "outrider mcp serves the official client in its own era when a server speaks 2026-07-28 alone",
  ignore,
  // The transport of the SDK leaves the timers of its own close.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const args = [
      "run",
      "--quiet",
      "--no-config",
      "--no-lock",
      "--allow-env",
      `${checkout}tests/gateway/modern_server.ts`,
    ];
    const inheritEnv = [
      "PATH",
      "HOME",
      "DENO_DIR",
      "DENO_TLS_CA_STORE",
      "NODE_EXTRA_CA_CERTS",
      "NPM_CONFIG_REGISTRY",
    ];
    const late = rawServer("late", { args, inheritEnv });
    for (const mode of ["legacy", "auto"] as const) {
      const isOld = mode === "legacy";
      await using folder = new ManifestFolder(isOld ? [rawServer("one"), late] : [late]);
      const [deno, ...own] = words(["mcp", folder.file, "--log-level", "error"]);
      const env = { ...Deno.env.toObject(), XDG_STATE_HOME: `${folder.path}/state` };
      const capabilities = { elicitation: { form: {} } };
      const client = new Client({ name: "test", version: "1" }, {
        capabilities,
        versionNegotiation: { mode },
      });
      client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: { name: "Ada" } }));
      await client.connect(new StdioClientTransport({ command: deno!, args: own, env, stderr: "inherit" }));
      assertEquals(client.getServerVersion()?.title, "app");
      assertEquals(client.getNegotiatedProtocolVersion(), isOld ? "2025-11-25" : "2026-07-28");
      const { content } = await client.callTool({ name: "late__greet", arguments: {} });
      assertEquals(content, [{ type: "text", text: "Hello Ada" }]);
      if (isOld) await throughACrash(client);
      await client.close();
    }
  },
});

/** The address that it tells; what comes later is read away. */
async function urlOf(stderr: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stderr.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
    const [, url] = /Serving MCP at (\S+)\n/.exec(text) ?? [];
    if (url === undefined) continue;
    void (async () => {
      while (!(await reader.read()).done);
    })();
    assertMatch(url, /^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
    return url;
  }
  assert(false, text);
}
