/**
 * A raw MCP server for tests with clients that do not read. Its tools: `pour` (sends so many megabytes of notifications
 * that are not logs, then answers), `wait` (never answers), `echo`, `large` (answers with so many bytes).
 */

const encoder = new TextEncoder();

function say(message: object): void {
  const bytes = encoder.encode(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

const tools = ["pour", "wait", "echo", "large"].map((name) => ({ name, inputSchema: { type: "object" } }));

let rest = "";
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\n");
  rest = lines.pop()!;
  for (const line of lines) {
    const { id, method, params } = JSON.parse(line);
    if (method === "initialize") {
      const { protocolVersion } = params;
      const serverInfo = { name: "pouring", version: "1" };
      say({ id, result: { protocolVersion, capabilities: { tools: {} }, serverInfo } });
    } else if (method === "tools/list") say({ id, result: { tools } });
    else if (method === "tools/call" && params.name !== "wait") {
      const megabytes = params.name === "pour" ? params.arguments.megabytes : 0;
      const data = "-".repeat(1_000_000);
      for (let sent = 0; sent < megabytes; sent++) say({ method: "notifications/poured", params: { data } });
      const text = params.name === "large" ? "-".repeat(params.arguments.bytes) : "done";
      say({ id, result: { content: [{ type: "text", text }] } });
    }
  }
}
