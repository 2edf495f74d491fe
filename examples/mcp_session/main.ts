/**
 * The official SDK's client on a supervised MCP server: it connects once, and calls a tool, before and after the
 * server is killed.
 */
import { Client } from "npm:@modelcontextprotocol/client@^2.4.0";
import { launch } from "@outrider/outrider";
import { mcpSession } from "@outrider/outrider/actors/mcp";

const tools = mcpSession("tools", {
  command: Deno.execPath(),
  args: [
    ...["run", "--quiet", "--allow-env", "--allow-read", "--allow-sys"],
    // The lock file keeps what the server is made of as it is.
    ...["--no-config", "--frozen", "--lock=examples/mcp/server.lock"],
    "npm:@modelcontextprotocol/server-everything@2026.8.31",
  ],
  // Where Deno keeps packages, and how it gets them.
  inheritEnv: ["PATH", "HOME", "DENO_DIR", "DENO_TLS_CA_STORE", "NODE_EXTRA_CA_CERTS", "NPM_CONFIG_REGISTRY"],
  idempotent: { tools: ["get-sum"] }, // a call that the dying process has taken is made again
  stop: { drain: 1_000, stdin: 0, term: 5_000 }, // this server does not end when its stdin is closed
});
await using app = await launch(tools);
const ref = app.ref(tools);

const client = new Client({ name: "me", version: "1.0.0" });
const transport = tools.transport(ref);
await client.connect(transport);

/** A tool's answer. */
async function sum(a: number, b: number): Promise<string> {
  const { content: [first] } = await client.callTool({ name: "get-sum", arguments: { a, b } });
  return first?.type === "text" ? first.text : "";
}

console.log(await sum(19, 23));
Deno.kill(transport.pid!, "SIGKILL");
console.log(await sum(20, 23), `(generation ${ref.generation})`);
await client.close();
